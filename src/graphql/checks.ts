import type { ResourceType } from '../cluster/port.js';
import { objectAt, textAt } from '../domain/json.js';
import { chooseStorageLocation } from '../domain/prepare-backup.js';
import type { LocationFacts, Problem } from '../domain/problem.js';
import { validateBackup, type PolicyFacts } from '../domain/validate-backup.js';
import { validateRestore, type RestoreFacts } from '../domain/validate-restore.js';
import { VELERO_TYPES, type BackupSpec, type RestoreSpec } from '../domain/velero.gen.js';
import { LARGEST_PAGE } from './connection.js';
import { parseBody } from './authenticate.js';
import type { ResolverDeps } from './deps.js';
import { CONFIG_MAPS } from '../domain/known-kinds.js';
import { SCHEDULE_LABEL } from '../domain/labels.js';

/**
 * What exists is looked up with the server's own rights: a caller who may create backups need not be allowed to read storage
 * locations, and learns no more here than the finished backup would tell.
 */
export const findResource = async (
  deps: ResolverDeps,
  type: ResourceType,
  name: string,
  signal: AbortSignal,
): Promise<unknown> => {
  const body = await deps.cluster.get(type, { namespace: deps.namespace, name }, { signal });
  return body && parseBody(body);
};

const locationFacts = async (
  deps: ResolverDeps,
  name: string,
  chosenByServer: boolean,
  signal: AbortSignal,
): Promise<LocationFacts> => {
  const found = await findResource(deps, VELERO_TYPES.BackupStorageLocation, name, signal);
  const phase = textAt(found, 'status', 'phase');
  const accessMode = textAt(found, 'spec', 'accessMode');
  return {
    found: found !== undefined,
    name,
    chosenByServer,
    ...(phase !== '' && { phase }),
    ...(accessMode !== '' && { accessMode }),
  };
};

const knownLocations = ({ views, namespace }: ResolverDeps) =>
  views
    .locations({ namespace, order: { by: 'name', direction: 'ASC' }, limit: LARGEST_PAGE })
    .items.map(({ key, row }) => ({ name: key.name, isDefault: row.isDefault }));

/** Only whether it is there: what it says is read when the backup starts, by the rules that then hold. */
const policyFacts = async (
  deps: ResolverDeps,
  { resourcePolicy }: BackupSpec,
  signal: AbortSignal,
): Promise<PolicyFacts | undefined> => {
  if (resourcePolicy?.kind.toLowerCase() !== 'configmap') return undefined;
  const found = (await findResource(deps, CONFIG_MAPS, resourcePolicy.name, signal)) !== undefined;
  return { found, hasIncludeExclude: false };
};

/** What can be said against a backup before it exists. The controller checks again, and what only it can see, when its turn comes. */
export const backupProblems = async (
  deps: ResolverDeps,
  spec: BackupSpec,
  signal: AbortSignal,
): Promise<readonly Problem[]> => {
  const chosen = chooseStorageLocation(spec, knownLocations(deps), deps.defaultBackupStorageLocation);
  const location = await locationFacts(deps, chosen.name, chosen.chosenByServer, signal);
  const policy = await policyFacts(deps, spec, signal);
  return validateBackup({ spec, location, ...(policy && { policy }) });
};

const backupSpecByName = async (
  deps: ResolverDeps,
  name: string,
  signal: AbortSignal,
): Promise<BackupSpec | undefined> => {
  const row = deps.views.backup({ namespace: deps.namespace, name });
  if (row) return row.spec;
  // A backup that is not in the views yet may have been made a moment ago.
  const found = await findResource(deps, VELERO_TYPES.Backup, name, signal);
  return found === undefined ? undefined : objectAt(found, 'spec');
};

const scheduleFacts = ({ views, namespace }: ResolverDeps, schedule: string) => {
  const order = { by: 'created', direction: 'DESC' } as const;
  const labels = [{ key: SCHEDULE_LABEL, value: schedule }];
  const count = (filter: Parameters<typeof views.countBackups>[0]['filter']) =>
    views.countBackups({ namespace, order, limit: 1, ...(filter && { filter }) });
  return { backups: count({ labels }), hasCompleted: count({ labels, phases: ['Completed'] }) > 0 };
};

/** What can be said against a restore before it exists. The controller checks again when its turn comes. */
export const restoreProblems = async (
  deps: ResolverDeps,
  spec: RestoreSpec,
  signal: AbortSignal,
): Promise<readonly Problem[]> => {
  const { backupName, scheduleName, resourceModifier } = spec;
  const found = backupName ? await backupSpecByName(deps, backupName, signal) : undefined;
  const location = found?.storageLocation;
  const modifier = resourceModifier && (await findResource(deps, CONFIG_MAPS, resourceModifier.name, signal));
  const facts: RestoreFacts = {
    spec,
    // Which backup of a schedule it will be is decided when the restore starts; one that can be had is enough here.
    backup: { found: found !== undefined || Boolean(scheduleName), name: backupName ?? '' },
    ...(location && { location: await locationFacts(deps, location, false, signal) }),
    ...(scheduleName && { schedule: scheduleFacts(deps, scheduleName) }),
    ...(resourceModifier && { modifier: { found: modifier !== undefined } }),
  };
  return validateRestore(facts);
};
