import type { OperationLog } from '../../archive/oplog.js';
import type { Spool } from '../../archive/spool.js';
import type { TarballWriter } from '../../archive/tarball-writer.js';
import type { Discovery } from '../../cluster/port.js';
import { compileBackupHooks } from '../../domain/hooks/backup-hooks.js';
import { createHookTally, type HookCounts } from '../../domain/hooks/hook-tally.js';
import { parseGoDuration } from '../../domain/go-duration.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { kindResolver } from '../../domain/resource-kinds.js';
import type { ResourcePolicies } from '../../domain/resource-policies/policies.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import type { NativeVolume } from '../../domain/volumes/native-snapshot-files.js';
import type { MetVolume } from '../../domain/volumes/volume-info.js';
import { loadBackupActions } from './actions.js';
import type { Archived } from './archive.js';
import { claimPeersFor } from './claim-peers.js';
import { collectItems } from './collect.js';
import { createRunSnapshots, type RunSnapshots } from './csi-snapshots.js';
import type { SnapshotFacts } from './take-snapshot.js';
import { createHandOver } from './hand-over.js';
import { factSenderOf, hookFactsOf, type FactSender } from './hook-facts.js';
import { loadCopies } from './load-copies.js';
import type { PodCopies, TakenCopies } from './pod-copies.js';
import { loadNativeSnapshots } from './load-native-snapshots.js';
import { createHooksOfPods } from './pod-hooks.js';
import { attemptOf, type BackupSession } from './session.js';
import { listNamespaces } from '../namespaces.js';
import type { ControllerPorts } from '../ports.js';
import { requireResourcePolicy } from '../resource-policy.js';
import { groupSnapshotKindsOf, snapshotKindsOf } from '../volumes/snapshot-kinds.js';
import { CSI_SNAPSHOT_TIMEOUT_MS } from './prepare.js';

interface Gathering {
  readonly session: BackupSession;
  readonly name: string;
  readonly spec: BackupSpec;
  readonly log: OperationLog;
  readonly tar: TarballWriter;
  readonly scratch: { readonly tar: Spool };
  readonly onProgress: (done: number, total: number, bytes: number) => void;
}

const snapshotFactsOf = (session: BackupSession, send: FactSender): SnapshotFacts => {
  const attempt = attemptOf(session);
  const placeOf = (claim: JsonObject) => ({ namespace: namespaceOf(claim), claim: nameOf(claim) });
  return {
    begun: () => send({ type: 'BeginSnapshots', attempt, now: session.now() }),
    taken: (claim, { name: snapshot, content, driver, handle, ready, group }) => {
      const volume = textAt(claim, 'spec', 'volumeName');
      const names = { snapshot, content, driver, handle, ready, ...(group !== undefined && { group }) };
      const taken = { ...placeOf(claim), volume, ...names };
      return send({ type: 'RecordSnapshot', attempt, snapshot: taken, now: session.now() });
    },
    failed: (claim, reason) =>
      send({ type: 'FailSnapshot', attempt, claim: placeOf(claim), reason, now: session.now() }),
    ready: ({ namespace, name: claim }) =>
      send({ type: 'SettleSnapshot', attempt, claim: { namespace, claim }, now: session.now() }),
  };
};

