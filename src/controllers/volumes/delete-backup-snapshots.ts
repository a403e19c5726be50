import type { ScannedArchive } from '../../archive/scanned-archive.js';
import type { Cluster } from '../../cluster/port.js';
import { annotationsOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { SNAPSHOT_CONTENTS } from '../../domain/volumes/snapshot-objects.js';
import { groupHandleOf } from '../../domain/volumes/snapshot-group.js';
import { deletePhysicalSnapshots, type PhysicalSnapshot } from './delete-physical.js';
import { groupSnapshotKindsOf, snapshotKindsOf } from './snapshot-kinds.js';

const WAIT_MS = 120_000;

/** The physical snapshot behind a VolumeSnapshotContent; undefined for one that was never cut. */
export const physicalSnapshotOf = (content: unknown): PhysicalSnapshot | undefined => {
  const handle = textAt(content, 'status', 'snapshotHandle');
  const driver = textAt(content, 'spec', 'driver');
  const group = groupHandleOf(content);
  return handle === '' || driver === ''
    ? undefined
    : { driver, handle, annotations: annotationsOf(content as JsonObject), ...(group !== '' && { group }) };
};

/** Those of the VolumeSnapshotContents in an archive. Faults are those of the archive. */
export const snapshotsInArchive = async (
  archive: Pick<ScannedArchive, 'resources' | 'readMany'>,
  signal: AbortSignal,
): Promise<readonly PhysicalSnapshot[]> => {
  const items = archive.resources.get(SNAPSHOT_CONTENTS)?.items ?? [];
  const found: PhysicalSnapshot[] = [];
  for await (const { json } of archive.readMany(items, signal)) {
    const snapshot = physicalSnapshotOf(JSON.parse(json.toString('utf8')) as JsonObject);
    if (snapshot) found.push(snapshot);
  }
  return found;
};

/**
 * Deletes the physical snapshots that a backup holds, whoever made the backup. Part of the deletion of a backup, to be called before
 * its files go. Safe to repeat. Answers a sentence for each snapshot that is still there. Faults are those of `Cluster`.
 */
export const deleteBackupSnapshots = async (
  { cluster, namespace }: { readonly cluster: Cluster; readonly namespace: string },
  snapshots: readonly PhysicalSnapshot[],
  signal: AbortSignal,
): Promise<readonly string[]> => {
  if (snapshots.length === 0) return [];
  const { resources } = await cluster.discover(signal);
  const kinds = snapshotKindsOf(resources);
  if (!kinds)
    return [
      `the cluster takes no CSI snapshots, so that the ${snapshots.length} snapshots of the backup stay`,
    ];
  const groupKinds = groupSnapshotKindsOf(resources);
  return deletePhysicalSnapshots(
    { cluster, kinds, groupKinds, namespace, timeoutMs: WAIT_MS, signal },
    snapshots,
  );
};
