import type { ControllerPorts } from './ports.js';
import type { Requeue } from './queue.js';
import { timestamp } from '../domain/timestamp.js';

/** How long an answered request is kept (`pkg/controller/server_status_request_controller.go`). */
const KEEP_MS = 60_000;

export interface Plugin {
  readonly kind: string;
  readonly name: string;
}

/** What this controller needs of the world. */
export type ServerStatusPorts = Pick<
  ControllerPorts,
  'resources' | 'clock' | 'config' | 'backupItemActions' | 'restoreItemActions'
>;

/** Built in like the actions, but in no list of their own. */
const OTHERS: readonly Plugin[] = [
  { kind: 'BackupItemActionV2', name: 'velero.io/csi-pvc-backupper' },
  { kind: 'BackupItemActionV2', name: 'velero.io/csi-volumesnapshot-backupper' },
  { kind: 'BackupItemActionV2', name: 'velero.io/csi-volumesnapshotclass-backupper' },
  { kind: 'BackupItemActionV2', name: 'velero.io/csi-volumesnapshotcontent-backupper' },
  { kind: 'DeleteItemAction', name: 'velero.io/csi-volumesnapshotcontent-delete' },
  { kind: 'DeleteItemAction', name: 'velero.io/dataupload-delete' },
  { kind: 'ItemBlockAction', name: 'velero.io/pod' },
  { kind: 'ItemBlockAction', name: 'velero.io/pvc' },
  { kind: 'ItemBlockAction', name: 'velero.io/service-account' },
  { kind: 'ObjectStore', name: 'lifeboat.io/filesystem' },
  { kind: 'ObjectStore', name: 'velero.io/aws' },
  { kind: 'VolumeSnapshotter', name: 'velero.io/aws' },
];

/** Those with operations that go on after the item are of the second version in Velero: the ones for CSI. */
const versioned = (kind: string, name: string): Plugin => ({
  kind: name.startsWith('velero.io/csi-') ? `${kind}V2` : kind,
  name,
});

/**
 * What `velero plugin get` shows: everything that this server does under a name of Velero's, each once, by kind and name. Velero
 * names those of its first version twice (`internal/velero/serverstatusrequest.go`).
 */
export const pluginsOf = ({
  backupItemActions,
  restoreItemActions,
}: Pick<ServerStatusPorts, 'backupItemActions' | 'restoreItemActions'>): readonly Plugin[] =>
  [
    ...backupItemActions.map(({ name }) => versioned('BackupItemAction', name)),
    ...restoreItemActions.map(({ name }) => versioned('RestoreItemAction', name)),
    ...OTHERS,
  ].sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1));

/** Answers `velero version` and `velero plugin get` with the version of Velero's protocol that this server speaks. */
export const reconcileServerStatus =
  (ports: ServerStatusPorts) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    const request = await ports.resources.read('ServerStatusRequest', name, signal);
    if (!request) return { done: true };
    const now = ports.clock();
    if (request.status?.phase === 'Processed') {
      const age = now.getTime() - new Date(request.status.processedTimestamp ?? 0).getTime();
      if (age < KEEP_MS) return { after: KEEP_MS - age };
      await ports.resources.delete('ServerStatusRequest', name, signal);
      return { done: true };
    }
    const status = {
      phase: 'Processed',
      processedTimestamp: timestamp(now),
      serverVersion: ports.config.serverVersion,
      plugins: pluginsOf(ports),
    };
    await ports.resources.patch('ServerStatusRequest', name, { status }, signal);
    return { after: KEEP_MS };
  };
