import { mkdir, readdir } from 'node:fs/promises';
import { Fault } from '../faults.js';
import { connect, KOPIA_IDENTITY, type Connection, type ConnectionOptions } from './kopia-connection.js';
import { findCopy } from './kopia-find.js';
import { kopiaFault, saysExists, saysMissing } from './kopia-errors.js';
import { copyCountOf, restoredBytesOf } from './kopia-progress.js';
import { runKopia, type Kopia } from './kopia-program.js';
import { maintainKopia } from './kopia-maintenance.js';
import type { Copied, CopyRequest, PutBackRequest, Repositories, RepositoryPlace } from './port.js';

export interface KopiaOptions extends ConnectionOptions {
  /** Path or name of the program. */
  readonly program: string;
}

const ENGINE = 'kopia';
/** For the short commands; copying has no limit of its own. */
const ENSURE_DEADLINE_MS = 180_000;
/** For what looks through all copies. */
const LOOK_DEADLINE_MS = 600_000;
const FORGOTTEN_AT_ONCE = 50;
/** So many copies are never made: nothing expires by itself (Velero: `pkg/uploader/kopia/snapshot.go`). */
const FOR_EVER = '2147483647';

/**
 * The settings of one source. It inherits none: what a file `.kopiaignore` or `CACHEDIR.TAG` in a volume says must not keep data
 * out of its backup.
 */
const POLICY: readonly string[] = [
  '--inherit=false',
  ...['latest', 'hourly', 'daily', 'weekly', 'monthly', 'annual'].map((each) => `--keep-${each}=${FOR_EVER}`),
  '--compression=none',
  '--metadata-compression=zstd-fastest',
  '--manual',
  '--ignore-cache-dirs=false',
  '--ignore-unknown-types=true',
];

const parallelOf = (files: number | undefined): readonly string[] =>
  files === undefined || files <= 0 ? [] : [`--parallel=${files}`];

const kopiaOf = (program: string, connection: Connection, signal: AbortSignal): Kopia => {
  const attempt: Kopia['try'] = (args, onLine) =>
    runKopia({ program, args, connection, signal, ...(onLine && { onLine }) });
  const fault: Kopia['fault'] = (doing, ended) => kopiaFault(doing, ended, connection.secrets);
  return {
    try: attempt,
    fault,
    run: async (doing, args, onLine) => {
      const ended = await attempt(args, onLine);
      if (ended.code !== 0) throw fault(doing, ended);
      return ended.stdout;
    },
  };
};

const named = ({ volumeNamespace }: RepositoryPlace): string =>
  `the repository of namespace ${volumeNamespace}`;

/** Ends what takes too long. A caller's own signal stays what it was. */
const within = async <T>(
  milliseconds: number,
  doing: string,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<T>,
): Promise<T> => {
  const limit = AbortSignal.timeout(milliseconds);
  try {
    return await work(AbortSignal.any([signal, limit]));
  } catch (error) {
    if (!limit.aborted || signal.aborted) throw error;
    throw new Fault('LB_DEADLINE', `${doing} took longer than ${milliseconds / 1000} s`, { cause: error });
  }
};

const ensureOne = async (kopia: Kopia, doing: string, { token, folder }: Connection): Promise<void> => {
  const status = await kopia.try(['repository', 'status', '--json']);
  if (status.code === 0) return;
  if (!saysMissing(status.lines)) throw kopia.fault(doing, status);
  if (folder !== undefined) await mkdir(folder, { recursive: true, mode: 0o700 });
  const created = await kopia.try([
    'repository',
    'create',
    'from-config',
    `--token=${token}`,
    '--create-only',
    `--override-username=${KOPIA_IDENTITY}`,
    `--override-hostname=${KOPIA_IDENTITY}`,
  ]);
  if (created.code !== 0 && !saysExists(created.lines)) throw kopia.fault(doing, created);
  await kopia.run(doing, ['repository', 'status', '--json']);
};

/** The id and size of a copy, as the program says it at the end. */
const finished = (stdout: string, doing: string): { readonly id: string; readonly size: number } => {
  const parsed = (() => {
    try {
      return JSON.parse(stdout) as { id?: string; rootEntry?: { summ?: { size?: number } } };
    } catch {
      return undefined;
    }
  })();
  if (!parsed?.id) throw new Fault('LB_REPOSITORY_FAILED', `${doing}: kopia did not say what it made`);
  return { id: parsed.id, size: parsed.rootEntry?.summ?.size ?? 0 };
};

const isEmpty = async (folder: string): Promise<boolean> => {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    throw new Fault('LB_REPOSITORY_FAILED', `the folder ${folder} cannot be read`, { cause: error });
  }
};

const copyOne = async (kopia: Kopia, request: CopyRequest, doing: string): Promise<Copied> => {
  const source = `${KOPIA_IDENTITY}@${KOPIA_IDENTITY}:${request.requester}/${ENGINE}/${request.source}`;
  await kopia.run(doing, ['policy', 'set', source, ...POLICY]);
  const tags = {
    ...request.tags,
    'snapshot-requester': request.requester,
    'snapshot-uploader': ENGINE,
  };
  let moved = 0;
  const stdout = await kopia.run(
    doing,
    [
      'snapshot',
      'create',
      `--override-source=${source}`,
      '--description=Kopia Uploader',
      ...Object.entries(tags).map(([key, value]) => `--tags=${key}:${value}`),
      ...parallelOf(request.parallelFiles),
      '--fail-fast',
      '--json',
      request.folder,
    ],
    (line) => {
      const count = copyCountOf(line);
      if (!count) return;
      moved = count.moved;
      request.onProgress?.(count.done, Math.max(count.total, count.done));
    },
  );
  const { id, size } = finished(stdout, doing);
  request.onProgress?.(size, size);
  return { snapshotId: id, totalBytes: size, incrementalBytes: moved };
};

