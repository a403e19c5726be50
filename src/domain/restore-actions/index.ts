import { clusterRoleBindings, roleBindings, secretAction, serviceAccountAction } from './account.js';
import type { PureRestoreItemAction } from './action.js';
import { admissionWebhooks, apiServices, crdPreserveFields } from './api-extension.js';
import {
  csiClaimAction,
  csiClassAction,
  csiContentAction,
  csiSnapshotAction,
  dataUploadAction,
} from './csi.js';
import { changeImageName } from './image-name.js';
import { initRestoreHook } from './init-hook.js';
import { addClaimsOfPod, jobAction, podAction, podVolumeRestore } from './pod.js';
import { serviceAction } from './service.js';
import { changeStorageClass } from './storage-class.js';
import { claimAction } from './volume-claim.js';

/**
 * The built-in restore item actions, in Velero's order, which is alphabetical
 * (`pkg/cmd/server/plugin/plugin.go`). Each gets the output of the one before.
 */
export const RESTORE_ITEM_ACTIONS: readonly PureRestoreItemAction[] = [
  addClaimsOfPod,
  admissionWebhooks,
  apiServices,
  changeImageName,
  changeStorageClass,
  clusterRoleBindings,
  crdPreserveFields,
  csiClaimAction,
  csiSnapshotAction,
  csiClassAction,
  csiContentAction,
  dataUploadAction,
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
