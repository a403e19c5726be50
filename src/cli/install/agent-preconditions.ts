import { getObject } from '../../cluster/get-object.js';
import { type Cluster } from '../../cluster/port.js';
import { textAt } from '../../domain/json.js';
import { CONFIG_MAPS, NAMESPACES } from '../../domain/known-kinds.js';
import { Fault } from '../../faults.js';
import { AGENT_NAME, isOurs, typeOfKind } from './manifest.js';
import { type InstallPlan } from './plan.js';

const ENFORCED = 'pod-security.kubernetes.io/enforce';

/** A DaemonSet cannot be scaled to zero as a Deployment can: Velero's has to go before ours can have its name. */
const refuseOtherAgents = (namespace: string, daemonSet: unknown): void => {
  if (daemonSet !== undefined && !isOurs(daemonSet))
    throw new Fault(
      'LB_CONFIG',
      `namespace "${namespace}" has a DaemonSet "${AGENT_NAME}" that lifeboat install did not make; two agents on one node would both do every copy. Delete it first: kubectl -n ${namespace} delete daemonset ${AGENT_NAME}`,
    );
};

/** The namespace would become `restricted` again: agents would run on, and not come back once their pods are replaced. */
const refuseForgottenAgents = (namespace: string, daemonSet: unknown): void => {
  if (isOurs(daemonSet))
    throw new Fault(
      'LB_CONFIG',
      `an earlier installation made agents in namespace "${namespace}"; give --use-node-agent again to keep them, or take them out first: kubectl -n ${namespace} delete daemonset ${AGENT_NAME}`,
    );
};

/** A namespace that others made is left as it is, and its API server would refuse the agents' pods without a word here. */
const refuseStrictNamespace = async (
  { namespace }: InstallPlan,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> => {
  const found = await getObject(cluster, NAMESPACES, { name: namespace }, { signal });
  const standard = textAt(found, 'metadata', 'labels', ENFORCED);
  if (isOurs(found) || (standard !== 'restricted' && standard !== 'baseline')) return;
  throw new Fault(
    'LB_CONFIG',
    `namespace "${namespace}" lets in no pods with folders of their node (its pod security standard is "${standard}"), which agents are. Allow them: kubectl label namespace ${namespace} ${ENFORCED}=privileged --overwrite`,
  );
};

/** Agents that are told of settings that are not there do not start. */
const requireSettings = async (
  { namespace, agent }: InstallPlan,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> => {
  const name = agent?.configMap;
  if (
    name === undefined ||
    (await getObject(cluster, CONFIG_MAPS, { namespace, name }, { signal })) !== undefined
  )
    return;
  throw new Fault(
    'LB_CONFIG',
    `--node-agent-configmap is "${name}", but namespace "${namespace}" has no such ConfigMap; create it first`,
  );
};

/** Refuses, with `LB_CONFIG`, what would keep the agents of this installation from their work. Nothing is written. */
export const requireAgentsPossible = async (
  plan: InstallPlan,
  cluster: Cluster,
  signal: AbortSignal,
): Promise<void> => {
  const { namespace } = plan;
  const daemonSet = await getObject(
    cluster,
    typeOfKind('DaemonSet'),
    { namespace, name: AGENT_NAME },
    { signal },
  );
  if (!plan.agent) {
    refuseForgottenAgents(namespace, daemonSet);
    return;
  }
  refuseOtherAgents(namespace, daemonSet);
  await refuseStrictNamespace(plan, cluster, signal);
  await requireSettings(plan, cluster, signal);
};
