import { resolveNamespaces } from '../../domain/namespace-filter.js';
import type { BackupSpec } from '../../domain/velero.gen.js';
import { prepareBackupStart } from './prepare.js';
import type { BackupSession } from './session.js';
import { listNamespaces } from '../namespaces.js';
import type { ControllerPorts } from '../ports.js';
import type { Slots } from '../slots.js';

/**
 * The namespaces that a backup reads, which no other one may read at the same time (`pkg/controller/backup_queue_controller.go`):
 * hooks of both would freeze and thaw the same pods. One backup at a time needs no such care.
 */
const scopeOf = async (
  { cluster, config }: ControllerPorts,
  spec: BackupSpec,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> => {
  if (config.concurrentBackups === 1) return new Set();
  const existing = await listNamespaces(cluster, signal);
  const { includes } = resolveNamespaces(spec, existing);
  return new Set(existing.map(({ name }) => name).filter(includes));
};

/** How a backup wakes others: the next in line, and the request that asked for its deletion. */
export interface BackupWakes {
  readonly backup: (name: string) => void;
  readonly deletionRequest: (name: string) => void;
}

/** Begins the run, or, without a place for it, shows where it stands in line. */
export const start = async (
  ports: ControllerPorts,
  session: BackupSession,
  slots: Slots,
  wakes: BackupWakes,
  signal: AbortSignal,
): Promise<boolean> => {
  const { name } = session.key;
  const waited = !slots.begunHere(name);
  if (!slots.take(name, await scopeOf(ports, session.row?.spec ?? {}, signal))) {
    await session.mirror(slots.position(name));
    return false;
  }
  if (waited) for (const next of slots.waiting()) wakes.backup(next); // each is a place further now
  await session.send({
    type: 'StartBackup',
    ...(await prepareBackupStart(ports, session, signal)),
    now: session.now(),
  });
  return true;
};
