import { printKey } from '../domain/streams.js';
import type { Context } from './context.js';
import { change } from './change.js';
import type { ResolverDeps } from './deps.js';
import type { DownloadTargetKind as DownloadFile } from '../domain/velero.gen.js';
import { requestIdOf } from './request-id.js';
import { no, type Outcome } from './requested.js';
import type { CreateDownloadUrlInput, CreateDownloadUrlPayload, DownloadTargetKind } from './types.gen.js';
import { userError } from './user-errors.js';
import type { Meta } from '../eventstore/port.js';
import { timestamp } from '../domain/timestamp.js';

/** How long a link can be used, as those that Velero makes (`pkg/controller/download_request_controller.go`). */
const LINK_SECONDS = 600;

const FILE: Readonly<Record<DownloadTargetKind, DownloadFile>> = {
  BACKUP_LOG: 'BackupLog',
  BACKUP_CONTENTS: 'BackupContents',
  BACKUP_VOLUME_SNAPSHOTS: 'BackupVolumeSnapshots',
  BACKUP_ITEM_OPERATIONS: 'BackupItemOperations',
  BACKUP_RESOURCE_LIST: 'BackupResourceList',
  BACKUP_RESULTS: 'BackupResults',
  RESTORE_LOG: 'RestoreLog',
  RESTORE_RESULTS: 'RestoreResults',
  RESTORE_RESOURCE_LIST: 'RestoreResourceList',
  RESTORE_ITEM_OPERATIONS: 'RestoreItemOperations',
  CSI_BACKUP_VOLUME_SNAPSHOTS: 'CSIBackupVolumeSnapshots',
  CSI_BACKUP_VOLUME_SNAPSHOT_CONTENTS: 'CSIBackupVolumeSnapshotContents',
  BACKUP_VOLUME_INFOS: 'BackupVolumeInfos',
  RESTORE_VOLUME_INFO: 'RestoreVolumeInfo',
};

interface Link {
  readonly url: string;
  readonly expiresAt: string;
}

/** The storage location of the backup, or of the backup that the restore is from; or why there is none. */
const locationOf = ({ views, namespace }: ResolverDeps, file: DownloadFile, name: string) => {
  const notFound = (kind: string, missing: string) =>
    userError('NOT_FOUND', `there is no ${kind} "${missing}"`, ['input', 'name']);
  let backupName = name;
  if (file.startsWith('Restore')) {
    const restore = views.restore({ namespace, name });
    if (!restore) return notFound('restore', name);
    backupName = restore.spec.backupName ?? '';
  }
  const backup = views.backup({ namespace, name: backupName });
  if (!backup) return notFound('backup', backupName);
  const location = backup.spec.storageLocation;
  if (!location)
    return userError('WRONG_PHASE', `the backup "${backupName}" has no files yet: it has not begun`);
  return { location };
};

const makeLink = async (
  deps: ResolverDeps,
  input: CreateDownloadUrlInput,
  { caller, signal }: Context,
  meta: Meta,
): Promise<{ readonly link?: Link; readonly outcome: Outcome }> => {
  const { name } = input;
  const file = FILE[input.kind];
  if (!(await deps.authorize.allows(caller, { verb: 'create', resource: 'downloadrequests' }))) {
    const message = `${caller.actor.name} may not create downloadrequests in ${deps.namespace}`;
    return { outcome: no(userError('FORBIDDEN', message)) };
  }
  const found = locationOf(deps, file, name);
  if ('code' in found) return { outcome: no(found) };
  const url = await deps.files.link({ file, name, location: found.location }, LINK_SECONDS, signal);
  const now = deps.now();
  const expiresAt = timestamp(new Date(now.getTime() + LINK_SECONDS * 1_000));
  const target = printKey({ namespace: deps.namespace, name });
  await deps.accessLog.note(
    { type: 'RecordDownloadLink', file, target, expiresAt, now: timestamp(now) },
    meta,
    signal,
  );
  return { link: { url, expiresAt }, outcome: { ok: true, name, recorded: [] } };
};

/** A link to one file, without a DownloadRequest. That it was made is a fact; the link is not in it, and not in any log. */
export const createDownloadUrl = async (
  deps: ResolverDeps,
  input: CreateDownloadUrlInput,
  context: Context,
): Promise<CreateDownloadUrlPayload> => {
  const { name, kind, idempotencyKey } = input;
  const user = context.caller.actor.name;
  const mutation = 'createDownloadUrl';
  const { namespace } = deps;
  const request = requestIdOf({ mutation, namespace, user, idempotencyKey, input: { name, kind } });
  let made: Link | undefined;
  const answered = await change(
    deps,
    {
      mutation,
      request,
      name,
      repeats: true,
      carryOut: async (meta) => {
        const { link, outcome } = await makeLink(deps, input, context, meta);
        made = link;
        return outcome;
      },
    },
    context,
  );
  return {
    url: made?.url ?? null,
    expiresAt: made?.expiresAt ?? null,
    position: answered.position,
    userErrors: answered.ok ? [] : answered.userErrors,
  };
};
