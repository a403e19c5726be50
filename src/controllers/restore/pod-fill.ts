import { getObject } from '../../cluster/get-object.js';
import { printGoDuration } from '../../domain/go-duration.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { PODS } from '../../domain/known-kinds.js';
import { podVolumeRestore, type CopiedVolume } from '../../domain/volumes/copy-objects.js';
import type { FillOfVolume } from '../../domain/volumes/restore-fills.js';
import { labelValue } from '../label-value.js';
import { copyNameOf } from '../volumes/copy-name.js';
import { awaitObject } from '../volumes/watched-object.js';
import { giveUp, type AskedFill, type Filling } from './pod-filling.js';

/** Velero looks that long for the node of a pod (`pkg/podvolume/restorer.go`). */
const SCHEDULING_MS = 600_000;

const cancel = async ({ resources, signal }: Filling, fill: FillOfVolume): Promise<void> => {
  await resources.patch('PodVolumeRestore', fill.name, { spec: { cancel: true } }, signal);
};

/** Where the pod runs, and that an agent is there; else why not. */
export const nodeWithAgent = async (
  { cluster, agents, signal }: Filling,
  pod: JsonObject,
  over: AbortSignal,
): Promise<{ readonly node: string } | { readonly problem: string }> => {
  const until = AbortSignal.any([signal, over, AbortSignal.timeout(SCHEDULING_MS)]);
  const node = await awaitObject(
    cluster,
    PODS,
    { namespace: namespaceOf(pod), name: nameOf(pod) },
    (present) => textAt(present, 'spec', 'nodeName') || undefined,
    until,
  );
  signal.throwIfAborted();
  if (node === undefined) return { problem: 'the pod was not put on a node in time' };
  return (await agents.isOn(node))
    ? { node }
    : { problem: `no node agent runs on node ${node}, where the pod is; start one there` };
};

const uidOfClaim = async (
  { cluster, claims, signal }: Filling,
  namespace: string,
  name: string,
): Promise<string | undefined> => {
  if (name === '' || !claims) return undefined;
  const claim = await getObject(cluster, claims, { namespace, name }, { signal });
  return claim && textAt(claim, 'metadata', 'uid');
};

/** Asks for the data of one volume; the same again in a further attempt, which finds it asked for. */
export const ask = async (
  filling: Filling,
  pod: JsonObject,
  copy: CopiedVolume & { readonly claimName: string },
): Promise<AskedFill> => {
  const { resources, restore, settings, signal } = filling;
  const name = copyNameOf(restore.name, [restore.uid, textAt(pod, 'metadata', 'uid'), copy.volume]);
  const claimUid = await uidOfClaim(filling, namespaceOf(pod), copy.claimName);
  const request = podVolumeRestore({
    name,
    namespace: resources.namespace,
    restore: { ...restore, label: labelValue(restore.name) },
    location: restore.location,
    pod,
    copy,
    ...(claimUid !== undefined && { claimUid }),
    ...(settings && { settings }),
  });
  await resources.create('PodVolumeRestore', request, signal);
  const fill = { namespace: namespaceOf(pod), pod: nameOf(pod), volume: copy.volume, name };
  return { fill, copy, claim: copy.claimName, node: '' };
};

const failureOf = (end: JsonObject | undefined): string | undefined => {
  if (!end) return 'its PodVolumeRestore was deleted';
  const phase = textAt(end, 'status', 'phase');
  if (phase === 'Completed') return undefined;
  return (
    textAt(end, 'status', 'message') || (phase === 'Canceled' ? 'it was cancelled' : 'the agent says no more')
  );
};

/** Follows one to its end; `lost` ends the waiting with a reason. */
export const follow = async (
  filling: Filling,
  { fill, copy }: AskedFill,
  lost: { readonly signal: AbortSignal; readonly reason: () => string },
): Promise<void> => {
  const { followed, timeUp, timeoutMs, facts } = filling;
  const end = await followed.ended(fill.name, AbortSignal.any([timeUp, lost.signal]));
  if (!end && (lost.signal.aborted || timeUp.aborted)) {
    await cancel(filling, fill);
    const reason = lost.signal.aborted
      ? lost.reason()
      : `it was not done within ${printGoDuration(timeoutMs)}; it is cancelled`;
    return giveUp(filling, fill, reason);
  }
  const reason = failureOf(end);
  return reason === undefined ? facts.filled(fill, copy.bytes) : giveUp(filling, fill, reason);
};
