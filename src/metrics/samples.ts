import { parseStream } from '../domain/streams.js';
import type { BackupRow } from '../projections/backups.js';
import type { RowStep } from '../projections/fold.js';
import type { RestoreRow } from '../projections/restores.js';
import type { Sample, SeriesName } from './velero-names.js';
import { SCHEDULE_LABEL } from '../domain/labels.js';

/** The schedule a backup is counted under; empty for one that somebody asked for by hand. */
export const scheduleOf = ({ labels }: Pick<BackupRow, 'labels'>): string => labels[SCHEDULE_LABEL] ?? '';

const seconds = (time: string): number => Date.parse(time) / 1000;

const of =
  (schedule: string) =>
  (series: SeriesName, value = 1): Sample => ({
    series,
    labels: { schedule },
    value,
  });

/** How the newest backup stands, as gauges tell it; nothing for one that has not ended, or that somebody else made. */
export const backupGauges = (row: BackupRow): readonly Sample[] => {
  const { phase, completedAt, bytes, items, errors } = row;
  const set = of(scheduleOf(row));
  const success =
    phase === 'Completed' && completedAt !== undefined
      ? [set('backup_last_successful_timestamp', seconds(completedAt))]
      : [];
  // Brought in by sync, or from before this record began: its time counts, as in Velero, its outcome is another server's.
  if (row.attempts === 0 && phase !== 'FailedValidation') return success;
  if (phase === 'FailedValidation') return [set('backup_last_status', 0)];
  if (phase !== 'Completed' && phase !== 'PartiallyFailed' && phase !== 'Failed') return [];
  const stored = row.sha256 !== undefined;
  return [
    set('backup_last_status', phase === 'Completed' ? 1 : 0),
    ...success,
    ...(stored
      ? [
          set('backup_tarball_size_bytes', bytes),
          set('backup_items_total', items),
          set('backup_items_errors', errors),
        ]
      : []),
  ];
};

const BACKUP_OUTCOMES = {
  Completed: 'backup_success_total',
  PartiallyFailed: 'backup_partial_failure_total',
  Failed: 'backup_failure_total',
} as const;

const RESTORE_OUTCOMES = {
  Completed: 'restore_success_total',
  PartiallyFailed: 'restore_partial_failure_total',
  Failed: 'restore_failed_total',
} as const;

const durationOf = ({ startedAt, completedAt }: BackupRow): number =>
  startedAt === undefined || completedAt === undefined ? 0 : seconds(completedAt) - seconds(startedAt);

/** Counted under the backup's own name as well, as in Velero (`pkg/controller/backup_finalizer_controller.go`). */
const csiSamples = (row: BackupRow, stream: string): readonly Sample[] => {
  const { snapshotsTaken = 0, snapshotsReady = 0 } = row;
  if (snapshotsTaken === 0) return [];
  const labels = { schedule: scheduleOf(row), backupName: parseStream(stream)?.key.name ?? '' };
  return [
    { series: 'csi_snapshot_attempt_total', labels, value: snapshotsTaken },
    { series: 'csi_snapshot_success_total', labels, value: snapshotsReady },
    { series: 'csi_snapshot_failure_total', labels, value: snapshotsTaken - snapshotsReady },
  ];
};

/** Of providers (`pkg/controller/backup_controller.go`). */
const volumeSnapshotSamples = (row: BackupRow): readonly Sample[] => {
  const { volumeSnapshotsAttempted: attempted = 0, volumeSnapshotsCompleted: completed = 0 } = row;
  const add = of(scheduleOf(row));
  if (attempted === 0) return [];
  return [
    add('volume_snapshot_attempt_total', attempted),
    add('volume_snapshot_success_total', completed),
    add('volume_snapshot_failure_total', attempted - completed),
  ];
};

/** Of one upkeep of a repository, by the name of its resource (`pkg/controller/backup_repository_controller.go`). */
export const maintenanceSamples = (
  repository: string,
  tookMs: number,
  succeeded: boolean,
): readonly Sample[] => {
  const labels = { repository_name: repository };
  return [
    {
      series: succeeded ? 'repo_maintenance_success_total' : 'repo_maintenance_failure_total',
      labels,
      value: 1,
    },
    { series: 'repo_maintenance_duration_seconds', labels, value: tookMs / 1000 },
  ];
};

const ofBackup = ({
  stream,
  event,
  before,
  after,
}: Extract<RowStep, { kind: 'backup' }>): readonly Sample[] => {
  const row = after ?? before;
  if (!row || !event) return [];
  const one = of(scheduleOf(row));
  switch (event.type) {
    case 'BackupRejected':
      return [one('backup_validation_failure_total'), ...backupGauges(row)];
    case 'BackupStarted':
      return [one('backup_attempt_total')];
    case 'BackupFinished':
      // One that never ran (its resource went away while it waited) is no failed run.
      if (row.attempts === 0) return [];
      return [
        one(BACKUP_OUTCOMES[event.data.outcome]),
        one('backup_duration_seconds', durationOf(row)),
        ...(row.warnings > 0 ? [one('backup_warning_total')] : []),
        ...csiSamples(row, stream),
        ...volumeSnapshotSamples(row),
        ...backupGauges(row),
      ];
    case 'BackupDiscovered':
      return backupGauges(row);
    case 'BackupDeletionStarted':
      return [one('backup_deletion_attempt_total')];
    case 'BackupDeletionFailed':
      return [one('backup_deletion_failure_total')];
    case 'BackupDeleted':
      return before?.phase === 'Deleting' ? [one('backup_deletion_success_total')] : [];
    default:
      return [];
  }
};

const ofRestore = ({ event, before, after }: Extract<RowStep, { kind: 'restore' }>): readonly Sample[] => {
  const row: RestoreRow | undefined = after ?? before;
  if (!row || !event) return [];
  const one = of(row.spec.scheduleName ?? '');
  switch (event.type) {
    case 'RestoreRejected':
      // Velero counts the attempt before it looks at what validation found (`restore_controller.go`).
      return [one('restore_attempt_total'), one('restore_validation_failed_total')];
    case 'RestoreStarted':
      return [one('restore_attempt_total')];
    case 'RestoreFinished':
      return row.attempts === 0 ? [] : [one(RESTORE_OUTCOMES[event.data.outcome])];
    default:
      return [];
  }
};

/** What one fact changes in Velero's series, in the order of Velero's own calls in `pkg/controller/`. */
export const samplesOf = (step: RowStep): readonly Sample[] => {
  switch (step.kind) {
    case 'backup':
      return ofBackup(step);
    case 'restore':
      return ofRestore(step);
    case 'location':
    case 'schedule':
      return [];
  }
};
