import { type Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { checkKey } from './keys.js';

/** Belongs to the adapter and not to the bucket: no key leads here and no listing shows it. */
export const PRIVATE_FOLDER = '.lifeboat';

/** A file name may have 255 bytes; the rest is room for the mark. */
const PIECE_BYTES = 240;
const CONTINUES = '%+';

const escapeName = (segment: string, first: boolean): string => {
  const escaped = segment.replaceAll('%', '%25');
  return first && escaped === PRIVATE_FOLDER ? `%2E${escaped.slice(1)}` : escaped;
};
const unescapeName = (name: string): string => name.replaceAll('%2E', '.').replaceAll('%25', '%');

/** Cuts a name into pieces that a directory can hold, never inside a character. */
const cut = (name: string): string[] => {
  const pieces: string[] = [];
  let piece = '';
  let size = 0;
  for (const character of name) {
    const bytes = Buffer.byteLength(character);
    if (size + bytes > PIECE_BYTES) {
      pieces.push(piece);
      piece = '';
      size = 0;
    }
    piece += character;
    size += bytes;
  }
  return [...pieces, piece];
};

/**
 * One segment of a key as path segments. A plain name is itself, so a bucket can be copied to and from a folder with
 * any tool; `%` is escaped; a name that no directory can hold (a backup's name may have 253 bytes and the names of its
 * files are longer) goes on inside folders that end with `%+`, which no escaped name can end with.
 */
const pathSegments = (segment: string, first: boolean): string[] => {
  const name = escapeName(segment, first);
  if (Buffer.byteLength(name) <= 255) return [name];
  const pieces = cut(name);
  return pieces.map((piece, i) => (i < pieces.length - 1 ? piece + CONTINUES : piece));
};

/** Where the object with this key lies. Fault `LB_STORE_REFUSED` for a key that could lead anywhere else. */
export const pathOf = (root: string, key: string): string => {
  checkKey(key);
  return join(root, ...key.split('/').flatMap((segment, i) => pathSegments(segment, i === 0)));
};

export interface Entry {
  /** Of the object, or of the directory with a slash at its end: so entries sort as the keys below them do. */
  readonly name: string;
  readonly path: string;
  readonly isDirectory: boolean;
}

/** The entry with these file names, or undefined for a foreign file that no key would find again. */
const entryOf = (
  path: string,
  names: readonly string[],
  isDirectory: boolean,
  top: boolean,
): Entry | undefined => {
  const escaped = names
    .map((name, i) => (i < names.length - 1 ? name.slice(0, -CONTINUES.length) : name))
    .join('');
  const segment = unescapeName(escaped);
  if (pathSegments(segment, top).join('/') !== names.join('/')) return undefined;
  return { name: isDirectory ? `${segment}/` : segment, path, isDirectory };
};

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';

const read = async (directory: string, before: readonly string[], top: boolean): Promise<Entry[]> => {
  const found: Entry[] = [];
  const children = await readdir(directory, { withFileTypes: true }).catch((error: unknown): Dirent[] => {
    // A directory may go away between two steps of a listing; a missing root is noticed by who asked for it.
    if (isMissing(error) && !(top && before.length === 0)) return [];
    throw error;
  });
  for (const child of children) {
    if (top && before.length === 0 && child.name === PRIVATE_FOLDER) continue;
    const path = join(directory, child.name);
    const names = [...before, child.name];
    if (child.isDirectory() && child.name.endsWith(CONTINUES)) {
      found.push(...(await read(path, names, top)));
    } else if (child.isDirectory() || child.isFile()) {
      const entry = entryOf(path, names, child.isDirectory(), top);
      if (entry) found.push(entry);
    }
  }
  return found;
};

/** What a directory holds, in byte order of keys. `top`: the directory is the root of the store. */
export const readEntries = async (directory: string, top: boolean): Promise<Entry[]> => {
  const entries = (await read(directory, [], top)).map((entry) => ({
    entry,
    bytes: Buffer.from(entry.name),
  }));
  return entries.sort((a, b) => Buffer.compare(a.bytes, b.bytes)).map(({ entry }) => entry);
};
