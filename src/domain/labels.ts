/** Labels, annotations and finalizers that more than one part of the server has to agree on. */

/** Bears the name of the schedule on each of its backups; `velero` finds them by it. */
export const SCHEDULE_LABEL = 'velero.io/schedule-name';

/** Bears the uid of the backup that something belongs to: the one with the name holds it in a short form. */
export const BACKUP_UID_LABEL = 'velero.io/backup-uid';

/** With the value `true` on a Backup or Restore that has not ended: it is to end at once. Velero has no such thing. */
export const CANCEL_ANNOTATION = 'lifeboat.io/cancel';

/** Holds a Restore until its files are gone (`pkg/controller/restore_controller.go`). */
export const FILES_FINALIZER = 'restores.velero.io/external-resources-finalizer';
