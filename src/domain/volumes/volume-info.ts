import { labelsOf, nameOf, type Labels } from '../item.js';
import { textAt, type JsonObject } from '../json.js';
import { moveEntry, moveOperation, type HandedOver } from './move-info.js';
import { SNAPSHOT_CONTENTS, SNAPSHOT_GROUP, VOLUME_SNAPSHOTS, type CutSnapshot } from './snapshot-objects.js';

/** A claim that a backup met, its volume, and what became of the volume's data. */
export interface MetVolume {
  readonly claim: { readonly namespace: string; readonly name: string };
  /** The PersistentVolume. */
  readonly volume?: JsonObject | undefined;
  readonly cut?: CutSnapshot;
  /** There where the data of the snapshot is moved into the bucket; `cut` is absent then. */
  readonly move?: HandedOver;
  readonly skipped?: { readonly reason: string; readonly wanted: boolean };
}

/** How a snapshot stands in the files of a backup. */
export type SnapshotStanding =
  | { readonly is: 'waiting' }
  /** Times are RFC 3339. */
  | { readonly is: 'ready'; readonly at: string }
  | { readonly is: 'failed'; readonly at: string; readonly reason: string };

interface VolumeIdentity {
  readonly pvcName: string;
  readonly pvcNamespace: string;
  readonly pvName: string;
}

const identityOf = ({ claim }: MetVolume, volume: JsonObject): VolumeIdentity => ({
  pvcName: claim.name,
  pvcNamespace: claim.namespace,
  pvName: nameOf(volume),
});

export const volumeFacts = (volume: JsonObject): { reclaimPolicy: string; labels: Labels | null } => {
  const labels = labelsOf(volume);
  return {
    reclaimPolicy: textAt(volume, 'spec', 'persistentVolumeReclaimPolicy'),
    labels: Object.keys(labels).length > 0 ? labels : null,
  };
};

/** What a standing changes in an entry of a snapshot: new fields, in the place they have in the file. */
const resultOf = (standing: SnapshotStanding) => {
  if (standing.is === 'waiting') return {};
  const result: 'succeeded' | 'failed' = standing.is === 'ready' ? 'succeeded' : 'failed';
  return { completionTimestamp: standing.at, result };
};

/** Names the wait for one snapshot (`pkg/backup/actions/csi/volumesnapshot_action.go`). */
const operationOf = (namespace: string, cut: CutSnapshot, startedAt: string): string =>
  `${namespace}/${cut.name}/${startedAt}`;

const snapshotEntry = (
  met: MetVolume,
  volume: JsonObject,
  cut: CutSnapshot,
  { startedAt, standing }: { readonly startedAt: string; readonly standing: SnapshotStanding },
) => ({
  ...identityOf(met, volume),
  backupMethod: 'CSISnapshot' as const,
  snapshotDataMoved: false,
  preserveLocalSnapshot: true,
  skipped: false,
  startTimestamp: cut.cutAt ?? startedAt,
  ...resultOf(standing),
  csiSnapshotInfo: {
    snapshotHandle: cut.handle,
    size: cut.restoreSize ?? 0,
    driver: cut.driver,
    vscName: cut.content,
    operationID: operationOf(met.claim.namespace, cut, startedAt),
    ...(cut.group !== undefined && { volumeGroupSnapshotHandle: cut.group }),
    ReadyToUse: standing.is === 'ready',
  },
  pvInfo: volumeFacts(volume),
});

const skippedEntry = (met: MetVolume, volume: JsonObject, reason: string) => ({
  ...identityOf(met, volume),
  snapshotDataMoved: false,
  preserveLocalSnapshot: false,
  skipped: true,
  skippedReason: `csiSnapshot: ${reason};`,
  pvInfo: volumeFacts(volume),
});

const standingOfCut = (cut: CutSnapshot, startedAt: string): SnapshotStanding =>
  cut.ready ? { is: 'ready', at: startedAt } : { is: 'waiting' };

