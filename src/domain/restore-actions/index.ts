import { clusterRoleBindings, roleBindings, secretAction, serviceAccountAction } from './account.js';
import type { RestoreItemAction } from './action.js';
import { admissionWebhooks, apiServices, crdPreserveFields } from './api-extension.js';
import { initRestoreHook } from './init-hook.js';
import { addClaimsOfPod, jobAction, podAction, podVolumeRestore } from './pod.js';
import { serviceAction } from './service.js';
import { claimAction } from './volume-claim.js';

/**
 * The built-in restore item actions that need nothing but data, in Velero's order, which is alphabetical
 * (`pkg/cmd/server/plugin/plugin.go`). Each gets the output of the one before.
 */
export const RESTORE_ITEM_ACTIONS: readonly RestoreItemAction[] = [
  addClaimsOfPod,
  admissionWebhooks,
  apiServices,
  clusterRoleBindings,
  crdPreserveFields,
  initRestoreHook,
  jobAction,
  podAction,
  podVolumeRestore,
  claimAction,
  roleBindings,
  secretAction,
  serviceAction,
  serviceAccountAction,
];
