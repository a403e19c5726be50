import { problem, type Problem } from '../domain/problem.js';
import { VELERO_TYPES, type Schedule, type ScheduleSpec } from '../domain/velero.gen.js';
import type { Meta } from '../eventstore/port.js';
import { parseBody } from './authenticate.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { observed, recordSchedule } from './schedule-facts.js';
import { backupSpecOf, repeatedInBackup } from './spec-input.js';
import { no, outcomeOf, type Outcome } from './requested.js';
import type { BackupSpecInput, ScheduleChangeInput, UserError } from './types.gen.js';
import { fromRefused, userError } from './user-errors.js';
import { timestamp } from '../domain/timestamp.js';

const MOST_TRIES = 5;

/** A schedule as it is in the cluster; read with the server's rights, what is done to it takes the caller's. */
export const readSchedule = async (
  { cluster, namespace }: ResolverDeps,
  name: string,
  signal: AbortSignal,
): Promise<Schedule | undefined> => {
  const bytes = await cluster.get(VELERO_TYPES.Schedule, { namespace, name }, { signal });
  return bytes && (parseBody(bytes) as Schedule);
};

export const noSchedule = (name: string): UserError =>
  userError('NOT_FOUND', `there is no schedule "${name}"`, ['input', 'name']);

const inTemplate = ({ field, ...rest }: Problem): Problem => ({
  ...rest,
  field: ['spec', 'template', ...field.slice(1)],
});

/** What can be said against a line of times and a template before the resource exists. */
export const scheduleSpecProblems = (
  { cron }: ResolverDeps,
  line: string | null | undefined,
  template: BackupSpecInput | null | undefined,
): readonly Problem[] => {
  const wrong = line === null || line === undefined ? undefined : cron.problem(line);
  return [
    ...(wrong === undefined ? [] : [problem(['spec', 'schedule'], wrong)]),
    ...repeatedInBackup(template ?? {}).map(inTemplate),
  ];
};

const changed = (spec: ScheduleSpec, change: ScheduleChangeInput): ScheduleSpec => ({
  ...spec,
  ...(change.schedule != null && { schedule: change.schedule }),
  ...(change.template && { template: backupSpecOf(change.template) }),
  ...(change.paused != null && { paused: change.paused }),
  ...(change.skipImmediately != null && { skipImmediately: change.skipImmediately }),
  ...(change.useOwnerReferencesInBackup != null && {
    useOwnerReferencesInBackup: change.useOwnerReferencesInBackup,
  }),
});

const nowOf = ({ now }: ResolverDeps): string => timestamp(now());

/** Writes the change as the caller. Somebody else's write in between is looked at and kept, a few times. */
export const changeSchedule = async (
  deps: ResolverDeps,
  { name, spec: change }: { readonly name: string; readonly spec: ScheduleChangeInput },
  { caller, signal }: Context,
  meta: Meta,
): Promise<Outcome> => {
  const as = caller.impersonation;
  const ref = { namespace: deps.namespace, name };
  for (let attempt = 1; ; attempt += 1) {
    const present = await readSchedule(deps, name, signal);
    if (!present) return no(noSchedule(name));
    const body = { ...present, spec: changed(present.spec ?? { schedule: '', template: {} }, change) };
    const options = { signal, ...(as && { as }) };
    const written = await deps.cluster.replace(VELERO_TYPES.Schedule, ref, JSON.stringify(body), options);
    if (written.ok) {
      const now = parseBody(written.body) as Schedule;
      const uid = now.metadata.uid ?? '';
      return outcomeOf(
        name,
        await recordSchedule(deps, { name, uid }, observed(deps, now, nowOf(deps)), meta, signal),
      );
    }
    if (written.reason !== 'Conflict' || attempt === MOST_TRIES) return no(...fromRefused(written));
  }
};

/** Deletes the resource as the caller. */
export const removeSchedule = async (
  deps: ResolverDeps,
  name: string,
  { caller, signal }: Context,
  meta: Meta,
): Promise<Outcome> => {
  const present = await readSchedule(deps, name, signal);
  if (!present) return no(noSchedule(name));
  const as = caller.impersonation;
  const options = { signal, ...(as && { as }) };
  const ref = { namespace: deps.namespace, name };
  const gone = await deps.cluster.delete(VELERO_TYPES.Schedule, ref, options);
  if (!gone.ok && gone.reason !== 'NotFound') return no(...fromRefused(gone));
  const uid = present.metadata.uid ?? '';
  const command = { type: 'RemoveSchedule', now: nowOf(deps) } as const;
  return outcomeOf(name, await recordSchedule(deps, { name, uid }, command, meta, signal));
};
