import { decodeBackupMetadata, encodeBackupMetadata } from '../../archive/sidecars.js';
import type { Backup } from '../../domain/velero.gen.js';
import type { BackupRow } from '../../projections/backups.js';
import type { BackupSession } from './session.js';
import { desiredBackup } from '../mirror.js';
import { sealSnapshots } from './snapshots.js';
import { openNamedLocation } from '../location/named-location.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { readObject } from '../stored-object.js';

/** By these a later reader knows whose mark it is: the attempt and the hash of the contents it stands for. */
export const ATTEMPT_ANNOTATION = 'lifeboat.io/attempt';
export const CONTENTS_ANNOTATION = 'lifeboat.io/contents-sha256';

/** The mark is in the bucket, with this time of completion; or the name belongs to somebody else. */
export type Committed = { readonly at: string } | { readonly reason: string };

const finalBackup = (resource: Backup, row: BackupRow, at: string): Backup => {
  const ended: BackupRow = {
    ...row,
    phase: row.errors > 0 ? 'PartiallyFailed' : 'Completed',
    completedAt: at,
  };
  const { status } = desiredBackup(ended, undefined);
  const kept = Object.fromEntries(
    Object.entries({ ...resource.status, ...status }).filter(([, value]) => value !== null),
  );
  return {
    ...resource,
    metadata: {
      ...resource.metadata,
      labels: { ...resource.metadata.labels, ...row.labels },
      annotations: {
        ...resource.metadata.annotations,
        ...row.annotations,
        [ATTEMPT_ANNOTATION]: String(row.attempts),
        [CONTENTS_ANNOTATION]: row.sha256 ?? '',
      },
    },
    spec: row.spec,
    status: kept,
  };
};

const readMark = async (
  { store, layout }: OpenedLocation,
  name: string,
  signal: AbortSignal,
): Promise<Backup | undefined> => {
  const key = layout.backupMetadata(name);
  const bytes = await readObject(store, key, signal);
  return bytes && decodeBackupMetadata(bytes, key);
};

/**
 * Puts `velero-backup.json`, the mark without which there is no backup, as the last file. If the process died between the
 * mark and the fact, the mark is found here again and its time is taken over, so that bucket and stream agree.
 */
export const commitBackup = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<Committed> => {
  const { row, resource, key } = session;
  if (!row || !resource) return { reason: 'the Backup resource was deleted before the backup had ended' };
  const location = await openNamedLocation(ports, row.spec.storageLocation ?? '', signal);
  try {
    // The location may have been pointed elsewhere meanwhile: a mark there would stand for contents that lie here.
    const contents = await location.store.head(location.layout.backupContents(key.name), signal);
    if (!contents)
      return {
        reason: `the contents are not in the storage location "${row.spec.storageLocation ?? ''}" any more; was it changed while the backup ran?`,
      };
    await sealSnapshots(ports, session, location, signal);
    const at = session.now();
    const body = encodeBackupMetadata(finalBackup(resource, row, at));
    const answer = await location.store.put(location.layout.backupMetadata(key.name), body, {
      ifAbsent: true,
      signal,
    });
    if (answer === 'stored') return { at };
    const mark = await readMark(location, key.name, signal);
    const annotations = mark?.metadata.annotations;
    const ours = mark?.metadata.uid === row.uid && annotations?.[CONTENTS_ANNOTATION] === row.sha256;
    if (ours && annotations?.[ATTEMPT_ANNOTATION] === String(row.attempts))
      return { at: mark.status?.completionTimestamp ?? at };
    return {
      reason: `another backup "${key.name}" appeared in object storage while this one ran; choose another name`,
    };
  } finally {
    location.store.close();
  }
};
