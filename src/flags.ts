/** One flag of `lifeboat server`. Values are text here; config.ts gives them their meaning. */
export interface Flag {
  readonly help: string;
  readonly fallback: string;
  /** Environment variables of Velero that mean the same; `LIFEBOAT_<FLAG>` works for every flag. */
  readonly variables?: readonly string[];
  /** Without a value it means true. */
  readonly yesNo?: true;
  /** Known from Velero, accepted, and without effect in this version. */
  readonly later?: true;
}

/** The flags of `velero server` by their names (`pkg/cmd/server/config/config.go`), so that a Deployment changes its image and nothing else. */
const VELERO_FLAGS = {
  namespace: {
    help: 'namespace of the server and of its custom resources',
    fallback: 'velero',
    variables: ['VELERO_NAMESPACE'],
  },
  kubeconfig: {
    help: 'kubeconfig file; else $KUBECONFIG, the service account, or ~/.kube/config',
    fallback: '',
  },
  kubecontext: { help: 'context of the kubeconfig', fallback: '' },
  features: { help: 'feature flags, separated by commas (EnableCSI, EnableAPIGroupVersions)', fallback: '' },
  'log-level': {
    help: 'debug, info, warning, error …; also for the logs of backups and restores',
    fallback: 'info',
  },
  'log-format': { help: 'text or json, for the logs of backups and restores', fallback: 'text' },
  'backup-sync-period': { help: 'how often object storage is looked at for backups', fallback: '1m' },
  'store-validation-frequency': {
    help: 'how often storage locations are checked; 0 checks only once',
    fallback: '1m',
  },
  'default-backup-storage-location': {
    help: 'location of backups that name none while none is marked as default',
    fallback: 'default',
  },
  'default-backup-ttl': { help: 'how long a backup is kept that does not say', fallback: '720h' },
  'default-item-operation-timeout': { help: 'limit for asynchronous operations of items', fallback: '4h' },
  'resource-timeout': {
    help: 'limit for waits on resources, such as definitions being established',
    fallback: '10m',
  },
  'terminating-resource-timeout': {
    help: 'how long a restore waits for a terminating namespace',
    fallback: '10m',
  },
  'default-volumes-to-fs-backup': {
    help: 'default of spec.defaultVolumesToFsBackup',
    fallback: 'false',
    yesNo: true,
  },
  'default-snapshot-move-data': { help: 'default of spec.snapshotMoveData', fallback: 'false', yesNo: true },
  'volume-group-snapshot-label-key': {
    help: 'label that groups volumes for a snapshot',
    fallback: 'velero.io/volume-group',
  },
  'restore-resource-priorities': { help: 'kinds to restore first, "-", kinds to restore last', fallback: '' },
  'client-page-size': { help: 'objects asked for in one page of a list; 0 asks for all', fallback: '500' },
  'max-concurrent-k8s-connections': { help: 'connections to the API server at most', fallback: '32' },
  'concurrent-backups': { help: 'backups that run at once', fallback: '1' },
  'metrics-address': { help: 'address of the metrics; off or empty for none', fallback: ':8085' },
  'profiler-address': { help: 'address of the profiler', fallback: '', later: true },
  'plugin-dir': { help: 'folder of plugins', fallback: '/plugins', later: true },
  'fs-backup-timeout': { help: 'limit for file-system copies of volumes', fallback: '4h' },
  'default-volume-snapshot-locations': {
    help: 'provider:location pairs: which to take of a provider that has several',
    fallback: '',
  },
  'garbage-collection-frequency': {
    help: 'how often the deletion of an expired backup is tried again',
    fallback: '60m',
  },
  'default-repo-maintain-frequency': {
    help: 'how often repositories of volume copies are maintained; 0s leaves it to them (1h)',
    fallback: '0s',
  },
  'item-operation-sync-frequency': {
    help: 'how often asynchronous operations are looked at',
    fallback: '10s',
    later: true,
  },
  'uploader-type': { help: 'uploader of file-system backups', fallback: 'kopia', later: true },
  'disable-controllers': { help: 'controllers not to run', fallback: '', later: true },
  'restore-only': { help: 'run restores only', fallback: 'false', yesNo: true, later: true },
  'client-qps': {
    help: 'Velero throttles itself; Lifeboat heeds what the API server says',
    fallback: '100',
    later: true,
  },
  'client-burst': { help: 'as client-qps', fallback: '100', later: true },
  'disable-informer-cache': {
    help: 'Lifeboat has no such cache',
    fallback: 'false',
    yesNo: true,
    later: true,
  },
  'schedule-skip-immediately': {
    help: 'default of spec.skipImmediately of a schedule',
    fallback: 'false',
    yesNo: true,
  },
  'backup-repository-configmap': { help: 'ConfigMap of repository settings', fallback: '' },
  'repo-maintenance-job-configmap': { help: 'ConfigMap of maintenance settings', fallback: '', later: true },
  'item-block-worker-count': { help: 'workers of item blocks', fallback: '1', later: true },
} as const satisfies Readonly<Record<string, Flag>>;

const OWN_FLAGS = {
  'event-store': {
    help: 'sqlite:///path, esdb://host:port or memory:',
    fallback: 'sqlite:///~/.local/state/lifeboat/events.db',
  },
  listen: { help: 'address of the API', fallback: '127.0.0.1:4000' },
  auth: {
    help: 'kubernetes (bearer tokens, checked by the API server) or none (loopback only)',
    fallback: 'kubernetes',
  },
  'on-interruption': {
    help: 'what becomes of a run that a restart interrupted: restart or fail',
    fallback: 'restart',
  },
  'restore-concurrency': { help: 'objects of a restore on their way at once', fallback: '32' },
  'restore-managed-fields': {
    help: 'auto (only where server-side apply needs them), always or never',
    fallback: 'auto',
  },
  kopia: { help: 'program kopia, which copies volumes: a path, or a name in the PATH', fallback: 'kopia' },
  'scratch-dir': { help: 'folder for temporary files', fallback: '', variables: ['VELERO_SCRATCH_DIR'] },
} as const satisfies Readonly<Record<string, Flag>>;

export type FlagName = keyof typeof VELERO_FLAGS | keyof typeof OWN_FLAGS;

export const FLAGS: Readonly<Record<FlagName, Flag>> = { ...VELERO_FLAGS, ...OWN_FLAGS };
