import type { Cluster } from '../cluster/port.js';
import { at } from '../domain/json.js';
import { ACCESS_REVIEWS } from '../domain/known-kinds.js';
import { VELERO_TYPES } from '../domain/velero.gen.js';
import { ask, TRUST_MS, type Caller } from './authenticate.js';
import { coded } from './errors.js';
import { createTtlCache } from './ttl-cache.js';

type Verb = 'get' | 'list' | 'watch' | 'create' | 'update' | 'patch' | 'delete';
type Resource =
  | 'backups'
  | 'restores'
  | 'backupstoragelocations'
  | 'schedules'
  | 'downloadrequests'
  | 'deletebackuprequests'
  | 'backuprepositories';

/** One question about rights: may this caller do that to a resource of ours, or to all of that kind. */
export interface Wish {
  readonly verb: Verb;
  readonly resource: Resource;
  readonly name?: string;
}

export interface Authorize {
  allows(caller: Caller, wish: Wish): Promise<boolean>;
  /** Error `FORBIDDEN` unless every wish is allowed. */
  demand(caller: Caller, ...wishes: readonly Wish[]): Promise<void>;
}

const MOST_REMEMBERED = 10_000;

/** The rights the audit trail of everything asks for: it tells of all kinds. */
export const wishesForEvents = (
  verb: 'list' | 'watch',
  stream: string | null | undefined,
): readonly Wish[] => {
  if (stream?.startsWith('backup-')) return [{ verb, resource: 'backups' }];
  if (stream?.startsWith('restore-')) return [{ verb, resource: 'restores' }];
  if (stream?.startsWith('location-')) return [{ verb, resource: 'backupstoragelocations' }];
  if (stream?.startsWith('schedule-')) return [{ verb, resource: 'schedules' }];
  return [
    { verb, resource: 'backups' },
    { verb, resource: 'restores' },
    { verb, resource: 'backupstoragelocations' },
    { verb, resource: 'schedules' },
  ];
};

/** The caller's rights in the cluster are the rights here (SubjectAccessReview, answers count for ten seconds). */
export const createAuthorize = (options: {
  readonly cluster: Cluster;
  readonly namespace: string;
  readonly now: () => Date;
}): Authorize => {
  const { cluster, namespace, now } = options;
  const answers = createTtlCache<boolean>({ ttlMs: TRUST_MS, most: MOST_REMEMBERED, now });

  const allows = async ({ impersonation }: Caller, wish: Wish): Promise<boolean> => {
    if (!impersonation) return true; // only with auth off, and then the whole server is the caller's own
    const { user, groups, uid, extra } = impersonation;
    const { group, version } = VELERO_TYPES.Backup;
    const attributes = { namespace, group, version, ...wish };
    const spec = {
      user,
      groups,
      ...(uid && { uid }),
      ...(extra && { extra }),
      resourceAttributes: attributes,
    };
    return answers.get(
      JSON.stringify(spec),
      async () => at(await ask(cluster, ACCESS_REVIEWS, spec), 'status', 'allowed') === true,
    );
  };

  const demand = async (caller: Caller, ...wishes: readonly Wish[]): Promise<void> => {
    for (const wish of wishes) {
      if (await allows(caller, wish)) continue;
      const what = `${wish.verb} ${wish.resource}.velero.io${wish.name === undefined ? '' : ` "${wish.name}"`}`;
      throw coded('FORBIDDEN', `${caller.actor.name} may not ${what} in namespace ${namespace}`);
    }
  };

  return { allows, demand };
};
