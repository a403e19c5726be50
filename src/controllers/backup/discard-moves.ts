import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import type { DataUpload } from '../../domain/velero.gen.js';
import { BUILT_IN_MOVER } from '../../domain/volumes/data-upload.js';
import { isFault, messageOf } from '../../faults.js';
import type { ControllerPorts } from '../ports.js';
import type { BackupSession } from './session.js';

/** What other data movers have copied only they can remove. */
const hasCopyOfOurs = ({ spec, status }: DataUpload): boolean =>
  [undefined, '', BUILT_IN_MOVER].includes(spec?.datamover) &&
  status?.phase === 'Completed' &&
  status.snapshotID !== undefined &&
  status.snapshotID !== '';

/**
 * Removes what the uploads of an attempt that broke off, or of a backup that failed, have copied: the repositories forget, then the
 * uploads go. One that still runs keeps its resource, by which the deletion of the backup finds what it copied; so does one whose copy
 * cannot be forgotten for good. Other faults mean that it is to be tried again.
 */
export const discardMoves = async (
  { resources, repositories, log }: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const uid = 'uid' in session.state ? session.state.uid : '';
  const location = await resources.read(
    'BackupStorageLocation',
    session.row?.spec.storageLocation ?? '',
    signal,
  );
  if (!location?.spec) return; // nobody can reach what lies there
  for (const upload of await resources.list('DataUpload', signal)) {
    const { metadata, spec, status } = upload;
    if (metadata.labels?.[BACKUP_UID_LABEL] !== uid || !hasCopyOfOurs(upload)) continue;
    const place = { location: location.spec, volumeNamespace: spec?.sourceNamespace ?? '' };
    try {
      await repositories.forget(place, [status?.snapshotID ?? ''], signal);
    } catch (error) {
      if (!isFault(error) || error.retriable || signal.aborted) throw error;
      log.warn(
        { stream: session.stream, upload: metadata.name },
        `moved data that no backup holds could not be removed: ${messageOf(error)}`,
      );
      continue;
    }
    await resources.delete('DataUpload', metadata.name, signal);
  }
};
