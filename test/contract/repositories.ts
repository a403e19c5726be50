import { randomBytes } from 'node:crypto';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFault, type FaultCode } from '../../src/faults.js';
import type { CopyRequest, Repositories, RepositoryPlace } from '../../src/repositories/port.js';

export interface RepositoriesUnderTest {
  readonly repositories: Repositories;
  readonly place: RepositoryPlace;
  /** The engine tells moved bytes in round numbers, and packs them. */
  readonly tolerance: number;
  readonly cleanUp: () => Promise<void>;
}

interface Tree {
  /** Files of a few bytes each. */
  readonly files: number;
  readonly largeBytes: number;
}

const SIGNAL = () => AbortSignal.timeout(240_000);

/** A tree with what volumes have: many small files, links, odd modes, empty folders, odd names, a sparse file, files that tools like to skip. */
export const growTree = async (root: string, { files, largeBytes }: Tree): Promise<void> => {
  for (let at = 0; at < files; at += 1) {
    const folder = join(root, `folder-${at % 40}`);
    if (at < 40) await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `file-${at}`), `contents of ${at}\n`);
  }
  await mkdir(join(root, 'empty', 'emptier'), { recursive: true });
  await writeFile(join(root, 'name with\nnewline and ünïcode ☂'), 'odd');
  await writeFile(join(root, 'program'), '#!/bin/sh\n');
  await chmod(join(root, 'program'), 0o4755);
  await writeFile(join(root, 'secret'), 'for the owner only');
  // Pods write as whom they like; only root can make a file of somebody else.
  if (process.getuid?.() === 0) await chown(join(root, 'secret'), 4_711, 815);
  await chmod(join(root, 'secret'), 0o400);
  await mkdir(join(root, 'shared'));
  await chmod(join(root, 'shared'), 0o1777);
  await symlink('folder-0/file-0', join(root, 'link'));
  await symlink('/nowhere/at all', join(root, 'dangling'));
  await writeFile(join(root, '.kopiaignore'), '*\n');
  await mkdir(join(root, 'cache'));
  await writeFile(join(root, 'cache', 'CACHEDIR.TAG'), 'Signature: 8a477f597d28d172789f06886806bc55');
  await writeFile(join(root, 'cache', 'kept'), 'kept');
  await writeFile(join(root, 'empty-file'), '');
  await writeFile(join(root, 'sparse'), 'begin');
  await truncate(join(root, 'sparse'), 64 * 1024 * 1024);
  await writeFile(join(root, 'large'), randomBytes(largeBytes));
  await utimes(join(root, 'program'), 1_600_000_000, 1_600_000_000);
};

/** A line for each entry: what a restored tree must have in common with its original. Kopia gives a folder the time of the newest file below it. */
export const describeTree = async (root: string): Promise<readonly string[]> => {
  const { createHash } = await import('node:crypto');
  const lines: string[] = [];
  const visit = async (path: string, name: string) => {
    const stat = await lstat(path);
    const about = `${name} ${stat.mode.toString(8)} ${stat.uid}:${stat.gid}`;
    if (stat.isSymbolicLink()) lines.push(`${name} -> ${await readlink(path)}`);
    else if (stat.isDirectory()) {
      lines.push(about);
      for (const child of (await readdir(path)).sort()) await visit(join(path, child), `${name}/${child}`);
    } else {
      const hash = createHash('sha256')
        .update(await readFile(path))
        .digest('hex');
      lines.push(`${about} ${Math.floor(stat.mtimeMs / 1000)} ${stat.size} ${hash}`);
    }
  };
  for (const child of (await readdir(root)).sort()) await visit(join(root, child), child);
  return lines;
};

