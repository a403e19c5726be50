import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { prepareHome, type Home } from './fixture/lifeboat.js';
import { openCrowd, type Crowd, type ServedKind } from './fixture/round-trip/api.js';
import { archivedIn } from './fixture/round-trip/archive.js';
import {
  idleRules,
  keyOf,
  printRule,
  reckon,
  type Reckoning,
  type Rule,
} from './fixture/round-trip/reckoning.js';
import { isGenerated, NOT_GENERATED, planWorld, type Planned } from './fixture/round-trip/world.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

/** The same world each time, unless one asks for another: the API server has to take every object of it. */
const SEED = process.env['LIFEBOAT_ROUND_TRIP_SEED'] ?? '42';
const OBJECTS = Number(process.env['LIFEBOAT_ROUND_TRIP_OBJECTS'] ?? 20_000);
const MINUTES = 60_000;

const root = `metadata/acceptance-${RUN}`;
const name = `trip-${RUN}`;
const NEEDED = ['list', 'create', 'get', 'delete'];

const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const answer = await work();
  const seconds = (performance.now() - start) / 1000;
  console.info(`${what}: ${seconds.toFixed(1)} s, ${Math.round(OBJECTS / seconds)} objects/s`);
  return answer;
};

/** About what stood in the new cluster already, and about volumes without their data. */
const EXPECTED_WARNING = /already exists and differs|holds no data of volume/;

const warningsIn = (results: unknown): readonly string[] => {
  if (typeof results === 'string') return [results];
  return typeof results === 'object' && results !== null ? Object.values(results).flatMap(warningsIn) : [];
};

interface Results {
  readonly errors: Readonly<Record<string, unknown>>;
  readonly warnings: Readonly<Record<string, unknown>>;
}

