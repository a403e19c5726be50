import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runRestoreWait } from '../../../src/cli/restore-wait.js';

const mounted = async (...volumes: readonly string[]): Promise<string> => {
  const root = await mkdtemp(join(tmpdir(), 'restores-'));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  for (const volume of volumes) await mkdir(join(root, volume));
  return root;
};
const mark = async (root: string, volume: string, uid: string) => {
  await mkdir(join(root, volume, '.velero'), { recursive: true });
  await writeFile(join(root, volume, '.velero', uid), '');
};
const { signal } = new AbortController();

describe('restore-wait', () => {
  it('ends when every volume has the mark of this restore, and leaves no mark', async () => {
    const root = await mounted('data', 'tmp');
    await mark(root, 'data', 'other');
    const lines: string[] = [];
    const steps = [() => mark(root, 'tmp', 'u-1'), () => mark(root, 'data', 'u-1')];
    const pause = async () => steps.shift()?.();
    expect(await runRestoreWait('u-1', { root, print: (line) => lines.push(line), pause, signal })).toBe(0);
    expect(steps).toEqual([]);
    expect(lines).toEqual([
      'waiting for the data of data, tmp',
      'waiting for the data of data',
      'every volume has its data',
    ]);
    expect(await readdir(join(root, 'data'))).toEqual([]);
  });

  it('says what is missing when somebody runs it by hand', async () => {
    const print = () => undefined;
    await expect(runRestoreWait('', { root: '/nowhere', print, signal })).rejects.toThrow(
      'uid of the restore',
    );
    await expect(runRestoreWait('u-1', { root: '/nowhere', print, signal })).rejects.toThrow(
      'does not exist',
    );
  });
});
