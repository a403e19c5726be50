import { describe, expect, it } from 'vitest';
import { withNativeVolumes } from '../../../../src/domain/volumes/native-snapshot-files.js';

const volume = (name: string) => ({
  metadata: { name },
  spec: { persistentVolumeReclaimPolicy: 'Delete', claimRef: { namespace: 'shop', name: 'db' } },
});
const taken = {
  volume: 'pv-1',
  location: 'default',
  volumeId: 'vol-1',
  snapshotId: 'snap-1',
  type: 'gp2',
  zone: '',
};
const skipped = { reason: 'nobody asked', wanted: false };
const bySnapshot = { pvName: 'pv-1', skipped: false };
const passedOver = { pvName: 'pv-1', skipped: true, skippedReason: 'csiSnapshot: not of a driver;' };

describe('The file about volumes', () => {
  it('has a volume once: taken by its provider, it is not skipped by another way', () => {
    expect(withNativeVolumes([passedOver], [{ volume: volume('pv-1'), taken }])).toEqual([
      expect.objectContaining({ pvName: 'pv-1', backupMethod: 'NativeSnapshot', skipped: false }),
    ]);
  });

  it('says of one that another way took nothing else', () => {
    expect(withNativeVolumes([bySnapshot], [{ volume: volume('pv-1'), skipped }])).toEqual([bySnapshot]);
  });

  it('has the reasons of all ways that skipped it, in the order of their names', () => {
    expect(withNativeVolumes([passedOver], [{ volume: volume('pv-1'), skipped }])).toEqual([
      { ...passedOver, skippedReason: 'csiSnapshot: not of a driver;volumeSnapshot: nobody asked;' },
    ]);
  });

  it('has those that nothing else knows', () => {
    expect(withNativeVolumes([bySnapshot], [{ volume: volume('pv-2'), skipped }])).toEqual([
      expect.objectContaining({ pvcNamespace: 'shop', pvcName: 'db', pvName: 'pv-2', skipped: true }),
      bySnapshot,
    ]);
  });
});
