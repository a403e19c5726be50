import { pack } from 'tar-stream';

/** Size of a tar record; bodies are padded to a multiple of it. */
export const RECORD = 512;

/** Zeros that bring a body of so many bytes to a whole record. */
export const padding = (size: number): number => (RECORD - (size % RECORD)) % RECORD;

const MODE = 0o755;
const MAX_OCTAL_SIZE = 0o77777777777;
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

/**
 * Writes the header of a regular file (mode 0755, owner 0/0 without names) into 512 bytes of `into`; `false` if the entry needs more
 * than a plain USTAR header. Bodies, padding and order are the caller's.
 */
export const createHeaderWriter = (mtime: Date): ((path: string, size: number, into: Buffer) => boolean) => {
  const { header, sum } = template(mtime);
  return (path, size, into) => {
    const split = splitUstar(path);
    if (!split || size > MAX_OCTAL_SIZE) return false;
    header.copy(into);
    into.write(split.name, 0, 'latin1');
    into.write(`${octal(size, 11)}\0`, 124, 'latin1');
    into.write(split.prefix, 345, 'latin1');
    const variable =
      sumOf(into, 0, split.name.length) + sumOf(into, 124, 136) + sumOf(into, 345, 345 + split.prefix.length);
    into.write(`${octal(sum + variable, 6)}\0 `, 148, 'latin1');
    return true;
  };
};

/** A whole entry, header to padding, for paths that need a PAX record: long, or not ASCII. Rare, so it may be slow. */
export const paxEntry = async (path: string, bytes: Buffer, mtime: Date): Promise<Buffer> => {
  const tar = pack();
  tar.entry(
    { name: path, mode: MODE, uid: 0, gid: 0, uname: '', gname: '', mtime, size: bytes.length },
    bytes,
  );
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
  const whole = Buffer.concat(chunks);
  // Without the two zero records by which the packer ends its archive.
  return whole.subarray(0, whole.length - 2 * RECORD);
};
