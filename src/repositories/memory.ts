import { createHash, randomUUID } from 'node:crypto';
import {
  chmod,
  copyFile,
  lchown,
  lstat,
  lutimes,
  mkdir,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
} from 'node:fs/promises';
import { join } from 'node:path';
import { Fault } from '../faults.js';
import type { FoundCopy, PutBackRequest, Repositories, RepositoryPlace } from './port.js';

interface Stored {
  readonly folder: string;
  readonly bytes: number;
  readonly tags: Readonly<Record<string, string>>;
  readonly source: string;
}

interface Repository {
  readonly copies: Map<string, Stored>;
  /** Hashes of all contents that were ever moved here. */
  readonly contents: Set<string>;
  maintained: number;
}

interface Visit {
  readonly signal: AbortSignal;
  readonly onFile: (path: string, bytes: number) => Promise<void>;
}

/** Makes `to` like `from`, times and modes of folders last: what is put into one changes them. */
const copyTree = async (from: string, to: string, visit: Visit): Promise<void> => {
  if (visit.signal.aborted) throw new Fault('LB_ABORTED', 'copying a folder');
  const { mode, uid, gid, atime, mtime, ...kind } = await lstat(from).then((stat) => ({
    mode: stat.mode,
    uid: stat.uid,
    gid: stat.gid,
    atime: stat.atime,
    mtime: stat.mtime,
    size: stat.size,
    folder: stat.isDirectory(),
    link: stat.isSymbolicLink(),
    file: stat.isFile(),
  }));
  if (kind.folder) {
    await mkdir(to, { recursive: true, mode: 0o700 });
    for (const name of await readdir(from)) await copyTree(join(from, name), join(to, name), visit);
  } else if (kind.link) {
    await rm(to, { force: true });
    await symlink(await readlink(from), to);
  } else if (kind.file) {
    await rm(to, { force: true });
    await copyFile(from, to);
    await visit.onFile(from, kind.size);
  } else return; // sockets and the like have no contents
  if (process.getuid?.() === 0) await lchown(to, uid, gid);
  if (!kind.link) await chmod(to, mode & 0o7777);
  await lutimes(to, atime, mtime);
};

export interface MemoryRepositories extends Repositories {
  /** Ids of the copies of a namespace, for tests. */
  readonly copiesOf: (volumeNamespace: string) => readonly string[];
}

const putBackOne = async (
  stored: Stored,
  { folder, onProgress }: PutBackRequest,
  signal: AbortSignal,
): Promise<{ readonly bytes: number }> => {
  let done = 0;
  const onFile = (_path: string, size: number) => {
    done += size;
    onProgress?.(done, stored.bytes);
    return Promise.resolve();
  };
  await copyTree(stored.folder, folder, { signal, onFile });
  return { bytes: stored.bytes };
};

const findOne = (repository: Repository | undefined, tags: Stored['tags']): FoundCopy | undefined => {
  const found = [...(repository?.copies ?? [])].findLast(([, stored]) =>
    Object.entries(tags).every(([key, value]) => stored.tags[key] === value),
  );
  return found && { snapshotId: found[0], totalBytes: found[1].bytes };
};

/** Repositories that keep plain copies of folders below `root`: for simulated clusters and tests. They forget everything when the process ends. */
export const createMemoryRepositories = (root: string): MemoryRepositories => {
  const repositories = new Map<string, Repository>();
  const keyOf = ({ location, volumeNamespace }: RepositoryPlace) =>
    JSON.stringify([location.objectStorage.bucket, location.objectStorage.prefix, volumeNamespace]);
  const existing = (place: RepositoryPlace): Repository => {
    const found = repositories.get(keyOf(place));
    if (!found) throw new Fault('LB_REPOSITORY_FAILED', 'there is no repository');
    return found;
  };
  return {
    ensure: (place) => {
      if (!repositories.has(keyOf(place)))
        repositories.set(keyOf(place), { copies: new Map(), contents: new Set(), maintained: 0 });
      return Promise.resolve();
    },
    copy: async (place, { folder, source, tags, onProgress }, signal) => {
      const repository = existing(place);
      if ((await readdir(folder)).length === 0) return { snapshotId: '', totalBytes: 0, incrementalBytes: 0 };
      const id = randomUUID().replaceAll('-', '');
      let bytes = 0;
      let moved = 0;
      const onFile = async (path: string, size: number) => {
        bytes += size;
        const hash = createHash('sha256')
          .update(await readFile(path))
          .digest('hex');
        if (!repository.contents.has(hash)) moved += size;
        repository.contents.add(hash);
        onProgress?.(bytes, bytes);
      };
      await copyTree(folder, join(root, id), { signal, onFile });
      repository.copies.set(id, { folder: join(root, id), bytes, tags, source });
      return { snapshotId: id, totalBytes: bytes, incrementalBytes: moved };
    },
    find: (place, tags) => Promise.resolve(findOne(repositories.get(keyOf(place)), tags)),
    putBack: async (place, request, signal) => {
      const stored = existing(place).copies.get(request.snapshotId);
      if (!stored) throw new Fault('LB_REPOSITORY_COPY_MISSING', `there is no copy ${request.snapshotId}`);
      return putBackOne(stored, request, signal);
    },
    forget: async (place, snapshotIds) => {
      const repository = repositories.get(keyOf(place));
      for (const id of snapshotIds) {
        const stored = repository?.copies.get(id);
        if (stored) await rm(stored.folder, { recursive: true, force: true });
        repository?.copies.delete(id);
      }
    },
    maintain: (place) => {
      existing(place).maintained += 1;
      return Promise.resolve();
    },
    copiesOf: (volumeNamespace) =>
      [...repositories]
        .filter(([key]) => (JSON.parse(key) as unknown[])[2] === volumeNamespace)
        .flatMap(([, { copies }]) => [...copies.keys()]),
  };
};
