import { constants } from 'node:fs';
import { access, stat, statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Config } from '../../config.js';
import { openSqliteEventStore } from '../../eventstore/sqlite.js';
import { isFault, messageOf } from '../../faults.js';
import { fail, ok, warn, type Finding } from './finding.js';

const MIB = 1 << 20;
/** A backup keeps its whole archive there, and a restore the archive it reads. */
const SCARCE_BYTES = 1024 * MIB;
const TOO_LITTLE_BYTES = 64 * MIB;
const ANSWER_MS = 1_000;

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );

/** The folder itself, or the one in which it would be made. */
const nearestExisting = async (path: string): Promise<string> => {
  let folder = path;
  while (!(await exists(folder)) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
};

const sizeOf = (bytes: number): string =>
  bytes >= 1024 * MIB ? `${(bytes / (1024 * MIB)).toFixed(1)} GiB` : `${Math.floor(bytes / MIB)} MiB`;

/** Whether temporary files of runs find room. */
export const checkScratch = async (folder: string): Promise<Finding> => {
  const place = await nearestExisting(folder);
  const remedy = 'free space, or name another folder with --scratch-dir';
  try {
    await access(place, constants.W_OK);
  } catch (error) {
    return fail(`${place} cannot be written: ${messageOf(error)}`, remedy);
  }
  const { bavail, bsize } = await statfs(place);
  const free = bavail * bsize;
  const detail = `${sizeOf(free)} are free in ${place}`;
  if (free < TOO_LITTLE_BYTES) return fail(detail, remedy);
  return free < SCARCE_BYTES ? warn(detail, `${remedy}: an archive has to fit`) : ok(detail);
};

/** Whether a server answers where this configuration would have it listen. */
const serverAnswers = async ({ host, port }: Config['listen']): Promise<boolean> => {
  const reachable =
    host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  try {
    const signal = AbortSignal.timeout(ANSWER_MS);
    return (await fetch(`http://${reachable}:${port}/healthz`, { signal })).ok;
  } catch {
    return false;
  }
};

const checkFile = async (path: string, config: Config): Promise<Finding> => {
  const remedy = 'name a file on a local disk that stays with --event-store';
  if (!(await exists(path))) {
    const folder = await nearestExisting(dirname(path));
    const problem = await access(folder, constants.W_OK).then(() => undefined, messageOf);
    return problem === undefined
      ? ok(`${path} will be made at the first start`)
      : fail(`${path} cannot be made: ${problem}`, remedy);
  }
  try {
    await access(path, constants.W_OK);
    await openSqliteEventStore(path, { busyTimeout: 0 }).close();
    return ok(`${path} can be opened and written`);
  } catch (error) {
    if (!isFault(error) || !error.detail.startsWith('another process holds'))
      return fail(messageOf(error), remedy);
    if (await serverAnswers(config.listen)) return ok(`${path} is in use by the server that runs here`);
    return warn(
      `${path} is held by another process, and no server answers at --listen`,
      'if that is no running server, end it: only one process may have the file',
    );
  }
};

/** Whether facts can be kept. A file that does not exist yet is not made. */
export const checkEventStore = async (config: Config, signal: AbortSignal): Promise<Finding> => {
  const { eventStore } = config;
  switch (eventStore.kind) {
    case 'memory':
      return warn('facts go with the process (memory:)', 'name a file with --event-store');
    case 'esdb': {
      const { connectKurrent } = await import('../../eventstore/kurrent.js');
      const store = connectKurrent(eventStore.url);
      try {
        const head = await store.head(signal);
        return ok(`the server answers; its newest event has position ${head.toString()}`);
      } finally {
        await store.close();
      }
    }
    case 'sqlite':
      return checkFile(eventStore.path, config);
  }
};
