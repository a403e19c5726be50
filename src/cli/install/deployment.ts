import { LABELS, NAME, SELECTOR, type Manifest } from './manifest.js';
import { type InstallPlan } from './plan.js';

const API_PORT = 4000;
/** As in Velero's Deployment, so that scrape configurations stay as they are. */
const METRICS_PORT = 8085;
const EVENTS_CLAIM = `${NAME}-events`;
/** The user `node` of the image; the group owns the volume, or a fresh disk could not be written. */
const USER = 1000;

const http = (path: string) => ({ httpGet: { path, port: 'api' } });

/** A start folds the whole event store into fresh views before it listens, which the server gives two minutes. */
const PROBES = {
  startupProbe: { ...http('/healthz'), periodSeconds: 5, failureThreshold: 36 },
  livenessProbe: { ...http('/healthz'), periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
  readinessProbe: { ...http('/readyz'), periodSeconds: 5, timeoutSeconds: 5 },
} as const;

const environmentOf = ({ secret, timezone }: InstallPlan) => [
  { name: 'VELERO_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  { name: 'VELERO_SCRATCH_DIR', value: '/scratch' },
  // Everything else of the file system is read-only.
  { name: 'TMPDIR', value: '/scratch' },
  { name: 'HOME', value: '/scratch' },
  { name: 'TZ', value: timezone },
  ...(secret ? [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/credentials/cloud' }] : []),
];

const volumesOf = ({ secret, eventStore }: InstallPlan) => [
  { name: 'scratch', emptyDir: {} },
  {
    name: 'events',
    ...(eventStore.kind === 'pvc'
      ? { persistentVolumeClaim: { claimName: EVENTS_CLAIM } }
      : { emptyDir: {} }),
  },
  ...(secret ? [{ name: 'cloud-credentials', secret: { secretName: secret.name } }] : []),
];

const containerOf = (plan: InstallPlan) => ({
  name: NAME,
  image: plan.image,
  imagePullPolicy: 'IfNotPresent',
  args: ['server', `--listen=:${API_PORT}`, '--event-store=sqlite:///data/events.db', ...plan.serverArgs],
  env: environmentOf(plan),
  ports: [
    { name: 'api', containerPort: API_PORT },
    { name: 'metrics', containerPort: METRICS_PORT },
  ],
  ...PROBES,
  resources: plan.resources,
  securityContext: {
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    readOnlyRootFilesystem: true,
  },
  volumeMounts: [
    { name: 'scratch', mountPath: '/scratch' },
    { name: 'events', mountPath: '/data' },
    ...(plan.secret ? [{ name: 'cloud-credentials', mountPath: '/credentials', readOnly: true }] : []),
  ],
});

const SCRAPED = {
  'prometheus.io/path': '/metrics',
  'prometheus.io/port': String(METRICS_PORT),
  'prometheus.io/scrape': 'true',
} as const;

/** The server: one pod, which is gone before the next one starts, since the event store belongs to one process. */
export const deploymentOf = (plan: InstallPlan): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: NAME, namespace: plan.namespace, labels: LABELS },
  spec: {
    replicas: 1,
    strategy: { type: 'Recreate' },
    selector: { matchLabels: SELECTOR },
    template: {
      metadata: {
        labels: { ...plan.pod.labels, ...LABELS },
        annotations: { ...SCRAPED, ...plan.pod.annotations },
      },
      spec: {
        serviceAccountName: plan.serviceAccount.name,
        ...(plan.pod.priorityClassName !== undefined && { priorityClassName: plan.pod.priorityClassName }),
        // The server takes at most 15 s to stop; running operations are taken up by the next one.
        terminationGracePeriodSeconds: 30,
        nodeSelector: { 'kubernetes.io/os': 'linux' },
        securityContext: {
          runAsNonRoot: true,
          runAsUser: USER,
          runAsGroup: USER,
          fsGroup: USER,
          fsGroupChangePolicy: 'OnRootMismatch',
          seccompProfile: { type: 'RuntimeDefault' },
        },
        containers: [containerOf(plan)],
        volumes: volumesOf(plan),
      },
    },
  },
});

/** The API and the metrics under one name in the cluster. Plain HTTP: what reaches it from outside needs a proxy with TLS. */
export const serviceOf = ({ namespace }: InstallPlan): Manifest => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: NAME, namespace, labels: LABELS },
  spec: {
    selector: SELECTOR,
    ports: [
      { name: 'api', port: API_PORT, targetPort: 'api' },
      { name: 'metrics', port: METRICS_PORT, targetPort: 'metrics' },
    ],
  },
});

/** The disk of the event store. Uninstall leaves it unless told otherwise: it holds the record of who did what. */
export const claimOf = ({ namespace, eventStore }: InstallPlan): Manifest | undefined =>
  eventStore.kind === 'pvc'
    ? {
        apiVersion: 'v1',
        kind: 'PersistentVolumeClaim',
        metadata: { name: EVENTS_CLAIM, namespace, labels: LABELS },
        spec: {
          accessModes: ['ReadWriteOnce'],
          resources: { requests: { storage: eventStore.size } },
          ...(eventStore.storageClass !== undefined && { storageClassName: eventStore.storageClass }),
        },
      }
    : undefined;
