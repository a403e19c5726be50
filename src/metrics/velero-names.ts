/** What one series of Velero's is (`pkg/metrics/metrics.go`). The name is that of the table with `velero_` before it. */
export interface SeriesDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /**
   * When its first value is there: `always` for ad-hoc operations and for each schedule as soon as that is known, `ad-hoc` for
   * ad-hoc ones only, `never` with the first thing that happens.
   */
  readonly begins: 'always' | 'ad-hoc' | 'never';
  /** Value at the beginning, default 0. */
  readonly initial?: number;
}

const counter = (help: string): SeriesDefinition => ({
  type: 'counter',
  help,
  labels: ['schedule'],
  begins: 'always',
});
const csi = (help: string): SeriesDefinition => ({ ...counter(help), labels: ['schedule', 'backupName'] });
const gauge = (help: string, begins: SeriesDefinition['begins']): SeriesDefinition => ({
  ...counter(help),
  type: 'gauge',
  begins,
});
const repository = (type: SeriesDefinition['type'], help: string): SeriesDefinition => ({
  type,
  help,
  labels: ['repository_name'],
  begins: 'never',
});

/** Seconds; upper bounds of the buckets of every duration. */
export const DURATION_BUCKETS: readonly number[] = [60, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 14_400];

/** Every series that follows from what happens. Those computed when they are read (numbers, locations) are in views-gauges.ts. */
export const VELERO_SERIES = {
  backup_attempt_total: counter('Backups that began to run'),
  backup_success_total: counter('Backups that ended Completed'),
  backup_partial_failure_total: counter('Backups that ended PartiallyFailed'),
  backup_failure_total: counter('Backups that ended Failed'),
  backup_validation_failure_total: counter('Backups that were refused before they ran'),
  backup_warning_total: counter('Backups that ended with at least one warning'),
  backup_duration_seconds: {
    ...gauge('Seconds from the start of a backup to its end', 'never'),
    type: 'histogram',
  },
  backup_tarball_size_bytes: gauge('Compressed size of the newest archive', 'never'),
  backup_items_total: gauge('Items of the newest backup', 'ad-hoc'),
  backup_items_errors: gauge('Errors of the newest backup', 'always'),
  backup_last_status: {
    ...gauge('How the newest backup ended: 1 Completed, 0 anything else', 'always'),
    initial: 1,
  },
  backup_last_successful_timestamp: gauge('Unix seconds at which the last Completed backup ended', 'never'),
  backup_deletion_attempt_total: counter('Deletions of backups that began'),
  backup_deletion_success_total: counter('Deletions of backups that succeeded'),
  backup_deletion_failure_total: counter('Deletions of backups that failed'),
  restore_attempt_total: counter('Restores that began or were refused'),
  restore_success_total: counter('Restores that ended Completed'),
  restore_partial_failure_total: counter('Restores that ended PartiallyFailed'),
  restore_failed_total: counter('Restores that ended Failed'),
  restore_validation_failed_total: counter('Restores that were refused before they ran'),
  volume_snapshot_attempt_total: counter('Volume snapshots that began'),
  volume_snapshot_success_total: counter('Volume snapshots that succeeded'),
  volume_snapshot_failure_total: counter('Volume snapshots that failed'),
  csi_snapshot_attempt_total: csi('CSI snapshots that began'),
  csi_snapshot_success_total: csi('CSI snapshots that succeeded'),
  csi_snapshot_failure_total: csi('CSI snapshots that failed'),
  repo_maintenance_success_total: repository('counter', 'Maintenance runs of a repository that succeeded'),
  repo_maintenance_failure_total: repository('counter', 'Maintenance runs of a repository that failed'),
  repo_maintenance_duration_seconds: repository('histogram', 'Seconds that maintenance of a repository took'),
} as const satisfies Readonly<Record<string, SeriesDefinition>>;

export type SeriesName = keyof typeof VELERO_SERIES;

/** One step of one series: a counter grows by `value`, a gauge becomes it, a histogram observes it. */
export interface Sample {
  readonly series: SeriesName;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}
