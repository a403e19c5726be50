/** Size of a tar record; bodies are padded to a multiple of it. */
export const RECORD = 512;

/** Zeros that bring a body of so many bytes to a whole record. */
export const padding = (size: number): number => (RECORD - (size % RECORD)) % RECORD;

const MODE = 0o755;
const PRINTABLE_ASCII = /^[\x20-\x7e]+$/;

/** Name and prefix of a USTAR header; `undefined` if the path does not fit (POSIX 1003.1, pax, ustar interchange format). */
const splitUstar = (path: string): { prefix: string; name: string } | undefined => {
  if (!PRINTABLE_ASCII.test(path)) return undefined;
  if (path.length <= 100) return { prefix: '', name: path };
  const slash = path.lastIndexOf('/', 155);
  const name = path.slice(slash + 1);
  return slash <= 0 || name === '' || name.length > 100 ? undefined : { prefix: path.slice(0, slash), name };
};

const octal = (value: number, digits: number): string => value.toString(8).padStart(digits, '0');

/** The parts of a header that are the same for every entry of an archive. */
const template = (mtime: Date): { header: Buffer; sum: number } => {
  const header = Buffer.alloc(RECORD);
  header.write(`${octal(MODE, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0`, 100, 'latin1');
  header.write(`${octal(Math.max(0, Math.round(mtime.getTime() / 1000)), 11)}\0`, 136, 'latin1');
  header.write('        0', 148, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  header.write(`${octal(0, 7)}\0${octal(0, 7)}\0`, 329, 'latin1');
  return { header, sum: header.reduce((sum, byte) => sum + byte, 0) };
};

const sumOf = (bytes: Buffer, from: number, to: number): number => {
  let sum = 0;
  for (let i = from; i < to; i++) sum += bytes[i] ?? 0;
  return sum;
};

const isAscii = (text: string): boolean => PRINTABLE_ASCII.test(text);

/** One PAX record; its leading number counts its own digits too. */
const paxRecord = (key: string, value: string): Buffer => {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  length = rest + String(length).length;
  return Buffer.from(`${length} ${key}=${value}\n`);
};

/** What stands in the fixed field of an entry whose path is in a PAX record, for readers that know no PAX. */
const shortened = (path: string): string =>
  (isAscii(path) ? path : Array.from(path).filter(isAscii).join('')).slice(0, 100);

/** The header of a regular file: 512 bytes, more for a path that needs PAX. */
export type HeaderWriter = (path: string, size: number) => readonly Buffer[];

/**
 * Headers as Velero's own archives have them: mode 0755, owner 0/0 without names; USTAR where the path fits (ASCII, at most 100 bytes
 * or divisible at a slash), else a PAX record in front (Go's `archive/tar`). Bodies, padding and order are the caller's. A buffer
 * that comes back is used again for the next header.
 */
export const createHeaderWriter = (mtime: Date): HeaderWriter => {
  const { header, sum } = template(mtime);
  const reused = Buffer.allocUnsafe(RECORD);

  const fill = (into: Buffer, split: { prefix: string; name: string }, size: number, flag = '0'): Buffer => {
    header.copy(into);
    into.write(split.name, 0, 'latin1');
    into.write(`${octal(size, 11)}\0`, 124, 'latin1');
    into.write(flag, 156, 'latin1');
    into.write(split.prefix, 345, 'latin1');
    const variable =
      sumOf(into, 0, split.name.length) + sumOf(into, 124, 136) + sumOf(into, 345, 345 + split.prefix.length);
    const flags = flag.charCodeAt(0) - '0'.charCodeAt(0);
    into.write(`${octal(sum + variable + flags, 6)}\0 `, 148, 'latin1');
    return into;
  };
  return (path, size) => {
    const split = splitUstar(path);
    if (split) return [fill(reused, split, size)];
    const record = paxRecord('path', path);
    return [
      fill(Buffer.allocUnsafe(RECORD), { prefix: '', name: 'PaxHeaders.0' }, record.length, 'x'),
      record,
      Buffer.alloc(padding(record.length)),
      fill(reused, { prefix: '', name: shortened(path) }, size),
    ];
  };
};
