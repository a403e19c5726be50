import { parseGoDuration, printGoDuration } from './go-duration.js';
import type { RestoreSpec } from './velero.gen.js';
import { NON_RESTORABLE } from './validate-restore.js';

export interface RestoreEnvironment {
  readonly itemOperationTimeoutMs: number;
  /** The newest Completed backup of the schedule, where the spec names a schedule. */
  readonly backupOfSchedule?: string;
  /** The schedule label of the backup, taken over where the spec names none. */
  readonly scheduleOfBackup?: string;
}

/**
 * The backup a schedule name stands for: of those Completed the one started last; partly failed ones never
 * (`mostRecentCompletedBackup` in `pkg/controller/restore_controller.go`). Times are RFC 3339 in UTC, which sort as text.
 */
export const newestCompleted = (
  backups: readonly {
    readonly name: string;
    readonly phase?: string;
    readonly startTimestamp?: string | null;
  }[],
): string | undefined =>
  backups
    .filter(({ phase }) => phase === 'Completed')
    .map(({ name, startTimestamp }) => ({ name, started: startTimestamp ?? '' }))
    .sort((a, b) => (a.started < b.started ? 1 : Number(a.started !== b.started) * -1))[0]?.name;

/**
 * Velero's defaulting of a restore (`validateAndComplete` in `pkg/controller/restore_controller.go`), to be written back
 * to the custom resource even if validation finds problems. Preparing a prepared spec changes nothing.
 */
export const prepareRestore = (spec: RestoreSpec, env: RestoreEnvironment): RestoreSpec => {
  const backupName = spec.backupName || (spec.scheduleName ? env.backupOfSchedule : undefined);
  const scheduleName = spec.scheduleName || env.scheduleOfBackup;
  const timeout = spec.itemOperationTimeout;
  return {
    ...spec,
    excludedResources: [...new Set([...(spec.excludedResources ?? []), ...NON_RESTORABLE])],
    itemOperationTimeout:
      timeout && parseGoDuration(timeout) ? timeout : printGoDuration(env.itemOperationTimeoutMs),
    ...(backupName ? { backupName } : {}),
    ...(scheduleName ? { scheduleName } : {}),
  };
};
