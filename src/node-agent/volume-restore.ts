import { RESTORE_UID_LABEL } from '../domain/labels.js';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { at, listAt, textAt, type JsonObject } from '../domain/json.js';
import type { PodVolumeRestore } from '../domain/velero.gen.js';
import { Fault } from '../faults.js';
import { countSetting, type Direction, type Ownership } from './direction.js';
import type { Copying } from './next-step.js';
import type { AgentPorts } from './ports.js';
import { repositoryPlace } from './repository.js';

/** The init container that keeps a restored pod from starting before its volumes are filled (`pkg/restorehelper/util.go`). */
export const WAITING_CONTAINER = 'restore-wait';
const LONGEST_WAIT_MS = 60_000;

const specOf = (copying: Copying) => {
  const { spec } = copying as PodVolumeRestore;
  return {
    pod: spec?.pod ?? {},
    volume: spec?.volume ?? '',
    location: spec?.backupStorageLocation ?? '',
    snapshotId: spec?.snapshotID ?? '',
    sourceNamespace: spec?.sourceNamespace ?? '',
    settings: spec?.uploaderSettings,
  };
};

const isWaiting = (pod: JsonObject): boolean =>
  listAt(pod, 'status', 'initContainerStatuses').some(
    (one) => textAt(one, 'name') === WAITING_CONTAINER && at(one, 'state', 'running') !== undefined,
  );

const holder = (copying: Copying, pod: JsonObject | undefined): string =>
  (copying as PodVolumeRestore).status?.node || textAt(pod, 'spec', 'nodeName');

/** Where no pod is on a node yet, all agents look; the longer it takes, the less often. */
const nextLook = ({ metadata }: Copying, { clock, config }: AgentPorts): number => {
  const age = clock().getTime() - Date.parse(metadata.creationTimestamp ?? '');
  return Math.min(LONGEST_WAIT_MS, Math.max(config.intervals.look, age / 5 || 0));
};

/** The node of the pod does it, once its container waits; before that its volumes need not be there. */
const ownership = (copying: Copying, pod: JsonObject | undefined, ports: AgentPorts): Ownership => {
  const { nodeName, intervals } = ports.config;
  const node = holder(copying, pod);
  if (node !== '' && node !== nodeName) return 'not ours';
  const taken = (copying as PodVolumeRestore).status?.node === nodeName;
  return taken || (pod !== undefined && node !== '' && isWaiting(pod))
    ? 'ours'
    : { lookAgainAfter: node === '' ? nextLook(copying, ports) : intervals.look };
};

/** The waiting container looks for a file of this name. */
const restoreUidOf = ({ metadata }: Copying): string => {
  const uid =
    metadata.ownerReferences?.find(({ kind }) => kind === 'Restore')?.uid ??
    metadata.labels?.[RESTORE_UID_LABEL] ??
    '';
  if (/^[\w-]+$/.test(uid)) return uid;
  throw new Fault(
    'LB_REPOSITORY_FAILED',
    `PodVolumeRestore ${metadata.name} belongs to no Restore: it has neither an owner nor the label ${RESTORE_UID_LABEL}`,
  );
};

/**
 * Tells the waiting container that this volume is done. Whatever the copy brought under this name goes first: it tells of restores
 * of the past, or is a link that leads out of the volume.
 */
const writeDoneFile = async (folder: string, uid: string): Promise<void> => {
  const done = join(folder, '.velero');
  try {
    await rm(done, { recursive: true, force: true });
    await mkdir(done, { mode: 0o755 });
    await writeFile(join(done, uid), '', { mode: 0o644, flag: 'wx' });
  } catch (error) {
    throw new Fault('LB_REPOSITORY_FAILED', `the file ${join(done, uid)} cannot be written`, {
      cause: error,
    });
  }
};

/** Fills the volume of a restored pod, and then lets the pod start. */
export const volumeRestore: Direction = {
  kind: 'PodVolumeRestore',
  target: specOf,
  holder,
  ownership,
  accepted: ({ config }) => ({ node: config.nodeName }),
  run: async (ports, copying, { folder, onProgress, signal }) => {
    const { location, snapshotId, sourceNamespace, settings } = specOf(copying);
    const uid = restoreUidOf(copying);
    const place = await repositoryPlace(ports, sourceNamespace, location, signal);
    const parallelFiles = countSetting(settings, 'ParallelFilesDownload');
    const { bytes } = await ports.repositories.putBack(
      place,
      {
        snapshotId,
        folder,
        onProgress,
        sparse: settings?.['WriteSparseFiles'] === 'true',
        ...(parallelFiles !== undefined && { parallelFiles }),
      },
      signal,
    );
    await writeDoneFile(folder, uid);
    return { progress: { totalBytes: bytes, bytesDone: bytes } };
  },
};
