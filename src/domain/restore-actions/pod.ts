import { claimsOfPod, PRIORITY_CLASSES } from '../backup-actions.js';
import { itemRef, namespaceOf } from '../item.js';
import { listAt, mapList, objectAt, put, textAt, without, type JsonObject } from '../json.js';
import { forKinds, isRefusedLookUp, type PureRestoreItemAction } from './action.js';
import { withoutMergedLabelKeys } from './merged-label-keys.js';
import { withRestoreWait } from './restore-wait.js';

const withoutNamed = (holder: JsonObject, path: readonly string[], prefix: string): JsonObject => {
  const list = listAt(holder, ...path);
  const left = list.filter((entry) => !textAt(entry, 'name').startsWith(prefix));
  return left.length === list.length ? holder : put(holder, path, left);
};

/** The token was made for the account in the old cluster; admission mounts a new one. */
const withoutTokenVolumes = (pod: JsonObject): JsonObject => {
  const prefix = `${textAt(pod, 'spec', 'serviceAccountName')}-token-`;
  const inContainers = ['containers', 'initContainers'].reduce(
    (changed, key) =>
      mapList(changed, ['spec', key], (container) => withoutNamed(container, ['volumeMounts'], prefix)),
    pod,
  );
  return withoutNamed(inContainers, ['spec', 'volumes'], prefix);
};

/** `pkg/restore/actions/pod_action.go`: the pod may go to any node, with the priority its class has here. */
export const podAction: PureRestoreItemAction = {
  name: 'velero.io/pod',
  appliesTo: forKinds('pods'),
  execute: ({ object }) => {
    const free = put(object, ['spec'], without(objectAt(object, 'spec'), ['nodeName', 'priority']));
    const priorityClass = textAt(object, 'spec', 'priorityClassName');
    return {
      object: withoutMergedLabelKeys(withoutTokenVolumes(free)),
      ...(priorityClass === '' ? {} : { additional: [itemRef(PRIORITY_CLASSES, '', priorityClass)] }),
    };
  },
};

/**
 * `pkg/restore/actions/pod_volume_restore_action.go`: a pod whose volumes get their data back is held until they have it. A container that
 * an earlier restore put in goes.
 */
export const podVolumeRestore: PureRestoreItemAction = {
  name: 'velero.io/pod-volume-restore',
  appliesTo: forKinds('pods'),
  execute: ({ object, podVolumes }) => {
    if (podVolumes && isRefusedLookUp(podVolumes)) return { error: podVolumes.problem };
    const held = withRestoreWait(object, podVolumes);
    return held === object ? {} : { object: held };
  },
};

/**
 * `pkg/restore/actions/add_pvc_from_pod_action.go`: a pod brings its claims. They are named in the original namespace,
 * since that is where the archive has them.
 */
export const addClaimsOfPod: PureRestoreItemAction = {
  name: 'velero.io/add-pvc-from-pod',
  appliesTo: forKinds('pods'),
  execute: ({ archived }) => ({
    additional: claimsOfPod(archived).map((name) =>
      itemRef('persistentvolumeclaims', namespaceOf(archived), name),
    ),
  }),
};

const CONTROLLER_UIDS = ['controller-uid', 'batch.kubernetes.io/controller-uid'];

const withoutKeys = (object: JsonObject, path: readonly string[], keys: readonly string[]): JsonObject => {
  const map = objectAt(object, ...path);
  const left = without(map, keys);
  return left === map ? object : put(object, path, left);
};

/** `pkg/restore/actions/job_action.go`: the old job's uid in selector and template would match none of its new pods. */
export const jobAction: PureRestoreItemAction = {
  name: 'velero.io/job',
  appliesTo: forKinds('jobs.batch'),
  execute: ({ object }) => ({
    object: withoutKeys(
      withoutKeys(object, ['spec', 'selector', 'matchLabels'], CONTROLLER_UIDS),
      ['spec', 'template', 'metadata', 'labels'],
      CONTROLLER_UIDS,
    ),
  }),
};
