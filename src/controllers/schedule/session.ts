import { isRefusal } from '../../domain/decider.js';
import { upcast } from '../../domain/events.js';
import { schedule, type ScheduleCommand } from '../../domain/schedule.js';
import type { ScheduleEvent, ScheduleFacts, ScheduleState } from '../../domain/schedule-facts.js';
import { streamOf } from '../../domain/streams.js';
import type { ObjectMeta, Schedule, ScheduleStatus } from '../../domain/velero.gen.js';
import { openAggregate } from '../../eventstore/handle.js';
import type { Actor } from '../../eventstore/port.js';
import { mirrorPatch } from '../mirror.js';
import { metaOf, type ControllerPorts } from '../ports.js';
import { timestamp } from '../../domain/timestamp.js';

/** What schedules are looked after with. */
export type SchedulePorts = Pick<
  ControllerPorts,
  'events' | 'cluster' | 'resources' | 'intakeBusy' | 'clock' | 'log' | 'appVersion'
> & { readonly config: Pick<ControllerPorts['config'], 'scheduleSkipImmediately'> };

/** One look at one schedule: its resource and its facts as they are now, and the two ways to change something. */
export interface ScheduleSession {
  readonly resource: Schedule | undefined;
  readonly state: ScheduleState;
  /** Decides and appends; true if a fact came of it. `tick` is what the facts are about, where it is one. */
  send(command: ScheduleCommand, by: Actor, tick?: string): Promise<boolean>;
  /** Makes the resource show the facts, if it does not yet. */
  mirror(): Promise<void>;
  now(): string;
}

export const scheduleActor = (name: string): Actor => ({ kind: 'SCHEDULE', name, via: 'schedule' });

/** What ties together all that one tick brings about. */
export const tickCorrelation = (uid: string, tick: string): string => `${uid}@${tick}`;

/** Who changed a resource last, as far as it tells: the field manager of its newest write. */
export const editorOf = (metadata: ObjectMeta): Actor => {
  const { managedFields = [] } = metadata as {
    readonly managedFields?: readonly { readonly manager?: string; readonly time?: string }[];
  };
  const [newest] = [...managedFields].sort((a, b) => ((a.time ?? '') < (b.time ?? '') ? 1 : -1));
  return { kind: 'CLUSTER', name: newest?.manager ?? 'unknown', via: 'kubernetes' };
};

/** What the resource is to show (`pkg/controller/schedule_controller.go`). The wish to skip is granted by then, or there was none. */
const desired = (facts: ScheduleFacts) => {
  const status: { readonly [F in keyof ScheduleStatus]: ScheduleStatus[F] | null } = {
    phase: facts.phase,
    validationErrors: facts.reasons.length > 0 ? facts.reasons : null,
    ...(facts.lastBackup !== undefined && { lastBackup: facts.lastBackup }),
    ...(facts.lastSkipped !== undefined && { lastSkipped: facts.lastSkipped }),
  };
  return { spec: { skipImmediately: false }, status };
};

/** The stream of a busy schedule is read from where its facts were last carried forward. */
const CARRIED: ScheduleEvent['type'] = 'ScheduleCarriedForward';

export const openScheduleSession = async (
  ports: SchedulePorts,
  name: string,
  signal: AbortSignal,
): Promise<ScheduleSession> => {
  const stream = streamOf('schedule', { namespace: ports.resources.namespace, name });
  const resource = await ports.resources.read('Schedule', name, signal);
  const aggregate = await openAggregate(ports.events, schedule, stream, {
    upcast: (stored) => upcast(stored) as ScheduleEvent | undefined,
    signal,
    since: CARRIED,
  });
  return {
    resource,
    get state() {
      return aggregate.state;
    },
    send: async (command, by, tick) => {
      const before = aggregate.revision;
      const { state } = aggregate;
      const uid = resource?.metadata.uid ?? ('uid' in state ? state.uid : stream);
      const correlation = tick === undefined ? uid : tickCorrelation(uid, tick);
      // A tick can become a fact of one type once. Other facts come again: what tells them apart is where they were decided.
      const discriminator = `${command.type}/${tick ?? aggregate.revision}`;
      const sent = await aggregate.send(command, metaOf(ports, by, correlation), { uid, discriminator });
      if (isRefusal(sent)) ports.log.debug({ stream, refused: sent.refused }, sent.message);
      return aggregate.revision !== before;
    },
    mirror: async () => {
      const { state } = aggregate;
      if (!resource || state.phase === 'Absent' || state.uid !== resource.metadata.uid) return;
      const patch = mirrorPatch(desired(state), resource);
      if (patch) await ports.resources.patch('Schedule', name, patch, signal);
    },
    now: () => timestamp(ports.clock()),
  };
};
