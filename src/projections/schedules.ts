import type { LifeboatEvent } from '../domain/events.js';
import { evolveSchedule } from '../domain/schedule-evolve.js';
import type { ScheduleEvent, ScheduleFacts } from '../domain/schedule-facts.js';

/** What people see of one schedule: what decisions are made of, and when the resource was created. */
export interface ScheduleRow extends ScheduleFacts {
  readonly requestedAt: string;
}

const isScheduleEvent = (event: LifeboatEvent): event is ScheduleEvent => event.type.startsWith('Schedule');

/** One step of the fold; `undefined` is a schedule that does not exist. Events of other aggregates change nothing. */
export const foldSchedule = (row: ScheduleRow | undefined, event: LifeboatEvent): ScheduleRow | undefined => {
  if (!isScheduleEvent(event) || event.type === 'ScheduleCarriedForward') return row;
  const facts = evolveSchedule(row ?? { phase: 'Absent' }, event);
  if (facts.phase === 'Absent') return undefined;
  const requestedAt = event.type === 'ScheduleRegistered' ? event.data.createdAt : row?.requestedAt;
  return { ...facts, requestedAt: requestedAt ?? facts.cursor };
};
