import { type ResourceType } from '../../cluster/port.js';
import { textAt } from '../../domain/json.js';

/** A Kubernetes object that `lifeboat install` makes. */
export interface Manifest {
  readonly apiVersion: string;
  readonly kind: Kind;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly [field: string]: unknown;
}

/** Group, plural, and whether it lies in a namespace, of every kind that is installed. */
const KINDS = {
  Namespace: { group: '', resource: 'namespaces', namespaced: false },
  ServiceAccount: { group: '', resource: 'serviceaccounts', namespaced: true },
  Secret: { group: '', resource: 'secrets', namespaced: true },
  Service: { group: '', resource: 'services', namespaced: true },
  PersistentVolumeClaim: { group: '', resource: 'persistentvolumeclaims', namespaced: true },
  Deployment: { group: 'apps', resource: 'deployments', namespaced: true },
  DaemonSet: { group: 'apps', resource: 'daemonsets', namespaced: true },
  Role: { group: 'rbac.authorization.k8s.io', resource: 'roles', namespaced: true },
  RoleBinding: { group: 'rbac.authorization.k8s.io', resource: 'rolebindings', namespaced: true },
  ClusterRole: { group: 'rbac.authorization.k8s.io', resource: 'clusterroles', namespaced: false },
  ClusterRoleBinding: {
    group: 'rbac.authorization.k8s.io',
    resource: 'clusterrolebindings',
    namespaced: false,
  },
  BackupStorageLocation: { group: 'velero.io', resource: 'backupstoragelocations', namespaced: true },
} as const;

export type Kind = keyof typeof KINDS;

export const typeOfKind = (kind: Kind): ResourceType => ({
  ...KINDS[kind],
  version: 'v1',
  kind,
  singular: kind.toLowerCase(),
  shortNames: [],
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
});

/** The name of the Deployment, the ServiceAccount, the Service and the Role. Not `velero`: a Deployment of that name is a Velero. */
export const NAME = 'lifeboat';

/** The pods of the server: what the Deployment and the Service select. Never changes, because a Deployment's selector cannot. */
export const SELECTOR = { 'app.kubernetes.io/name': NAME } as const;

/**
 * On everything that install makes; uninstall removes nothing without it. There is no `component: velero`, by which `velero plugin
 * add` and `velero uninstall` find the Deployments they change: a server without plugins has nothing to gain from either.
 */
export const LABELS = { ...SELECTOR, 'app.kubernetes.io/managed-by': 'lifeboat-install' } as const;

/** The name of the DaemonSet and a label of its pods, as with Velero (`pkg/install/daemonset.go`): its server and ours look for both. */
export const AGENT_NAME = 'node-agent';

/** The agents' ServiceAccount and roles, apart from the server's. */
export const AGENT_ACCOUNT = `${NAME}-${AGENT_NAME}`;

/** The pods of the agents. None of the server's labels is among them, or its Service would send callers to agents. */
export const AGENT_SELECTOR = { name: AGENT_NAME } as const;

/** On everything that install makes for the agents. */
export const AGENT_LABELS = { ...LABELS, 'app.kubernetes.io/name': AGENT_ACCOUNT } as const;

/** Whether an object was made by install, of the server or of the agents. */
export const isOurs = (object: unknown): boolean =>
  textAt(object, 'metadata', 'labels', 'app.kubernetes.io/managed-by') ===
  LABELS['app.kubernetes.io/managed-by'];

/** Names of what has no namespace: those of two installations must not meet. Velero does the same (`pkg/install/resources.go`). */
export const clusterName = (name: string, namespace: string): string =>
  namespace === 'velero' ? name : `${name}-${namespace}`;
