import type { OperationLog } from '../../archive/oplog.js';
import { getObject } from '../../cluster/get-object.js';
import type { Discovery } from '../../cluster/port.js';
import { CLAIMS } from '../../domain/known-kinds.js';
import { objectAt, textAt, type JsonObject } from '../../domain/json.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import type { ResourcePolicies } from '../../domain/resource-policies/policies.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import type { ControllerPorts } from '../ports.js';
import { createOpenSnapshotters } from '../volumes/snapshot-location.js';
import { snapshotKindsOf } from '../volumes/snapshot-kinds.js';
import type { FactSender } from './hook-facts.js';
import { createNativeSnapshots, type NativeSnapshotFacts, type NativeSnapshots } from './native-snapshots.js';
import type { PodCopies } from './pod-copies.js';
import { attemptOf, type BackupSession } from './session.js';

/** Which attempt a snapshot belongs to. */
const ATTEMPT_TAG = 'lifeboat.io/attempt';

const factsOf = (
  session: BackupSession,
  locations: readonly string[],
  send: FactSender,
): NativeSnapshotFacts => {
  const attempt = attemptOf(session);
  return {
    begun: () => send({ type: 'BeginVolumeSnapshots', attempt, locations, now: session.now() }),
    taken: (snapshot) => {
      const { volume } = snapshot;
      return send({ type: 'RecordVolumeSnapshot', attempt, volume, snapshot, now: session.now() });
    },
    failed: ({ volume, location, reason }) =>
      send({ type: 'FailVolumeSnapshot', attempt, volume, location, reason, now: session.now() }),
  };
};

/** Those that tell what it belongs to come first: a provider may take no more than some. */
const tagsOf = (session: BackupSession): Readonly<Record<string, string>> => {
  const own = {
    'velero.io/backup': session.key.name,
    [BACKUP_UID_LABEL]: session.row?.uid ?? '',
    [ATTEMPT_TAG]: String(attemptOf(session)),
  };
  return { ...own, ...session.row?.labels, ...own };
};

const claimReader =
  ({ cluster }: ControllerPorts, signal: AbortSignal) =>
  async (volume: JsonObject): Promise<JsonObject | undefined> => {
    const [namespace, name] = ['namespace', 'name'].map((field) => textAt(volume, 'spec', 'claimRef', field));
    if (!namespace || !name) return undefined;
    return getObject(cluster, CLAIMS, { namespace, name }, { signal });
  };

interface Gathering {
  readonly session: BackupSession;
  readonly spec: BackupSpec;
  readonly log: OperationLog;
}

/** What takes the snapshots by providers of one run. */
export const loadNativeSnapshots = (
  ports: ControllerPorts,
  { session, spec, log }: Gathering,
  around: {
    readonly discovery: Discovery;
    readonly policies?: ResourcePolicies | undefined;
    readonly copies: Pick<PodCopies, 'isChosen'>;
  },
  { send, signal }: { readonly send: FactSender; readonly signal: AbortSignal },
): NativeSnapshots & { readonly close: () => Promise<void> } => {
  const snapshotters = createOpenSnapshotters(ports, signal);
  const native = createNativeSnapshots({
    spec,
    tags: tagsOf(session),
    ...(around.policies && { policies: around.policies }),
    snapshotters,
    claimOf: claimReader(ports, signal),
    csiApart: snapshotKindsOf(around.discovery.resources) !== undefined,
    isCopied: (volume) => around.copies.isChosen({ metadata: objectAt(volume, 'spec', 'claimRef') }),
    facts: factsOf(session, spec.volumeSnapshotLocations ?? [], send),
    timeoutMs: ports.config.resourceTimeout,
    log,
    signal,
  });
  return { ...native, close: snapshotters.close };
};
