import type { DeleteBackupRequest } from '../../domain/velero.gen.js';
import { labelValue } from '../label-value.js';
import type { Resources } from '../resources.js';
import { BACKUP_NAME_LABEL, BACKUP_UID_LABEL } from '../../domain/labels.js';

/** The labels by which the CLI and Velero find the requests about a backup; a long name is shortened in them. */
export const requestLabels = ({ name, uid }: { readonly name: string; readonly uid: string }) => ({
  [BACKUP_NAME_LABEL]: labelValue(name),
  [BACKUP_UID_LABEL]: uid,
});

/** Requests about this very backup. One without the uid may be about it: the name in its spec is never shortened. */
export const requestsAbout = async (
  resources: Resources,
  { name, uid }: { readonly name: string; readonly uid: string },
  signal: AbortSignal,
): Promise<readonly DeleteBackupRequest[]> =>
  (await resources.list('DeleteBackupRequest', signal)).filter(
    ({ metadata, spec }) => spec?.backupName === name && (metadata.labels?.[BACKUP_UID_LABEL] ?? uid) === uid,
  );

/** The other requests that name the same backup by their label (`pkg/controller/backup_deletion_controller.go`). */
export const othersOf = async (
  resources: Resources,
  request: DeleteBackupRequest,
  signal: AbortSignal,
): Promise<readonly DeleteBackupRequest[]> => {
  const value = labelValue(request.spec?.backupName ?? '');
  return (await resources.list('DeleteBackupRequest', signal)).filter(
    ({ metadata, spec }) =>
      metadata.labels?.[BACKUP_NAME_LABEL] === value &&
      spec?.backupName === request.spec?.backupName &&
      metadata.name !== request.metadata.name,
  );
};
