import type { BackupCommand, BackupEvent, BackupState } from '../../domain/backup-facts.js';
import { backup } from '../../domain/backup.js';
import { snapshottedClaimOf } from '../../domain/volumes/backup-snapshots.js';
import { foldBackup, type BackupRow } from '../../projections/backups.js';
import { desiredBackup } from '../mirror.js';
import type { Operation, Session } from '../session.js';

/** One look at one backup. */
export type BackupSession = Session<'Backup', BackupState, BackupCommand, BackupRow>;

/** Number of the attempt that runs or ran last; 0 before the first. */
export const attemptOf = ({ state }: Pick<BackupSession, 'state'>): number =>
  'attempt' in state ? state.attempt : 0;

/** What makes a session one of backups. */
export const backupOperation: Operation<'Backup', BackupState, BackupCommand, BackupEvent, BackupRow> = {
  kind: 'Backup',
  streamKind: 'backup',
  decider: backup,
  fold: foldBackup,
  desired: desiredBackup,
  discriminator: (state, command) => {
    if (command.type === 'DeleteBackup') return command.request.uid;
    // What one deletion could not do, the next one does: the same step of another request is another fact.
    if (state.phase === 'Deleting') {
      const { uid } = state.deletion.request;
      return 'step' in command ? `${uid}/${command.step}` : uid;
    }
    const attempt = String(attemptOf({ state }));
    if ('pod' in command) return `${attempt}/${command.pod.uid}`;
    if ('copy' in command) return `${attempt}/${command.copy.name}`;
    const claim = snapshottedClaimOf(command);
    if (claim) return `${attempt}/${claim.namespace}/${claim.claim}`;
    if ('volume' in command && typeof command.volume === 'string') return `${attempt}/${command.volume}`;
    return attempt;
  },
};
