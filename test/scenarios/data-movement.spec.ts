import { describe, expect, it } from 'vitest';
import { CLAIMS } from '../../src/domain/known-kinds.js';
import type { KubeObject } from '../builders.js';
import type { MoverConduct } from './data-mover.js';
import { isWaiting as waiting, MOVING, nothingLeft, stageMove as stage } from './moving.js';
import { soon, type World } from './world.js';

const archived = async (world: World, path: string): Promise<KubeObject> =>
  JSON.parse((await world.archive('b1')).get(path) ?? '{}') as KubeObject;

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

describe('A restore of data that was moved into the bucket', () => {
  const gone = async (world: World): Promise<void> => {
    for (const { metadata } of await world.all('persistentvolumeclaims', 'shop'))
      await world.remove('persistentvolumeclaims', metadata.name, 'shop');
    for (const { metadata } of await world.all('persistentvolumes'))
      await world.remove('persistentvolumes', metadata.name);
    await world.remove('namespaces', 'shop');
  };
  /** A backup is there, and what it is of is not; `conduct` is how the mover treats the restore. */
  const backedUp = async (claims: readonly string[], conduct: () => MoverConduct = () => 'done') => {
    let how: () => MoverConduct = () => 'done';
    const staged = await stage(claims, () => how());
    expect((await staged.world.backup('b1', MOVING)).status?.phase).toBe('Completed');
    await gone(staged.world);
    how = conduct;
    return staged;
  };
  const claimOf = (world: World, namespace: string) => world.find('persistentvolumeclaims', 'db', namespace);

  it('behaviour 99: asks for one download a claim, waits, and the volume is as it was, in another namespace too', async () => {
    const { world, mover } = await backedUp(['db', 'wal'], () => 'held');
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    await mover.holds(2);
    const begun = await world.until('Restore', 'r1', waiting);
    expect(begun.status).toMatchObject({ restoreItemOperationsAttempted: 2 });
    const held = await claimOf(world, 'copy');
    expect(held?.['spec']).toMatchObject({
      selector: {
        matchLabels: {
          'velero.io/dynamic-pv-restore': expect.stringMatching(/^copy\.db\.[0-9a-f]{8}$/) as string,
        },
      },
    });
    expect(held?.['spec']).not.toHaveProperty('volumeName');
    const downloads = await world.all('datadownloads.velero.io');
    const byClaim = ['db', 'wal'].map((pvc) =>
      downloads.find((one) => JSON.stringify(one).includes(`"pvc":"${pvc}"`)),
    );
    expect(byClaim).toMatchObject([
      {
        metadata: { labels: { 'velero.io/restore-name': 'r1' }, ownerReferences: [{ kind: 'Restore' }] },
        spec: {
          targetVolume: { namespace: 'copy', pvc: 'db', pv: '' },
          snapshotID: 'copy-of-db',
          snapshotSize: 100,
          sourceNamespace: 'shop',
          backupStorageLocation: 'default',
          operationTimeout: '10m0s',
        },
      },
      { spec: { snapshotID: 'copy-of-wal' } },
    ]);
    await mover.release();
    const restore = await world.ended('Restore', 'r1');
    expect(restore.status).toMatchObject({ phase: 'Completed', restoreItemOperationsCompleted: 2 });
    expect(restore.status).not.toHaveProperty('warnings');
    expect((await world.find('persistentvolumes', 'filled-db'))?.metadata.labels).toEqual({ zone: 'a' });
    expect(await world.json(world.layout.restoreItemOperations('r1'))).toMatchObject([
      { status: { phase: 'Completed', nCompleted: 100, nTotal: 100, operationUnits: 'Bytes' } },
      { status: { phase: 'Completed' } },
    ]);
    expect(await world.json(world.layout.restoreVolumeInfo('r1'))).toContainEqual({
      pvcName: 'db',
      pvcNamespace: 'copy',
      pvName: 'filled-db',
      restoreMethod: 'CSISnapshot',
      snapshotDataMoved: true,
      snapshotDataMovementInfo: expect.objectContaining({ snapshotHandle: 'copy-of-db' }) as object,
    });
  });

  it('does not bring the uploads back, nor the namespace they were in', async () => {
    const { world } = await backedUp(['db']);
    const before = await world.all('datauploads.velero.io');
    await world.restore('r1', { backupName: 'b1', namespaceMapping: { velero: 'elsewhere' } });
    expect(await world.all('datauploads.velero.io')).toEqual(before);
    expect(await world.find('namespaces', 'elsewhere')).toBeUndefined();
    const list = (await world.json(world.layout.restoreResourceList('r1'))) as Record<string, string[]>;
    expect(list['velero.io/v2alpha1/DataUpload']).toMatchObject([
      expect.stringMatching(/\(skipped\)$/) as string,
    ]);
  });

  it('ends PartiallyFailed with the message of a download that fails', async () => {
    const { world } = await backedUp(['db'], () => 'failing');
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({
      phase: 'PartiallyFailed',
      errors: 1,
      restoreItemOperationsFailed: 1,
    });
    expect(await world.story('restore', 'r1')).toContain(
      'The volume of claim shop/db could not be filled from the bucket: the disk is on fire.',
    );
  });

  it('behaviour 101: cancels a download that takes longer than itemOperationTimeout', async () => {
    const { world } = await backedUp(['db'], () => 'absent');
    const restore = await world.restore('r1', { backupName: 'b1', itemOperationTimeout: '1s' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await world.all('datadownloads.velero.io')).toMatchObject([{ spec: { cancel: true } }]);
    expect(await world.json(world.layout.restoreItemOperations('r1'))).toMatchObject([
      { status: { phase: 'Failed', error: 'Asynchronous action timed out (itemOperationTimeout)' } },
    ]);
  });

  it('goes on waiting after the server was restarted, and lets the next restore begin meanwhile', async () => {
    const { world, mover } = await backedUp(['db'], () => 'held');
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await world.until('Restore', 'r1', waiting);
    const other = await world.restore('r2', { backupName: 'b1', includedResources: ['namespaces'] });
    expect(other.status?.phase).toBe('Completed');
    await world.restart();
    await mover.release();
    expect((await world.ended('Restore', 'r1')).status).toMatchObject({ phase: 'Completed' });
    expect(await world.all('datadownloads.velero.io')).toHaveLength(1);
  });

  it('stops its downloads when it is cancelled while it waits', async () => {
    const { world } = await backedUp(['db'], () => 'held');
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await world.until('Restore', 'r1', waiting);
    const patch = { metadata: { annotations: { 'lifeboat.io/cancel': 'true' } } };
    await world.resources.patch('Restore', 'r1', patch, AbortSignal.timeout(5_000));
    expect((await world.ended('Restore', 'r1')).status).toMatchObject({ phase: 'Failed' });
    await expect
      .poll(() => world.all('datadownloads.velero.io'))
      .toMatchObject([{ spec: { cancel: true }, status: { phase: 'Canceled' } }]);
  });

  it('stops its downloads when it is deleted while it waits', async () => {
    const { world } = await backedUp(['db'], () => 'held');
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await world.until('Restore', 'r1', waiting);
    await world.remove('restores.velero.io', 'r1', 'velero');
    await expect
      .poll(() => world.all('datadownloads.velero.io'))
      .toMatchObject([{ status: { phase: 'Canceled' } }]);
    await expect.poll(() => world.find('restores.velero.io', 'r1', 'velero')).toBeUndefined();
  });

  it('says of a claim whose data was not moved that the backup holds none, unless it may come back empty', async () => {
    const staged = await stage(['db'], () => 'failing');
    const { world } = staged;
    await world.backup('b1', MOVING);
    await gone(world);
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(JSON.stringify(await world.json(world.layout.restoreResults('r1')))).toContain(
      'the backup holds no data of this claim: its DataUpload',
    );
    await world.remove('namespaces', 'shop');
    const empty = await world.restore('r2', { backupName: 'b1', restorePVs: false });
    expect(empty.status?.phase).toBe('Completed');
    expect((await claimOf(world, 'shop'))?.['spec']).not.toHaveProperty('selector');
    expect(await world.all('datadownloads.velero.io')).toEqual([]);
  });

  it('is not looked for because of an upload of long ago that a claim still names', async () => {
    const { world } = await stage(['db']);
    const annotations = { 'velero.io/data-upload-name': 'velero/of-long-ago' };
    const ref = { namespace: 'shop', name: 'db' };
    const patch = JSON.stringify({ metadata: { annotations } });
    await world.cluster.patch(CLAIMS, ref, 'merge', patch, { signal: soon() });
    await world.backup('b1', { includedNamespaces: ['shop'], snapshotVolumes: false });
    await gone(world);
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(restore.status).not.toHaveProperty('errors');
    expect(await claimOf(world, 'shop')).toBeDefined();
    expect(await world.all('datadownloads.velero.io')).toEqual([]);
  });

  it('is not looked for where this backup holds a snapshot, whatever upload the claim still names', async () => {
    const { world } = await stage(['db']);
    const annotations = { 'velero.io/data-upload-name': 'velero/of-long-ago' };
    const ref = { namespace: 'shop', name: 'db' };
    const patch = JSON.stringify({ metadata: { annotations } });
    await world.cluster.patch(CLAIMS, ref, 'merge', patch, { signal: soon() });
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await gone(world);
    await world.restore('r1', { backupName: 'b1' });
    expect((await claimOf(world, 'shop'))?.['spec']).toMatchObject({
      dataSource: { kind: 'VolumeSnapshot' },
    });
  });

  it('leaves a claim alone that is there already', async () => {
    const { world } = await stage(['db']);
    await world.backup('b1', MOVING);
    await world.restore('r1', { backupName: 'b1' });
    expect((await claimOf(world, 'shop'))?.['spec']).toMatchObject({ volumeName: 'pv-db' });
    expect(await world.all('datadownloads.velero.io')).toEqual([]);
  });
});
