import { snapshotsOf } from '../../domain/backup-facts.js';
import { waitingMoves, type VolumeMove } from '../../domain/volumes/backup-moves.js';
import { endOfUpload } from '../../domain/volumes/data-upload.js';
import { operationLimitMs } from '../operation-limit.js';
import type { ControllerPorts } from '../ports.js';
import { endOfMove } from '../volumes/awaited-move.js';
import { discardSnapshot } from '../volumes/remove-snapshot.js';
import { snapshotKindsOf } from '../volumes/snapshot-kinds.js';
import type { BackupSession } from './session.js';

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
  const limitMs = operationLimitMs(session.row?.spec, ports.config);
  for (const move of waitingMoves(snapshotsOf(session.state).moves)) {
    const { upload: name, since } = move;
    const end = await endOfMove(ports, { kind: 'DataUpload', name, since, limitMs }, endOfUpload, signal);
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
