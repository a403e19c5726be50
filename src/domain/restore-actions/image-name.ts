import { mapList, put, textAt, type JsonObject } from '../json.js';
import { forKinds, isRefusedLookUp, type ImageChange, type PureRestoreItemAction } from './action.js';

/**
 * The changes that the values of a ConfigMap ask for, each `old,new`, in the order of their keys, where Velero has none. A
 * value that lacks the comma or either side changes nothing.
 */
export const imageChangesOf = (data: Readonly<Record<string, string>>): readonly ImageChange[] =>
  Object.keys(data)
    .sort()
    .flatMap((key) => {
      const row = data[key] ?? '';
      const comma = row.indexOf(',');
      const from = row.slice(0, Math.max(comma, 0)).trim();
      const to = row.slice(comma + 1);
      return from === '' || to === '' ? [] : [{ from, to: to.trim() }];
    });

const POD = ['spec'];
const TEMPLATE = ['spec', 'template', 'spec'];
const JOB_TEMPLATE = ['spec', 'jobTemplate', 'spec', 'template', 'spec'];

/** Where the spec of the pod is, by the kind of the object. */
const podSpecPath = (object: JsonObject): readonly string[] => {
  const kind = textAt(object, 'kind');
  if (kind === 'Pod') return POD;
  return kind === 'CronJob' ? JOB_TEMPLATE : TEMPLATE;
};

/** `pkg/restore/actions/change_image_name_action.go`: of several changes that fit an image, the first is made. */
export const changeImageName: PureRestoreItemAction = {
  name: 'velero.io/change-image-name',
  appliesTo: forKinds(
    'deployments.apps',
    'statefulsets.apps',
    'daemonsets.apps',
    'replicasets.apps',
    'replicationcontrollers',
    'jobs.batch',
    'cronjobs.batch',
    'pods',
  ),
  execute: ({ object, imageChanges = [] }) => {
    if (isRefusedLookUp(imageChanges)) return { error: imageChanges.problem };
    if (imageChanges.length === 0) return {};
    const changed = (container: JsonObject): JsonObject => {
      const image = textAt(container, 'image');
      const change = imageChanges.find(({ from }) => image.includes(from));
      return change
        ? put(
            container,
            ['image'],
            image.replaceAll(change.from, () => change.to),
          )
        : container;
    };
    const path = podSpecPath(object);
    const containers = mapList(object, [...path, 'containers'], changed);
    return { object: mapList(containers, [...path, 'initContainers'], changed) };
  },
};
