import { randomBytes } from 'node:crypto';
import { hasEnded, openCluster, pathOf, type LabCluster } from '../test/lab/fixture/cluster.js';
import { csiDisks, type CsiDisks } from '../test/lab/fixture/csi-disks.js';
import { driverSocket, restartSidecars } from '../test/lab/fixture/csi-sidecars.js';
import { prepareHome } from '../test/lab/fixture/lifeboat.js';
import { openSlowPipe } from '../test/lab/fixture/slow-pipe.js';
import { RUN, until } from '../test/lab/fixture/surroundings.js';
import { createTidy } from '../test/lab/fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from '../test/lab/fixture/velero.js';

/**
 * Snapshots of one volume and of twenty: VolumeSnapshots that are created all at once until each is ready (the floor: nobody can be faster),
 * a backup by Lifeboat, and one by the real Velero, of the same volumes in one run. Once with the controllers of the driver at their own limit
 * of five requests a second, once with that out of the way, and once with a driver that needs its time for each answer, as those of disks that
 * are elsewhere do. Of the sidecar of the driver ten calls wait at once. Read the ratios; seconds are those of the machine of the day.
 */
const LIFEBOAT = `lifeboat-${RUN}`;
const SNAPSHOTS = '/apis/snapshot.storage.k8s.io/v1';
const MANY = 20;

interface Setting {
  readonly what: string;
  /** Requests a second that each controller of the driver may send to the API server. */
  readonly qps: number;
  /** Seconds after which an answer of the driver is handed on to its sidecar, which asks it twice for each snapshot. */
  readonly late?: number;
}

const SETTINGS: readonly Setting[] = [
  { what: 'controllers of the driver at 5 requests a second', qps: 5 },
  { what: 'controllers of the driver at 100 requests a second', qps: 100 },
  { what: 'the same, and a driver that answers after 5 s, twice for each snapshot', qps: 100, late: 5 },
];
/** `LIFEBOAT_BENCH_CSI=2,3` measures the second and the third. */
const chosen = (process.env['LIFEBOAT_BENCH_CSI'] ?? '1,2,3').split(',').map(Number);

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

/** Until it has ended, not until the controllers have cleared up what it gave back to them. */
const backup = async (cluster: LabCluster, server: string, count: number): Promise<number> => {
  const name = `volumes-${count}-${randomBytes(3).toString('hex')}`;
  const took = await seconds(async () => {
    await cluster.create(pathOf(server, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name, namespace: server },
      spec: { includedNamespaces: [spaceOf(count)] },
    });
    const ended = await cluster.becomes(pathOf(server, 'backups', name), hasEnded, { seconds: 600 });
    if (ended.status?.phase !== 'Completed') throw new Error(`the backup ended ${ended.status?.phase}`);
  });
  await clear(cluster, `${SNAPSHOTS}/namespaces/${spaceOf(count)}/volumesnapshots`);
  return took;
};

const measure = async (cluster: LabCluster, { what, qps, late }: Setting): Promise<void> => {
  const pipe = late === undefined ? undefined : await openSlowPipe(driverSocket(cluster));
  try {
    await restartSidecars(cluster, { qps, ...(pipe && { snapshotterReaches: pipe.address }) });
    // A sidecar asks the driver what it can do before it looks at any snapshot.
    await floor(cluster, 1);
    if (late !== undefined) pipe?.slowTo(late);
    const rows = new Map<string, number[]>();
    for (const count of [1, MANY]) {
      const note = (who: string, took: number) => rows.set(who, [...(rows.get(who) ?? []), took]);
      note('floor', await floor(cluster, count));
      note('Lifeboat', await backup(cluster, LIFEBOAT, count));
      note('Velero', await backup(cluster, VELERO_NAMESPACE, count));
    }
    console.log(what);
    for (const [who, [one = 0, many = 0]] of rows)
      console.log(
        `  ${who.padEnd(9)} one ${one.toFixed(1)} s, twenty ${many.toFixed(1)} s, ratio ${(many / one).toFixed(1)}`,
      );
  } finally {
    await pipe?.close();
  }
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
    for (const [index, setting] of SETTINGS.entries())
      if (chosen.includes(index + 1)) await measure(cluster, setting);
  } finally {
    await tidy.closeAll();
  }
};

await main();
