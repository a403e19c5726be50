import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/faults.js';
import { namespaceOf, type KubeObject } from '../builders.js';
import {
  csiDisk,
  DRIVER,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from './csi-driver.js';
import { groupClass, groupDefinitions } from './csi-groups.js';
import { deleteBackup, gone } from './deleting.js';
import { createCluster, createRunningWorld, soon, type World } from './world.js';

const SHOP = { includedNamespaces: ['shop'] };
const LABEL = { labels: { 'velero.io/csi-volumesnapshot-class': 'true' } };
const TOGETHER = { labels: { 'velero.io/volume-group': 'db' } };

const stage = async (
  disks: readonly (readonly KubeObject[])[],
  more: {
    readonly groups?: boolean;
    readonly classes?: readonly KubeObject[];
    readonly conduct?: Parameters<typeof startCsiDriver>[1];
  } = {},
): Promise<{ readonly world: World; readonly driver: CsiDriver }> => {
  const cluster = await createCluster();
  const world = await createRunningWorld({ cluster });
  const groups = more.groups === false ? [] : groupDefinitions();
  await world.apply(...SNAPSHOT_DEFINITIONS, ...groups, snapshotClass('fast', LABEL));
  if (groups.length > 0) await world.apply(...(more.classes ?? [groupClass('together', DRIVER)]));
  const driver = await startCsiDriver(cluster, more.conduct);
  await world.apply(namespaceOf('shop'), ...disks.flat());
  return { world, driver };
};

const PAIR = [csiDisk('shop', 'data', TOGETHER), csiDisk('shop', 'wal', TOGETHER)];

const KINDS = [
  'volumesnapshots.snapshot.storage.k8s.io',
  'volumesnapshotcontents.snapshot.storage.k8s.io',
  'volumegroupsnapshots.groupsnapshot.storage.k8s.io',
  'volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io',
];

const STUBS = 'volumegroupsnapshotcontents.groupsnapshot.storage.k8s.io';

/** A promise, and the way to keep it. */
const signalled = (): { readonly given: Promise<void>; readonly give: () => void } => {
  let give: () => void = () => undefined;
  const given = new Promise<void>((resolve) => (give = resolve));
  return { given, give };
};

const nothingLeft = async (world: World, kinds = KINDS): Promise<void> => {
  for (const kind of kinds) expect(await world.all(kind), kind).toEqual([]);
};

const resultsOf = async (world: World, backup: string): Promise<string> =>
  JSON.stringify(await world.json(world.layout.backupResults(backup)));

describe('A backup of claims of one volume group', () => {
  it('behaviour 112: has them snapshotted together, and nothing of the group stays in the cluster', async () => {
    const { world, driver } = await stage([...PAIR, csiDisk('shop', 'logs')]);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'Completed', csiVolumeSnapshotsCompleted: 3 });
    expect(driver.snapshots.size).toBe(3);
    const together = [...driver.groups.keys()].map((handle) => driver.snapshots.get(handle)).sort();
    expect(together).toEqual(['disk-data', 'disk-wal']);
    expect(new Set(driver.groups.values()).size).toBe(1);
    await nothingLeft(world);
  });

  it('says in volume information and archive to which group each belongs', async () => {
    const { world, driver } = await stage(PAIR);
    await world.backup('b1', SHOP);
    const [group] = driver.groups.values();
    const info = { csiSnapshotInfo: { volumeGroupSnapshotHandle: group } };
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([info, info]);
    const archived = [...(await world.archive('b1'))].filter(([path]) =>
      path.startsWith('resources/volumesnapshots.snapshot.storage.k8s.io/namespaces/'),
    );
    expect(archived).toHaveLength(2);
    for (const [, json] of archived)
      expect(JSON.parse(json)).toMatchObject({
        metadata: { annotations: { 'velero.io/csi-volumegroupsnapshot-handle': group } },
      });
  });

  it('gives each restored claim its volume, and nothing that stood for the group stays', async () => {
    const { world, driver } = await stage(PAIR);
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    for (const name of ['data', 'wal'])
      expect((await world.find('persistentvolumeclaims', name, 'copy'))?.['spec']).toMatchObject({
        dataSource: { kind: 'VolumeSnapshot' },
        volumeName: expect.stringMatching(/^pvc-/) as string,
      });
    await nothingLeft(world, KINDS.slice(2));
    expect(driver.snapshots.size).toBe(2);
  });

  it('lets nothing stand for the group if volumes stay empty', async () => {
    const { world } = await stage(PAIR);
    await world.backup('b1', SHOP);
    const made: string[] = [];
    await world.restart({
      cluster: {
        ...world.cluster,
        create: (type, ...rest) => {
          made.push(type.kind);
          return world.cluster.create(type, ...rest);
        },
      },
    });
    const spec = { backupName: 'b1', namespaceMapping: { shop: 'copy' }, restorePVs: false };
    expect((await world.restore('r1', spec)).status).toMatchObject({ phase: 'Completed' });
    expect(made).toContain('PersistentVolumeClaim');
    expect(made).not.toContain('VolumeGroupSnapshotContent');
  });

  it.each(['cancelled', 'deleted'])(
    'lets nothing stand for the group once its restore is %s',
    async (how) => {
      const { world } = await stage(PAIR);
      await world.backup('b1', SHOP);
      const { cluster } = world;
      const stuck = signalled();
      await world.restart({
        cluster: {
          ...cluster,
          create: async (type, namespace, body, options) => {
            if (type.kind !== 'VolumeSnapshotContent') return cluster.create(type, namespace, body, options);
            stuck.give();
            await once(options.signal, 'abort');
            throw new Fault('LB_ABORTED', 'a create that never ended');
          },
        },
      });
      await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
      await stuck.given;
      expect(await world.all(STUBS)).toHaveLength(1);
      const cancel = { metadata: { annotations: { 'lifeboat.io/cancel': 'true' } } };
      if (how === 'cancelled') await world.resources.patch('Restore', 'r1', cancel, soon());
      else await world.resources.delete('Restore', 'r1', soon());
      if (how === 'cancelled') await world.ended('Restore', 'r1');
      else await gone(world, 'Restore', 'r1');
      await nothingLeft(world, [STUBS]);
    },
  );

  it('behaviour 141: loses the physical snapshots of the group when it is deleted', async () => {
    const { world, driver } = await stage(PAIR);
    await world.backup('b1', SHOP);
    expect(driver.snapshots.size).toBe(2);
    await deleteBackup(world, 'b1');
    expect(driver.snapshots.size).toBe(0);
    await nothingLeft(world);
  });

  it.each([
    ['the cluster serves no groups', { groups: false }, 'serves no VolumeGroupSnapshots'],
    ['no class has the label', { classes: [groupClass('one', DRIVER, false)] }, 'there is none'],
    [
      'two classes have the label',
      { classes: [groupClass('one', DRIVER), groupClass('two', DRIVER)] },
      'there are 2',
    ],
  ])('is an error of each of them if %s', async (_, how, said) => {
    const { world, driver } = await stage([...PAIR, csiDisk('shop', 'logs')], how);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({
      phase: 'PartiallyFailed',
      errors: 2,
      csiVolumeSnapshotsCompleted: 1,
    });
    expect(await resultsOf(world, 'b1')).toContain(said);
    expect([...driver.snapshots.values()]).toEqual(['disk-logs']);
    await nothingLeft(world, 'groups' in how ? KINDS.slice(0, 2) : KINDS);
  });

  it('is an error of each if their volumes are of several drivers', async () => {
    const [volume, claim] = csiDisk('shop', 'wal', TOGETHER);
    if (!volume || !claim) expect.fail('no disk');
    const foreign = {
      ...volume,
      spec: { ...(volume['spec'] as object), csi: { driver: 'other.example', volumeHandle: 'x' } },
    };
    const { world, driver } = await stage([csiDisk('shop', 'data', TOGETHER), [foreign, claim]]);
    await world.apply(snapshotClass('others', LABEL, 'other.example'));
    expect((await world.backup('b1', SHOP)).status).toMatchObject({ phase: 'PartiallyFailed', errors: 2 });
    expect(await resultsOf(world, 'b1')).toContain(`several drivers (${DRIVER}, other.example)`);
    expect(driver.cut).toEqual([]);
  });

  it.each(['silent', 'broken'] as const)(
    'is an error of each if the driver is %s, and nothing of the group is left',
    async (how) => {
      const { world, driver } = await stage([...PAIR, csiDisk('shop', 'logs')], {
        conduct: (claim) => (claim === 'wal' ? how : 'ready'),
      });
      const backup = await world.backup('b1', { ...SHOP, csiSnapshotTimeout: '300ms' });
      expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 2 });
      const said =
        how === 'broken' ? 'the driver says: quota exceeded' : 'no snapshot of its volume group was cut';
      expect(await resultsOf(world, 'b1')).toContain(said);
      expect([...driver.snapshots.values()]).toEqual(['disk-logs']);
      await nothingLeft(world);
    },
  );

  it('takes the class that the backup names for the driver, and says so if there is none of that name', async () => {
    const classes = [groupClass('one', DRIVER), groupClass('two', DRIVER)];
    const { world } = await stage(PAIR, { classes });
    const annotated = (name: string, groupClassName: string): KubeObject => ({
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: {
        name,
        namespace: 'velero',
        annotations: { [`velero.io/csi-volumegroupsnapshot-class_${DRIVER}`]: groupClassName },
      },
      spec: SHOP,
    });
    await world.apply(annotated('b1', 'three'));
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('PartiallyFailed');
    expect(await resultsOf(world, 'b1')).toContain('there is no VolumeGroupSnapshotClass three');
    await world.apply(annotated('b2', 'two'));
    expect((await world.ended('Backup', 'b2')).status?.phase).toBe('Completed');
  });

  it('leaves out a claim that a policy skips, with a warning; what the driver cuts of it goes with the group', async () => {
    const { world, driver } = await stage([
      ...PAIR,
      csiDisk('shop', 'scratch', { labels: { ...TOGETHER.labels, skip: 'yes' } }),
    ]);
    await world.apply({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'policy', namespace: 'velero' },
      data: {
        'p.yaml':
          'version: v1\nvolumePolicies:\n- conditions: {pvcLabels: {skip: "yes"}}\n  action: {type: skip}\n',
      },
    });
    const backup = await world.backup('b1', {
      ...SHOP,
      resourcePolicy: { kind: 'configmap', name: 'policy' },
    });
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 1, csiVolumeSnapshotsCompleted: 2 });
    expect(await resultsOf(world, 'b1')).toContain('left out of its volume group');
    await nothingLeft(world);
    await deleteBackup(world, 'b1');
    expect(driver.snapshots.size).toBe(0);
  });
});
