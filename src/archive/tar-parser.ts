import { Fault } from '../faults.js';
import { padding, RECORD } from './tar-header.js';

/** What a tar archive says of one of its members. */
export interface TarEntry {
  readonly path: string;
  /** Bytes of the body. */
  readonly size: number;
  readonly kind: 'file' | 'directory' | 'unknown';
}

/** Called in the order of the archive: one `entry`, then its body in as many `data` calls as it takes, then `end`. */
export interface TarHandler {
  entry(entry: TarEntry): void;
  data(chunk: Buffer): void;
  end(): void;
}

export interface TarParser {
  push(chunk: Buffer): void;
  /** Says that nothing follows; a fault if the archive did not end by itself. */
  finish(): void;
}

/** PAX and GNU records describe one path; more than this is an attack. */
const MAX_META = 1 << 20;

const damaged = (detail: string): Fault => new Fault('LB_ARCHIVE_DAMAGED', detail);

const text = (block: Buffer, from: number, length: number): string => {
  const field = block.subarray(from, from + length);
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end < 0 ? length : end);
};

/** An octal number, or GNU's base 256 for what octal cannot hold. */
const number = (block: Buffer, from: number, length: number): number => {
  const first = block[from] ?? 0;
  if (first & 0x80) {
    let value = first & 0x3f;
    for (let i = from + 1; i < from + length; i++) value = value * 256 + (block[i] ?? 0);
    if (first & 0x40 || !Number.isSafeInteger(value)) throw damaged('a header holds an impossible number');
    return value;
  }
  const digits = text(block, from, length).trim();
  if (!/^[0-7]*$/.test(digits)) throw damaged('a header holds something that is not a number');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
};

const isZero = (bytes: Buffer): boolean => {
  for (const byte of bytes) if (byte !== 0) return false;
  return true;
};

const verify = (block: Buffer): void => {
  let sum = 8 * 0x20;
  for (let i = 0; i < RECORD; i++) if (i < 148 || i >= 156) sum += block[i] ?? 0;
  if (number(block, 148, 8) !== sum)
    throw damaged('the checksum of a header is wrong, or this is not a tar archive');
};

/** `NN key=value\n`, NN counting bytes of the whole record (POSIX 1003.1, pax). */
const parsePax = (body: Buffer): ReadonlyMap<string, string> => {
  const records = new Map<string, string>();
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 ? '' : body.toString('latin1', at, space);
    const length = /^[0-9]{1,8}$/.test(digits) ? Number(digits) : 0;
    const end = at + length;
    const equals = body.indexOf(0x3d, space);
    if (length === 0 || end > body.length || body[end - 1] !== 0x0a || equals < 0 || equals >= end) {
      throw damaged('a PAX header cannot be read');
    }
    records.set(body.toString('utf8', space + 1, equals), body.toString('utf8', equals + 1, end - 1));
    at = end;
  }
  return records;
};

type Flag = TarEntry['kind'] | 'pax' | 'global' | 'long-name';

const LINKS: Readonly<Record<string, string>> = {
  '1': 'a hard link',
  '2': 'a symbolic link',
  '3': 'a character device',
  '4': 'a block device',
  '6': 'a pipe',
  K: 'a link',
};

const flagOf = (flag: string): Flag => {
  const link = LINKS[flag];
  if (link !== undefined) throw new Fault('LB_ARCHIVE_HOSTILE', `${link} has no place in a backup`);
  switch (flag) {
    case '\0':
    case '0':
    case '7':
      return 'file';
    case '5':
      return 'directory';
    case 'x':
      return 'pax';
    case 'g':
      return 'global';
    case 'L':
      return 'long-name';
    default:
      return 'unknown';
  }
};

/** What preceding PAX or GNU records say of the next entry. */
interface Overrides {
  path?: string;
  size?: number;
}

const fromPax = (body: Buffer): Overrides => {
  const records = parsePax(body);
  const path = records.get('path');
  const size = records.get('size');
  if (size !== undefined && !/^[0-9]{1,15}$/.test(size))
    throw damaged('a PAX header holds an impossible size');
  return { ...(path === undefined ? {} : { path }), ...(size === undefined ? {} : { size: Number(size) }) };
};

