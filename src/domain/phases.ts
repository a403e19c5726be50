const LAST: readonly string[] = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'];

/** True of a phase that a backup or restore stays in, unless somebody deletes it. */
export const isLast = (phase: string): boolean => LAST.includes(phase);

/** True of a phase that a run has nothing more to do about; a backup being deleted is the deletion's. */
export const hasEnded = (phase: string): boolean => isLast(phase) || phase === 'Deleting';
