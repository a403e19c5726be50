const RUNNING: readonly string[] = [
  'ReadyToStart',
  'InProgress',
  'WaitingForPluginOperations',
  'WaitingForPluginOperationsPartiallyFailed',
  'Finalizing',
  'FinalizingPartiallyFailed',
];
const LAST: readonly string[] = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'];

/** True of a phase that a backup or restore stays in, unless somebody deletes it. */
export const isLast = (phase: string): boolean => LAST.includes(phase);

/** True of a phase that a run has nothing more to do about; a backup being deleted is the deletion's. */
export const hasEnded = (phase: string): boolean => isLast(phase) || phase === 'Deleting';

/** True of a phase that ends by itself. */
export const isRunning = (phase: string): boolean => RUNNING.includes(phase);

/** True of every known phase that is not the last one: somebody is still to begin it, at work on it, or deleting it. */
export const isUnfinished = (phase: string): boolean =>
  isRunning(phase) || ['New', 'Queued', 'Deleting'].includes(phase);

/** True of a phase in which a DataUpload, a DataDownload or a copy of a pod's volume stays. */
export const hasMoveEnded = (phase: string | undefined): boolean =>
  phase === 'Completed' || phase === 'Failed' || phase === 'Canceled';
