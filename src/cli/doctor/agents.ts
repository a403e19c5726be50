import type { Cluster } from '../../cluster/port.js';
import type { Config } from '../../config.js';
import type { Resources } from '../../controllers/resources.js';
import { listObjects } from '../../controllers/volumes/listed-objects.js';
import { nameOf } from '../../domain/item.js';
import { at, listAt, textAt, type JsonObject } from '../../domain/json.js';
import { DAEMON_SETS, NODES, PODS } from '../../domain/known-kinds.js';
import { AGENT_SELECTOR, nodeOfAgent } from '../../domain/volumes/copy-objects.js';
import { messageOf } from '../../faults.js';
import { kopiaVersion } from '../../repositories/kopia-version.js';
import { ok, skip, warn, type Finding } from './finding.js';

/** Why copies of volumes matter here. */
export interface CopiesInUse {
  readonly installed: boolean;
  /** By a flag, a schedule or what was copied before. */
  readonly wanted: boolean;
}

const SHOWN = 5;

const shown = (names: readonly string[]): string =>
  names.length > SHOWN
    ? `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`
    : names.join(', ');

/** Whether agents are installed, and whether anything here asks for file-system copies. */
export const copiesInUse = async (
  cluster: Cluster,
  resources: Resources,
  config: Config,
  signal: AbortSignal,
): Promise<CopiesInUse> => {
  const { namespace } = resources;
  const daemonSet = await cluster.get(DAEMON_SETS, { namespace, name: 'node-agent' }, { signal });
  const [repositories, schedules] = await Promise.all([
    resources.list('BackupRepository', signal),
    resources.list('Schedule', signal),
  ]);
  const asks = schedules.some(({ spec }) => at(spec, 'template', 'defaultVolumesToFsBackup') === true);
  return {
    installed: daemonSet !== undefined,
    wanted: config.controllers.defaultVolumesToFsBackup || asks || repositories.length > 0,
  };
};

const isReady = (pod: JsonObject): boolean =>
  listAt(pod, 'status', 'conditions').some(
    (one) => textAt(one, 'type') === 'Ready' && textAt(one, 'status') === 'True',
  );

const runsLinux = (node: JsonObject): boolean => {
  const system = textAt(node, 'metadata', 'labels', 'kubernetes.io/os');
  return system === '' || system === 'linux';
};

const isTainted = (node: JsonObject): boolean =>
  listAt(node, 'spec', 'taints').some((taint) => textAt(taint, 'effect') !== 'PreferNoSchedule');

const lacking = (nodes: readonly JsonObject[], installed: boolean, namespace: string): Finding => {
  const names = nodes.map(nameOf).sort();
  const detail = `no ready agent on ${shown(names)}: copies of volumes of pods there fail`;
  if (!installed)
    return warn(detail, 'install them: lifeboat install --apply --use-node-agent, with the flags of before');
  const tainted = nodes.every(isTainted);
  const look = `kubectl -n ${namespace} describe pods -l ${AGENT_SELECTOR}`;
  const tolerate = `give the DaemonSet node-agent tolerations for the taints of these nodes`;
  return warn(detail, tainted ? `${tolerate}, or leave it if no such volumes are there` : look);
};

/** Which nodes have no ready agent, or two of them. */
export const checkAgents = async (
  cluster: Cluster,
  namespace: string,
  { installed, wanted }: CopiesInUse,
  signal: AbortSignal,
): Promise<Finding> => {
  if (!installed && !wanted) return skip('no agents are installed, and nothing asks for copies of volumes');
  const look = { cluster, signal };
  const [nodes, pods] = await Promise.all([
    listObjects(look, NODES),
    listObjects(look, PODS, { namespace, labelSelector: AGENT_SELECTOR }),
  ]);
  const served = pods
    .filter(isReady)
    .map(nodeOfAgent)
    .filter((node) => node !== '');
  const twice = served.filter((node, i) => served.indexOf(node) !== i);
  if (twice.length > 0)
    return warn(
      `more than one agent on ${shown([...new Set(twice)].sort())}: each copy there is made twice`,
      `keep one: kubectl -n ${namespace} get pods -o wide -l ${AGENT_SELECTOR}`,
    );
  const bare = nodes.filter((node) => runsLinux(node) && !served.includes(nameOf(node)));
  if (bare.length > 0) return lacking(bare, installed, namespace);
  return ok(`one on each of ${served.length} nodes`);
};

/** Whether the program is here that makes and reads copies. */
export const checkKopia = async (
  { kopia }: Config,
  { installed, wanted }: CopiesInUse,
  signal: AbortSignal,
): Promise<Finding> => {
  try {
    return ok(`"${kopia}" is of version ${await kopiaVersion(kopia, signal)}`);
  } catch (error) {
    if (!installed && !wanted) return skip(`"${kopia}" is not here; only copies of volumes need it`);
    return warn(
      `${messageOf(error)}; without it the server makes no repository, and copies of volumes fail`,
      'run this where the server runs, in its image; if it is not there, build the image from deploy/Dockerfile',
    );
  }
};
