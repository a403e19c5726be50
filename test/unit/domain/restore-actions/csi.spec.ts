import { describe, expect, it } from 'vitest';
import {
  csiClaimAction,
  csiContentAction,
  csiSnapshotAction,
} from '../../../../src/domain/restore-actions/csi.js';

const snapshots = { nameOf: (name: string) => `new-${name}` };
const claim = {
  metadata: { name: 'db', namespace: 'shop', annotations: { 'velero.io/volume-snapshot-name': 'snap' } },
  spec: { volumeName: 'pv-1', storageClassName: 'fast' },
};
const content = {
  metadata: { name: 'snapcontent-1' },
  spec: {
    driver: 'disk.example',
    deletionPolicy: 'Delete',
    source: { volumeHandle: 'disk-1' },
    volumeSnapshotClassName: 'old',
    volumeSnapshotRef: { name: 'snap', namespace: 'shop', uid: 'u1', resourceVersion: '7' },
  },
  status: { snapshotHandle: 'h1' },
};

describe('On restore,', () => {
  const restoreClaim = (more: object = {}, restore = {}) =>
    csiClaimAction.execute({ object: claim, archived: claim, restore, snapshots: { ...snapshots, ...more } });

  it('a claim with a snapshot is made of it and no longer names its volume', () => {
    expect(restoreClaim()).toEqual({
      object: {
        ...claim,
        spec: {
          storageClassName: 'fast',
          dataSource: { apiGroup: 'snapshot.storage.k8s.io', kind: 'VolumeSnapshot', name: 'new-snap' },
        },
      },
      additional: [
        { groupResource: 'volumesnapshots.snapshot.storage.k8s.io', namespace: 'shop', name: 'snap' },
      ],
    });
  });

  it('a claim that is there already stays as it is', () => {
    expect(restoreClaim({ claimExists: true })).toEqual({});
  });

  it('a claim that names an upload of another backup stays as it is, also with restorePVs false', () => {
    const annotations = { ...claim.metadata.annotations, 'velero.io/data-upload-name': 'velero/older' };
    const stale = { ...claim, metadata: { ...claim.metadata, annotations } };
    for (const restore of [{}, { restorePVs: true }, { restorePVs: false }])
      expect(csiClaimAction.execute({ object: stale, archived: stale, restore, snapshots })).toEqual({});
  });

  it('a claim that names an upload of another backup gets the snapshot that this one holds', () => {
    const annotations = { ...claim.metadata.annotations, 'velero.io/data-upload-name': 'velero/older' };
    const stale = { ...claim, metadata: { ...claim.metadata, annotations } };
    const found = { ...snapshots, snapshotted: true };
    expect(
      csiClaimAction.execute({ object: stale, archived: stale, restore: {}, snapshots: found }).object,
    ).toMatchObject({ spec: { dataSource: { kind: 'VolumeSnapshot' } } });
  });

  it('a claim whose moved data cannot be found is an error; with restorePVs false it comes empty', () => {
    const move = { problem: 'the backup does not hold its DataUpload' };
    expect(restoreClaim({ move })).toEqual({ error: move.problem });
    expect(restoreClaim({ move }, { restorePVs: false })).toEqual({
      object: { ...claim, spec: { storageClassName: 'fast' } },
    });
  });

  it('a claim whose snapshot failed is an error that says the way out; with restorePVs false it comes empty', () => {
    expect(restoreClaim({ failed: true }).error).toContain('restorePVs: false');
    expect(restoreClaim({ failed: true }, { restorePVs: false })).toEqual({
      object: { ...claim, spec: { storageClassName: 'fast' } },
    });
  });

  it('a VolumeSnapshot gets the name of this restore, and a content of that name', () => {
    const archived = {
      metadata: { name: 'snap', namespace: 'shop' },
      spec: { source: { persistentVolumeClaimName: 'db' }, volumeSnapshotClassName: 'fast' },
      status: { boundVolumeSnapshotContentName: 'snapcontent-1' },
    };
    const result = csiSnapshotAction.execute({ object: archived, archived, restore: {}, snapshots });
    expect(result).toMatchObject({
      object: { metadata: { name: 'new-snap' }, spec: { source: { volumeSnapshotContentName: 'new-snap' } } },
      additional: [{ name: 'snapcontent-1' }],
    });
    expect(result.object?.['spec']).not.toHaveProperty('volumeSnapshotClassName');
  });

  it('a content takes the physical snapshot up by its handle, never deletes it, and follows its namespace', () => {
    const restore = { namespaceMapping: { shop: 'copy' } };
    expect(
      csiContentAction.execute({ object: content, archived: content, restore, snapshots }).object,
    ).toMatchObject({
      metadata: { name: 'new-snap' },
      spec: {
        driver: 'disk.example',
        deletionPolicy: 'Retain',
        source: { snapshotHandle: 'h1' },
        volumeSnapshotRef: { name: 'new-snap', namespace: 'copy' },
      },
    });
  });

  it('a content without a handle is an error', () => {
    const { status: _none, ...archived } = content;
    expect(csiContentAction.execute({ object: archived, archived, restore: {}, snapshots }).error).toContain(
      'snapshotHandle',
    );
  });
});
