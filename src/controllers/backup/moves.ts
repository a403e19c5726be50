import { snapshotsOf } from '../../domain/backup-facts.js';
import { parseGoDuration } from '../../domain/go-duration.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import { hasMoveEnded } from '../../domain/phases.js';
import { waitingMoves, type VolumeMove } from '../../domain/volumes/backup-moves.js';
import { endOfUpload, OPERATION_TIMED_OUT } from '../../domain/volumes/data-upload.js';
import type { ControllerPorts } from '../ports.js';
import { discardSnapshot } from '../volumes/remove-snapshot.js';
import { snapshotKindsOf } from '../volumes/snapshot-kinds.js';
import type { BackupSession } from './session.js';

type End = NonNullable<ReturnType<typeof endOfUpload>>;

/** The limit for each operation of a backup, in milliseconds. */
const limitOf = ({ config }: ControllerPorts, { row }: BackupSession): number =>
  parseGoDuration(row?.spec.itemOperationTimeout ?? '') || config.itemOperationTimeout;

const cancelUpload = ({ resources }: ControllerPorts, name: string, signal: AbortSignal) =>
  resources.patch('DataUpload', name, { spec: { cancel: true } }, signal);

const lookAt = async (
  ports: ControllerPorts,
  session: BackupSession,
  { upload, since }: VolumeMove,
  signal: AbortSignal,
): Promise<End | undefined> => {
  const found = await ports.resources.read('DataUpload', upload, signal);
  if (!found) return { is: 'failed', reason: `DataUpload ${upload} was deleted before it had ended` };
  const end = endOfUpload(found);
  if (end) return end;
  if (ports.clock().getTime() - Date.parse(since) <= limitOf(ports, session)) return undefined;
  await cancelUpload(ports, upload, signal);
  return { is: 'failed', reason: `${OPERATION_TIMED_OUT} (itemOperationTimeout)` };
};

/** Whoever moved the data takes the snapshot away; one that is still there was not needed, or its mover has failed. */
const discardLeft = async (
  { cluster }: ControllerPorts,
  { namespace, snapshot }: VolumeMove,
  signal: AbortSignal,
): Promise<void> => {
  const kinds = snapshotKindsOf((await cluster.discover(signal)).resources);
  if (kinds) await discardSnapshot({ cluster, kinds, signal }, { namespace, name: snapshot });
};

/**
 * Looks at the moves that are awaited and writes down which have ended: what is left of the snapshot goes, then the fact. True if none is
 * awaited any more. One that takes longer than `itemOperationTimeout` is cancelled and has failed.
 */
export const settleMoves = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<boolean> => {
  const attempt = 'attempt' in session.state ? session.state.attempt : 0;
  for (const move of waitingMoves(snapshotsOf(session.state).moves)) {
    const end = await lookAt(ports, session, move, signal);
    if (!end) continue;
    await discardLeft(ports, move, signal);
    const { namespace, claim } = move;
    const about = { attempt, claim: { namespace, claim }, now: session.now() };
    if (end.is === 'failed') await session.send({ type: 'FailMove', ...about, reason: end.reason });
    else {
      const { snapshotId, bytes, incrementalBytes } = end;
      await session.send({ type: 'RecordMove', ...about, snapshotId, bytes, incrementalBytes });
    }
  }
  return waitingMoves(snapshotsOf(session.state).moves).length === 0;
};

/**
 * Tells the movers of a backup that nobody waits for them any more: also those no fact knows, by the label they bear. Repeating it is
 * harmless. A mover takes away what it has made; the snapshots themselves are the caller's.
 */
export const cancelMoves = async (
  ports: ControllerPorts,
  backupUid: string,
  signal: AbortSignal,
): Promise<void> => {
  const uploads = await ports.resources.list('DataUpload', signal);
  for (const { metadata, spec, status } of uploads)
    if (
      metadata.labels?.[BACKUP_UID_LABEL] === backupUid &&
      !hasMoveEnded(status?.phase) &&
      spec?.cancel !== true
    )
      await cancelUpload(ports, metadata.name, signal);
};
