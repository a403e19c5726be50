import { FLAGS, type FlagName } from '../../flags.js';

interface InstallFlag {
  /** What stands behind the flag; absent for a switch. */
  readonly value?: string;
  readonly help: string;
}

/** The flags of `lifeboat install`. Those that `velero install` has, too, mean the same (`pkg/cmd/cli/install/install.go`). */
export const INSTALL_FLAGS = {
  image: { value: 'image', help: 'container image of the server; none is published, so it has to be named' },
  provider: {
    value: 'name',
    help: 'provider of the default backup storage location: aws, for anything that speaks S3',
  },
  bucket: { value: 'name', help: 'bucket in which backups are stored' },
  prefix: { value: 'path', help: 'folder in the bucket' },
  'backup-location-config': {
    value: 'key=value,…',
    help: 'settings of the location: region, s3Url, s3ForcePathStyle …',
  },
  cacert: { value: 'file', help: 'certificates, in PEM form, by which the object storage is trusted' },
  'no-default-backup-location': { help: 'create no backup storage location' },
  'secret-file': { value: 'file', help: 'credentials of the object storage, in the format of the AWS CLI' },
  'use-existing-secret': {
    value: 'name',
    help: 'a Secret that is there already, with the credentials under the key "cloud"',
  },
  'no-secret': { help: 'no credentials: the pod has its own identity at the object storage' },
  rbac: {
    value: 'profile',
    help: 'full, or backup-only: such a server reads everything, and restores nothing',
  },
  'api-callers': {
    value: 'kind:name,…',
    help: 'with backup-only, who may create backups over the API: user:alice, group:team-a, serviceaccount:name',
  },
  'service-account-name': {
    value: 'name',
    help: 'a ServiceAccount of server and agents that is there already, with its rights; none is created',
  },
  'sa-annotations': {
    value: 'key=value,…',
    help: 'annotations of the ServiceAccount, such as the role it has at the cloud',
  },
  'event-store-volume': {
    value: 'kind',
    help: 'pvc, or emptyDir: the record is lost with the pod, backups are not',
  },
  'event-store-size': { value: 'quantity', help: 'size of the claim' },
  'event-store-storage-class': { value: 'name', help: "storage class of the claim, else the cluster's own" },
  'velero-pod-cpu-request': { value: 'quantity', help: 'CPU request; 0 for none' },
  'velero-pod-mem-request': { value: 'quantity', help: 'memory request; 0 for none' },
  'velero-pod-cpu-limit': { value: 'quantity', help: 'CPU limit; 0 for none' },
  'velero-pod-mem-limit': { value: 'quantity', help: 'memory limit; 0 for none' },
  'pod-annotations': { value: 'key=value,…', help: 'annotations of the pod' },
  'pod-labels': { value: 'key=value,…', help: 'labels of the pod' },
  'server-priority-class-name': { value: 'name', help: 'priority class of the pod' },
  'pod-volume-operation-timeout': { value: 'duration', help: 'the server flag --fs-backup-timeout' },
  'use-node-agent': {
    help: 'an agent on every node, which copies volumes: a DaemonSet, and the rights it needs',
  },
  'node-agent-pod-cpu-request': { value: 'quantity', help: 'CPU request of each agent; 0 for none' },
  'node-agent-pod-mem-request': { value: 'quantity', help: 'memory request of each agent; 0 for none' },
  'node-agent-pod-cpu-limit': { value: 'quantity', help: 'CPU limit of each agent; 0 for none' },
  'node-agent-pod-mem-limit': { value: 'quantity', help: 'memory limit of each agent; 0 for none' },
  'node-agent-configmap': { value: 'name', help: 'ConfigMap of settings for agents' },
  'hosting-pod-image': {
    value: 'image',
    help: 'image of the pods that mount the volumes of moved snapshots, where registry.k8s.io is out of reach',
  },
  'node-agent-priority-class-name': { value: 'name', help: 'priority class of the agents' },
  'node-agent-service-account-name': {
    value: 'name',
    help: 'a ServiceAccount of the agents alone that is there already, with its rights',
  },
  'privileged-node-agent': {
    help: 'agents with all powers of root on their node, where SELinux keeps them from the volumes otherwise',
  },
  'kubelet-root-dir': { value: 'folder', help: 'folder of the kubelet on the nodes' },
  timezone: { value: 'zone', help: 'time zone of the server: Europe/Berlin' },
  'crds-only': { help: 'only the custom resource definitions' },
  'dry-run': { help: 'print everything, the Secret too, and send nothing; the default prints without it' },
  output: { value: 'format', help: 'yaml, with the reason of each right, or json' },
  apply: { help: 'create or update everything in the cluster' },
  'force-conflicts': { help: 'with --apply: take fields that others have set otherwise since' },
  'no-wait': { help: 'with --apply: do not wait until the server is available' },
  wait: { help: 'as without it; Velero has to be asked to wait' },
  timeout: { value: 'duration', help: 'with --apply: how long to wait' },
  plugins: {
    value: 'images',
    help: 'accepted from commands for Velero, without effect: the provider aws is built in',
  },
  'use-volume-snapshots': { value: 'bool', help: 'accepted from commands for Velero, without effect' },
  'snapshot-location-config': {
    value: 'key=value,…',
    help: 'accepted from commands for Velero, without effect',
  },
} as const satisfies Readonly<Record<string, InstallFlag>>;

export type InstallFlagName = keyof typeof INSTALL_FLAGS;

export const INSTALL_DEFAULTS = {
  rbac: 'full',
  'event-store-volume': 'pvc',
  'event-store-size': '1Gi',
  'velero-pod-cpu-request': '500m',
  'velero-pod-mem-request': '256Mi',
  'velero-pod-cpu-limit': '1000m',
  'velero-pod-mem-limit': '1Gi',
  'node-agent-pod-cpu-request': '0',
  'node-agent-pod-mem-request': '0',
  'node-agent-pod-cpu-limit': '0',
  'node-agent-pod-mem-limit': '0',
  'kubelet-root-dir': '/var/lib/kubelet',
  timezone: 'UTC',
  output: 'yaml',
  timeout: '5m',
} as const satisfies Readonly<Partial<Record<InstallFlagName, string>>>;

/** Given by commands for Velero that would be believed to do something; each with what to do instead. */
export const REFUSED_FLAGS: Readonly<Record<string, string>> = {
  'use-node-agent-windows': 'agents run on nodes with Linux only',
  'node-agent-disable-host-path': "agents read volumes in the kubelet's folder, and have no other way",
  'keep-latest-maintenance-jobs': 'no server of Velero 1.18 accepts it any more',
};

/** The pod decides these: where it listens, what it may write, where it runs. */
const DECIDED: readonly FlagName[] = [
  'namespace',
  'kubeconfig',
  'kubecontext',
  'listen',
  'event-store',
  'auth',
  'scratch-dir',
  'metrics-address',
  'profiler-address',
  'plugin-dir',
];

/** Flags of the server that go through to its Deployment. */
export const SERVER_FLAGS: readonly FlagName[] = (Object.keys(FLAGS) as FlagName[]).filter(
  (name) => !DECIDED.includes(name),
);

/** What the command line gave, by flag; a switch is `true`. */
export type GivenInstallFlags = Readonly<Partial<Record<InstallFlagName | FlagName, string>>>;
