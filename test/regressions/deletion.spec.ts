/** Faults of deletion that Velero's development branch has fixed since 1.18, by the number of the pull request. */
import { describe, expect, it } from 'vitest';
import { encodePodVolumeBackups, encodeVolumeSnapshots } from '../../src/archive/sidecars.js';
import type { BackupOfVolumes } from '../../src/controllers/ports.js';
import { shop } from '../builders.js';
import { ask, deleteBackup, errorsOf, gone } from '../scenarios/deleting.js';
import { NAMESPACE } from '../scenarios/life.js';
import { createRunningWorld, type World } from '../scenarios/world.js';

const SPEC = { includedNamespaces: ['shop'] };

const withBackups = async (...names: readonly string[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  for (const name of names) await world.backup(name, SPEC);
  return world;
};

describe('9993: volume data that cannot be deleted is not left behind in silence:', () => {
  it('snapshots and copies that the files tell of keep the backup, and each is named', async () => {
    const world = await withBackups('b1');
    await world.store.put(
      world.layout.volumeSnapshots('b1'),
      await encodeVolumeSnapshots([
        {
          spec: {
            backupName: 'b1',
            backupUID: 'u',
            location: 'disks',
            persistentVolumeName: 'pv-1',
            providerVolumeID: 'vol-1',
            volumeType: 'ssd',
          },
          status: { phase: 'Completed', providerSnapshotID: 'snap-1' },
        },
      ]),
    );
    await world.store.put(
      world.layout.podVolumeBackups('b1'),
      await encodePodVolumeBackups([{ metadata: { name: 'b1-copy' }, status: { snapshotID: 'copy-1' } }]),
    );
    await ask(world, 'b1');
    expect(await errorsOf(world)).toEqual([
      expect.stringContaining('snapshot snap-1 of volume pv-1 stays: ') as string,
      expect.stringContaining('file-system copy b1-copy (copy-1)') as string,
    ]);
    expect(await world.keys()).toContain(world.layout.volumeSnapshots('b1'));
    expect(await world.find('backups.velero.io', 'b1', NAMESPACE)).toBeDefined();
  });
});

describe('9791: whose volume data it is goes by the uid and not by a shortened name:', () => {
  const stem = 'n'.repeat(70);

  it('the deletion is told the whole name and the uid of the very backup', async () => {
    const names = [`${stem}-one`, `${stem}-two`];
    const world = await withBackups(...names);
    const asked: BackupOfVolumes[] = [];
    await world.restart({
      deleteBackupVolumes: (backup) => {
        asked.push(backup);
        return Promise.resolve([]);
      },
    });
    const uid = (await world.find('backups.velero.io', `${stem}-two`, NAMESPACE))?.metadata.uid;
    await deleteBackup(world, `${stem}-two`);
    expect(asked.map((one) => [one.name, one.uid])).toEqual([[`${stem}-two`, uid]]);
  });

  it('a copy of another backup, which bears the same name in its label, does not count', async () => {
    const world = await withBackups('b1');
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'PodVolumeBackup',
      metadata: {
        name: 'copy',
        namespace: NAMESPACE,
        labels: { 'velero.io/backup-name': 'b1', 'velero.io/backup-uid': 'of-another' },
      },
      spec: {
        backupStorageLocation: 'default',
        node: 'n1',
        pod: { kind: 'Pod', name: 'p', namespace: 'shop' },
        repoIdentifier: '',
        volume: 'data',
      },
      status: { phase: 'Completed', snapshotID: 'copy-1' },
    });
    await ask(world, 'b1');
    await gone(world, 'Backup', 'b1');
    expect(await world.keys()).toEqual([]);
  });
});
