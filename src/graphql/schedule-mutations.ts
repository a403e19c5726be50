import type { BackupEvent } from '../domain/backup-facts.js';
import { backup } from '../domain/backup.js';
import { isRefusal } from '../domain/decider.js';
import { upcast } from '../domain/events.js';
import { backupFromSchedule } from '../domain/schedule-template.js';
import { streamOf } from '../domain/streams.js';
import { scheduleNameProblems } from '../domain/validate-schedule.js';
import { VELERO_TYPES, type BackupSpec, type Schedule, type ScheduleSpec } from '../domain/velero.gen.js';
import { openAggregate } from '../eventstore/handle.js';
import type { Meta } from '../eventstore/port.js';
import { nameProblems, type Problem } from '../domain/problem.js';
import { change } from './change.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { toId } from './ids.js';
import { findBackup, findSchedule } from './read.js';
import { nameForRestore, requestIdOf, type RequestId } from './request-id.js';
import {
  changeSchedule,
  noSchedule,
  readSchedule,
  removeSchedule,
  scheduleSpecProblems,
} from './schedule-changes.js';
import { observed, recordSchedule } from './schedule-facts.js';
import { backupSpecOf, mapOf, repeatedLabels } from './spec-input.js';
import { lacking, no, type Answered, type Outcome } from './requested.js';
import { submit, type Submission } from './submit.js';
import type { CreateScheduleInput, MutationResolvers, ScheduleSpecInput } from './types.gen.js';
import { fromProblems } from './user-errors.js';

/** Tells a request from others: by who asks, for what, and under which key. */
const requestOf = (
  { namespace }: ResolverDeps,
  { caller }: Context,
  mutation: string,
  { idempotencyKey, ...input }: { readonly idempotencyKey?: string | null | undefined },
): RequestId => requestIdOf({ mutation, namespace, user: caller.actor.name, idempotencyKey, input });

const specOf = ({
  schedule,
  template,
  paused,
  skipImmediately,
  useOwnerReferencesInBackup,
}: ScheduleSpecInput): ScheduleSpec => ({
  schedule,
  template: backupSpecOf(template ?? {}),
  ...(paused != null && { paused }),
  ...(skipImmediately != null && { skipImmediately }),
  ...(useOwnerReferencesInBackup != null && { useOwnerReferencesInBackup }),
});

const creation = (deps: ResolverDeps, input: CreateScheduleInput, context: Context): Submission => ({
  mutation: 'createSchedule',
  kind: 'schedule',
  resource: 'schedules',
  type: VELERO_TYPES.Schedule,
  request: requestOf(deps, context, 'createSchedule', input),
  name: input.name,
  makeName: () => input.name,
  labels: mapOf(input.labels ?? []),
  spec: specOf(input.spec),
  problems: () =>
    Promise.resolve([
      ...scheduleNameProblems(input.name),
      ...repeatedLabels(['labels'], input.labels),
      ...scheduleSpecProblems(deps, input.spec.schedule, input.spec.template),
    ]),
  record: async ({ name, uid, spec, at }, meta) => {
    const created = { metadata: { name, uid, creationTimestamp: at }, spec } as Schedule;
    return recordSchedule(deps, { name, uid }, observed(deps, created, at), meta, context.signal);
  },
});

