import type { BackupItemOperation, BackupVolumeInfo } from '../../archive/sidecar-types.js';
import {
  decodeBackupItemOperations,
  decodeBackupVolumeInfo,
  decodeResults,
  encodeItemOperations,
  encodeResults,
  encodeVolumeInfo,
} from '../../archive/sidecars.js';
import { withErrors, type LateError } from '../../archive/merge-results.js';
import type { Cluster } from '../../cluster/port.js';
import { snapshotsOf } from '../../domain/backup-facts.js';
import { nameOf } from '../../domain/item.js';
import { at, textAt, type JsonObject } from '../../domain/json.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import { waitingSnapshots, type LateOutcome } from '../../domain/volumes/backup-snapshots.js';
import type { ProviderSnapshots } from '../../domain/volumes/provider-snapshots.js';
import type { TakenSnapshot } from '../../domain/volumes/taken-snapshot.js';
import { settledOperation, settledVolumeInfo } from '../../domain/volumes/volume-info.js';
import { operationLimitMs } from '../operation-limit.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { sideBySide, takingFrom } from '../side-by-side.js';
import { readObject } from '../stored-object.js';
import { cancelRequests } from '../volumes/awaited-move.js';
import { discardSnapshotsOfBackup } from '../volumes/discard-backup.js';
import { listObjects } from '../volumes/listed-objects.js';
import { discardMoves } from './discard-moves.js';
import { removeProviderSnapshots } from '../volumes/remove-provider-snapshots.js';
import { discardSnapshot, releaseSnapshot } from '../volumes/remove-snapshot.js';
import { snapshotKindsOf, type SnapshotKinds } from '../volumes/snapshot-kinds.js';
import { attemptOf, type BackupSession } from './session.js';

const RELEASED_AT_ONCE = 16;

const kindsOf = async (cluster: Cluster, signal: AbortSignal): Promise<SnapshotKinds | undefined> =>
  snapshotKindsOf((await cluster.discover(signal)).resources);

/** Removes what attempts that broke off, or a backup that failed, left of snapshots; faults mean that it is to be tried again. */
export const discardSnapshots = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const { cluster, resources } = ports;
  const { begun, taken, provider } = snapshotsOf(session.state);
  if (provider) await discardNativeSnapshots(ports, session, provider, signal);
  if (!begun) return;
  const backupUid = 'uid' in session.state ? session.state.uid : '';
  // First, so that no data mover begins with a snapshot that is about to go.
  await cancelRequests(ports, 'DataUpload', { label: BACKUP_UID_LABEL, value: backupUid }, signal);
  await discardSnapshotsOfBackup({ cluster, namespace: resources.namespace, backupUid, taken, signal });
  await discardMoves(ports, session, signal);
  await session.send({ type: 'DiscardSnapshots', now: session.now() });
};

/** Those of providers, also ones whose answer got lost. What cannot be deleted is told, and does not hold the backup up. */
const discardNativeSnapshots = async (
  ports: ControllerPorts,
  session: BackupSession,
  { locations, taken }: ProviderSnapshots,
  signal: AbortSignal,
): Promise<void> => {
  const uid = 'uid' in session.state ? session.state.uid : '';
  const left = await removeProviderSnapshots(ports, {
    locations,
    known: taken,
    tags: { [BACKUP_UID_LABEL]: uid },
    signal,
  });
  await session.send({ type: 'DiscardVolumeSnapshots', left, now: session.now() });
};

type Look = 'ready' | 'waiting' | { readonly failed: string };

/** How a snapshot stands that was cut: a driver that copies it elsewhere may need hours. */
export const lookAtSnapshot = async (
  cluster: Cluster,
  kinds: SnapshotKinds,
  content: string,
  signal: AbortSignal,
): Promise<Look> => {
  const bytes = await cluster.get(kinds.contents, { name: content }, { signal });
  if (!bytes) return { failed: `its VolumeSnapshotContent ${content} is gone` };
  const object = JSON.parse(bytes.toString('utf8')) as JsonObject;
  if (at(object, 'status', 'readyToUse') === true) return 'ready';
  const complaint = textAt(object, 'status', 'error', 'message');
  return complaint === '' ? 'waiting' : { failed: `the driver says: ${complaint}` };
};

const settleOne = async (
  { cluster, clock, config }: ControllerPorts,
  session: BackupSession,
  kinds: SnapshotKinds,
  waiting: TakenSnapshot & { readonly since: string },
  signal: AbortSignal,
): Promise<void> => {
  const attempt = attemptOf(session);
  const { namespace, claim, snapshot, content, since } = waiting;
  const about = { attempt, claim: { namespace, claim }, now: session.now() };
  let look = await lookAtSnapshot(cluster, kinds, content, signal);
  const limit = operationLimitMs(session.row?.spec, config);
  if (look === 'waiting' && clock().getTime() - Date.parse(since) > limit)
    look = { failed: 'it did not get ready in time (itemOperationTimeout)' };
  if (look === 'waiting') return;
  if (look === 'ready') {
    await session.send({ type: 'SettleSnapshot', ...about });
    return;
  }
  await discardSnapshot({ cluster, kinds, signal }, { namespace, name: snapshot });
  await session.send({ type: 'FailSnapshot', ...about, reason: look.failed });
};

