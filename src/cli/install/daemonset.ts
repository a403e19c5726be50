import { type AgentPlan } from './agent-plan.js';
import { AGENT_LABELS, AGENT_NAME, AGENT_SELECTOR, type Manifest } from './manifest.js';
import { type InstallPlan } from './plan.js';

/** As in Velero's DaemonSet, so that scrape configurations stay as they are. */
const METRICS_PORT = 8085;

/**
 * What is left of root's powers: files of any owner and mode are read and written, and get back their owners and modes, set-user-id bits
 * among them. The agent mounts nothing and looks into no other process.
 */
const POWERS = ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID'];

const http = (path: string) => ({ httpGet: { path, port: 'metrics' } });

/** Until its watches have listed everything it is not ready; a rollout waits for that before it takes the next node. */
const PROBES = {
  startupProbe: { ...http('/healthz'), periodSeconds: 2, failureThreshold: 30 },
  livenessProbe: { ...http('/healthz'), periodSeconds: 20, timeoutSeconds: 5, failureThreshold: 3 },
  readinessProbe: { ...http('/readyz'), periodSeconds: 5, timeoutSeconds: 5 },
} as const;

const environmentOf = ({ secret }: InstallPlan) => [
  { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
  { name: 'VELERO_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
  { name: 'VELERO_SCRATCH_DIR', value: '/scratch' },
  // Everything else of the file system is read-only.
  { name: 'TMPDIR', value: '/scratch' },
  { name: 'HOME', value: '/scratch' },
  ...(secret ? [{ name: 'AWS_SHARED_CREDENTIALS_FILE', value: '/credentials/cloud' }] : []),
];

const securityOf = ({ privileged }: AgentPlan) => ({
  runAsUser: 0,
  readOnlyRootFilesystem: true,
  ...(privileged
    ? { privileged: true }
    : { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'], add: POWERS } }),
});

/** Inside it lies where it lies outside: a link in a volume's folder may be an absolute one. */
const podsFolder = ({ kubeletRoot }: AgentPlan): string => `${kubeletRoot}/pods`;

const containerOf = (plan: InstallPlan, agent: AgentPlan) => ({
  name: AGENT_NAME,
  image: plan.image,
  imagePullPolicy: 'IfNotPresent',
  args: [
    'node-agent',
    `--metrics-address=:${METRICS_PORT}`,
    `--kubelet-root=${agent.kubeletRoot}`,
    ...agent.sharedArgs,
    ...(agent.configMap === undefined ? [] : [`--node-agent-configmap=${agent.configMap}`]),
    ...(agent.hostingPodImage === undefined ? [] : [`--hosting-pod-image=${agent.hostingPodImage}`]),
  ],
  env: environmentOf(plan),
  ports: [{ name: 'metrics', containerPort: METRICS_PORT }],
  ...PROBES,
  resources: agent.resources,
  securityContext: securityOf(agent),
  volumeMounts: [
    { name: 'scratch', mountPath: '/scratch' },
    // What the kubelet mounts for pods that start later has to appear here, too.
    { name: 'host-pods', mountPath: podsFolder(agent), mountPropagation: 'HostToContainer' },
    ...(plan.secret ? [{ name: 'cloud-credentials', mountPath: '/credentials', readOnly: true }] : []),
  ],
});

const SCRAPED = {
  'prometheus.io/path': '/metrics',
  'prometheus.io/port': String(METRICS_PORT),
  'prometheus.io/scrape': 'true',
} as const;

const podOf = (plan: InstallPlan, agent: AgentPlan) => ({
  metadata: {
    // `role` is how servers see that a node has an agent (`pkg/nodeagent/node_agent.go`).
    labels: { ...plan.pod.labels, ...AGENT_LABELS, ...AGENT_SELECTOR, role: AGENT_NAME },
    annotations: { ...SCRAPED, ...plan.pod.annotations },
  },
  spec: {
    serviceAccountName: agent.serviceAccount.name,
    ...(agent.priorityClassName !== undefined && { priorityClassName: agent.priorityClassName }),
    terminationGracePeriodSeconds: 30,
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    containers: [containerOf(plan, agent)],
    volumes: [
      { name: 'scratch', emptyDir: {} },
      { name: 'host-pods', hostPath: { path: podsFolder(agent), type: 'Directory' } },
      ...(plan.secret ? [{ name: 'cloud-credentials', secret: { secretName: plan.secret.name } }] : []),
    ],
  },
});

/** An agent on every node, one at a time: a new one starts when the old one is gone, since two on a node would copy everything twice. */
export const daemonSetOf = (plan: InstallPlan): Manifest | undefined =>
  plan.agent && {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: AGENT_NAME, namespace: plan.namespace, labels: AGENT_LABELS },
    spec: {
      selector: { matchLabels: AGENT_SELECTOR },
      updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
      template: podOf(plan, plan.agent),
    },
  };
