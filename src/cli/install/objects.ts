import { claimOf, deploymentOf, serviceOf } from './deployment.js';
import { LABELS, type Manifest } from './manifest.js';
import { type InstallPlan } from './plan.js';
import { rbacManifests } from './rbac.js';

/** One object, with the reasons of its rules if it is a role. */
export interface Installed {
  readonly manifest: Manifest;
  readonly reasons?: readonly string[];
}

/**
 * Made only if it does not exist. The server keeps to the strictest of Kubernetes' pod security standards; Velero's namespace is
 * `privileged`, for the agents that it runs on every node.
 */
const namespaceOf = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name,
    labels: {
      ...LABELS,
      'pod-security.kubernetes.io/enforce': 'restricted',
      'pod-security.kubernetes.io/audit': 'restricted',
      'pod-security.kubernetes.io/warn': 'restricted',
    },
  },
});

const accountOf = ({ namespace, serviceAccount }: InstallPlan): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: {
    name: serviceAccount.name,
    namespace,
    labels: LABELS,
    ...(Object.keys(serviceAccount.annotations).length > 0 && { annotations: serviceAccount.annotations }),
  },
});

const secretOf = ({ namespace, secret }: InstallPlan): Manifest | undefined =>
  secret?.content === undefined
    ? undefined
    : {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: secret.name, namespace, labels: LABELS },
        type: 'Opaque',
        data: { cloud: Buffer.from(secret.content, 'utf8').toString('base64') },
      };

const locationOf = ({ namespace, location }: InstallPlan): Manifest | undefined =>
  location && {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name: 'default', namespace, labels: LABELS },
    spec: { default: true, ...location },
  };

/** Everything but the custom resource definitions, in the order in which it can be created. */
export const objectsOf = (plan: InstallPlan): readonly Installed[] => {
  const { roles, bindings } = rbacManifests(plan.namespace, plan.rbac, plan.apiCallers);
  const identity = plan.serviceAccount.create
    ? [{ manifest: accountOf(plan) }, ...roles, ...bindings.map((manifest) => ({ manifest }))]
    : [];
  const rest = [secretOf(plan), locationOf(plan), claimOf(plan), serviceOf(plan), deploymentOf(plan)];
  return [
    { manifest: namespaceOf(plan.namespace) },
    ...identity,
    ...rest.filter((manifest) => manifest !== undefined).map((manifest) => ({ manifest })),
  ];
};
