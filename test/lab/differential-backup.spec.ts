import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import type { BackupCase } from './fixture/differential/backup-case.js';
import { namesFor, putContent } from './fixture/differential/cluster-content.js';
import { groupsOf, type World } from './fixture/differential/groups.js';
import { locationsChecked, putNamed } from './fixture/differential/locations.js';
import { outcomeOf, type Outcome, type Server } from './fixture/differential/outcome.js';
import { prepareHome, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

const root = `metadata/acceptance-${RUN}`;
const ours = `lifeboat-${RUN}`;
const names = namesFor(RUN);
const groups = groupsOf(names, RUN);
const NAMESPACE: Readonly<Record<Server, string>> = { lifeboat: ours, velero: VELERO_NAMESPACE };
const folderOf = (who: Server): string => `${root}/${who}`;

/**
 * Velero enters a backup among those ready to start after it said so; one that is refused in between stays entered for good,
 * and takes a place. With many places the suite outlives that.
 */
const CONCURRENT_BACKUPS = 40;

const compatibility = readFileSync('docs/compatibility.md', 'utf8').split('\n');

/** The row of a deliberate difference; it names this suite. */
const rowOf = (behaviour: string): string | undefined =>
  compatibility.find((line) => line.startsWith(`| ${behaviour} |`));

/** First what is short and tells most; the contents only if all else is the same, and only what differs of them. */
const expectSame = (our: Outcome, expected: Outcome): void => {
  const { contents: taken, ...rest } = our;
  const { contents: wanted, ...others } = expected;
  expect(rest).toEqual(others);
  expect(Object.keys(taken).sort()).toEqual(Object.keys(wanted).sort());
  const differing = Object.keys(wanted).filter((path) => taken[path] !== wanted[path]);
  expect(differing.map((path) => [path, taken[path]])).toEqual(differing.map((path) => [path, wanted[path]]));
};

describe.skipIf(why !== '')(`A6: the same backups by Lifeboat and by the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let lifeboat: Lifeboat;
  let world: World;

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('diff1'));
    bucket = await tidy.keep(openBucket(cluster, root));
    const home = await tidy.keep(prepareHome(cluster, ours, folderOf('lifeboat')));
    await putContent(cluster, RUN);
    await cluster.create('/api/v1/namespaces', { metadata: { name: VELERO_NAMESPACE } });
    await putNamed(cluster, [
      { namespace: ours, prefix: folderOf('lifeboat') },
      { namespace: VELERO_NAMESPACE, prefix: folderOf('velero') },
    ]);
    [lifeboat] = await Promise.all([
      home.start(),
      tidy.keep(startVelero(cluster, folderOf('velero'), { concurrentBackups: CONCURRENT_BACKUPS })),
    ]);
    await locationsChecked(cluster, [ours, VELERO_NAMESPACE]);
    world = {
      cluster,
      bucket,
      names,
      run: RUN,
      servers: [ours, VELERO_NAMESPACE],
      folders: [folderOf('lifeboat'), folderOf('velero')],
    };
  });

  afterAll(tidy.closeAll);

  /** One after the other on both servers: a queue of Velero is renumbered at every step, and looked at once a minute. */
  const outcomeBy = async (who: Server, name: string, request: BackupCase): Promise<Outcome> => {
    const namespace = NAMESPACE[who];
    await cluster.create(pathOf(namespace, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name, namespace, labels: request.labels, annotations: request.annotations },
      // Without volume data: both then take the objects alone, and Lifeboat has no warning that the data is missing.
      spec: { snapshotVolumes: false, ...request.spec },
    });
    const ended = await cluster.becomes(pathOf(namespace, 'backups', name), hasEnded, {
      explain: who === 'lifeboat' ? lifeboat.log : () => '',
    });
    return outcomeOf(bucket, `${folderOf(who)}/backups/${name}/`, who, ended, request.ordered ?? []);
  };

  const compare = async (request: BackupCase, name: string): Promise<void> => {
    const { knownDifference: known } = request;
    const [our, their] = await Promise.all([
      outcomeBy('lifeboat', name, request),
      outcomeBy('velero', name, { ...request, ...(known?.askVelero && { spec: known.askVelero }) }),
    ]);
    if (!known) {
      expectSame(our, their);
      return;
    }
    expect(rowOf(known.row)).toContain('`test/lab/differential-backup.spec.ts`');
    expectSame(our, known.expected(their));
    expect(our).not.toEqual(their);
  };

  for (const [g, group] of groups.entries())
    describe(group.what, () => {
      beforeAll(() => group.prepare?.(world));
      afterAll(() => group.undo?.(world));
      for (const [c, request] of group.cases.entries()) {
        test(request.what, () => compare(request, request.name ?? `diff-${RUN}-${g}-${c}`));
      }
    });

  test('no case is there twice, and there are at least sixty', () => {
    const cases = groups.flatMap((group) => group.cases.map(({ what }) => what));
    expect(new Set(cases).size).toBe(cases.length);
    expect(cases.length).toBeGreaterThanOrEqual(60);
  });
});
