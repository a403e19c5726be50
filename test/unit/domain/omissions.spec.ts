import { describe, expect, it } from 'vitest';
import { backupOmissions } from '../../../src/domain/omissions.js';

describe('a backup says what it leaves out', () => {
  it('nothing, where nothing is left out', () => {
    expect(backupOmissions({}, 0)).toEqual([]);
  });

  it('the data of volumes, with how many there are', () => {
    expect(backupOmissions({}, 3)).toEqual([expect.stringContaining('data of 3 persistent volumes')]);
  });

  it('no word about data that nobody wants', () => {
    expect(backupOmissions({ snapshotVolumes: false }, 3)).toEqual([]);
    expect(backupOmissions({ snapshotVolumes: false, defaultVolumesToFsBackup: true }, 3)).toHaveLength(1);
  });
});
