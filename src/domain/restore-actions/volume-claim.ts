import { itemRef } from '../item.js';
import { objectAt, put, textAt, without } from '../json.js';
import { forKinds, type PureRestoreItemAction } from './action.js';

const OF_THE_OLD_CLUSTER = [
  'pv.kubernetes.io/bind-completed',
  'pv.kubernetes.io/bound-by-controller',
  'volume.kubernetes.io/storage-provisioner',
  'volume.beta.kubernetes.io/storage-provisioner',
  'volume.kubernetes.io/selected-node',
  'velero.io/volume-snapshot-name',
  'velero.io/data-upload-name',
];

/** `pkg/restore/actions/pvc_action.go`: a claim forgets its binding, and brings the volume it was bound to. */
export const claimAction: PureRestoreItemAction = {
  name: 'velero.io/pvc',
  appliesTo: forKinds('persistentvolumeclaims'),
  execute: ({ object, archived }) => {
    const annotations = objectAt(object, 'metadata', 'annotations');
    const left = without(annotations, OF_THE_OLD_CLUSTER);
    const volume = textAt(archived, 'spec', 'volumeName');
    const bound = textAt(archived, 'status', 'phase') === 'Bound' && volume !== '';
    return {
      ...(left === annotations ? {} : { object: put(object, ['metadata', 'annotations'], left) }),
      ...(bound ? { additional: [itemRef('persistentvolumes', '', volume)] } : {}),
    };
  },
};