/** A backup from the template of a schedule, asked for by a person: it belongs to the schedule by its label, not to its times. */
const run = async (
  deps: ResolverDeps,
  input: { readonly name: string; readonly idempotencyKey?: string | null | undefined },
  context: Context,
): Promise<Submission> => {
  const { namespace, store, views } = deps;
  const { signal } = context;
  const found = await readSchedule(deps, input.name, signal);
  const made = found && backupFromSchedule(found, '');
  const metadata = made?.metadata as
    | (NonNullable<Submission['metadata']> & { readonly labels?: Readonly<Record<string, string>> })
    | undefined;
  return {
    mutation: 'runSchedule',
    kind: 'backup',
    resource: 'backups',
    type: VELERO_TYPES.Backup,
    request: requestOf(deps, context, 'runSchedule', input),
    name: undefined,
    makeName: () =>
      nameForRestore(input.name, deps.now(), (name) => views.backup({ namespace, name }) !== undefined),
    labels: metadata?.labels ?? {},
    ...(metadata && { metadata }),
    spec: made?.spec ?? {},
    refusals: async () => {
      const wish = { verb: 'get', resource: 'schedules', name: input.name } as const;
      const forbidden = await lacking(deps, context, wish);
      if (forbidden) return [forbidden];
      return found ? [] : [noSchedule(input.name)];
    },
    problems: () => Promise.resolve([]),
    record: async ({ name, uid, spec, labels, at }, meta) => {
      const tick = { type: 'RecordRun', tick: at, backup: name, now: at } as const;
      const owner = { name: input.name, uid: found?.metadata.uid ?? '' };
      const fired = await recordSchedule(deps, owner, tick, meta, signal);
      // Not yet known to the record: the backup is there all the same, and tells by its label whose it is.
      if (isRefusal(fired)) deps.log.warn({ schedule: input.name }, fired.message);
      const aggregate = await openAggregate(store, backup, streamOf('backup', { namespace, name }), {
        upcast: (stored) => upcast(stored) as BackupEvent | undefined,
        signal,
      });
      const command = { type: 'RequestBackup', uid, spec: spec as BackupSpec, labels, now: at } as const;
      return aggregate.send(command, meta, { uid });
    },
  };
};

/** A change of a schedule that is there; its controller keeps off meanwhile. */
const changing = (
  deps: ResolverDeps,
  context: Context,
  verb: 'update' | 'delete',
  input: { readonly name: string; readonly idempotencyKey?: string | null | undefined },
  carry: {
    readonly problems: readonly Problem[];
    readonly out: (meta: Meta) => Promise<Outcome>;
  },
): Promise<Answered> => {
  const mutation = `${verb}Schedule`;
  const { name } = input;
  const problems = [...nameProblems(name), ...carry.problems];
  const job = {
    mutation,
    request: requestOf(deps, context, mutation, input),
    name,
    wishes: [{ verb, resource: 'schedules', name } as const],
    holds: streamOf('schedule', { namespace: deps.namespace, name }),
    carryOut: (meta: Meta) =>
      problems.length > 0 ? Promise.resolve(no(...fromProblems(problems))) : carry.out(meta),
  };
  return change(deps, job, context);
};

const errorsOf = (answered: Answered) => (answered.ok ? [] : answered.userErrors);

/** Requests to make, change, delete and run schedules. A refusal is in `userErrors`; thrown is only what broke. */
export const scheduleMutations = (
  deps: ResolverDeps,
): Required<
  Pick<MutationResolvers, 'createSchedule' | 'updateSchedule' | 'deleteSchedule' | 'runSchedule'>
> => ({
  createSchedule: async (_root, { input }, context) => {
    const answered = await submit(deps, creation(deps, input, context), context);
    const schedule = answered.ok ? findSchedule(deps, answered.name) : null;
    return { schedule, position: answered.position, userErrors: errorsOf(answered) };
  },
  updateSchedule: async (_root, { input }, context) => {
    const answered = await changing(deps, context, 'update', input, {
      problems: scheduleSpecProblems(deps, input.spec.schedule, input.spec.template),
      out: (meta) => changeSchedule(deps, input, context, meta),
    });
    const schedule = answered.ok ? findSchedule(deps, answered.name) : null;
    return { schedule, position: answered.position, userErrors: errorsOf(answered) };
  },
  deleteSchedule: async (_root, { input }, context) => {
    const answered = await changing(deps, context, 'delete', input, {
      problems: [],
      out: (meta) => removeSchedule(deps, input.name, context, meta),
    });
    const key = { namespace: deps.namespace, name: input.name };
    const deletedScheduleId = answered.ok ? toId('Schedule', key) : null;
    return { deletedScheduleId, position: answered.position, userErrors: errorsOf(answered) };
  },
  runSchedule: async (_root, { input }, context) => {
    const answered = await submit(deps, await run(deps, input, context), context);
    const backupNode = answered.ok ? findBackup(deps, answered.name) : null;
    const schedule = answered.ok ? findSchedule(deps, input.name) : null;
    return {
      backup: backupNode,
      schedule,
      position: answered.position,
      userErrors: errorsOf(answered),
    };
  },
});
