import type {
  BackupPhase as VeleroBackupPhase,
  HookErrorMode as VeleroHookErrorMode,
  RestorePhase as VeleroRestorePhase,
  SchedulePhase as VeleroSchedulePhase,
} from '../domain/velero.gen.js';
import type { LocationRow } from '../projections/locations.js';
import type {
  BackupPhase,
  BackupStorageLocationAccessMode,
  BackupStorageLocationPhase,
  HookErrorMode,
  RestorePhase,
  SchedulePhase,
} from './types.gen.js';

/** Velero's phases under the names they have here. */
export const BACKUP_PHASE: Readonly<Record<VeleroBackupPhase, BackupPhase>> = {
  New: 'NEW',
  Queued: 'QUEUED',
  ReadyToStart: 'READY_TO_START',
  FailedValidation: 'FAILED_VALIDATION',
  InProgress: 'IN_PROGRESS',
  WaitingForPluginOperations: 'WAITING_FOR_PLUGIN_OPERATIONS',
  WaitingForPluginOperationsPartiallyFailed: 'WAITING_FOR_PLUGIN_OPERATIONS_PARTIALLY_FAILED',
  Finalizing: 'FINALIZING',
  FinalizingPartiallyFailed: 'FINALIZING_PARTIALLY_FAILED',
  Completed: 'COMPLETED',
  PartiallyFailed: 'PARTIALLY_FAILED',
  Failed: 'FAILED',
  Deleting: 'DELETING',
};

export const RESTORE_PHASE: Readonly<Record<VeleroRestorePhase, RestorePhase>> = {
  New: 'NEW',
  FailedValidation: 'FAILED_VALIDATION',
  InProgress: 'IN_PROGRESS',
  WaitingForPluginOperations: 'WAITING_FOR_PLUGIN_OPERATIONS',
  WaitingForPluginOperationsPartiallyFailed: 'WAITING_FOR_PLUGIN_OPERATIONS_PARTIALLY_FAILED',
  Completed: 'COMPLETED',
  PartiallyFailed: 'PARTIALLY_FAILED',
  Failed: 'FAILED',
  Finalizing: 'FINALIZING',
  FinalizingPartiallyFailed: 'FINALIZING_PARTIALLY_FAILED',
};

export const SCHEDULE_PHASE: Readonly<Record<VeleroSchedulePhase, SchedulePhase>> = {
  New: 'NEW',
  Enabled: 'ENABLED',
  FailedValidation: 'FAILED_VALIDATION',
};

export const LOCATION_PHASE: Readonly<Record<LocationRow['phase'], BackupStorageLocationPhase>> = {
  Unknown: 'UNKNOWN',
  Available: 'AVAILABLE',
  Unavailable: 'UNAVAILABLE',
};

export const ACCESS_MODE: Readonly<Record<LocationRow['accessMode'], BackupStorageLocationAccessMode>> = {
  ReadOnly: 'READ_ONLY',
  ReadWrite: 'READ_WRITE',
};

export const HOOK_ERROR_MODE: Readonly<Record<VeleroHookErrorMode, HookErrorMode>> = {
  Continue: 'CONTINUE',
  Fail: 'FAIL',
};

const ENDED: ReadonlySet<string> = new Set<VeleroBackupPhase & VeleroRestorePhase>([
  'FailedValidation',
  'Completed',
  'PartiallyFailed',
  'Failed',
]);

/** Whether nothing more will happen in this phase by itself. */
export const hasEnded = (phase: VeleroBackupPhase | VeleroRestorePhase): boolean => ENDED.has(phase);

/** The way back, from our name to Velero's. */
export const veleroName = <V extends string, N extends string>(
  names: Readonly<Record<V, N>>,
  name: N,
): V | undefined => (Object.keys(names) as V[]).find((velero) => names[velero] === name);