const entryOf = (met: MetVolume, startedAt: string) => {
  const { volume, cut, move, skipped } = met;
  if (!volume) return undefined;
  if (move) return { ...identityOf(met, volume), ...moveEntry(move), pvInfo: volumeFacts(volume) };
  if (!cut) return skippedEntry(met, volume, skipped?.reason ?? '');
  return snapshotEntry(met, volume, cut, { startedAt, standing: standingOfCut(cut, startedAt) });
};

/** Entries of `<backup>-volumeinfo.json.gz` (`internal/volume/volumes_information.go`). */
export const volumeInfoOf = (volumes: readonly MetVolume[], startedAt: string) =>
  volumes.map((met) => entryOf(met, startedAt)).filter((entry) => entry !== undefined);

const statusOf = (standing: SnapshotStanding, created: string) => {
  switch (standing.is) {
    case 'waiting':
      return { phase: 'InProgress' as const, created, started: created, updated: created };
    case 'ready':
      return { phase: 'Completed' as const, created, started: created, updated: standing.at };
    case 'failed':
      return {
        phase: 'Failed' as const,
        error: standing.reason,
        created,
        started: created,
        updated: standing.at,
      };
  }
};

const identifier = (groupResource: string, Namespace: string, Name: string) => ({
  Group: SNAPSHOT_GROUP,
  Resource: groupResource.slice(0, groupResource.indexOf('.')),
  Namespace,
  Name,
});

/** Entries of `<backup>-itemoperations.json.gz`: one for each snapshot, since that may have to be waited for. */
export const snapshotOperations = (
  volumes: readonly MetVolume[],
  backup: { readonly name: string; readonly uid: string },
  startedAt: string,
) =>
  volumes.flatMap(({ claim, cut }) => {
    if (!cut) return [];
    const snapshot = identifier(VOLUME_SNAPSHOTS, claim.namespace, cut.name);
    return [
      {
        spec: {
          backupName: backup.name,
          backupUID: backup.uid,
          backupItemAction: 'velero.io/csi-volumesnapshot-backupper',
          resourceIdentifier: snapshot,
          operationID: operationOf(claim.namespace, cut, startedAt),
          postOperationItems: [snapshot, identifier(SNAPSHOT_CONTENTS, '', cut.content)],
        },
        status: statusOf(standingOfCut(cut, startedAt), startedAt),
      },
    ];
  });

/** Entries of the same file: one for each move of a snapshot's data. */
export const moveOperations = (
  volumes: readonly MetVolume[],
  backup: { readonly name: string; readonly uid: string },
  startedAt: string,
) => volumes.flatMap(({ claim, move }) => (move ? [moveOperation(move, claim, backup, startedAt)] : []));

/** The entry with what became of its snapshot in the end. */
export const settledVolumeInfo = <T extends { readonly csiSnapshotInfo?: object }>(
  entry: T,
  standing: SnapshotStanding,
): T => ({
  ...entry,
  ...resultOf(standing),
  ...(entry.csiSnapshotInfo && {
    csiSnapshotInfo: { ...entry.csiSnapshotInfo, ReadyToUse: standing.is === 'ready' },
  }),
});

export const settledOperation = <T extends { readonly status: { readonly created?: string } }>(
  operation: T,
  standing: SnapshotStanding,
): T => ({ ...operation, status: statusOf(standing, operation.status.created ?? '') });

/** Volumes whose data somebody wants and nobody took, beside those of failed snapshots, which are errors. */
export const volumesWithoutData = (
  archived: readonly string[],
  volumes: readonly MetVolume[],
  settledElsewhere: ReadonlySet<string> = new Set(),
): readonly string[] => {
  const settled = new Set(
    volumes
      .filter(
        ({ cut, move, skipped }) => cut !== undefined || move !== undefined || skipped?.wanted === false,
      )
      .map(({ volume }) => (volume ? nameOf(volume) : '')),
  );
  return archived.filter((name) => !settled.has(name) && !settledElsewhere.has(name));
};
