import { isObject, listAt, objectAt, put, textAt, type JsonObject } from '../json.js';
import { parseQuantity } from '../quantity.js';

/** How the container is made that holds a pod back until its volumes have been filled. */
export interface RestoreWait {
  readonly image: string;
  readonly command: readonly string[];
  readonly resources: JsonObject;
  /** Absent: that of the pod's first container, or the strictest. */
  readonly securityContext?: JsonObject;
}

/** What the action for volumes of pods has to know of this restore. */
export interface PodVolumesLookUp {
  readonly restoreUid: string;
  /** Names of the pod's volumes that get their data back. */
  readonly volumes: readonly string[];
  readonly wait: RestoreWait;
}

/** In the image of the server as in that of Velero, so that either can be named. */
const PROGRAM = '/velero-restore-helper';
const CPU = '100m';
const MEMORY = '128Mi';

const STRICTEST: JsonObject = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  runAsUser: 1000,
  seccompProfile: { type: 'RuntimeDefault' },
};

type Texts = Readonly<Record<string, string>>;

const problem = (key: string, value: string, wanted: string) => ({
  problem: `the key ${key} of the ConfigMap for velero.io/pod-volume-restore is "${value}"; ${wanted}`,
});

const resourcesOf = (data: Texts) => {
  const amounts = {
    cpuRequest: data['cpuRequest'] ?? CPU,
    memRequest: data['memRequest'] ?? MEMORY,
    cpuLimit: data['cpuLimit'] ?? CPU,
    memLimit: data['memLimit'] ?? MEMORY,
  };
  const bad = Object.entries(amounts).find(([, amount]) => parseQuantity(amount) === undefined);
  if (bad) return problem(bad[0], bad[1], 'write an amount like 100m or 128Mi, or 0 for none');
  const bounds = (cpu: string, memory: string) => ({
    ...(cpu !== '0' && { cpu }),
    ...(memory !== '0' && { memory }),
  });
  return {
    resources: {
      requests: bounds(amounts.cpuRequest, amounts.memRequest),
      limits: bounds(amounts.cpuLimit, amounts.memLimit),
    },
  };
};

const USER_KEYS = { secCtxRunAsUser: 'runAsUser', secCtxRunAsGroup: 'runAsGroup' } as const;

const securityOf = (data: Texts, whole: unknown) => {
  if (data['secCtx'] !== undefined)
    return isObject(whole)
      ? { securityContext: whole }
      : problem('secCtx', data['secCtx'], 'write a securityContext of a container in YAML');
  const context: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(USER_KEYS)) {
    const text = data[key];
    if (text === undefined) continue;
    if (!/^\d{1,10}$/.test(text)) return problem(key, text, 'write the number of a user or group');
    context[field] = Number(text);
  }
  const escalation = data['secCtxAllowPrivilegeEscalation'];
  if (escalation !== undefined) {
    if (escalation !== 'true' && escalation !== 'false')
      return problem('secCtxAllowPrivilegeEscalation', escalation, 'write true or false');
    context['allowPrivilegeEscalation'] = escalation === 'true';
  }
  return Object.keys(context).length > 0 ? { securityContext: context } : {};
};

/**
 * The settings of the container from the ConfigMap for it (`pkg/restore/actions/pod_volume_restore_action.go`). `image` is that of the
 * server, if it is known; `securityContext` is what the YAML of `secCtx` says.
 */
export const restoreWaitOf = (
  data: Texts,
  around: { readonly image?: string | undefined; readonly securityContext?: unknown },
): { readonly wait: RestoreWait } | { readonly problem: string } => {
  const image = data['image'] || around.image;
  if (!image)
    return {
      problem:
        'the image of the container is not known that holds the pod back until its volumes are filled; name it in a ConfigMap with the labels velero.io/plugin-config and velero.io/pod-volume-restore=RestoreItemAction, key image',
    };
  const resources = resourcesOf(data);
  if ('problem' in resources) return resources;
  const security = securityOf(data, around.securityContext);
  if ('problem' in security) return security;
  return { wait: { image, command: [data['command'] || PROGRAM], ...resources, ...security } };
};

const fieldRef = (name: string, fieldPath: string) => ({ name, valueFrom: { fieldRef: { fieldPath } } });

/** The names of now and of old for the container. */
const WAITING = ['restore-wait', 'restic-wait'];

/**
 * The pod with the container before all others, or, if there is nothing to wait for, without any: one that an earlier restore put in waits
 * for the volumes of that restore, which nobody fills any more.
 */
export const withRestoreWait = (pod: JsonObject, found: PodVolumesLookUp | undefined): JsonObject => {
  const present = listAt(pod, 'spec', 'initContainers');
  const others = present.filter((container) => !WAITING.includes(textAt(container, 'name')));
  if (!found || found.volumes.length === 0)
    return others.length === present.length ? pod : put(pod, ['spec', 'initContainers'], others);
  const { restoreUid, volumes, wait } = found;
  const first = listAt(pod, 'spec', 'containers')[0];
  const inherited = objectAt(first, 'securityContext');
  const container = {
    name: 'restore-wait',
    image: wait.image,
    command: wait.command,
    args: [restoreUid],
    env: [fieldRef('POD_NAMESPACE', 'metadata.namespace'), fieldRef('POD_NAME', 'metadata.name')],
    resources: wait.resources,
    securityContext: wait.securityContext ?? (Object.keys(inherited).length > 0 ? inherited : STRICTEST),
    volumeMounts: volumes.map((name) => ({ name, mountPath: `/restores/${name}` })),
  };
  return put(pod, ['spec', 'initContainers'], [container, ...others]);
};
