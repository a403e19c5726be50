import { agentRbac } from './agent-rbac.js';
import { daemonSetOf } from './daemonset.js';
import { claimOf, deploymentOf, serviceOf } from './deployment.js';
import { AGENT_LABELS, LABELS, type Manifest } from './manifest.js';
import { type InstallPlan } from './plan.js';
import { rbacManifests } from './rbac.js';

/** One object, with the reasons of its rules if it is a role. */
export interface Installed {
  readonly manifest: Manifest;
  readonly reasons?: readonly string[];
}

/**
 * Made only if it does not exist. The server keeps to the strictest of Kubernetes' pod security standards. Agents cannot: a folder of the
 * node is open to pods of the standard `privileged` alone, and a namespace has one standard. Velero's is always `privileged`.
 */
const namespaceOf = ({ namespace, agent }: InstallPlan): Manifest => {
  const standard = agent ? 'privileged' : 'restricted';
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: {
      name: namespace,
      labels: {
        ...LABELS,
        'pod-security.kubernetes.io/enforce': standard,
        'pod-security.kubernetes.io/audit': standard,
        'pod-security.kubernetes.io/warn': standard,
      },
    },
  };
};

/** Both accounts bear the annotations: where no Secret holds credentials, agents get theirs by them as well. */
const accountOf = (plan: InstallPlan, name: string, labels: Readonly<Record<string, string>>): Manifest => {
  const { annotations } = plan.serviceAccount;
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name,
      namespace: plan.namespace,
      labels,
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
  };
};

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

const identityOf = (
  account: Manifest,
  { roles, bindings }: { readonly roles: readonly Installed[]; readonly bindings: readonly Manifest[] },
): readonly Installed[] => [{ manifest: account }, ...roles, ...bindings.map((manifest) => ({ manifest }))];

const serverIdentity = (plan: InstallPlan): readonly Installed[] =>
  plan.serviceAccount.create
    ? identityOf(
        accountOf(plan, plan.serviceAccount.name, LABELS),
        rbacManifests(plan.namespace, plan.rbac, plan.apiCallers),
      )
    : [];

const agentIdentity = (plan: InstallPlan): readonly Installed[] =>
  plan.agent?.serviceAccount.create
    ? identityOf(accountOf(plan, plan.agent.serviceAccount.name, AGENT_LABELS), agentRbac(plan.namespace))
    : [];

/** What whoever installs agents has to know. */
export const agentNotes = ({ namespace, agent }: InstallPlan): readonly string[] =>
  agent
    ? [
        `agents need the pod security standard "privileged" in namespace ${namespace}: they read the volumes of pods in ${agent.kubeletRoot} of their node, as root. Let nobody create pods in it who may not do the same; the pod of the server keeps to "restricted" by its own settings`,
      ]
    : [];

/** Everything but the custom resource definitions, in the order in which it can be created. */
export const objectsOf = (plan: InstallPlan): readonly Installed[] => {
  const rest = [
    secretOf(plan),
    locationOf(plan),
    claimOf(plan),
    serviceOf(plan),
    deploymentOf(plan),
    daemonSetOf(plan),
  ];
  return [
    { manifest: namespaceOf(plan) },
    ...serverIdentity(plan),
    ...agentIdentity(plan),
    ...rest.filter((manifest) => manifest !== undefined).map((manifest) => ({ manifest })),
  ];
};
