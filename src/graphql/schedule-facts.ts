import { upcast } from '../domain/events.js';
import { printProblems } from '../domain/problem.js';
import { schedule, type ScheduleCommand } from '../domain/schedule.js';
import type { ScheduleEvent } from '../domain/schedule-facts.js';
import { streamOf } from '../domain/streams.js';
import { scheduleNameProblems } from '../domain/validate-schedule.js';
import type { Schedule } from '../domain/velero.gen.js';
import { openAggregate } from '../eventstore/handle.js';
import type { Meta } from '../eventstore/port.js';
import type { ResolverDeps } from './deps.js';
import type { Recording } from './requested.js';

/** Appends what somebody did to a schedule to its story, before the controller tells it without the name. */
export const recordSchedule = async (
  { store, namespace }: ResolverDeps,
  { name, uid }: { readonly name: string; readonly uid: string },
  command: ScheduleCommand,
  meta: Meta,
  signal: AbortSignal,
): Promise<Recording> => {
  const stream = streamOf('schedule', { namespace, name });
  const aggregate = await openAggregate(store, schedule, stream, {
    upcast: (stored) => upcast(stored) as ScheduleEvent | undefined,
    signal,
    since: 'ScheduleCarriedForward',
  });
  const discriminator = `${command.type}/${'backup' in command ? command.backup : aggregate.revision}`;
  return aggregate.send(command, meta, { uid, discriminator });
};

/** What the controller would make of the resource as it is now. */
export const observed = (
  { cron }: ResolverDeps,
  { metadata, spec }: Schedule,
  now: string,
): ScheduleCommand => {
  const problem = cron.problem(spec?.schedule ?? '');
  const problems = [
    ...(problem === undefined ? [] : [problem]),
    ...printProblems(scheduleNameProblems(metadata.name)),
  ];
  return {
    type: 'ObserveSchedule',
    uid: metadata.uid ?? '',
    spec: spec ?? { schedule: '', template: {} },
    createdAt: metadata.creationTimestamp ?? now,
    problems,
    now,
  };
};
