import { describe, expect, it } from 'vitest';
import { movedClaims } from '../../../../src/domain/volumes/moved-claims.js';

const db = { namespace: 'shop', name: 'db' };
const entry = { pvcNamespace: 'shop', pvcName: 'db', backupMethod: 'CSISnapshot', snapshotDataMoved: true };

describe('The data of a restored claim', () => {
  it('is looked for in the bucket if the backup says that it was moved there, even where the claim names no upload', () => {
    const moved = movedClaims({ entries: [entry], movesData: true });
    expect(moved(db, true)).toBe(true);
    expect(moved(db, false)).toBe(true);
    expect(moved({ namespace: 'other', name: 'db' }, false)).toBe(false);
  });

  it('is not looked for because of an upload of long ago that the claim still names', () => {
    expect(movedClaims({ entries: [], movesData: false })(db, true)).toBe(false);
  });

  it('is not looked for there if the backup says that it lies elsewhere, whatever the claim names', () => {
    const elsewhere = [
      { ...entry, snapshotDataMoved: false },
      { ...entry, backupMethod: 'PodVolumeBackup', snapshotDataMoved: false },
      { pvcNamespace: 'shop', pvcName: 'db' },
    ];
    for (const one of elsewhere)
      expect(movedClaims({ entries: [one], movesData: true })(db, true)).toBe(false);
  });

  it('is looked for where an old backup says nothing of volumes, was asked to move data, and the claim names an upload', () => {
    const moved = movedClaims({ entries: [], movesData: true });
    expect(moved(db, true)).toBe(true);
    expect(moved(db, false)).toBe(false);
  });
});
