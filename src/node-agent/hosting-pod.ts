import { getObject } from '../cluster/get-object.js';
import type { ResourceType } from '../cluster/port.js';
import { textAt } from '../domain/json.js';
import { CLAIMS, PODS } from '../domain/known-kinds.js';
import { Fault } from '../faults.js';
import type { Exposure, Moving } from './movement.js';
import type { AgentPorts } from './ports.js';

/** The volume of the hosting pod. */
export const HOSTED_VOLUME = 'volume';

/** Creates what is not there yet; an object of this name was made by an earlier look. */
export const createOnce = async (
  { cluster }: AgentPorts,
  type: ResourceType,
  namespace: string | undefined,
  body: object,
  signal: AbortSignal,
): Promise<void> => {
  const made = await cluster.create(type, namespace, JSON.stringify(body), { signal });
  if (!made.ok && made.reason !== 'AlreadyExists')
    throw new Fault('LB_CLUSTER_REFUSED', `${type.kind} for a move: ${made.message}`);
};

export const removeOnce = async (
  { cluster }: AgentPorts,
  type: ResourceType,
  ref: { readonly name: string; readonly namespace?: string },
  signal: AbortSignal,
): Promise<void> => {
  const gone = await cluster.delete(type, ref, { signal });
  if (!gone.ok && gone.reason !== 'NotFound')
    throw new Fault('LB_CLUSTER_REFUSED', `${type.kind} ${ref.name}: ${gone.message}`);
};

/** With it, what was made for a move goes with the resource that asked for it. */
export const ownedBy = ({ apiVersion, kind, metadata }: Moving) => ({
  ownerReferences: [{ apiVersion, kind, name: metadata.name, uid: metadata.uid, controller: true }],
});

/** It only has to be there: the kubelet mounts the volume for it, and the agent reads it from the host. */
const podOf = (ports: AgentPorts, moving: Moving, node: string | undefined) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name: moving.metadata.name,
    namespace: ports.resources.namespace,
    labels: { 'velero.io/exposer-pod-group': 'snapshot-exposer' },
    ...ownedBy(moving),
  },
  spec: {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 0,
    automountServiceAccountToken: false,
    ...(node !== undefined && { nodeSelector: { 'kubernetes.io/hostname': node } }),
    containers: [
      {
        name: 'volume',
        image: ports.config.hostingPodImage,
        volumeMounts: [{ name: HOSTED_VOLUME, mountPath: '/volume' }],
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ['ALL'] },
          runAsNonRoot: true,
          runAsUser: 65535,
          seccompProfile: { type: 'RuntimeDefault' },
        },
      },
    ],
    volumes: [{ name: HOSTED_VOLUME, persistentVolumeClaim: { claimName: moving.metadata.name } }],
  },
});

/** Has the claim of the same name mounted by a pod, on a node of the scheduler's choice unless one is given. */
export const hostVolume = async (
  ports: AgentPorts,
  moving: Moving,
  node: string | undefined,
  signal: AbortSignal,
): Promise<Exposure> => {
  const { namespace } = ports.resources;
  const { name } = moving.metadata;
  await createOnce(ports, PODS, namespace, podOf(ports, moving, node), signal);
  const pod = await getObject(ports.cluster, PODS, { namespace, name }, { signal });
  const phase = textAt(pod, 'status', 'phase');
  if (phase === 'Running') return { node: textAt(pod, 'spec', 'nodeName') };
  if (phase === 'Failed' || phase === 'Succeeded')
    return { problem: `the pod ${namespace}/${name} that mounts the volume is ${phase}` };
  return { waitsFor: `the pod ${namespace}/${name} to run` };
};

/** Pod first: a claim that is mounted does not go. */
export const removeHosted = async (
  ports: AgentPorts,
  { metadata }: Moving,
  signal: AbortSignal,
): Promise<void> => {
  const ref = { namespace: ports.resources.namespace, name: metadata.name };
  await removeOnce(ports, PODS, ref, signal);
  await removeOnce(ports, CLAIMS, ref, signal);
};
