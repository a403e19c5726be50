import type { OperationLog } from '../../archive/oplog.js';
import type { Spool } from '../../archive/spool.js';
import type { TarballWriter } from '../../archive/tarball-writer.js';
import type { Discovery } from '../../cluster/port.js';
import { compileBackupHooks } from '../../domain/hooks/backup-hooks.js';
import { createHookTally, type HookCounts } from '../../domain/hooks/hook-tally.js';
import { kindResolver } from '../../domain/resource-kinds.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import { loadBackupActions } from './actions.js';
import type { Archived } from './archive.js';
import { claimPeersFor } from './claim-peers.js';
import { collectItems } from './collect.js';
import { hookFactsOf } from './hook-facts.js';
import { createHooksOfPods } from './pod-hooks.js';
import type { BackupSession } from './session.js';
import { listNamespaces } from '../namespaces.js';
import type { ControllerPorts } from '../ports.js';
import { requireResourcePolicy } from '../resource-policy.js';

interface Gathering {
  readonly session: BackupSession;
  readonly name: string;
  readonly spec: BackupSpec;
  readonly log: OperationLog;
  readonly tar: TarballWriter;
  readonly scratch: { readonly tar: Spool };
  readonly onProgress: (done: number, total: number, bytes: number) => void;
}

const loadHooks = (
  { cluster }: ControllerPorts,
  { session, spec, log }: Gathering,
  discovery: Discovery,
  signal: AbortSignal,
) => {
  const tally = createHookTally();
  const attempt = 'attempt' in session.state ? session.state.attempt : 0;
  const hooks = createHooksOfPods({
    sets: compileBackupHooks(spec.hooks, kindResolver(discovery.resources)),
    facts: hookFactsOf(session, attempt, signal),
    exec: cluster.exec,
    log,
    tally,
    signal,
  });
  return { hooks, tally };
};

/** Looks around in the cluster and puts everything that belongs to one backup into its archive. */
export const gatherContents = async (
  ports: ControllerPorts,
  gathering: Gathering,
  signal: AbortSignal,
): Promise<{ readonly archived: Archived; readonly hooks: HookCounts }> => {
  const { cluster, config } = ports;
  const { name, spec, log, tar, scratch } = gathering;
  const place = { cluster, namespace: ports.resources.namespace };
  const policies = await requireResourcePolicy(place, spec.resourcePolicy, signal);
  const discovery = await cluster.discover(signal);
  const namespaces = await listNamespaces(cluster, signal);
  const actions = await loadBackupActions({
    backupName: name,
    actions: [...ports.backupItemActions, ...claimPeersFor(spec, cluster, discovery, signal)],
    cluster,
    discovery,
    log,
    signal,
  });
  const { hooks, tally } = loadHooks(ports, gathering, discovery, signal);
  log.info('Backing up items');
  const archived = await collectItems({
    cluster,
    spec,
    discovery,
    ...(policies?.includeExclude && { policy: policies.includeExclude }),
    everyVersion: config.enableApiGroupVersions,
    namespaces,
    actions,
    hooks,
    tar,
    log,
    signal,
    pageSize: config.clientPageSize,
    onProgress: (done, total) => gathering.onProgress(done, total, scratch.tar.bytes),
  });
  return { archived, hooks: tally.counts() };
};
