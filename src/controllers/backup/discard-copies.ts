import { textAt } from '../../domain/json.js';
import { copiesOf } from '../../domain/backup-facts.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import { hasCopyEnded } from '../../domain/volumes/copy-objects.js';
import type { PodVolumeBackup } from '../../domain/velero.gen.js';
import { isFault, messageOf } from '../../faults.js';
import type { ControllerPorts } from '../ports.js';
import { followCopies } from '../volumes/followed-copies.js';
import type { BackupSession } from './session.js';

/** How long an agent has to break off what it copies; one that is gone says nothing. */
const PATIENCE_MS = 30_000;

interface Discarding {
  readonly ports: ControllerPorts;
  readonly session: BackupSession;
  readonly uid: string;
  readonly signal: AbortSignal;
}

const requestsOf = async ({ ports, uid, signal }: Discarding): Promise<readonly PodVolumeBackup[]> =>
  (await ports.resources.list('PodVolumeBackup', signal)).filter(
    ({ metadata }) => metadata.labels?.[BACKUP_UID_LABEL] === uid,
  );

/** Tells the agents to break off, and waits until they have, as long as that may take. */
const breakOff = async (discarding: Discarding): Promise<void> => {
  const { ports, uid, signal } = discarding;
  const { cluster, resources } = ports;
  const open = (await requestsOf(discarding)).filter((one) => !hasCopyEnded(one));
  if (open.length === 0) return;
  for (const { metadata } of open)
    await resources.patch('PodVolumeBackup', metadata.name, { spec: { cancel: true } }, signal);
  const done = new AbortController();
  const until = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const followed = followCopies({
    cluster,
    kind: 'PodVolumeBackup',
    namespace: resources.namespace,
    label: BACKUP_UID_LABEL,
    value: uid,
    signal: AbortSignal.any([signal, done.signal]),
  });
  try {
    await Promise.all(open.map(({ metadata }) => followed.ended(metadata.name, until)));
  } finally {
    done.abort();
  }
};

/** The copies by the namespace that names their repository; what facts know counts as what resources say. */
const handlesOf = (
  { session }: Discarding,
  requests: readonly PodVolumeBackup[],
): ReadonlyMap<string, ReadonlySet<string>> => {
  const handles = new Map<string, Set<string>>();
  const add = (namespace: string, snapshot: string) => {
    if (snapshot !== '') handles.set(namespace, (handles.get(namespace) ?? new Set()).add(snapshot));
  };
  for (const request of requests)
    add(textAt(request, 'spec', 'pod', 'namespace'), request.status?.snapshotID ?? '');
  for (const { namespace, snapshot } of copiesOf(session.state).finished) add(namespace, snapshot);
  return handles;
};

const forget = async (
  { ports, session, signal }: Discarding,
  handles: ReadonlyMap<string, ReadonlySet<string>>,
): Promise<void> => {
  const name = session.row?.spec.storageLocation ?? '';
  const location = await ports.resources.read('BackupStorageLocation', name, signal);
  if (!location?.spec) return; // nobody can reach what lies there
  for (const [volumeNamespace, snapshots] of handles)
    await ports.repositories.forget({ location: location.spec, volumeNamespace }, [...snapshots], signal);
};

/**
 * Removes what an attempt that broke off, or a backup that failed, left of copies: the agents break off, the repositories forget, the
 * resources go. Copies that cannot be forgotten for good keep their resources, by which the deletion of the backup finds them. Other faults
 * mean that it is to be tried again.
 */
export const discardCopies = async (
  ports: ControllerPorts,
  session: BackupSession,
  signal: AbortSignal,
): Promise<void> => {
  const uid = 'uid' in session.state ? session.state.uid : '';
  const discarding = { ports, session, uid, signal };
  await breakOff(discarding);
  const requests = await requestsOf(discarding);
  try {
    await forget(discarding, handlesOf(discarding, requests));
    for (const { metadata } of requests)
      await ports.resources.delete('PodVolumeBackup', metadata.name, signal);
  } catch (error) {
    if (!isFault(error) || error.retriable || signal.aborted) throw error;
    ports.log.warn(
      { stream: session.stream },
      `copies of volumes that no backup holds could not be removed: ${messageOf(error)}`,
    );
  }
  await session.send({ type: 'DiscardCopies', now: session.now() });
};