const codeOf = async (work: Promise<unknown>): Promise<FaultCode | 'no fault'> => {
  try {
    await work;
    return 'no fault';
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
};

/** What every engine of volume copies keeps to. */
export const repositoriesContract = (
  name: string,
  open: () => Promise<RepositoriesUnderTest>,
  tree: Tree = { files: 400, largeBytes: 3_000_000 },
): void => {
  describe(`repositories: ${name}`, () => {
    let subject: RepositoriesUnderTest;
    let root: string;
    const request = (folder: string, extra: Partial<CopyRequest> = {}): CopyRequest => ({
      folder,
      requester: 'snapshot-pod-volume',
      source: 'shop/web-0/data',
      tags: { backup: 'nightly', volume: 'data' },
      ...extra,
    });
    const folder = async (label: string): Promise<string> => {
      const path = join(root, label);
      await mkdir(path, { recursive: true });
      return path;
    };

    beforeAll(async () => {
      subject = await open();
      root = await mkdtemp(join(tmpdir(), 'lifeboat-copies-'));
      await subject.repositories.ensure(subject.place, SIGNAL());
    });
    afterAll(async () => {
      await rm(root, { recursive: true, force: true });
      await subject.cleanUp();
    });

    it('puts back a tree as it was: contents, links, modes, times, odd names, sparse files', async () => {
      const { repositories, place } = subject;
      const from = await folder('whole');
      await growTree(from, tree);
      const seen: number[] = [];
      const copied = await repositories.copy(
        place,
        request(from, { onProgress: (done) => seen.push(done) }),
        SIGNAL(),
      );
      expect(copied.snapshotId).not.toBe('');
      expect(copied.totalBytes).toBeGreaterThan(64 * 1024 * 1024 + tree.largeBytes);
      expect(copied.incrementalBytes).toBeGreaterThanOrEqual(tree.largeBytes * 0.99);
      expect(seen.length).toBeGreaterThan(0);
      const to = await folder('whole-again');
      const back = await repositories.putBack(
        place,
        { snapshotId: copied.snapshotId, folder: to, sparse: true },
        SIGNAL(),
      );
      expect(back.bytes).toBe(copied.totalBytes);
      expect(await describeTree(to)).toEqual(await describeTree(from));
    }, 240_000);

    it('moves only what changed when a source is copied again', async () => {
      const { repositories, place } = subject;
      const from = join(root, 'whole');
      await writeFile(join(from, 'new'), randomBytes(100_000));
      const copied = await repositories.copy(place, request(from), SIGNAL());
      expect(copied.incrementalBytes).toBeGreaterThanOrEqual(100_000);
      expect(copied.incrementalBytes).toBeLessThan(100_000 + subject.tolerance);
    });

    it('leaves alone what is in the folder and not in the copy, and writes over what is in both', async () => {
      const { repositories, place } = subject;
      const from = await folder('some');
      await writeFile(join(from, 'both'), 'from the copy');
      const { snapshotId } = await repositories.copy(place, request(from), SIGNAL());
      const to = await folder('some-again');
      await writeFile(join(to, 'both'), 'from before, and longer than the other');
      await writeFile(join(to, 'only here'), 'stays');
      await repositories.putBack(place, { snapshotId, folder: to }, SIGNAL());
      expect(await readFile(join(to, 'both'), 'utf8')).toBe('from the copy');
      expect(await readFile(join(to, 'only here'), 'utf8')).toBe('stays');
    });

    it('makes no copy of an empty folder', async () => {
      const copied = await subject.repositories.copy(
        subject.place,
        request(await folder('nothing')),
        SIGNAL(),
      );
      expect(copied).toEqual({ snapshotId: '', totalBytes: 0, incrementalBytes: 0 });
    });

    it('can be made sure of again, and twice at once, without losing a copy', async () => {
      const { repositories, place } = subject;
      const from = await folder('kept');
      await writeFile(join(from, 'file'), 'kept');
      const { snapshotId } = await repositories.copy(place, request(from), SIGNAL());
      await Promise.all([repositories.ensure(place, SIGNAL()), repositories.ensure(place, SIGNAL())]);
      const to = await folder('kept-again');
      await repositories.putBack(place, { snapshotId, folder: to }, SIGNAL());
      expect(await readFile(join(to, 'file'), 'utf8')).toBe('kept');
    });

    it('keeps the copies of namespaces apart', async () => {
      const { repositories, place } = subject;
      const other = { ...place, volumeNamespace: 'other' };
      await repositories.ensure(other, SIGNAL());
      const from = await folder('apart');
      await writeFile(join(from, 'file'), 'here');
      const { snapshotId } = await repositories.copy(place, request(from), SIGNAL());
      const back = repositories.putBack(other, { snapshotId, folder: await folder('apart-again') }, SIGNAL());
      expect(await codeOf(back)).toBe('LB_REPOSITORY_COPY_MISSING');
    });

    it('finds a copy by what is written beside it, and none that lacks some of that', async () => {
      const { repositories, place } = subject;
      const from = await folder('found');
      await writeFile(join(from, 'file'), 'of the copy that is looked for');
      const tags = { backup: 'nightly', 'pvb-uid': 'c0ffee' };
      const made = await repositories.copy(place, request(from, { tags }), SIGNAL());
      await repositories.copy(place, request(from, { tags: { backup: 'nightly' } }), SIGNAL());
      expect(await repositories.find(place, { 'pvb-uid': 'c0ffee' }, SIGNAL())).toEqual({
        snapshotId: made.snapshotId,
        totalBytes: made.totalBytes,
      });
      expect(await repositories.find(place, tags, SIGNAL())).toMatchObject({ snapshotId: made.snapshotId });
      expect(await repositories.find(place, { ...tags, backup: 'weekly' }, SIGNAL())).toBeUndefined();
      await repositories.forget(place, [made.snapshotId], SIGNAL());
      expect(await repositories.find(place, { 'pvb-uid': 'c0ffee' }, SIGNAL())).toBeUndefined();
    });

    it('forgets copies, and takes those that are not there for forgotten', async () => {
      const { repositories, place } = subject;
      const from = await folder('short-lived');
      await writeFile(join(from, 'file'), 'gone soon');
      const { snapshotId } = await repositories.copy(place, request(from), SIGNAL());
      await repositories.forget(place, [snapshotId, 'ffffffffffffffffffffffffffffffff'], SIGNAL());
      await repositories.forget(place, [snapshotId], SIGNAL());
      const back = repositories.putBack(place, { snapshotId, folder: await folder('too-late') }, SIGNAL());
      expect(await codeOf(back)).toBe('LB_REPOSITORY_COPY_MISSING');
      await repositories.forget({ ...place, volumeNamespace: 'never-was' }, [snapshotId], SIGNAL());
    });

    it('keeps what copies need when it is maintained', async () => {
      const { repositories, place } = subject;
      const from = await folder('maintained');
      await writeFile(join(from, 'file'), 'still here');
      const { snapshotId } = await repositories.copy(place, request(from), SIGNAL());
      await repositories.maintain(place, SIGNAL());
      const to = await folder('maintained-again');
      await repositories.putBack(place, { snapshotId, folder: to }, SIGNAL());
      expect(await readFile(join(to, 'file'), 'utf8')).toBe('still here');
    });

    it('ends with the fault of an abort when its signal says so', async () => {
      const { repositories, place } = subject;
      const from = await folder('unwanted');
      await writeFile(join(from, 'file'), 'never copied');
      expect(await codeOf(repositories.copy(place, request(from), AbortSignal.abort()))).toBe('LB_ABORTED');
    });

    it('copies nothing where no repository was made', async () => {
      const { repositories, place } = subject;
      const from = await folder('homeless');
      await writeFile(join(from, 'file'), 'nowhere to go');
      const copying = repositories.copy({ ...place, volumeNamespace: 'homeless' }, request(from), SIGNAL());
      expect(await codeOf(copying)).toBe('LB_REPOSITORY_FAILED');
    });
  });
};