/** Nothing where the cluster takes no snapshots through CSI. */
const loadSnapshots = (
  ports: ControllerPorts,
  { session, name, spec, log }: Gathering,
  around: {
    readonly discovery: Discovery;
    readonly policies?: ResourcePolicies | undefined;
    readonly copies: PodCopies;
  },
  { send, signal }: { readonly send: FactSender; readonly signal: AbortSignal },
): RunSnapshots => {
  const { cluster, config } = ports;
  const kinds = snapshotKindsOf(around.discovery.resources);
  const handing = {
    backup: { name, uid: session.row?.uid ?? '' },
    attempt: attemptOf(session),
    spec,
    send,
    now: () => session.now(),
    signal,
  };
  if (!kinds) return { actions: [], met: [], settle: () => Promise.resolve() };
  return createRunSnapshots({
    cluster,
    discovery: around.discovery,
    kinds,
    groupKinds: groupSnapshotKindsOf(around.discovery.resources),
    spec,
    backup: {
      name,
      uid: session.row?.uid ?? '',
      annotations: session.resource?.metadata.annotations ?? {},
    },
    ...(around.policies && { policies: around.policies }),
    facts: snapshotFactsOf(session, send),
    handOver: spec.snapshotMoveData === true ? createHandOver(ports, handing) : undefined,
    isChosen: around.copies.isChosen,
    volumeRequired: config.enableCsi,
    timeoutMs: parseGoDuration(spec.csiSnapshotTimeout ?? '') || CSI_SNAPSHOT_TIMEOUT_MS,
    log,
    signal,
  });
};

const loadHooks = (
  { cluster }: ControllerPorts,
  { session, spec, log }: Gathering,
  discovery: Discovery,
  { send, signal }: { readonly send: FactSender; readonly signal: AbortSignal },
) => {
  const tally = createHookTally();
  const attempt = attemptOf(session);
  const hooks = createHooksOfPods({
    sets: compileBackupHooks(spec.hooks, kindResolver(discovery.resources)),
    facts: hookFactsOf(session, attempt, send),
    exec: cluster.exec,
    log,
    tally,
    signal,
  });
  return { hooks, tally };
};

/** What was put into the archive, and what became of the data of volumes. */
export interface GatheredContents {
  readonly archived: Archived;
  readonly hooks: HookCounts;
  readonly volumes: readonly MetVolume[];
  readonly native: readonly NativeVolume[];
  readonly copies: TakenCopies;
}

/** Looks around in the cluster and puts everything that belongs to one backup into its archive. */
export const gatherContents = async (
  ports: ControllerPorts,
  gathering: Gathering,
  signal: AbortSignal,
): Promise<GatheredContents> => {
  const gathered = new AbortController(); // copies are watched until then, and no longer
  try {
    return await gather(ports, gathering, AbortSignal.any([signal, gathered.signal]));
  } finally {
    gathered.abort();
  }
};

const gather = async (
  ports: ControllerPorts,
  gathering: Gathering,
  signal: AbortSignal,
): Promise<GatheredContents> => {
  const { cluster, config } = ports;
  const { name, spec, log, tar, scratch } = gathering;
  const place = { cluster, namespace: ports.resources.namespace };
  const policies = await requireResourcePolicy(place, spec.resourcePolicy, signal);
  const discovery = await cluster.discover(signal);
  const namespaces = await listNamespaces(cluster, signal);
  const send = factSenderOf(gathering.session, attemptOf(gathering.session), signal);
  const copies = loadCopies(ports, gathering, { discovery, policies }, { send, signal });
  const snapshots = loadSnapshots(ports, gathering, { discovery, policies, copies }, { send, signal });
  const native = loadNativeSnapshots(ports, gathering, { discovery, policies, copies }, { send, signal });
  const actions = await loadBackupActions({
    backupName: name,
    actions: [
      ...ports.backupItemActions,
      ...copies.actions,
      ...snapshots.actions,
      ...claimPeersFor(spec, cluster, discovery, signal),
      native.action,
    ],
    cluster,
    discovery,
    log,
    signal,
  });
  const { hooks, tally } = loadHooks(ports, gathering, discovery, { send, signal });
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
    copies,
    tar,
    log,
    signal,
    pageSize: config.clientPageSize,
    onProgress: (done, total) => gathering.onProgress(done, total, scratch.tar.bytes),
  }).finally(native.close);
  const taken = await copies.done();
  await snapshots.settle();
  return { archived, hooks: tally.counts(), volumes: snapshots.met, native: native.met, copies: taken };
};
