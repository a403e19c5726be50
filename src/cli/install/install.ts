import { type Cluster } from '../../cluster/port.js';
import { at, numberOf, textAt } from '../../domain/json.js';
import { VELERO_TYPES } from '../../domain/velero.gen.js';
import { Fault } from '../../faults.js';
import { refuseBesideVelero } from '../../running-velero.js';
import { applyObjects } from './apply.js';
import { requireAgentsPossible } from './agent-preconditions.js';
import { installDefinitions } from './definitions.js';
import { agentNotes, objectsOf } from './objects.js';
import { type InstallPlan } from './plan.js';
import { AGENTS, SERVER, waitAvailable } from './wait.js';

export interface Installation {
  readonly cluster: Cluster;
  readonly out: (line: string) => void;
  readonly force: boolean;
  /** Milliseconds to wait for the server; absent: not at all. */
  readonly waitMs?: number;
  readonly signal: AbortSignal;
}

/** Of two default locations Velero's API takes either; a second one must not come from an installation. */
const refuseSecondDefault = async (plan: InstallPlan, { cluster, signal }: Installation): Promise<void> => {
  if (!plan.location) return;
  for await (const page of cluster.list(VELERO_TYPES.BackupStorageLocation, {
    namespace: plan.namespace,
    signal,
  }))
    for (const item of page.items) {
      const location: unknown = JSON.parse(item.toString('utf8'));
      const name = textAt(location, 'metadata', 'name');
      if (name !== 'default' && at(location, 'spec', 'default') === true)
        throw new Fault(
          'LB_CONFIG',
          `the backup storage location "${name}" is the default already; keep it with --no-default-backup-location, or take "default: true" off it`,
        );
    }
};

/** Mounted and missing, it would keep the pod from starting without a word here. */
const requireSecret = async (
  { namespace, secret }: InstallPlan,
  { cluster, signal }: Installation,
): Promise<void> => {
  if (!secret || secret.content !== undefined) return;
  const type = { ...VELERO_TYPES.Backup, group: '', resource: 'secrets', kind: 'Secret', singular: 'secret' };
  const bytes = await cluster.get(type, { namespace, name: secret.name }, { signal });
  const found: unknown = bytes && JSON.parse(bytes.toString('utf8'));
  if (textAt(found, 'data', 'cloud') === '')
    throw new Fault(
      'LB_CONFIG',
      `--use-existing-secret is "${secret.name}", but namespace "${namespace}" has no such Secret with a key "cloud"`,
    );
};

const waitForAgents = async (
  { namespace, agent }: InstallPlan,
  { cluster, out, signal }: Installation,
  waitMs: number,
): Promise<void> => {
  if (!agent) return;
  out(`waiting until every node has its agent, at most ${waitMs / 1000} s`);
  const daemonSet = await waitAvailable(cluster, namespace, AGENTS, waitMs, signal);
  const nodes = numberOf(at(daemonSet, 'status', 'desiredNumberScheduled')) ?? 0;
  out(`agents run on ${nodes} node${nodes === 1 ? '' : 's'}`);
};

/**
 * Brings everything into the cluster: once more after it was interrupted, and again after an upgrade of this program. Nothing is
 * written while Velero runs in the namespace. Faults: `LB_CONFIG`, those of the cluster, `LB_DEADLINE` if the server does not come up.
 */
export const install = async (plan: InstallPlan, installation: Installation): Promise<void> => {
  const { cluster, out, force, waitMs, signal } = installation;
  await refuseBesideVelero(cluster, plan.namespace, signal);
  await requireAgentsPossible(plan, cluster, signal);
  await requireSecret(plan, installation);
  if ((await installDefinitions(cluster, out, signal)) !== 0)
    throw new Fault(
      'LB_CLUSTER_REFUSED',
      'the custom resource definitions are not as the server needs them; nothing else was changed',
    );
  await refuseSecondDefault(plan, installation);
  await applyObjects(objectsOf(plan), { cluster, force, out, signal });
  for (const line of agentNotes(plan)) out(line);
  if (waitMs === undefined) return;
  out(`waiting until the server is available, at most ${waitMs / 1000} s`);
  await waitAvailable(cluster, plan.namespace, SERVER, waitMs, signal);
  await waitForAgents(plan, installation, waitMs);
  out(
    `Lifeboat runs in namespace ${plan.namespace}. Its API: kubectl -n ${plan.namespace} port-forward service/lifeboat 4000`,
  );
};
