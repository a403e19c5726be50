import type { NamedSchedule } from '../projections/rows.js';
import type { ResolverDeps } from './deps.js';
import { SCHEDULE_PHASE } from './enums.js';
import { toId } from './ids.js';
import { readBackups, readStream } from './read.js';
import type { Resolvers } from './types.gen.js';
import { SCHEDULE_LABEL } from '../domain/labels.js';

/** The next time that a schedule names. One whose backup waits for another one has no other time for that. */
const nextRunAt = ({ row }: NamedSchedule, { cron, now }: ResolverDeps): string | null => {
  if (row.paused || row.phase !== 'Enabled') return null;
  const after = new Date(Math.max(Date.parse(row.cursor), now().getTime()));
  return cron.next(row.spec.schedule, after)?.toISOString() ?? null;
};

/** How the row of a schedule answers for its fields. */
export const scheduleResolver = (deps: ResolverDeps): NonNullable<Resolvers['Schedule']> => ({
  id: ({ key }) => toId('Schedule', key),
  name: ({ key }) => key.name,
  namespace: ({ key }) => key.namespace,
  uid: ({ row }) => row.uid,
  phase: ({ row }) => SCHEDULE_PHASE[row.phase],
  spec: ({ row }) => row.spec,
  paused: ({ row }) => row.paused,
  createdAt: ({ row }) => row.requestedAt,
  lastBackup: ({ row }) => row.lastBackup,
  lastSkipped: ({ row }) => row.lastSkipped,
  nextRunAt: (parent) => nextRunAt(parent, deps),
  validationErrors: ({ row }) => row.reasons,
  backups: async ({ key }, args, { caller }) => {
    await deps.authorize.demand(caller, { verb: 'list', resource: 'backups' });
    const filter = { labels: [{ key: SCHEDULE_LABEL, value: key.name }] };
    return readBackups(deps, args, filter, { by: 'created', direction: 'DESC' });
  },
  events: ({ key }, args) => readStream(deps, 'schedule', key.name, args),
});
