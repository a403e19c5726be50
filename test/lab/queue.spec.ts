import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ballast } from './fixture/app.js';
import { openBucket } from './fixture/bucket.js';
import { createAll, hasEnded, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { prepareHome, type Home } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

const root = `metadata/queue-${RUN}`;
const [shop, stall] = [`queue-shop-${RUN}`, `queue-stall-${RUN}`];
/** Which namespaces the three backups read, in the order in which they are asked for. */
const WISHES = { a: [shop], b: [shop], c: [stall] } as const;
const NAMES = Object.keys(WISHES) as (keyof typeof WISHES)[];
/** Large enough that the second is in line before the first has ended. */
const OBJECTS = 400;

/** What one backup was seen to be, in order; each state once. */
type Seen = Readonly<Record<keyof typeof WISHES, readonly string[]>>;

/** The real server looks into its queue once a minute where it has missed a change. */
const PATIENCE_S = 240;

/** Phases in which a backup holds one of the places. */
const RUNS = ['InProgress'];

describe.skipIf(why !== '')(`Backups in line, beside the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, `queue-${RUN}-velero`, `${root}/lifeboat`));
    for (const name of [shop, stall]) {
      await cluster.create('/api/v1/namespaces', { metadata: { name } });
      await createAll(cluster, ballast(name, OBJECTS, 200));
    }
  });

  afterAll(tidy.closeAll);

  /** Asks for the three at once, and looks at them until they have ended. */
  const watch = async (
    namespace: string,
    round: string,
  ): Promise<{ readonly seen: Seen; readonly atOnce: string[] }> => {
    const seen: Record<keyof typeof WISHES, string[]> = { a: [], b: [], c: [] };
    const atOnce = new Set<string>();
    for (const name of NAMES)
      await cluster.create(pathOf(namespace, 'backups'), {
        apiVersion: 'velero.io/v1',
        kind: 'Backup',
        metadata: { name: `${name}-${round}`, namespace },
        spec: { includedNamespaces: WISHES[name], snapshotVolumes: false },
      });
    const look = async () => {
      const found = await cluster.list(pathOf(namespace, 'backups'));
      const running: string[] = [];
      for (const name of NAMES) {
        const status = found.find(({ metadata }) => metadata.name === `${name}-${round}`)?.status;
        const place = status?.['queuePosition'];
        const state = `${status?.phase ?? 'New'}${typeof place === 'number' && place > 0 ? ` ${place}` : ''}`;
        if (seen[name].at(-1) !== state) seen[name].push(state);
        if (RUNS.includes(status?.phase ?? '')) running.push(name);
      }
      if (running.length > 1) atOnce.add(running.join('+'));
      const ours = found.filter(({ metadata }) => metadata.name.endsWith(`-${round}`));
      return ours.every(hasEnded) ? true : undefined;
    };
    await until('the three to end', look, { seconds: PATIENCE_S, explain: () => JSON.stringify(seen) });
    return { seen, atOnce: [...atOnce] };
  };

  /** A server that outlives a test that failed would hold its ports against the next. */
  const whileRuns = async <S, T>(
    starting: Promise<S>,
    stop: (server: S) => Promise<unknown>,
    work: () => Promise<T>,
  ): Promise<T> => {
    const server = await starting;
    try {
      return await work();
    } finally {
      await stop(server);
    }
  };

  const ORDER = ['New', 'Queued', 'ReadyToStart', 'InProgress', 'Finalizing', 'Completed'];
  const isInOrder = (states: readonly string[]): boolean => {
    const places = states.map((state) => ORDER.indexOf(state.split(' ')[0] ?? ''));
    return places.every((place, i) => place >= 0 && (i === 0 || place >= (places[i - 1] ?? 0)));
  };
  const places = (states: readonly string[]): readonly number[] =>
    states.filter((state) => state.startsWith('Queued ')).map((state) => Number(state.split(' ')[1]));

  test.each([1, 2])(
    'behaviours 19 to 21: with room for %i both show phases and places in the same way',
    async (room) => {
      const ours = await whileRuns(
        home.start({ flags: ['--concurrent-backups', String(room)] }),
        ({ stop }) => stop(),
        () => watch(home.namespace, `r${room}`),
      );
      const theirs = await whileRuns(
        startVelero(cluster, `${root}/velero-${room}`, { concurrentBackups: room }),
        ({ close }) => close(),
        () => watch(VELERO_NAMESPACE, `r${room}`),
      );
      for (const { seen, atOnce } of [ours, theirs]) {
        const told = JSON.stringify({ ours, theirs });
        for (const name of NAMES) expect(isInOrder(seen[name]), told).toBe(true);
        for (const name of NAMES) expect(seen[name].at(-1), told).toBe('Completed');
        // Those in line only ever move up, and the one behind the first is told a place.
        for (const name of NAMES)
          expect(
            [...places(seen[name])].sort((x, y) => y - x),
            told,
          ).toEqual(places(seen[name]));
        expect(places(seen.b)[0] ?? 0, told).toBeGreaterThanOrEqual(1);
        expect(
          atOnce.filter((pair) => pair.includes('a+b')),
          told,
        ).toEqual([]);
        if (room === 1) expect(atOnce, told).toEqual([]);
      }
    },
    3 * PATIENCE_S * 1000,
  );
});
