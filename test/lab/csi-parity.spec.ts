import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { CSI_CASES, GROUP_CLASS, type CsiCase } from './fixture/csi-cases.js';
import { csiDisks, type CsiDisks } from './fixture/csi-disks.js';
import { restartSidecars } from './fixture/csi-sidecars.js';
import { differences } from './fixture/json-differences.js';
import { prepareHome } from './fixture/lifeboat.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

const LIFEBOAT = `lifeboat-${RUN}`;
const root = `metadata/csi-parity-${RUN}`;
const SERVERS = [VELERO_NAMESPACE, LIFEBOAT] as const;

/** Each server has a place of its own in the bucket, so that neither meets the backups of the other. */
const rootOf = (server: string): string => `${root}/${server === LIFEBOAT ? 'ours' : 'theirs'}`;

/** Every namespace gets one with the root certificate a moment later, which is in the archive or not, and in the way of a restore or not. */
const UNSTEADY = ['configmaps'];

type Files = Readonly<Record<string, unknown>>;

/** What differs from one backup to the next, whoever makes it. */
const settled = (value: unknown, key = ''): unknown => {
  if (Array.isArray(value)) return value.map((one) => settled(one));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, settled(inner, name)]));
  const drawn =
    /handle$|^vscName$|^operationID$|timestamp$|^backupUID$|^restoreUID$|^created$|^started$|^updated$/i;
  if (drawn.test(key)) return `some ${typeof value}`;
  // Names of VolumeSnapshots and of their contents.
  return key === 'Name' && typeof value === 'string'
    ? value.replace(/(velero-.*|snapshot|snapcontent)-[0-9a-z-]+$/, '$1-…')
    : value;
};

const sorted = (file: unknown): unknown => {
  const list = settled(file) as readonly object[];
  return [...list].sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));
};

/** Which volume a claim got is the driver's choice, and Velero knows it only if it looks late enough. */
const withoutNewVolumes = (infos: unknown): unknown =>
  (infos as readonly object[]).map((info) => ({ ...info, pvName: undefined }));

const statusOf = ({ status }: Resource): Files =>
  Object.fromEntries(
    Object.entries(status ?? {}).filter(([key]) =>
      /^csi|ItemOperations|^phase$|^errors$|^warnings$/.test(key),
    ),
  );

describe.skipIf(why !== '')(`the same CSI volumes by Lifeboat and by the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let disks: CsiDisks;

  const ask = async (server: string, plural: 'backups' | 'restores', name: string, spec: object) => {
    await cluster.create(pathOf(server, plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name, namespace: server },
      spec,
    });
    return cluster.becomes(pathOf(server, plural, name), hasEnded, { seconds: 300 });
  };
  const nameOf = (one: CsiCase) => `${one.name}-${RUN}`;

  const filesOf = async (server: string, one: CsiCase): Promise<Files> => {
    const [name, space] = [nameOf(one), nameOf(one)];
    const file = (kind: string, prefix: string) => bucket.json(`${rootOf(server)}/${kind}/${name}/${prefix}`);
    const there = `${space}-${server === LIFEBOAT ? 'ours' : 'theirs'}`;
    const backup = await ask(server, 'backups', name, {
      includedNamespaces: [space],
      excludedResources: UNSTEADY,
      ...one.spec,
    });
    const before = {
      status: statusOf(backup),
      volumeinfo: sorted(await file('backups', `${name}-volumeinfo.json.gz`)),
      itemoperations: sorted(await file('backups', `${name}-itemoperations.json.gz`)),
    };
    if (one.restores === false) return before;
    await cluster.create('/api/v1/namespaces', { metadata: { name: there } });
    const restore = await ask(server, 'restores', name, {
      backupName: name,
      namespaceMapping: { [space]: there },
      ...one.restore,
    });
    const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value).replaceAll(there, 'there'));
    return {
      ...before,
      restored: plain(statusOf(restore)),
      'restored volumeinfo': plain(
        withoutNewVolumes(sorted(await file('restores', `${name}-volumeinfo.json.gz`))),
      ),
      'restored itemoperations': plain(
        sorted(await file('restores', `restore-${name}-itemoperations.json.gz`).catch(() => [])),
      ),
    };
  };

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('csi', { full: true }));
    await restartSidecars(cluster, { groups: true, qps: 50 });
    disks = csiDisks(cluster);
    bucket = await tidy.keep(openBucket(cluster, root));
    await cluster.create(...GROUP_CLASS);
    const home = await tidy.keep(prepareHome(cluster, LIFEBOAT, rootOf(LIFEBOAT)));
    const folder = join(tmpdir(), `csi-parity-${RUN}`);
    await mkdir(folder, { recursive: true });
    await tidy.keep({ close: () => rm(folder, { recursive: true, force: true }) });
    await Promise.all([
      home.start({ flags: ['--features', 'EnableCSI'] }),
      tidy.keep(startVelero(cluster, rootOf(VELERO_NAMESPACE), { features: 'EnableCSI' })),
    ]);
  });

  afterAll(tidy.closeAll);

  test.each(CSI_CASES.map((one) => [one.what, one] as const))(
    '%s: status, volume information and operations of backup and restore',
    async (_what, one) => {
      await one.prepare({
        cluster,
        disks,
        namespace: nameOf(one),
        servers: SERVERS,
        folder: join(tmpdir(), `csi-parity-${RUN}`),
      });
      // One after the other: two snapshots of a volume at the same time are another test.
      const theirs = await filesOf(VELERO_NAMESPACE, one);
      const ours = await filesOf(LIFEBOAT, one);
      expect(differences(theirs, ours)).toEqual(one.differences ?? []);
    },
  );
});
