import { getObject, parseObject } from '../cluster/get-object.js';
import { annotationsOf, nameOf } from '../domain/item.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { CLAIMS, VOLUMES } from '../domain/known-kinds.js';
import type { DataDownload } from '../domain/velero.gen.js';
import { DYNAMIC_RESTORE_LABEL } from '../domain/volumes/data-download.js';
import { Fault } from '../faults.js';
import { removeHosted } from './hosting-pod.js';
import type { Moving } from './movement.js';
import type { AgentPorts } from './ports.js';

/** On the volume while it changes hands: whose it is, and what becomes of it afterwards. */
const FILLED_BY_LABEL = 'velero.io/data-download';
const POLICY_ANNOTATION = 'lifeboat.io/reclaim-policy';

/** The claim that waits for the data. */
export const targetOf = ({ spec }: DataDownload) => ({
  namespace: spec?.targetVolume.namespace ?? '',
  name: spec?.targetVolume.pvc ?? '',
});

const patchVolume = async (ports: AgentPorts, name: string, patch: object, signal: AbortSignal) => {
  const written = await ports.cluster.patch(VOLUMES, { name }, 'merge', JSON.stringify(patch), { signal });
  if (!written.ok) throw new Fault('LB_CLUSTER_REFUSED', `PersistentVolume ${name}: ${written.message}`);
};

/** The volume with the mark of a download. */
export const markedVolume = async (
  ports: AgentPorts,
  { metadata }: Moving,
  signal: AbortSignal,
): Promise<JsonObject | undefined> => {
  const labelSelector = `${FILLED_BY_LABEL}=${metadata.uid ?? ''}`;
  for await (const page of ports.cluster.list(VOLUMES, { labelSelector, signal }))
    for (const item of page.items) return parseObject(item);
  return undefined;
};

/** The volume that was filled: by our claim, or by its mark once the claim is gone. */
const filledVolume = async (
  ports: AgentPorts,
  download: DataDownload,
  signal: AbortSignal,
): Promise<JsonObject | undefined> => {
  const ref = { namespace: ports.resources.namespace, name: download.metadata.name };
  const claim = await getObject(ports.cluster, CLAIMS, ref, { signal });
  const name = textAt(claim, 'spec', 'volumeName');
  return name === ''
    ? markedVolume(ports, download, signal)
    : getObject(ports.cluster, VOLUMES, { name }, { signal });
};

const policyOf = (volume: JsonObject): string =>
  annotationsOf(volume)[POLICY_ANNOTATION] ?? textAt(volume, 'spec', 'persistentVolumeReclaimPolicy');

/** What becomes of a volume with its claim is as it was before it changed hands. */
const settleVolume = (
  ports: AgentPorts,
  volume: JsonObject,
  marks: Readonly<Record<string, null>>,
  signal: AbortSignal,
): Promise<void> =>
  patchVolume(
    ports,
    nameOf(volume),
    {
      metadata: {
        labels: { ...marks, [DYNAMIC_RESTORE_LABEL]: null },
        annotations: { [POLICY_ANNOTATION]: null },
      },
      spec: { persistentVolumeReclaimPolicy: policyOf(volume) },
    },
    signal,
  );

const becomesBound = async (
  { cluster, config }: AgentPorts,
  ref: { readonly namespace: string; readonly name: string },
  signal: AbortSignal,
): Promise<void> => {
  const watching = new AbortController();
  const limit = AbortSignal.any([signal, watching.signal, AbortSignal.timeout(config.resourceTimeout)]);
  const options = { namespace: ref.namespace, fieldSelector: `metadata.name=${ref.name}`, signal: limit };
  try {
    for await (const event of cluster.watch(CLAIMS, options)) {
      const bytes = event.type === 'SYNCED' ? event.items[0] : event.object;
      if (bytes && textAt(JSON.parse(bytes.toString('utf8')), 'status', 'phase') === 'Bound') return;
    }
  } finally {
    watching.abort();
  }
  signal.throwIfAborted();
  throw new Fault('LB_DEADLINE', `the claim ${ref.namespace}/${ref.name} was not bound to its filled volume`);
};

/**
 * Gives the filled volume to the claim it was filled for (`RebindVolume` in `pkg/exposer/generic_restore.go`): it is kept while our claim
 * goes, and gets the label that the target asks for. Safe to repeat; its mark stays until the download is let go of, so that an agent that
 * comes after a crash knows that the data is there.
 */
export const rebind = async (
  ports: AgentPorts,
  download: DataDownload,
  signal: AbortSignal,
): Promise<void> => {
  const ref = targetOf(download);
  const target = await getObject(ports.cluster, CLAIMS, ref, { signal });
  const volume = await filledVolume(ports, download, signal);
  if (!target || !volume)
    throw new Fault('LB_CLUSTER_REFUSED', `the claim ${ref.namespace}/${ref.name} or its volume is gone`);
  await patchVolume(
    ports,
    nameOf(volume),
    {
      metadata: {
        labels: { [FILLED_BY_LABEL]: download.metadata.uid },
        annotations: { [POLICY_ANNOTATION]: policyOf(volume) },
      },
      spec: { persistentVolumeReclaimPolicy: 'Retain' },
    },
    signal,
  );
  await removeHosted(ports, download, signal);
  const wanted = textAt(target, 'spec', 'selector', 'matchLabels', DYNAMIC_RESTORE_LABEL);
  const uid = textAt(target, 'metadata', 'uid');
  await patchVolume(
    ports,
    nameOf(volume),
    {
      metadata: {
        labels: { ...(wanted !== '' && { [DYNAMIC_RESTORE_LABEL]: wanted }) },
        annotations: { 'pv.kubernetes.io/bound-by-controller': null },
      },
      spec: {
        claimRef: {
          apiVersion: 'v1',
          kind: 'PersistentVolumeClaim',
          ...ref,
          uid,
          resourceVersion: null,
        },
      },
    },
    signal,
  );
  await becomesBound(ports, ref, signal);
  await settleVolume(ports, volume, {}, signal);
};

/** The volume is its claim's alone; nothing tells any more that it was filled. */
export const forgetMark = (ports: AgentPorts, volume: JsonObject, signal: AbortSignal): Promise<void> =>
  settleVolume(ports, volume, { [FILLED_BY_LABEL]: null }, signal);
