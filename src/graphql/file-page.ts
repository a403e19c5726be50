import type { NamedBackup, NamedRestore } from '../projections/rows.js';
import { connectionOf, sliceOf, type Connection, type CursorCodec, type PageArgs } from './connection.js';
import type { ResolverDeps } from './deps.js';
import { hasEnded } from './enums.js';
import { coded } from './errors.js';
import type { FilesOf } from './operation-files.js';

/** Where a backup or restore has its files; undefined while it has none. A file that is not there is the reader's matter. */
export const filesOfBackup = ({ key, row }: NamedBackup): FilesOf | undefined => {
  const location = row.spec.storageLocation;
  if (!location || !hasEnded(row.phase) || row.phase === 'FailedValidation') return undefined;
  return { of: 'backup', name: key.name, location };
};

export const filesOfRestore = (
  { views, namespace }: ResolverDeps,
  { key, row }: NamedRestore,
): FilesOf | undefined => {
  const backupName = row.spec.backupName;
  if (!backupName || !hasEnded(row.phase) || row.phase === 'FailedValidation') return undefined;
  const location = views.backup({ namespace, name: backupName })?.spec.storageLocation;
  return location ? { of: 'restore', name: key.name, location } : undefined;
};

const cursors: CursorCodec<string> = {
  write: (place) => Buffer.from(place, 'utf8').toString('base64url'),
  read: (text) => {
    const place = Buffer.from(text, 'base64url').toString('utf8');
    return /^\["[^]*"\]$/.test(place) ? place : undefined;
  },
};

/** How the entries of a file are shown as a list. */
interface Shown<S, T> {
  /** A JSON list that no other entry has; a file is never changed, so an entry's own name is its place for good. */
  readonly placeOf: (entry: S) => string;
  readonly isWanted: (entry: S) => boolean;
  readonly show: (entry: S) => T;
}

/** A page of the entries that are wanted. Errors `BAD_USER_INPUT`: sizes out of bounds, cursors of other lists. */
export const filePage = <S, T>(
  entries: readonly S[],
  args: PageArgs,
  { placeOf, isWanted, show }: Shown<S, T>,
): Connection<T> => {
  const slice = sliceOf(args, cursors);
  const { after } = slice;
  // The last of several that another's file gives the same name: a reader of pages gets to the end all the same.
  const before = after === undefined ? -1 : entries.findLastIndex((entry) => placeOf(entry) === after);
  if (after !== undefined && before < 0) throw coded('BAD_USER_INPUT', 'after is not a cursor of this list');
  const fitting = entries.slice(before + 1).filter(isWanted);
  const page = { items: fitting.slice(0, slice.limit), more: fitting.length > slice.limit };
  const write = (entry: S) => cursors.write(placeOf(entry));
  const found = connectionOf(slice, page, write, () => entries.filter(isWanted).length);
  return { ...found, edges: found.edges.map(({ cursor, node }) => ({ cursor, node: show(node) })) };
};
