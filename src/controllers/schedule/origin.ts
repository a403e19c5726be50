import { upcast } from '../../domain/events.js';
import { streamOf } from '../../domain/streams.js';
import type { ObjectMeta } from '../../domain/velero.gen.js';
import type { Actor } from '../../eventstore/port.js';
import type { ControllerPorts } from '../ports.js';
import { SCHEDULE_LABEL } from '../../domain/labels.js';

/** Whose backup it is when a schedule made it: the facts of the schedule say so, a label alone could be anybody's. */
export const scheduleOrigin = async (
  { events, resources }: Pick<ControllerPorts, 'events' | 'resources'>,
  { name, labels }: ObjectMeta,
  signal: AbortSignal,
): Promise<{ readonly actor: Actor; readonly cause: string; readonly correlationId: string } | undefined> => {
  const schedule = labels?.[SCHEDULE_LABEL];
  if (!schedule) return undefined;
  const stream = streamOf('schedule', { namespace: resources.namespace, name: schedule });
  const recorded = await events.readSince(stream, 'ScheduleCarriedForward', signal);
  const fired = recorded.findLast((one) => {
    const event = upcast(one);
    return event?.type === 'ScheduleFired' && event.data.backup === name && event.data.because !== 'asked';
  });
  if (!fired) return undefined;
  return { actor: fired.meta.actor, cause: fired.id, correlationId: fired.meta.correlationId };
};
