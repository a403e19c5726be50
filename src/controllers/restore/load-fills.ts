import type { RestoreSpec } from '../../domain/velero.gen.js';
import type { RestoreCommand } from '../../domain/restore-facts.js';
import { copiedVolumeOf, type CopiedVolume } from '../../domain/volumes/copy-objects.js';
import { storedPodVolumeBackups } from '../location/pod-volume-backups.js';
import { ensureRepository } from '../repository/ensure.js';
import type { ControllerPorts, OpenedLocation } from '../ports.js';
import { copyTimeoutOf } from '../volumes/copy-timeout.js';
import { createNodeAgents } from '../volumes/node-agents.js';
import type { TypeTable } from './context.js';
import type { Outcomes } from './outcomes.js';
import { createPodFills, type PodFills } from './pod-fills.js';
import type { RestoreSession } from './session.js';

/** The copies that a backup holds, from its file: the resources may be gone, or never have been here. */
export const readCopies = async (
  location: OpenedLocation,
  backup: string,
  signal: AbortSignal,
): Promise<readonly CopiedVolume[]> =>
  (await storedPodVolumeBackups(location, backup, signal))
    .map(copiedVolumeOf)
    .filter((copy) => copy !== undefined);

const settingsOf = ({ uploaderConfig }: RestoreSpec) =>
  uploaderConfig && {
    WriteSparseFiles: String(uploaderConfig.writeSparseFiles === true),
    ...((uploaderConfig.parallelFilesDownload ?? 0) > 0 && {
      ParallelFilesDownload: String(uploaderConfig.parallelFilesDownload),
    }),
  };

interface Loading {
  readonly ports: ControllerPorts;
  readonly session: RestoreSession;
  readonly spec: RestoreSpec;
  /** Name of the location in which the backup is. */
  readonly locationName: string;
  readonly copies: readonly CopiedVolume[];
  readonly types: TypeTable;
  readonly outcomes: Outcomes;
  readonly send: (command: RestoreCommand) => Promise<void>;
  /** Whether the restore takes claims and volumes: without them no data comes back (`pkg/restore/restore.go`). */
  readonly takesVolumes: boolean;
  readonly signal: AbortSignal;
}

/** The volumes of pods that one attempt fills; its time begins now. */
export const loadFills = (loading: Loading): PodFills => {
  const { ports, session, spec, locationName, types, outcomes, send, signal } = loading;
  const { cluster, resources, config } = ports;
  const { state } = session;
  const attempt = 'attempt' in state ? state.attempt : 0;
  const { ms, problem } = copyTimeoutOf(session.resource, config.fsBackupTimeout);
  if (problem !== undefined) outcomes.error(undefined, problem);
  const settings = settingsOf(spec);
  return createPodFills({
    cluster,
    resources,
    restore: { name: session.key.name, uid: session.row?.uid ?? '', location: locationName },
    copies: loading.takesVolumes ? loading.copies : [],
    ...(settings && { settings }),
    earlier: state.phase === 'InProgress' ? (state.fills ?? []) : [],
    agents: createNodeAgents(cluster, resources.namespace, signal),
    repositoryOf: async (volumeNamespace) => {
      const ensured = await ensureRepository(ports, { volumeNamespace, location: locationName }, signal);
      return 'problem' in ensured ? ensured.problem : undefined;
    },
    claims: types.typeOf('persistentvolumeclaims', 'v1'),
    facts: {
      filled: (fill, bytes) => send({ type: 'RecordFill', attempt, fill, bytes, now: session.now() }),
      failed: (fill, reason) => send({ type: 'FailFill', attempt, fill, reason, now: session.now() }),
    },
    outcomes,
    timeoutMs: ms,
    signal,
  });
};
