import { describe, expect, it } from 'vitest';
import { namespaceOf, type KubeObject } from '../builders.js';
import {
  csiDisk,
  snapshotClass,
  SNAPSHOT_DEFINITIONS,
  startCsiDriver,
  type CsiDriver,
} from './csi-driver.js';
import { startDataMover, type DataMover, type MoverConduct } from './data-mover.js';
import { createCluster, createRunningWorld, type World, type WorldOptions } from './world.js';

const MOVING = { includedNamespaces: ['shop'], snapshotMoveData: true };

interface Stage {
  readonly world: World;
  readonly driver: CsiDriver;
  readonly mover: DataMover;
}

const stage = async (
  claims: readonly string[],
  conduct: (claim: string) => MoverConduct = () => 'done',
  options: WorldOptions = {},
): Promise<Stage> => {
  const cluster = await createCluster();
  const world = await createRunningWorld({ ...options, cluster });
  await world.apply(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'));
  const driver = await startCsiDriver(cluster);
  const mover = await startDataMover(cluster, conduct);
  await world.apply(namespaceOf('shop'), ...claims.flatMap((claim) => csiDisk('shop', claim)));
  return { world, driver, mover };
};

const nothingLeft = async ({ world, driver }: Stage): Promise<void> => {
  await expect.poll(() => world.all('volumesnapshots.snapshot.storage.k8s.io')).toEqual([]);
  await expect.poll(() => world.all('volumesnapshotcontents.snapshot.storage.k8s.io')).toEqual([]);
  expect([...driver.snapshots.keys()]).toEqual([]);
};

const archived = async (world: World, path: string): Promise<KubeObject> =>
  JSON.parse((await world.archive('b1')).get(path) ?? '{}') as KubeObject;

const waiting = ({ status }: { readonly status?: { readonly phase?: string } }) =>
  status?.phase === 'WaitingForPluginOperations';

describe('A backup that moves the data of its snapshots into the bucket', () => {
  it('behaviour 98: asks for one upload a volume, waits for all, and says in its files where the data is', async () => {
    const staged = await stage(['db', 'wal'], () => 'held');
    const { world, mover, driver } = staged;
    await world.request('Backup', 'b1', MOVING);
    await mover.holds(2);
    const begun = await world.until('Backup', 'b1', waiting);
    expect(begun.status).toMatchObject({ backupItemOperationsAttempted: 2 });
    expect(driver.cut).toHaveLength(2);
    await mover.release();
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({
      phase: 'Completed',
      backupItemOperationsAttempted: 2,
      backupItemOperationsCompleted: 2,
    });
    expect(backup.status).not.toHaveProperty('csiVolumeSnapshotsAttempted');
    expect(backup.status).not.toHaveProperty('warnings');
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      {
        pvName: 'pv-db',
        backupMethod: 'CSISnapshot',
        snapshotDataMoved: true,
        result: 'succeeded',
        snapshotDataMovementInfo: { snapshotHandle: 'copy-of-db', size: 100, incrementalSize: 60 },
      },
      { pvName: 'pv-wal', snapshotDataMovementInfo: { snapshotHandle: 'copy-of-wal', Phase: 'Completed' } },
    ]);
    expect(await world.json(world.layout.itemOperations('b1'))).toMatchObject([
      { status: { phase: 'Completed', nCompleted: 100, nTotal: 100, operationUnits: 'Bytes' } },
      { status: { phase: 'Completed' } },
    ]);
    await nothingLeft(staged);
  });

  it('behaviour 98: archives the claim with the name of its upload, and the upload as it ended, but no snapshot', async () => {
    const { world } = await stage(['db']);
    await world.backup('b1', MOVING);
    const [upload] = await world.all('datauploads.velero.io');
    const name = upload?.metadata.name ?? '';
    expect(name).toMatch(/^b1-[0-9a-f]{8}$/);
    const claim = await archived(world, 'resources/persistentvolumeclaims/namespaces/shop/db.json');
    expect(claim.metadata.annotations).toMatchObject({ 'velero.io/data-upload-name': `velero/${name}` });
    expect(claim['spec']).toMatchObject({ resources: { requests: { storage: '1Gi' } } });
    const kept = await archived(world, `resources/datauploads.velero.io/namespaces/velero/${name}.json`);
    expect(kept).toMatchObject({
      metadata: { labels: { 'velero.io/backup-name': 'b1' }, ownerReferences: [{ kind: 'Backup' }] },
      status: { phase: 'Completed', snapshotID: 'copy-of-db' },
    });
    const paths = [...(await world.archive('b1')).keys()];
    expect(paths).toContain(
      `resources/datauploads.velero.io/v2alpha1-preferredversion/namespaces/velero/${name}.json`,
    );
    expect(paths.filter((path) => path.includes('volumesnapshot'))).toEqual([]);
  });

  it('behaviour 100: ends PartiallyFailed with the message of an upload that fails; the others are kept', async () => {
    const staged = await stage(['db', 'wal'], (claim) => (claim === 'db' ? 'failing' : 'done'));
    const { world } = staged;
    const backup = await world.backup('b1', MOVING);
    expect(backup.status).toMatchObject({
      phase: 'PartiallyFailed',
      errors: 1,
      backupItemOperationsCompleted: 1,
      backupItemOperationsFailed: 1,
    });
    expect(await world.story('backup', 'b1')).toContain(
      'Data of claim shop/db could not be moved into the bucket: the disk is on fire.',
    );
    expect(await world.json(world.layout.itemOperations('b1'))).toMatchObject([
      { status: { phase: 'Failed', error: 'the disk is on fire' } },
      { status: { phase: 'Completed' } },
    ]);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { result: 'failed', snapshotDataMovementInfo: { Phase: 'Failed', snapshotHandle: '' } },
      { result: 'succeeded' },
    ]);
    await nothingLeft(staged);
  });

  it('behaviour 101: cancels an upload that takes longer than itemOperationTimeout, and ends PartiallyFailed', async () => {
    const staged = await stage(['db'], () => 'absent');
    const { world } = staged;
    const backup = await world.backup('b1', { ...MOVING, itemOperationTimeout: '1s' });
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await world.all('datauploads.velero.io')).toMatchObject([{ spec: { cancel: true } }]);
    expect(await world.json(world.layout.itemOperations('b1'))).toMatchObject([
      { status: { phase: 'Failed', error: 'Asynchronous action timed out (itemOperationTimeout)' } },
    ]);
    await nothingLeft(staged);
  });

  it('goes on waiting after the server was restarted, and asks for nothing twice', async () => {
    const staged = await stage(['db'], () => 'held');
    const { world, mover } = staged;
    await world.request('Backup', 'b1', MOVING);
    await world.until('Backup', 'b1', waiting);
    await world.restart();
    await mover.release();
    expect((await world.ended('Backup', 'b1')).status).toMatchObject({ phase: 'Completed' });
    expect(mover.asked).toHaveLength(1);
    await nothingLeft(staged);
  });

  it('stops its uploads when it is cancelled while it waits, and leaves neither files nor snapshots', async () => {
    const staged = await stage(['db'], () => 'held');
    const { world } = staged;
    await world.request('Backup', 'b1', MOVING);
    const { metadata } = await world.until('Backup', 'b1', waiting);
    await world.resources.patch(
      'Backup',
      metadata.name,
      { metadata: { annotations: { 'lifeboat.io/cancel': 'true' } } },
      AbortSignal.timeout(5_000),
    );
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({ phase: 'Failed', failureReason: 'cancelled while it ran' });
    await expect
      .poll(() => world.all('datauploads.velero.io'))
      .toMatchObject([{ spec: { cancel: true }, status: { phase: 'Canceled' } }]);
    expect(await world.keys(world.layout.backupDir('b1'))).toEqual([world.layout.backupLog('b1')]);
    await nothingLeft(staged);
  });

  it('stops its uploads when its resource is deleted while it waits', async () => {
    const staged = await stage(['db'], () => 'held');
    const { world } = staged;
    await world.request('Backup', 'b1', MOVING);
    await world.until('Backup', 'b1', waiting);
    await world.remove('backups.velero.io', 'b1', 'velero');
    await expect
      .poll(() => world.all('datauploads.velero.io'))
      .toMatchObject([{ status: { phase: 'Canceled' } }]);
    await nothingLeft(staged);
  });

  it('is asked for by the flag of the server where the backup does not say', async () => {
    const { world } = await stage(['db'], undefined, { flags: { 'default-snapshot-move-data': 'true' } });
    await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(await world.all('datauploads.velero.io')).toHaveLength(1);
  });
});
