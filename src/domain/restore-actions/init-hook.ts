import { initHooksOf, withInitContainers } from '../hooks/restore-init-hooks.js';
import { compileRestoreHooks } from '../hooks/restore-hook-sets.js';
import { namespaceOf } from '../item.js';
import { mapNamespace } from '../restore-selection.js';
import { forKinds, type PureRestoreItemAction } from './action.js';

/** `pkg/restore/actions/init_restorehook_pod_action.go`: init containers that annotations or the restore ask for. */
export const initRestoreHook: PureRestoreItemAction = {
  name: 'velero.io/init-restore-hook',
  appliesTo: forKinds('pods'),
  execute: ({ object, restore }) => {
    const target = mapNamespace(restore.namespaceMapping, namespaceOf(object));
    const { containers, warnings, error } = initHooksOf(object, target, compileRestoreHooks(restore.hooks));
    if (error !== undefined) return { error };
    return {
      ...(containers.length > 0 && { object: withInitContainers(object, containers) }),
      ...(warnings.length > 0 && { warnings }),
    };
  },
};
