import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { isFault } from '../../src/faults.js';
import { kopiaSubject } from './kopia-subject.js';
import { repositoriesContract } from './repositories.js';

const program = process.env['LIFEBOAT_TEST_KOPIA'];
const inFolder = (root: string) => ({ kind: 'filesystem', folder: join(root, 'bucket') }) as const;

if (program === undefined) {
  it.skip('repositories: kopia (LIFEBOAT_TEST_KOPIA names no program)', () => undefined);
} else {
  repositoriesContract('kopia in a folder', () => kopiaSubject(program, inFolder), {
    files: 10_000,
    largeBytes: 5_000_000,
  });

  describe('repositories: kopia', () => {
    const signal = AbortSignal.timeout(120_000);

    it('lies where Velero has it, and says so by a file of its own', async () => {
      const subject = await kopiaSubject(program, inFolder);
      await subject.repositories.ensure(subject.place, signal);
      expect(await readdir(join(subject.root, 'bucket', 'kopia', 'shop'))).toContain('kopia.repository.f');
      await subject.cleanUp();
    });

    it('does not open with another password, and names the Secret', async () => {
      const subject = await kopiaSubject(program, inFolder);
      await subject.repositories.ensure(subject.place, signal);
      const stranger = await kopiaSubject(program, () => inFolder(subject.root), 'another-password');
      const error: unknown = await stranger.repositories
        .ensure(stranger.place, signal)
        .catch((thrown: unknown) => thrown);
      expect(isFault(error, 'LB_REPOSITORY_PASSWORD')).toBe(true);
      expect(String(error)).toContain('velero-repo-credentials');
      expect(String(error)).not.toContain('another-password');
      await Promise.all([subject.cleanUp(), stranger.cleanUp()]);
    });

    it('writes no secret to a disk', async () => {
      const keys = { accessKeyId: 'the-access-key', secretAccessKey: 'the-secret-key' };
      const subject = await kopiaSubject(program, () => ({
        kind: 's3',
        bucket: 'bucket',
        prefix: '',
        endpoint: '127.0.0.1:1',
        tls: false,
        verifyTls: true,
        keys: () => Promise.resolve(keys),
      }));
      const error: unknown = await subject.repositories
        .ensure(subject.place, AbortSignal.timeout(1_500))
        .catch((thrown: unknown) => thrown);
      expect(isFault(error)).toBe(true);
      const files = await readdir(join(subject.root, 'scratch'), { recursive: true, withFileTypes: true });
      let read = 0;
      for (const file of files.filter((entry) => entry.isFile())) {
        const text = await readFile(join(file.parentPath, file.name), 'utf8');
        expect(text).not.toMatch(/the-access-key|the-secret-key|static-passw0rd/);
        read += 1;
      }
      expect(read).toBeGreaterThan(0);
      await subject.cleanUp();
    });

    it('ends a copy under way when it is cancelled, and the next one is whole', async () => {
      const subject = await kopiaSubject(program, inFolder);
      const from = await mkdtemp(join(tmpdir(), 'lifeboat-cancelled-'));
      await mkdir(join(from, 'folder'));
      for (let at = 0; at < 3_000; at += 1) await writeFile(join(from, 'folder', `f${at}`), `${at}`);
      await subject.repositories.ensure(subject.place, signal);
      const cancel = new AbortController();
      const request = {
        folder: from,
        requester: 'snapshot-pod-volume',
        source: 'shop/a/b',
        tags: {},
      } as const;
      const error: unknown = await subject.repositories
        .copy(subject.place, { ...request, onProgress: () => cancel.abort() }, cancel.signal)
        .catch((thrown: unknown) => thrown);
      expect(isFault(error, 'LB_ABORTED')).toBe(true);
      const copied = await subject.repositories.copy(subject.place, request, signal);
      expect(copied.snapshotId).not.toBe('');
      await rm(from, { recursive: true });
      await subject.cleanUp();
    });
  });
}

describe('the program kopia', () => {
  it('is asked for with the way out when it is missing', async () => {
    const subject = await kopiaSubject('/nowhere/kopia', inFolder);
    const error: unknown = await subject.repositories
      .ensure(subject.place, AbortSignal.timeout(10_000))
      .catch((thrown: unknown) => thrown);
    expect(isFault(error, 'LB_REPOSITORY_PROGRAM')).toBe(true);
    expect(String(error)).toContain('--kopia');
    await subject.cleanUp();
  });
});