/** Looks at the snapshots that are awaited and writes down which are ready or failed. True if none is awaited any more. */
export const settleSnapshots = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<boolean> => {
  const kinds = await kindsOf(ports.cluster, signal);
  const attempt = attemptOf(session);
  for (const waiting of waitingSnapshots(snapshotsOf(session.state))) {
    const { namespace, claim } = waiting;
    if (kinds) await settleOne(ports, session, kinds, waiting, signal);
    else
      await session.send({
        type: 'FailSnapshot',
        attempt,
        claim: { namespace, claim },
        reason: 'the cluster serves snapshots no longer',
        now: session.now(),
      });
  }
  return waitingSnapshots(snapshotsOf(session.state)).length === 0;
};

interface Sealing {
  readonly session: BackupSession;
  readonly location: OpenedLocation;
  readonly signal: AbortSignal;
}

/** By the claim: a backup takes one snapshot of each. */
const outcomesOf = (late: readonly LateOutcome[]) =>
  new Map(late.map(({ claim, ...standing }) => [`${claim.namespace}/${claim.claim}`, standing]));

const settledFiles = (
  late: readonly LateOutcome[],
  files: { readonly infos: readonly BackupVolumeInfo[]; readonly operations: readonly BackupItemOperation[] },
) => {
  const outcomes = outcomesOf(late);
  const ofClaim = (namespace = '', claim = '') => outcomes.get(`${namespace}/${claim}`);
  const byOperation = new Map(
    files.infos.map((info) => [info.csiSnapshotInfo?.operationID, ofClaim(info.pvcNamespace, info.pvcName)]),
  );
  return {
    infos: files.infos.map((info) => {
      const standing = info.csiSnapshotInfo && ofClaim(info.pvcNamespace, info.pvcName);
      return standing ? settledVolumeInfo(info, standing) : info;
    }),
    operations: files.operations.map((operation) => {
      const standing = byOperation.get(operation.spec.operationID);
      return standing ? settledOperation(operation, standing) : operation;
    }),
  };
};

/** In the words of an entry that a line of the log makes. */
const lateError = (late: LateOutcome): readonly LateError[] => {
  if (late.is !== 'failed') return [];
  const { namespace, claim } = late.claim;
  const text = ` resource: /persistentvolumeclaims name: /${claim} message: /The snapshot of its volume failed error: /${late.reason}`;
  return [{ namespace, text }];
};

/** The files say of each snapshot how it ended. They are read from the bucket and not remembered, so that a repeat makes the same. */
const settleFiles = async (
  { session, location: { store, layout }, signal }: Sealing,
  late: readonly LateOutcome[],
): Promise<void> => {
  const { name } = session.key;
  const [infoKey, operationsKey] = [layout.volumeInfo(name), layout.itemOperations(name)];
  const errors = late.flatMap(lateError);
  if (errors.length > 0) {
    const key = layout.backupResults(name);
    const bytes = await readObject(store, key, signal);
    const results = bytes ? await decodeResults(bytes, key) : { errors: {}, warnings: {} };
    await store.put(key, await encodeResults(withErrors(results, errors)), { signal });
  }
  const [infos, operations] = await Promise.all([
    readObject(store, infoKey, signal),
    readObject(store, operationsKey, signal),
  ]);
  const settled = settledFiles(late, {
    infos: infos ? await decodeBackupVolumeInfo(infos, infoKey) : [],
    operations: operations ? await decodeBackupItemOperations(operations, operationsKey) : [],
  });
  await store.put(infoKey, await encodeVolumeInfo(settled.infos), { signal });
  await store.put(operationsKey, await encodeItemOperations(settled.operations), { signal });
};

/**
 * What has to be done about snapshots before a backup is sealed: its files say how each ended, and of those it holds nothing is left in
 * the cluster (`pkg/backup/actions/csi/volumesnapshot_action.go`). The physical snapshots stay: they belong to the backup.
 */
export const sealSnapshots = async (
  { cluster }: ControllerPorts,
  session: BackupSession,
  location: OpenedLocation,
  signal: AbortSignal,
): Promise<void> => {
  const { begun, late, taken } = snapshotsOf(session.state);
  if (!begun) return;
  if (late.length > 0) await settleFiles({ session, location, signal }, late);
  const kinds = await kindsOf(cluster, signal);
  if (!kinds) return;
  const labelSelector = `${BACKUP_UID_LABEL}=${session.row?.uid ?? ''}`;
  const contents = await listObjects({ cluster, signal }, kinds.contents, { labelSelector });
  const seen = new Map(contents.map((one) => [nameOf(one), one]));
  await sideBySide(takingFrom(taken), RELEASED_AT_ONCE, ({ namespace, snapshot, content }) =>
    releaseSnapshot({ cluster, kinds, signal }, { namespace, name: snapshot }, content, seen.get(content)),
  );
};
