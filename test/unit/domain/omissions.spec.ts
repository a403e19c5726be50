import { describe, expect, it } from 'vitest';
import { backupOmissions, restoreOmissions } from '../../../src/domain/omissions.js';

describe('a backup says what it leaves out', () => {
  it('nothing, where nothing is left out', () => {
    expect(backupOmissions({}, { volumes: 0 })).toEqual([]);
  });

  it('the data of volumes, with how many there are', () => {
    expect(backupOmissions({}, { volumes: 3 })).toEqual([
      expect.stringContaining('data of 3 persistent volumes'),
    ]);
  });

  it('no word about data that nobody wants', () => {
    expect(backupOmissions({ snapshotVolumes: false }, { volumes: 3 })).toEqual([]);
    expect(
      backupOmissions({ snapshotVolumes: false, defaultVolumesToFsBackup: true }, { volumes: 3 }),
    ).toHaveLength(1);
  });
});

describe('a restore says what it leaves out', () => {
  it.each([
    ['nothing', {}, 0],
    ['the status of objects', { restoreStatus: {} }, 1],
  ])('%s', (_what, spec, count) => {
    expect(restoreOmissions(spec)).toHaveLength(count);
  });
});
