/** Labels, annotations and finalizers that more than one part of the server has to agree on. */

/** Bears the name of the schedule on each of its backups; `velero` finds them by it. */
export const SCHEDULE_LABEL = 'velero.io/schedule-name';

/** Bear the names of the backup and the restore that something belongs to, shortened where they are too long for a label. */
export const BACKUP_NAME_LABEL = 'velero.io/backup-name';
export const RESTORE_NAME_LABEL = 'velero.io/restore-name';

/** Bear their uids: no other backup or restore has the same, whatever its name. */
export const BACKUP_UID_LABEL = 'velero.io/backup-uid';
export const RESTORE_UID_LABEL = 'velero.io/restore-uid';

/** Bears the uid of the claim whose data is copied or moved. */
export const CLAIM_UID_LABEL = 'velero.io/pvc-uid';

/** With the value `true` on a Backup or Restore that has not ended: it is to end at once. Velero has no such thing. */
export const CANCEL_ANNOTATION = 'lifeboat.io/cancel';

/** Holds a Restore until its files are gone (`pkg/controller/restore_controller.go`). */
export const FILES_FINALIZER = 'restores.velero.io/external-resources-finalizer';