/** Ids of all copies in a repository. */
const copiesOf = async (kopia: Kopia, doing: string): Promise<ReadonlySet<string>> => {
  const listed = await kopia.run(doing, ['manifest', 'list', '--filter=type:snapshot', '--json']);
  return new Set((JSON.parse(listed || '[]') as readonly { readonly id: string }[]).map(({ id }) => id));
};

const putBackOne = async (
  kopia: Kopia,
  request: PutBackRequest,
  doing: string,
): Promise<{ readonly bytes: number }> => {
  const { snapshotId, folder, onProgress } = request;
  const shown = await kopia.try(['manifest', 'show', snapshotId]);
  if (shown.code !== 0) {
    if (shown.lines.some((line) => /not found/i.test(line)))
      throw new Fault('LB_REPOSITORY_COPY_MISSING', `${doing}: there is no copy ${snapshotId}`);
    throw kopia.fault(doing, shown);
  }
  const manifest = JSON.parse(shown.stdout.replace(/^\/\/.*$/gm, '')) as {
    readonly stats?: { readonly totalSize?: number };
  };
  const total = manifest.stats?.totalSize ?? 0;
  await kopia.run(
    doing,
    [
      'snapshot',
      'restore',
      ...(request.sparse ? ['--write-sparse-files'] : []),
      ...parallelOf(request.parallelFiles),
      snapshotId,
      folder,
    ],
    (line) => {
      const done = restoredBytesOf(line);
      if (done !== undefined) onProgress?.(Math.min(done, total), total);
    },
  );
  onProgress?.(total, total);
  return { bytes: total };
};

/** An id that a resource names goes to a program: it must be nothing but an id. */
const checkId = (snapshotId: string): void => {
  if (!/^[0-9A-Za-z]{1,64}$/.test(snapshotId))
    throw new Fault('LB_REPOSITORY_COPY_MISSING', `"${snapshotId.slice(0, 80)}" is not the id of a copy`);
};

const forgetSome = async (kopia: Kopia, wanted: readonly string[], doing: string): Promise<void> => {
  const status = await kopia.try(['repository', 'status', '--json']);
  if (status.code !== 0) {
    if (saysMissing(status.lines)) return;
    throw kopia.fault(doing, status);
  }
  const present = await copiesOf(kopia, doing);
  const ids = wanted.filter((id) => present.has(id));
  for (let at = 0; at < ids.length; at += FORGOTTEN_AT_ONCE)
    await kopia.run(doing, ['snapshot', 'delete', '--delete', ...ids.slice(at, at + FORGOTTEN_AT_ONCE)]);
};

/** Repositories that the program `kopia` reads and writes, the same that Velero uses. */
export const createKopiaRepositories = (options: KopiaOptions): Repositories => {
  const open = async (place: RepositoryPlace, signal: AbortSignal) =>
    kopiaOf(options.program, await connect(options, place, signal), signal);
  const running = new Map<string, Promise<void>>();
  /** One at a time for each place: two that create it at once could each write a format of their own. */
  const inTurn = async (key: string, work: () => Promise<void>): Promise<void> => {
    const before = running.get(key) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    running.set(key, mine);
    try {
      await mine;
    } finally {
      if (running.get(key) === mine) running.delete(key);
    }
  };
  return {
    ensure: (place, signal) => {
      const doing = `opening ${named(place)}`;
      const key = JSON.stringify([place.location, place.volumeNamespace]);
      return inTurn(key, () =>
        within(ENSURE_DEADLINE_MS, doing, signal, async (limited) => {
          const connection = await connect(options, place, limited);
          await ensureOne(kopiaOf(options.program, connection, limited), doing, connection);
        }),
      );
    },
    copy: async (place, request, signal) => {
      if (await isEmpty(request.folder)) return { snapshotId: '', totalBytes: 0, incrementalBytes: 0 };
      return copyOne(await open(place, signal), request, `copying into ${named(place)}`);
    },
    find: (place, tags, signal) => {
      const doing = `looking for a copy in ${named(place)}`;
      return within(LOOK_DEADLINE_MS, doing, signal, async (limited) =>
        findCopy(await open(place, limited), tags, doing),
      );
    },
    putBack: async (place, request, signal) => {
      checkId(request.snapshotId);
      return putBackOne(await open(place, signal), request, `putting back from ${named(place)}`);
    },
    forget: (place, snapshotIds, signal) => {
      const doing = `forgetting copies in ${named(place)}`;
      return within(LOOK_DEADLINE_MS, doing, signal, async (limited) => {
        const wanted = snapshotIds.filter((id) => id !== '');
        if (wanted.length > 0) await forgetSome(await open(place, limited), wanted, doing);
      });
    },
    maintain: async (place, signal) => {
      const kopia = await open(place, signal);
      await maintainKopia(kopia, place, `maintaining ${named(place)}`, new Date());
    },
  };
};
