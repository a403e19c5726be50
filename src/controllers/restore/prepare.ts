import { newestCompleted, prepareRestore } from '../../domain/prepare-restore.js';
import { printProblems, type LocationFacts } from '../../domain/problem.js';
import { validateRestore } from '../../domain/validate-restore.js';
import type { Backup, RestoreSpec } from '../../domain/velero.gen.js';
import type { ControllerPorts } from '../ports.js';
import { loadModifiersOf } from './resource-modifiers.js';
import { mayRestore } from './rights.js';
import type { RestoreSession } from './session.js';
import { SCHEDULE_LABEL } from '../../domain/labels.js';

/** The backups of a schedule, by the label that schedule and CLI put on them, with its raw name. */
const backupsOf = async (
  ports: ControllerPorts,
  schedule: string,
  signal: AbortSignal,
): Promise<readonly Backup[]> =>
  (await ports.resources.list('Backup', signal)).filter(
    ({ metadata }) => metadata.labels?.[SCHEDULE_LABEL] === schedule,
  );

const locationOf = async (
  ports: ControllerPorts,
  backup: Backup | undefined,
  signal: AbortSignal,
): Promise<LocationFacts | undefined> => {
  if (!backup) return undefined;
  const name = backup.spec?.storageLocation ?? '';
  const location =
    name === '' ? undefined : await ports.resources.read('BackupStorageLocation', name, signal);
  return {
    found: location !== undefined,
    name,
    chosenByServer: false,
    ...(location?.status?.phase !== undefined && { phase: location.status.phase }),
    ...(location?.spec?.accessMode !== undefined && { accessMode: location.spec.accessMode }),
  };
};

/** What the server makes of a request at the moment it starts: the completed spec, and every problem that keeps it from starting. */
export const prepareRestoreStart = async (
  ports: ControllerPorts,
  session: RestoreSession,
  signal: AbortSignal,
): Promise<{ readonly spec: RestoreSpec; readonly problems: readonly string[] }> => {
  const spec = session.row?.spec ?? {};
  const bySchedule =
    spec.scheduleName && !spec.backupName ? await backupsOf(ports, spec.scheduleName, signal) : undefined;
  const chosen =
    bySchedule &&
    newestCompleted(
      bySchedule.map(({ metadata, status }) => ({
        name: metadata.name,
        ...(status?.phase !== undefined && { phase: status.phase }),
        ...(status?.startTimestamp !== undefined && { startTimestamp: status.startTimestamp }),
      })),
    );
  const name = spec.backupName || chosen;
  const backup = name ? await ports.resources.read('Backup', name, signal) : undefined;
  const location = await locationOf(ports, backup, signal);
  const modifiers = await loadModifiersOf(ports, spec, signal);
  const problems = validateRestore({
    spec,
    mayRestore: await mayRestore(ports.cluster, spec, signal),
    ...(name && { backup: { found: backup !== undefined, name, phase: backup?.status?.phase ?? '' } }),
    ...(location && { location }),
    ...(modifiers.facts && { modifier: modifiers.facts }),
    ...(bySchedule && { schedule: { backups: bySchedule.length, hasCompleted: chosen !== undefined } }),
  });
  const scheduleOfBackup = backup?.metadata.labels?.[SCHEDULE_LABEL];
  return {
    spec: prepareRestore(spec, {
      itemOperationTimeoutMs: ports.config.itemOperationTimeout,
      ...(chosen !== undefined && { backupOfSchedule: chosen }),
      ...(scheduleOfBackup !== undefined && { scheduleOfBackup }),
    }),
    problems: printProblems(problems),
  };
};
