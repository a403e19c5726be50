import { describe, expect, it } from 'vitest';
import { backupOmissions } from '../../../src/domain/omissions.js';

describe('a backup says what it leaves out', () => {
  it('nothing, where nothing is left out', () => {
    expect(backupOmissions({}, { volumes: 0, snapshots: 2 })).toEqual([]);
  });

  it('the data of volumes, with how many there are', () => {
    expect(backupOmissions({}, { volumes: 3, snapshots: 0 })).toEqual([
      expect.stringContaining('data of 3 persistent volumes'),
    ]);
  });

  it('no word about data that nobody wants', () => {
    expect(backupOmissions({ snapshotVolumes: false }, { volumes: 3, snapshots: 0 })).toEqual([]);
    expect(
      backupOmissions(
        { snapshotVolumes: false, defaultVolumesToFsBackup: true },
        { volumes: 3, snapshots: 0 },
      ),
    ).toHaveLength(1);
  });

  it('the moving of snapshots that somebody asked for', () => {
    expect(backupOmissions({ snapshotMoveData: true }, { volumes: 0, snapshots: 2 })).toEqual([
      expect.stringContaining('data of 2 snapshots was not moved'),
    ]);
    expect(backupOmissions({ snapshotMoveData: true }, { volumes: 0, snapshots: 0 })).toEqual([]);
  });
});