const ustarPath = (block: Buffer): string => {
  const name = text(block, 0, 100);
  // The prefix exists in the POSIX form only; GNU keeps other things there.
  const prefix = block.toString('latin1', 257, 263) === 'ustar\0' ? text(block, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
};

/** Turns headers and bodies into the handler's calls; PAX and GNU records are spent on the entry behind them. */
const createEntries = (handler: TarHandler) => {
  let overrides: Overrides = {};
  let meta: { readonly flag: 'pax' | 'global' | 'long-name'; readonly chunks: Buffer[] } | undefined;
  let inEntry = false;

  return {
    isOpen: (): boolean => inEntry || meta !== undefined,
    /** Takes a header in and says how many bytes of body follow. */
    header(block: Buffer): number {
      verify(block);
      const flag = flagOf(block.toString('latin1', 156, 157));
      const declared = number(block, 124, 12);
      if (flag === 'pax' || flag === 'global' || flag === 'long-name') {
        if (declared > MAX_META)
          throw new Fault('LB_ARCHIVE_TOO_LARGE', 'a header of the archive is larger than any path');
        meta = { flag, chunks: [] };
        return declared;
      }
      const path = overrides.path ?? ustarPath(block);
      // Old archives mark a folder by a slash at the end only. A folder has no body, whatever its header says.
      const kind = flag === 'file' && path.endsWith('/') ? 'directory' : flag;
      const size = kind === 'directory' ? 0 : (overrides.size ?? declared);
      overrides = {};
      inEntry = true;
      handler.entry({ path, size, kind });
      return size;
    },
    data(part: Buffer): void {
      if (meta) meta.chunks.push(Buffer.from(part));
      else handler.data(part);
    },
    end(): void {
      if (!meta) {
        inEntry = false;
        handler.end();
        return;
      }
      const bytes = Buffer.concat(meta.chunks);
      if (meta.flag === 'pax') overrides = { ...overrides, ...fromPax(bytes) };
      if (meta.flag === 'long-name') overrides = { ...overrides, path: text(bytes, 0, bytes.length) };
      meta = undefined;
    },
  };
};

/**
 * Reads a tar archive strictly: checksums, the end marker, and nothing but zeros behind it. An ordinary tar reader takes a file
 * that stops between two entries for whole; a backup cut there would be restored without its rest. Faults:
 * `LB_ARCHIVE_DAMAGED`, `LB_ARCHIVE_HOSTILE` for links and devices.
 */
export const createTarParser = (handler: TarHandler): TarParser => {
  const entries = createEntries(handler);
  const record = Buffer.alloc(RECORD);
  let filled = 0;
  let zeroRecords = 0;
  let body = 0;
  let skip = 0;

  const nextRecord = (block: Buffer): void => {
    if (isZero(block)) {
      zeroRecords += 1;
      return;
    }
    if (zeroRecords > 0) throw damaged('there is something behind the end of the archive');
    body = entries.header(block);
    skip = padding(body);
    if (body === 0) entries.end();
  };
  const inBody = (chunk: Buffer): number => {
    const part = chunk.subarray(0, body);
    entries.data(part);
    body -= part.length;
    if (body === 0) entries.end();
    return part.length;
  };
  /** Consumes a piece of what is due (body, padding or header) and says how many bytes that was. */
  const step = (chunk: Buffer): number => {
    if (body > 0) return inBody(chunk);
    if (skip > 0) {
      const part = Math.min(skip, chunk.length);
      skip -= part;
      return part;
    }
    if (filled === 0 && chunk.length >= RECORD) {
      nextRecord(chunk.subarray(0, RECORD));
      return RECORD;
    }
    const part = chunk.copy(record, filled, 0, RECORD - filled);
    filled += part;
    if (filled === RECORD) {
      filled = 0;
      nextRecord(record);
    }
    return part;
  };

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length;) at += step(chunk.subarray(at));
    },
    finish() {
      if (filled > 0 || body > 0 || skip > 0 || entries.isOpen())
        throw damaged('the archive stops in the middle');
      if (zeroRecords < 2) throw damaged('the archive has no end');
    },
  };
};
