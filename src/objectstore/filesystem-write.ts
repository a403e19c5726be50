import { randomUUID } from 'node:crypto';
import { link, lstat, mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Fault } from '../faults.js';
import { type Source } from './body.js';
import { codeOf } from './filesystem-errors.js';
import { PRIVATE_FOLDER } from './filesystem-paths.js';

/** A write that is still going on touches its file more often than this; older ones belong to processes that died. */
const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/** Backups hold Secrets: the owner writes, the group (an fsGroup) may read, others may not. */
const FILE_MODE = 0o640;

const tolerating =
  (...codes: readonly string[]) =>
  (error: unknown): void => {
    if (!codes.includes(codeOf(error) ?? '')) throw error;
  };

/** The folder for unfinished objects. The root itself is never made: a missing mount must not look like an empty bucket. */
const scratchFolder = async (root: string): Promise<string> => {
  const folder = join(root, PRIVATE_FOLDER);
  await mkdir(folder).catch(tolerating('EEXIST'));
  await mkdir(join(folder, 'tmp')).catch(tolerating('EEXIST'));
  return join(folder, 'tmp');
};

/** Makes a name durable: without it a crash can lose the entry of a file whose bytes are on the disk. */
const syncFolder = async (folder: string): Promise<void> => {
  const handle = await open(folder, 'r');
  try {
    // Some network file systems refuse to sync a folder; they are durable on their own terms.
    await handle.sync().catch(tolerating('EINVAL', 'ENOTSUP', 'EPERM', 'EBADF'));
  } finally {
    await handle.close();
  }
};

const makeParents = async (root: string, path: string): Promise<void> => {
  const parent = dirname(path);
  const first = await mkdir(parent, { recursive: true });
  if (first === undefined) return;
  for (let folder = dirname(parent); folder.length >= dirname(first).length && folder.startsWith(root);) {
    await syncFolder(folder);
    folder = dirname(folder);
  }
};

/** Writes an unfinished object and returns its path once every byte is on the disk. */
export const writeScratch = async (root: string, source: Source): Promise<string> => {
  const path = join(await scratchFolder(root), randomUUID());
  const handle = await open(path, 'wx', FILE_MODE);
  try {
    for await (const chunk of source.chunks()) await handle.writeFile(chunk);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await discard(path);
    throw error;
  }
  await handle.close();
  return path;
};

/** Best effort: what is left is invisible, and swept when it is old. */
export const discard = async (path: string): Promise<void> => {
  await unlink(path).catch(() => undefined);
};

const linkOnce = async (from: string, to: string): Promise<'stored' | 'exists'> => {
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === 'EPERM' || codeOf(error) === 'ENOTSUP' || codeOf(error) === 'ENOSYS') {
      throw new Fault(
        'LB_STORE_REFUSED',
        `${to}: this file system has no hard links, which writing only if absent needs`,
      );
    }
    if (codeOf(error) !== 'EEXIST') throw error;
    // NFS repeats a link whose answer was lost and is then refused by its own success: two names tell.
    if ((await stat(from)).nlink < 2) {
      if ((await lstat(to)).isDirectory())
        throw Object.assign(new Error('a folder is there'), { code: 'EISDIR' });
      return 'exists';
    }
  }
  return 'stored';
};

const PUBLISH_TRIES = 5;

/**
 * Gives an unfinished object its name, in one step: by rename (replaces), or by link (refuses what exists, also
 * against another process). Stopping before leaves the old object, stopping after leaves the new one.
 */
export const publish = async (
  root: string,
  scratch: string,
  path: string,
  ifAbsent: boolean,
): Promise<'stored' | 'exists'> => {
  for (let tries = 1; ; tries++) {
    try {
      await makeParents(root, path);
      const result = ifAbsent
        ? await linkOnce(scratch, path)
        : await rename(scratch, path).then(() => 'stored' as const);
      if (ifAbsent) await discard(scratch);
      await syncFolder(dirname(path));
      return result;
    } catch (error) {
      // A delete of a neighbour can take the empty folder away between the two steps.
      if (codeOf(error) === 'ENOENT' && tries < PUBLISH_TRIES) continue;
      await discard(scratch);
      throw error;
    }
  }
};

/** Folders that hold nothing are not part of a bucket: takes them away from here up to the root. */
export const pruneEmpty = async (root: string, path: string): Promise<void> => {
  for (
    let folder = dirname(path);
    folder.startsWith(root) && folder.length > root.length;
    folder = dirname(folder)
  ) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
};

/** Removes what writers left that died long ago. */
export const sweepScratch = async (root: string, now: number): Promise<void> => {
  const folder = join(root, PRIVATE_FOLDER, 'tmp');
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const age = await stat(path).then(
      (s) => now - s.mtimeMs,
      () => 0,
    );
    if (age > ABANDONED_AFTER_MS) await discard(path);
  }
};
