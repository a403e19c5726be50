import type { FoundSchedule, ScheduleFacts } from '../../domain/schedule-facts.js';
import { backupFromSchedule } from '../../domain/schedule-template.js';
import { streamOf } from '../../domain/streams.js';
import type { Schedule, ScheduleStatus } from '../../domain/velero.gen.js';
import { systemActor } from '../ports.js';
import type { Requeue } from '../queue.js';
import { readCron } from './cron.js';
import { scheduleProblems } from './problems.js';
import {
  editorOf,
  openScheduleSession,
  scheduleActor,
  type SchedulePorts,
  type ScheduleSession,
} from './session.js';
import { unfinishedBackup } from './unfinished.js';
import { SCHEDULE_LABEL } from '../../domain/labels.js';

const LOOK_AGAIN: Requeue = { after: 0 };
const DONE: Requeue = { done: true };
const SYSTEM = systemActor('schedule-controller');
/** Its end wakes a schedule that waits for a backup; this is for the case that nobody told. */
const BLOCKED_LOOK_MS = 60_000;

/** Schedules that an unfinished backup keeps from making the next one. Memory of this process, to know whom to wake. */
export type Blocked = Set<string>;

/** What another server, or an earlier record of ours that was lost, has left in the status. */
const foundIn = (status: ScheduleStatus | undefined): FoundSchedule | undefined => {
  if (!status?.lastBackup && !status?.lastSkipped && (status?.phase ?? 'New') === 'New') return undefined;
  return {
    ...(status?.lastBackup && { lastBackup: status.lastBackup }),
    ...(status?.lastSkipped && { lastSkipped: status.lastSkipped }),
  };
};

const observe = (session: ScheduleSession, resource: Schedule): Promise<boolean> => {
  const { metadata, status, spec = { schedule: '', template: {} } } = resource;
  const found = foundIn(status);
  return session.send(
    {
      type: 'ObserveSchedule',
      uid: metadata.uid ?? '',
      spec,
      createdAt: metadata.creationTimestamp ?? session.now(),
      ...(found && { found }),
      problems: scheduleProblems(metadata.name, spec.schedule),
      now: session.now(),
    },
    editorOf(metadata),
  );
};

/**
 * Creates the backup that was decided on. One of that name that bears this schedule's label is what an earlier try made, or
 * asks for the same; any other one keeps its name, and this tick goes without.
 */
const createBackup = async (
  ports: SchedulePorts,
  session: ScheduleSession,
  resource: Schedule,
  pending: NonNullable<ScheduleFacts['pending']>,
  signal: AbortSignal,
): Promise<void> => {
  const { metadata } = resource;
  const actor = scheduleActor(metadata.name);
  const answer = await ports.resources.create('Backup', backupFromSchedule(resource, pending.backup), signal);
  const other =
    answer === 'exists' ? await ports.resources.read('Backup', pending.backup, signal) : undefined;
  const foreign = other && other.metadata.labels?.[SCHEDULE_LABEL] !== metadata.name;
  const type = foreign ? 'RefuseName' : 'RecordBackup';
  await session.send({ type, now: session.now() }, actor, pending.tick);
};

/** Grants the wish to skip; the mirror then takes it back from the spec. True if there was one. */
const skip = async (
  ports: SchedulePorts,
  session: ScheduleSession,
  resource: Schedule,
  facts: ScheduleFacts,
): Promise<boolean> => {
  const { metadata, spec } = resource;
  if (!(spec?.skipImmediately ?? ports.config.scheduleSkipImmediately)) return false;
  const cron = readCron(spec?.schedule ?? '');
  const due = cron.ok ? cron.ticks.due(new Date(facts.cursor), ports.clock()) : undefined;
  const resourceVersion = metadata.resourceVersion ?? '';
  return session.send(
    { type: 'SkipDueTicks', ...(due && { due }), resourceVersion, now: session.now() },
    SYSTEM,
  );
};

/** Acts on ticks whose time has come, and says when to look again. */
const tick = async (
  ports: SchedulePorts,
  session: ScheduleSession,
  { resource, facts, blocked }: { resource: Schedule; facts: ScheduleFacts; blocked: Blocked },
  signal: AbortSignal,
): Promise<Requeue> => {
  const { name } = resource.metadata;
  const cron = readCron(facts.spec.schedule);
  if (!cron.ok) return DONE;
  const now = ports.clock();
  const due = cron.ticks.due(new Date(facts.cursor), now);
  const last = due?.to ?? facts.owed ?? facts.first;
  let unfinished: string | undefined;
  if (last !== undefined) {
    const home = { cluster: ports.cluster, namespace: ports.resources.namespace };
    blocked.add(name); // before the look: an end that comes right behind it must find whom to wake
    unfinished = await unfinishedBackup(home, name, signal);
    if (unfinished === undefined) blocked.delete(name);
    const command = { type: 'TakeDueTicks', name, now: session.now() } as const;
    const more = { ...(due && { due }), ...(unfinished !== undefined && { unfinished }) };
    if (await session.send({ ...command, ...more }, scheduleActor(name), last)) return LOOK_AGAIN;
  }
  const next = cron.ticks.next(new Date(Math.max(Date.parse(facts.cursor), now.getTime())));
  const wait = next ? Math.max(1, next.getTime() - ports.clock().getTime()) : Number.POSITIVE_INFINITY;
  if (unfinished === undefined) return Number.isFinite(wait) ? { after: wait } : DONE;
  return { after: Math.max(wait, BLOCKED_LOOK_MS) };
};

/**
 * Brings one schedule a step further: takes up what its resource says, decides about ticks, creates the backup that was
 * decided on, shows the facts. The decision is a fact before the backup exists and the tick names the backup, so that
 * wherever the process dies one tick is one backup.
 */
export const reconcileSchedule =
  (ports: SchedulePorts, blocked: Blocked) =>
  async (name: string, signal: AbortSignal): Promise<Requeue> => {
    // A mutation is about to record who asked; the resource's own watch must not be faster with a poorer answer.
    if (ports.intakeBusy(streamOf('schedule', { namespace: ports.resources.namespace, name })))
      return { after: 100 };
    const session = await openScheduleSession(ports, name, signal);
    const { resource } = session;
    if (!resource) {
      blocked.delete(name);
      await session.send({ type: 'RemoveSchedule', now: session.now() }, SYSTEM);
      return DONE;
    }
    if (resource.metadata.deletionTimestamp) return DONE; // on its way out: what holds it up is not ours
    if (await observe(session, resource)) return LOOK_AGAIN;
    const facts = session.state;
    if (facts.phase === 'Absent') return DONE;
    if (facts.pending) {
      await createBackup(ports, session, resource, facts.pending, signal);
      return LOOK_AGAIN;
    }
    if (facts.paused) return DONE; // nothing is looked at, and the status stays as it was
    if (await skip(ports, session, resource, facts)) return LOOK_AGAIN;
    await session.mirror();
    return tick(ports, session, { resource, facts, blocked }, signal);
  };
