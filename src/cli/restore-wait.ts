import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Fault } from '../faults.js';

/** Where the volumes are mounted that are waited for, each in a folder of its own. */
const ROOT = '/restores';
const MARKS = '.velero';
const POLL_MS = 1_000;

export interface RestoreWaitDeps {
  readonly root?: string;
  readonly print: (text: string) => void;
  readonly pause?: (signal: AbortSignal) => Promise<unknown>;
  readonly signal: AbortSignal;
}

const isThere = async (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** Names of the volumes that are not filled yet. */
const waiting = async (root: string, restoreUid: string): Promise<readonly string[]> => {
  const folders = (await readdir(root, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const open: string[] = [];
  for (const { name } of folders) if (!(await isThere(join(root, name, MARKS, restoreUid)))) open.push(name);
  return open;
};

/**
 * Waits until the agent has put its mark into each volume, takes the marks away and ends: then the containers of the pod start on volumes that
 * are as they were. A mark that may not be removed stays; it does no harm. Runs in the first init container of a restored pod.
 */
export const runRestoreWait = async (
  restoreUid: string,
  {
    root = ROOT,
    print,
    signal,
    pause = (stop) => delay(POLL_MS, undefined, { signal: stop }),
  }: RestoreWaitDeps,
): Promise<number> => {
  if (!/^[\w-]+$/.test(restoreUid))
    throw new Fault(
      'LB_CONFIG',
      'restore-wait needs the uid of the restore; a restored pod has it as argument',
    );
  if (!(await isThere(root)))
    throw new Fault(
      'LB_CONFIG',
      `${root} does not exist; restore-wait runs in restored pods, where it is mounted`,
    );
  let told = '';
  for (;;) {
    const open = await waiting(root, restoreUid);
    if (open.length === 0) break;
    const text = `waiting for the data of ${open.join(', ')}`;
    if (text !== told) print(text);
    told = text;
    await pause(signal);
  }
  for (const { name } of await readdir(root, { withFileTypes: true }))
    await rm(join(root, name, MARKS), { recursive: true, force: true }).catch(() => undefined);
  print('every volume has its data');
  return 0;
};
