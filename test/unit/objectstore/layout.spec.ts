import { describe, expect, it } from 'vitest';
import type { DownloadTargetKind } from '../../../src/domain/velero.gen.js';
import { createLayout, KNOWN_TOP_LEVEL } from '../../../src/objectstore/layout.js';

describe('the bucket layout', () => {
  const layout = createLayout('pre/fix');

  it.each([
    [layout.rootPrefix, 'pre/fix/'],
    [layout.backupsDir(), 'pre/fix/backups/'],
    [layout.backupDir('b'), 'pre/fix/backups/b/'],
    [layout.backupMetadata('b'), 'pre/fix/backups/b/velero-backup.json'],
    [layout.backupContents('b'), 'pre/fix/backups/b/b.tar.gz'],
    [layout.backupLog('b'), 'pre/fix/backups/b/b-logs.gz'],
    [layout.backupResults('b'), 'pre/fix/backups/b/b-results.gz'],
    [layout.podVolumeBackups('b'), 'pre/fix/backups/b/b-podvolumebackups.json.gz'],
    [layout.volumeSnapshots('b'), 'pre/fix/backups/b/b-volumesnapshots.json.gz'],
    [layout.itemOperations('b'), 'pre/fix/backups/b/b-itemoperations.json.gz'],
    [layout.resourceList('b'), 'pre/fix/backups/b/b-resource-list.json.gz'],
    [layout.volumeInfo('b'), 'pre/fix/backups/b/b-volumeinfo.json.gz'],
    [layout.csiVolumeSnapshots('b'), 'pre/fix/backups/b/b-csi-volumesnapshots.json.gz'],
    [layout.csiVolumeSnapshotContents('b'), 'pre/fix/backups/b/b-csi-volumesnapshotcontents.json.gz'],
    [layout.csiVolumeSnapshotClasses('b'), 'pre/fix/backups/b/b-csi-volumesnapshotclasses.json.gz'],
    [layout.restoresDir(), 'pre/fix/restores/'],
    [layout.restoreDir('r'), 'pre/fix/restores/r/'],
    [layout.restoreLog('r'), 'pre/fix/restores/r/restore-r-logs.gz'],
    [layout.restoreResults('r'), 'pre/fix/restores/r/restore-r-results.gz'],
    [layout.restoreResourceList('r'), 'pre/fix/restores/r/restore-r-resource-list.json.gz'],
    [layout.restoreItemOperations('r'), 'pre/fix/restores/r/restore-r-itemoperations.json.gz'],
    [layout.restoreVolumeInfo('r'), 'pre/fix/restores/r/r-volumeinfo.json.gz'],
    [layout.kopiaRepository('ns'), 'pre/fix/kopia/ns/'],
  ])('has %s where Velero has it', (key, expected) => {
    expect(key).toBe(expected);
  });

  it.each<[DownloadTargetKind, string]>([
    ['BackupLog', 'backups/x/x-logs.gz'],
    ['BackupContents', 'backups/x/x.tar.gz'],
    ['BackupVolumeSnapshots', 'backups/x/x-volumesnapshots.json.gz'],
    ['BackupItemOperations', 'backups/x/x-itemoperations.json.gz'],
    ['BackupResourceList', 'backups/x/x-resource-list.json.gz'],
    ['BackupResults', 'backups/x/x-results.gz'],
    ['CSIBackupVolumeSnapshots', 'backups/x/x-csi-volumesnapshots.json.gz'],
    ['CSIBackupVolumeSnapshotContents', 'backups/x/x-csi-volumesnapshotcontents.json.gz'],
    ['BackupVolumeInfos', 'backups/x/x-volumeinfo.json.gz'],
    ['RestoreLog', 'restores/x/restore-x-logs.gz'],
    ['RestoreResults', 'restores/x/restore-x-results.gz'],
    ['RestoreResourceList', 'restores/x/restore-x-resource-list.json.gz'],
    ['RestoreItemOperations', 'restores/x/restore-x-itemoperations.json.gz'],
    ['RestoreVolumeInfo', 'restores/x/x-volumeinfo.json.gz'],
  ])('answers a DownloadRequest for %s with %s', (kind, expected) => {
    expect(createLayout().download(kind, 'x')).toBe(expected);
  });

  it.each([
    [undefined, ''],
    ['', ''],
    ['/', ''],
    ['///', ''],
    ['pre', 'pre/'],
    ['/pre/', 'pre/'],
    ['//pre/fix//', 'pre/fix/'],
  ])('makes of the prefix %j the root %j', (prefix, root) => {
    expect(createLayout(prefix).rootPrefix).toBe(root);
    expect(createLayout(prefix).backupMetadata('b')).toBe(`${root}backups/b/velero-backup.json`);
  });

  it('finds the name of a backup in a common prefix of a listing', () => {
    expect(layout.nameOf(layout.backupDir('nightly-2026'))).toBe('nightly-2026');
    expect(createLayout().nameOf('backups/')).toBe('backups');
  });

  it('knows the directories that Velero tolerates', () => {
    expect([...KNOWN_TOP_LEVEL].sort()).toEqual([
      'backups',
      'kopia',
      'metadata',
      'plugins',
      'restic',
      'restores',
    ]);
  });
});
