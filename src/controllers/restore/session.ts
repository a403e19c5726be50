import type { RestoreCommand, RestoreEvent, RestoreState } from '../../domain/restore-facts.js';
import { restore } from '../../domain/restore.js';
import { filledClaimOf } from '../../domain/volumes/restore-moves.js';
import { foldRestore, type RestoreRow } from '../../projections/restores.js';
import { desiredRestore } from '../mirror.js';
import type { Operation, Session } from '../session.js';

/** One look at one restore. */
export type RestoreSession = Session<'Restore', RestoreState, RestoreCommand, RestoreRow>;

/** What makes a session one of restores. */
export const restoreOperation: Operation<'Restore', RestoreState, RestoreCommand, RestoreEvent, RestoreRow> =
  {
    kind: 'Restore',
    streamKind: 'restore',
    decider: restore,
    fold: foldRestore,
    desired: desiredRestore,
    discriminator: (state, command) => {
      const attempt = String('attempt' in state ? state.attempt : 0);
      const claim = filledClaimOf(command);
      if (claim) return `${attempt}/${claim.namespace}/${claim.claim}`;
      if ('fill' in command) return `${attempt}/${command.fill.name}`;
      return 'pod' in command ? `${attempt}/${command.pod.namespace}/${command.pod.name}` : attempt;
    },
  };