describe.skipIf(why !== '')(`${OBJECTS} objects of every kind, into another cluster${why}`, () => {
  const tidy = createTidy();
  let here: LabCluster;
  let there: LabCluster;
  let bucket: Bucket;
  let kinds: readonly ServedKind[];
  let world: readonly Planned[];
  let backup: Resource;
  let restore: Resource;
  let reckonings: readonly Reckoning[];

  const fill = async (crowd: Crowd): Promise<readonly ServedKind[]> => {
    const first = await crowd.discover();
    world = planWorld(SEED, OBJECTS, (kind) => first.get(kind)?.namespaced ?? kind.startsWith('voyages.'));
    const [early, late] = [world.filter((one) => one.early), world.filter((one) => !one.early)];
    await crowd.createAll(early, first);
    const all = await until('the new kinds to be served', async () => {
      const found = await crowd.discover();
      return ['voyages', 'harbours'].every((one) => found.has(`${one}.trip.example`)) ? found : undefined;
    });
    await timed('created', () => crowd.createAll(late, all));
    const doomed = world.filter((one) => one.doomed);
    await crowd.deleteAll(doomed, all);
    return [...all.values()].filter(({ verbs }) => NEEDED.every((verb) => verbs.includes(verb)));
  };

  const carryOut = async (
    { namespace, cluster }: Home,
    kind: 'Backup' | 'Restore',
    spec: object,
    log: () => string,
  ) => {
    const plural = `${kind.toLowerCase()}s`;
    const order = { apiVersion: 'velero.io/v1', kind, metadata: { name, namespace }, spec };
    await cluster.create(pathOf(namespace, plural), order);
    return cluster.becomes(pathOf(namespace, plural, name), hasEnded, { seconds: 900, explain: log });
  };

  const makeBackup = async () => {
    const crowd = await tidy.keep(openCrowd(here));
    const home = await tidy.keep(prepareHome(here, `lifeboat-old-${RUN}`, root));
    kinds = await fill(crowd);
    const lifeboat = await home.start();
    const spec = { includeClusterResources: true, snapshotVolumes: false };
    backup = await timed('backed up', () => carryOut(home, 'Backup', spec, lifeboat.log));
    await lifeboat.stop();
    return crowd;
  };

  const makeRestore = async () => {
    const crowd = await tidy.keep(openCrowd(there));
    const home = await tidy.keep(prepareHome(there, `lifeboat-new-${RUN}`, root));
    const lifeboat = await home.start();
    await there.becomes(pathOf(home.namespace, 'backups', name), () => true, { explain: lifeboat.log });
    const known = await crowd.discover();
    const before = new Map<string, ReadonlyMap<string, string>>();
    for (const kind of kinds.filter((one) => known.has(one.kind))) {
      const found = await crowd.list(kind);
      before.set(kind.kind, new Map(found.map((one) => [keyOf(one), one.version])));
    }
    restore = await timed('restored', () => carryOut(home, 'Restore', { backupName: name }, lifeboat.log));
    await lifeboat.stop();
    return { crowd, before };
  };

  beforeAll(async () => {
    console.info(`LIFEBOAT_ROUND_TRIP_SEED=${SEED} LIFEBOAT_ROUND_TRIP_OBJECTS=${OBJECTS}`);
    here = await tidy.keep(openCluster(`trip-${RUN}-1`));
    there = await tidy.keep(openCluster(`trip-${RUN}-2`));
    bucket = await tidy.keep(openBucket(here, root));
    const old = await makeBackup();
    const { crowd: young, before } = await makeRestore();
    const archive = await archivedIn(await bucket.read(`${root}/backups/${name}/${name}.tar.gz`));
    reckonings = await timed('compared', async () => {
      const all: Reckoning[] = [];
      for (const kind of kinds) {
        const [source, after] = [await old.list(kind), await young.list(kind)];
        const archived = archive.get(kind.kind) ?? new Map<string, Buffer>();
        all.push(
          reckon({
            kind: kind.kind,
            source,
            archived,
            before: before.get(kind.kind) ?? new Map<string, string>(),
            after,
          }),
        );
      }
      return all;
    });
  }, 15 * MINUTES);

  afterAll(tidy.closeAll);

  test('the world has every kind that can be backed up, or a reason why not', () => {
    const without = kinds.filter(
      ({ kind }) => !isGenerated(kind) && !NOT_GENERATED.some((one) => one.kind.test(kind)),
    );
    expect(without.map(({ kind }) => kind)).toEqual([]);
    expect(world).toHaveLength(OBJECTS);
  });

  test('backup and restore complete without an error', async () => {
    const results = (await bucket.json(`${root}/restores/${name}/restore-${name}-results.gz`)) as Results;
    expect(backup.status).toMatchObject({ phase: 'Completed' });
    expect(backup.status?.errors ?? 0).toBe(0);
    expect(results.errors).toEqual({});
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(warningsIn(results.warnings).filter((warning) => !EXPECTED_WARNING.test(warning))).toEqual([]);
  });

  test('no object differs by anything that has no explanation', () => {
    console.table(reckonings.map(({ tally }) => tally).filter(({ source }) => source > 0));
    const unexplained = reckonings.flatMap((one) => one.unexplained);
    expect(unexplained.slice(0, 50), `${unexplained.length} in all`).toEqual([]);
  });

  test('every explanation was needed', () => {
    const met = new Map<Rule, number>();
    for (const [rule, count] of reckonings.flatMap((one) => [...one.reasons]))
      met.set(rule, (met.get(rule) ?? 0) + count);
    console.info([...met].map(([rule, count]) => `${count} × ${printRule(rule)}`).join('\n'));
    expect(idleRules(met)).toEqual([]);
  });

  test('the counts add up: what was archived was restored, or stood there, or stayed behind by a rule', async () => {
    const sum = (part: 'archived' | 'restored' | 'there' | 'left') =>
      reckonings.reduce((total, { tally }) => total + tally[part], 0);
    expect(sum('restored') + sum('there') + sum('left')).toBe(sum('archived'));
    expect(backup.status?.progress?.itemsBackedUp).toBe(sum('archived'));
    const list = `${root}/restores/${name}/restore-${name}-resource-list.json.gz`;
    const listed = Object.entries((await bucket.json(list)) as Readonly<Record<string, readonly string[]>>);
    // Addresses that the API server keeps itself are made and soon taken away again.
    const made = listed.flatMap(([kind, entries]) =>
      kind.endsWith('/IPAddress') ? [] : entries.filter((entry) => entry.endsWith('(created)')),
    );
    const addresses = reckonings.find(({ tally }) => tally.kind === 'ipaddresses.networking.k8s.io');
    expect(made.length + (addresses?.tally.restored ?? 0)).toBe(sum('restored'));
  });
});
