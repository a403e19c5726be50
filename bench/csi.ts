import { hasEnded, openCluster, pathOf, type LabCluster } from '../test/lab/fixture/cluster.js';
import { csiDisks, type CsiDisks } from '../test/lab/fixture/csi-disks.js';
import { restartSidecars } from '../test/lab/fixture/csi-sidecars.js';
import { prepareHome } from '../test/lab/fixture/lifeboat.js';
import { RUN, until } from '../test/lab/fixture/surroundings.js';
import { createTidy } from '../test/lab/fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from '../test/lab/fixture/velero.js';

/**
 * Snapshots of one volume and of twenty: VolumeSnapshots that are created all at once until each is ready (the floor: nobody can be faster),
 * a backup by Lifeboat, and one by the real Velero, of the same volumes in one run. Once with the controllers of the driver at their own limit
 * of five requests a second, once with that out of the way. Read the ratios; seconds are those of the machine of the day.
 */
const LIFEBOAT = `lifeboat-${RUN}`;
const SNAPSHOTS = '/apis/snapshot.storage.k8s.io/v1';
const MANY = 20;
const LIMITS = [5, 100];

const claimsOf = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `disk-${i}`);
const spaceOf = (count: number): string => `volumes-${count}-${RUN}`;

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
};

const clear = async (cluster: LabCluster, path: string): Promise<void> => {
  for (const { metadata } of await cluster.list(path)) await cluster.remove(`${path}/${metadata.name}`);
  await until('the snapshots to be gone', async () =>
    (await cluster.list(path)).length === 0 ? true : undefined,
  );
};

const floor = async (cluster: LabCluster, count: number): Promise<number> => {
  const path = `${SNAPSHOTS}/namespaces/${spaceOf(count)}/volumesnapshots`;
  const took = await seconds(async () => {
    await Promise.all(
      claimsOf(count).map((claim) =>
        cluster.create(path, {
          apiVersion: 'snapshot.storage.k8s.io/v1',
          kind: 'VolumeSnapshot',
          metadata: { name: `floor-${claim}` },
          spec: { source: { persistentVolumeClaimName: claim }, volumeSnapshotClassName: 'hostpath' },
        }),
      ),
    );
    await until(
      'every snapshot to be ready',
      async () => {
        const ready = (await cluster.list(path)).filter(({ status }) => status?.['readyToUse'] === true);
        return ready.length === count ? true : undefined;
      },
      { seconds: 120 },
    );
  });
  await clear(cluster, path);
  return took;
};

const backup = (cluster: LabCluster, server: string, count: number, limit: number): Promise<number> =>
  seconds(async () => {
    const name = `volumes-${count}-${limit}-${RUN}`;
    await cluster.create(pathOf(server, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name, namespace: server },
      spec: { includedNamespaces: [spaceOf(count)] },
    });
    const ended = await cluster.becomes(pathOf(server, 'backups', name), hasEnded, { seconds: 600 });
    if (ended.status?.phase !== 'Completed') throw new Error(`the backup ended ${ended.status?.phase}`);
    await clear(cluster, `${SNAPSHOTS}/namespaces/${spaceOf(count)}/volumesnapshots`);
  });

const measureAt = async (cluster: LabCluster, limit: number): Promise<void> => {
  await restartSidecars(cluster, { qps: limit });
  const rows = new Map<string, number[]>();
  for (const count of [1, MANY]) {
    const note = (who: string, took: number) => rows.set(who, [...(rows.get(who) ?? []), took]);
    note('floor', await floor(cluster, count));
    note('Lifeboat', await backup(cluster, LIFEBOAT, count, limit));
    note('Velero', await backup(cluster, VELERO_NAMESPACE, count, limit));
  }
  console.log(`controllers of the driver at ${limit} requests a second`);
  for (const [who, [one = 0, many = 0]] of rows)
    console.log(
      `  ${who.padEnd(9)} one ${one.toFixed(1)} s, twenty ${many.toFixed(1)} s, ratio ${(many / one).toFixed(1)}`,
    );
};

const prepare = async (disks: CsiDisks): Promise<void> => {
  for (const count of [1, MANY])
    await disks.make(spaceOf(count), Object.fromEntries(claimsOf(count).map((claim) => [claim, claim])));
};

const main = async (): Promise<void> => {
  const tidy = createTidy();
  try {
    const cluster = await tidy.keep(openCluster('csi-bench', { full: true }));
    await restartSidecars(cluster, { qps: 100 });
    const root = `metadata/csi-bench-${RUN}`;
    const home = await tidy.keep(prepareHome(cluster, LIFEBOAT, `${root}/ours`));
    await home.start();
    await tidy.keep(startVelero(cluster, `${root}/theirs`, { features: 'EnableCSI' }));
    await prepare(csiDisks(cluster));
    for (const limit of LIMITS) await measureAt(cluster, limit);
  } finally {
    await tidy.closeAll();
  }
};

await main();
