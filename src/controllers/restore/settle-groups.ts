import { RESTORE_NAME_LABEL, RESTORE_UID_LABEL } from '../../domain/labels.js';
import { groupResource, type Cluster, type ResourceType } from '../../cluster/port.js';
import { annotationsOf, nameOf, namespaceOf } from '../../domain/item.js';
import { at, textAt, type JsonObject } from '../../domain/json.js';
import { GROUP_HANDLE_KEY } from '../../domain/volumes/group-stub.js';
import { GROUP_SNAPSHOT_CONTENTS } from '../../domain/volumes/snapshot-group.js';
import { VOLUME_SNAPSHOTS } from '../../domain/volumes/snapshot-objects.js';
import { Fault } from '../../faults.js';
import { labelValue } from '../label-value.js';
import type { ControllerPorts } from '../ports.js';
import { followObjects } from '../volumes/followed-objects.js';
import { listObjects } from '../volumes/listed-objects.js';
import type { RestoreSession } from './session.js';

/** How long one look follows the snapshots: after that, everything is read anew. */
const LOOK_MS = 5_000;

interface Stubs {
  readonly type: ResourceType;
  readonly found: readonly JsonObject[];
  readonly resources: readonly ResourceType[];
}

const stubsOf = async (
  cluster: Cluster,
  restoreUid: string,
  signal: AbortSignal,
): Promise<Stubs | undefined> => {
  const { resources } = await cluster.discover(signal);
  const type = resources.find((one) => groupResource(one) === GROUP_SNAPSHOT_CONTENTS);
  if (!type || restoreUid === '') return undefined;
  const labelSelector = `${RESTORE_UID_LABEL}=${restoreUid}`;
  return { type, resources, found: await listObjects({ cluster, signal }, type, { labelSelector }) };
};

/** Their policy keeps the physical snapshots. */
const remove = async (cluster: Cluster, { type, found }: Stubs, signal: AbortSignal): Promise<void> => {
  for (const stub of found) {
    const deleted = await cluster.delete(type, { name: nameOf(stub) }, { signal });
    if (!deleted.ok && deleted.reason !== 'NotFound')
      throw new Fault(
        'LB_CLUSTER_REFUSED',
        `the deletion of VolumeGroupSnapshotContent ${nameOf(stub)}: ${deleted.message}`,
      );
  }
};

/** Takes the stand-ins for volume groups out of the cluster. Safe to repeat; faults are those of `Cluster`, and mean that it is to be repeated. */
export const removeGroupStubs = async (
  { cluster }: Pick<ControllerPorts, 'cluster'>,
  restoreUid: string,
  signal: AbortSignal,
): Promise<void> => {
  const stubs = await stubsOf(cluster, restoreUid, signal);
  if (stubs) await remove(cluster, stubs, signal);
};

const isReady = (snapshot: JsonObject): boolean => at(snapshot, 'status', 'readyToUse') === true;

/** Follows those VolumeSnapshots of the restore that belong to groups, for a while; true when none of them waits any more. */
const areReady = async (
  cluster: Cluster,
  { resources }: Stubs,
  restore: { readonly label: string; readonly since: string },
  until: AbortSignal,
): Promise<boolean> => {
  const type = resources.find((one) => groupResource(one) === VOLUME_SNAPSHOTS);
  if (!type) return true;
  const labelSelector = `${RESTORE_NAME_LABEL}=${restore.label}`;
  const keyOf = (object: JsonObject) => `${namespaceOf(object)}/${nameOf(object)}`;
  const waiting = (await listObjects({ cluster, signal: until }, type, { labelSelector })).filter(
    (one) =>
      Object.hasOwn(annotationsOf(one), GROUP_HANDLE_KEY) &&
      // Of an earlier restore of this name they are nobody's any more.
      textAt(one, 'metadata', 'creationTimestamp') >= restore.since &&
      !isReady(one),
  );
  if (waiting.length === 0) return true;
  const followed = followObjects({ cluster, type, labelSelector, keyOf, signal: until });
  const ends = waiting.map((one) =>
    followed.found(keyOf(one), (seen) => (!seen || isReady(seen) ? true : undefined), until),
  );
  return (await Promise.all(ends)).every((end) => end === true);
};

/**
 * Waits until the snapshots of volume groups are ready, for the resource timeout since the items were applied, and then takes the stand-ins
 * of the groups away (`pkg/controller/restore_finalizer_controller.go`). False if it is to be called again. Of what does not get ready the
 * claims tell. Faults are those of the cluster.
 */
export const settleGroups = async (
  { cluster, config, clock }: ControllerPorts,
  { state, key, resource }: RestoreSession,
  signal: AbortSignal,
): Promise<boolean> => {
  if (state.phase !== 'Applied' || state.settlingSince === undefined) return true;
  const stubs = await stubsOf(cluster, state.uid, signal);
  if (!stubs || stubs.found.length === 0) return true;
  const left = Date.parse(state.settlingSince) + config.resourceTimeout - clock().getTime();
  const looking = AbortSignal.any([signal, AbortSignal.timeout(Math.max(0, Math.min(LOOK_MS, left)))]);
  const restore = { label: labelValue(key.name), since: resource?.metadata.creationTimestamp ?? '' };
  const ready = left <= 0 || (await areReady(cluster, stubs, restore, looking));
  signal.throwIfAborted();
  if (ready) await remove(cluster, stubs, signal);
  return ready;
};
