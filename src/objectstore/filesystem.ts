import { constants } from 'node:fs';
import { lstat, open, stat, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Fault } from '../faults.js';
import { download, sourceOf } from './body.js';
import { codeOf, filesystemFault } from './filesystem-errors.js';
import { pathOf, readEntries, type Entry } from './filesystem-paths.js';
import { discard, pruneEmpty, publish, sweepScratch, writeScratch } from './filesystem-write.js';
import { checkAborted } from './keys.js';
import { type Listed, type ObjectStore, type PutOptions } from './port.js';

export interface FilesystemStoreOptions {
  /** The folder that is the bucket. It has to be there: a mount that is missing must not look like an empty bucket. */
  readonly root: string;
  /** Makes the link for `presign`; a directory has no HTTP server of its own. */
  readonly sign?: (key: string, seconds: number) => string;
}

const checkRoot = async (root: string): Promise<void> => {
  const found = await stat(root).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return undefined;
    throw filesystemFault(error, `opening the folder ${root}`);
  });
  if (found?.isDirectory() !== true) throw new Fault('LB_STORE_BUCKET_MISSING', `${root} is not a folder`);
};

/** There is no object, and not because the whole bucket is away. */
const absent = async (root: string, error: unknown, doing: string): Promise<undefined> => {
  if (!['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error) ?? '')) throw filesystemFault(error, doing);
  await checkRoot(root);
  return undefined;
};

const get = async (root: string, key: string, signal: AbortSignal | undefined) => {
  const doing = `reading ${key}`;
  checkAborted(signal, doing);
  // Links are not followed: whoever may write into the bucket must not choose what is read from this machine.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(pathOf(root, key), flags).catch((error: unknown) => absent(root, error, doing));
  if (handle === undefined) return undefined;
  const found = await handle.stat();
  if (!found.isFile()) {
    await handle.close();
    return undefined;
  }
  // The open file stays the same one while a put replaces its name: a reader sees the old object to its end.
  const body = handle.createReadStream();
  return {
    size: found.size,
    modified: found.mtime,
    body: download(body, { doing, signal, toFault: (e) => filesystemFault(e, doing) }),
  };
};

const head = async (root: string, key: string) => {
  const found = await lstat(pathOf(root, key)).catch((error: unknown) =>
    absent(root, error, `looking at ${key}`),
  );
  return found?.isFile() === true ? { size: found.size, modified: found.mtime } : undefined;
};

const listedObject = async (entry: Entry, key: string): Promise<Listed | undefined> => {
  const found = await lstat(entry.path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  });
  return found && { kind: 'object', key, size: found.size, modified: found.mtime };
};

const holdsAnObject = async (directory: string): Promise<boolean> => {
  for (const entry of await readEntries(directory, false)) {
    if (!entry.isDirectory || (await holdsAnObject(entry.path))) return true;
  }
  return false;
};

interface Walk {
  readonly prefix: string;
  readonly delimiter: '/' | undefined;
  readonly signal: AbortSignal | undefined;
}

/** Depth first with directories sorted as `name/`: that is the byte order of the keys. */
const walk = async function* (directory: string, above: string, options: Walk): AsyncGenerator<Listed> {
  const { prefix, delimiter, signal } = options;
  for (const entry of await readEntries(directory, above === '')) {
    checkAborted(signal, `listing ${prefix}`);
    const key = above + entry.name;
    if (!key.startsWith(prefix) && !(entry.isDirectory && prefix.startsWith(key))) continue;
    if (!entry.isDirectory) {
      const object = await listedObject(entry, key);
      if (object) yield object;
    } else if (delimiter === undefined || key.length <= prefix.length) {
      yield* walk(entry.path, key, options);
    } else if (await holdsAnObject(entry.path)) {
      yield { kind: 'prefix', prefix: key };
    }
  }
};

const list = async function* (root: string, options: Walk): AsyncGenerator<Listed> {
  await checkRoot(root);
  try {
    yield* walk(root, '', options);
  } catch (error) {
    throw filesystemFault(error, `listing ${options.prefix}`);
  }
};

const put = async (
  root: string,
  key: string,
  body: Parameters<ObjectStore['put']>[1],
  { ifAbsent = false, signal }: PutOptions,
): Promise<'stored' | 'exists'> => {
  const doing = `writing ${key}`;
  const source = sourceOf(body, signal);
  try {
    checkAborted(signal, doing);
    const path = pathOf(root, key);
    await checkRoot(root);
    const scratch = await writeScratch(root, source);
    if (signal?.aborted === true) await discard(scratch);
    checkAborted(signal, doing);
    return await publish(root, scratch, path, ifAbsent);
  } catch (error) {
    checkAborted(signal, doing);
    const failure = source.failure();
    throw failure === undefined ? filesystemFault(error, doing) : failure.error;
  } finally {
    source.close();
  }
};

const remove = async (root: string, key: string): Promise<void> => {
  const path = pathOf(root, key);
  try {
    await unlink(path);
  } catch (error) {
    // Unlinking a folder says EISDIR on Linux and EPERM elsewhere.
    if (codeOf(error) === 'EISDIR') return;
    await absent(root, error, `deleting ${key}`);
    return;
  }
  await pruneEmpty(root, path);
};

/**
 * A directory as a bucket: the embedded default, and the way to an NFS share. Keys are paths, objects are files;
 * `filesystem-paths.ts` says how. A put is durable (file and folder are synced) when it returns.
 */
export const openFilesystemStore = ({ root: folder, sign }: FilesystemStoreOptions): ObjectStore => {
  const root = resolve(folder);
  let swept: Promise<void> | undefined;
  return {
    async put(key, body, options = {}) {
      const result = await put(root, key, body, options);
      await (swept ??= sweepScratch(root, Date.now()));
      return result;
    },
    get: (key, signal) => get(root, key, signal),
    async head(key, signal) {
      checkAborted(signal, `looking at ${key}`);
      return head(root, key);
    },
    list: (prefix, { delimiter, signal } = {}) => list(root, { prefix, delimiter, signal }),
    async delete(key, signal) {
      checkAborted(signal, `deleting ${key}`);
      await remove(root, key);
    },
    async presign(key, seconds) {
      await Promise.resolve();
      pathOf(root, key);
      if (sign === undefined) {
        throw new Fault(
          'LB_STORE_CONFIG',
          `no address is set under which the files of ${root} can be downloaded`,
        );
      }
      return sign(key, seconds);
    },
    close: () => undefined,
  };
};
