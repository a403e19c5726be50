import { refuse, type Event, type Refusal } from './decider.js';

/**
 * What has to go before the Backup resource may, in this order. Volume data is first: only the files tell where it lies. The
 * files are last, so that whatever failed before can be tried again.
 */
export const DELETION_STEPS = ['VolumeData', 'Restores', 'Files'] as const;
export type DeletionStep = (typeof DELETION_STEPS)[number];

/** The DeleteBackupRequest that a deletion answers. */
export interface DeletionRequest {
  readonly name: string;
  readonly uid: string;
}

/** `Asked` by somebody, or `Expired`: the time that the backup was to be kept is over. */
export type DeletionCause = 'Asked' | 'Expired';

export type BackupDeletionEvent =
  | Event<'BackupDeletionStarted', { request: DeletionRequest; because: DeletionCause; at: string }>
  | Event<
      'BackupDeletionStepDone',
      /** `kept` says why something stayed that bears the backup's name. */
      { step: DeletionStep; kept?: string; at: string }
    >
  | Event<'BackupDeletionFailed', { errors: readonly string[]; at: string }>;

export type BackupDeletionCommand =
  | { type: 'DeleteBackup'; request: DeletionRequest; because: DeletionCause; now: string }
  | { type: 'AcknowledgeDeletionStep'; step: DeletionStep; kept?: string; now: string }
  | { type: 'FailDeletion'; errors: readonly string[]; now: string };

/** How far a deletion has come. */
export interface Deletion {
  readonly request: DeletionRequest;
  readonly done: readonly DeletionStep[];
  /** Why it failed; empty while it goes on. */
  readonly errors: readonly string[];
}

/** The part of a backup's state that a deletion asks for. */
type Life =
  | { readonly phase: 'Absent' | 'New' | 'InProgress' | 'Stored' | 'Ended' }
  | { readonly phase: 'Deleting'; readonly deletion: Deletion };

/** A deletion that failed waits for another request; one that goes on is never left. */
export const deletionFailed = ({ errors }: Deletion): boolean => errors.length > 0;

/** The step that comes next; undefined when all that is left are resources. */
export const nextDeletionStep = ({ done }: Deletion): DeletionStep | undefined =>
  DELETION_STEPS.find((step) => !done.includes(step));

/** Velero's words (`pkg/controller/backup_deletion_controller.go`), which people and scripts look for. */
export const STILL_IN_PROGRESS = 'backup is still in progress';
export const BACKUP_NOT_FOUND = 'backup not found';

const begin = (
  { request, because, now: at }: Extract<BackupDeletionCommand, { type: 'DeleteBackup' }>,
  state: Life,
): readonly BackupDeletionEvent[] | Refusal => {
  switch (state.phase) {
    case 'Absent':
      return refuse('NOT_FOUND', BACKUP_NOT_FOUND);
    case 'InProgress':
    case 'Stored':
      return refuse('WRONG_PHASE', STILL_IN_PROGRESS);
    case 'Deleting':
      if (state.deletion.request.uid === request.uid) return [];
      if (!deletionFailed(state.deletion)) return refuse('WRONG_PHASE', 'backup is being deleted already');
      break;
    case 'New':
    case 'Ended':
      break;
  }
  return [{ type: 'BackupDeletionStarted', v: 1, data: { request, because, at } }];
};

/** What follows from a command about a deletion. Refusals: `NOT_FOUND`, `WRONG_PHASE`. */
export const decideDeletion = (
  command: BackupDeletionCommand,
  state: Life,
): readonly BackupDeletionEvent[] | Refusal => {
  if (command.type === 'DeleteBackup') return begin(command, state);
  const at = command.now;
  if (state.phase !== 'Deleting' || deletionFailed(state.deletion))
    return refuse('WRONG_PHASE', `${command.type} is not possible: no deletion goes on`);
  switch (command.type) {
    case 'AcknowledgeDeletionStep': {
      const { step, kept } = command;
      if (state.deletion.done.includes(step)) return [];
      return [
        {
          type: 'BackupDeletionStepDone',
          v: 1,
          data: { step, ...(kept !== undefined && { kept }), at },
        },
      ];
    }
    case 'FailDeletion':
      return [{ type: 'BackupDeletionFailed', v: 1, data: { errors: command.errors, at } }];
  }
};

/** The deletion after a fact about it. A new one begins from the front: each step finds what is left for it. */
export const evolveDeletion = (
  deletion: Deletion | undefined,
  event: BackupDeletionEvent,
): Deletion | undefined => {
  switch (event.type) {
    case 'BackupDeletionStarted':
      return { request: event.data.request, done: [], errors: [] };
    case 'BackupDeletionStepDone':
      return deletion && { ...deletion, done: [...deletion.done, event.data.step] };
    case 'BackupDeletionFailed':
      return deletion && { ...deletion, errors: event.data.errors };
  }
};
