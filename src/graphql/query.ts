import { isFault } from '../faults.js';
import { wishesForEvents } from './authorize.js';
import type { Context } from './context.js';
import { demandReached, type ResolverDeps } from './deps.js';
import { coded } from './errors.js';
import { fromId } from './ids.js';
import { LIMITS } from './limits.js';
import {
  auditFilterOf,
  backupFilterOf,
  findBackup,
  findLocation,
  findRestore,
  findSchedule,
  orderOf,
  readBackups,
  readEvents,
  readLocations,
  readRestores,
  readSchedules,
  restoreFilterOf,
  scheduleFilterOf,
} from './read.js';
import type { QueryResolvers } from './types.gen.js';

const VERSION_DEADLINE_MS = 2_000;

const findEvent = async (deps: ResolverDeps, id: string, { caller }: Context) => {
  const fact = deps.views.auditEvent(id);
  if (!fact) return null;
  await deps.authorize.demand(caller, ...wishesForEvents('list', fact.stream));
  return fact;
};

const findNode = async (deps: ResolverDeps, id: string, context: Context) => {
  const ref = fromId(id);
  if (!ref) return null;
  if (ref.kind === 'Event') return findEvent(deps, ref.id, context);
  const { namespace, name } = ref.key;
  if (namespace !== deps.namespace) return null;
  const demand = (resource: 'backups' | 'restores' | 'backupstoragelocations' | 'schedules') =>
    deps.authorize.demand(context.caller, { verb: 'get', resource, name });
  switch (ref.kind) {
    case 'Backup':
      await demand('backups');
      return findBackup(deps, name) ?? null;
    case 'Restore':
      await demand('restores');
      return findRestore(deps, name) ?? null;
    case 'BackupStorageLocation':
      await demand('backupstoragelocations');
      return findLocation(deps, name) ?? null;
    case 'Schedule':
      await demand('schedules');
      return findSchedule(deps, name) ?? null;
  }
};

const gitVersion = async ({ cluster }: ResolverDeps, signal: AbortSignal): Promise<string | null> => {
  try {
    const limited = AbortSignal.any([signal, AbortSignal.timeout(VERSION_DEADLINE_MS)]);
    return (await cluster.version(limited)).gitVersion;
  } catch (error) {
    if (isFault(error)) return null; // the rest of the answer is worth having without it
    throw error;
  }
};

/** Questions about the present state. Every one asks first whether the caller may read that. */
export const queryResolvers = (deps: ResolverDeps): QueryResolvers => ({
  node: (_root, { id }, context) => findNode(deps, id, context),
  nodes: async (_root, { ids }, context) => {
    if (ids.length > LIMITS.ids) throw coded('BAD_USER_INPUT', `at most ${LIMITS.ids} ids at once`);
    return Promise.all(ids.map((id) => findNode(deps, id, context)));
  },
  backup: async (_root, { name, atLeast }, { caller, signal }) => {
    await deps.authorize.demand(caller, { verb: 'get', resource: 'backups', name });
    await demandReached(deps, atLeast, signal);
    return findBackup(deps, name);
  },
  backups: async (_root, args, { caller, signal }) => {
    await deps.authorize.demand(caller, { verb: 'list', resource: 'backups' });
    await demandReached(deps, args.atLeast, signal);
    return readBackups(deps, args, backupFilterOf(args.filter), orderOf(args.orderBy));
  },
  restore: async (_root, { name, atLeast }, { caller, signal }) => {
    await deps.authorize.demand(caller, { verb: 'get', resource: 'restores', name });
    await demandReached(deps, atLeast, signal);
    return findRestore(deps, name);
  },
  restores: async (_root, args, { caller, signal }) => {
    await deps.authorize.demand(caller, { verb: 'list', resource: 'restores' });
    await demandReached(deps, args.atLeast, signal);
    return readRestores(deps, args, restoreFilterOf(args.filter), orderOf(args.orderBy));
  },
  schedule: async (_root, { name, atLeast }, { caller, signal }) => {
    await deps.authorize.demand(caller, { verb: 'get', resource: 'schedules', name });
    await demandReached(deps, atLeast, signal);
    return findSchedule(deps, name);
  },
  schedules: async (_root, args, { caller, signal }) => {
    await deps.authorize.demand(caller, { verb: 'list', resource: 'schedules' });
    await demandReached(deps, args.atLeast, signal);
    return readSchedules(deps, args, scheduleFilterOf(args.filter));
  },
  backupStorageLocation: async (_root, { name }, { caller }) => {
    await deps.authorize.demand(caller, { verb: 'get', resource: 'backupstoragelocations', name });
    return findLocation(deps, name);
  },
  backupStorageLocations: async (_root, args, { caller }) => {
    await deps.authorize.demand(caller, { verb: 'list', resource: 'backupstoragelocations' });
    return readLocations(deps, args);
  },
  events: async (_root, args, { caller }) => {
    await deps.authorize.demand(caller, ...wishesForEvents('list', args.filter?.stream));
    return readEvents(deps, args, auditFilterOf(args.filter));
  },
  serverInfo: async (_root, _args, { signal }) => ({
    version: deps.appVersion,
    gitVersion: await gitVersion(deps, signal),
    namespace: deps.namespace,
    eventStore: deps.eventStoreKind,
    features: deps.features,
    authMode: deps.authMode,
    serverTime: deps.now().toISOString(),
    position: deps.views.position(),
  }),
  viewer: (_root, _args, { caller }) => caller.actor,
});
