import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { numberOf, at, textAt, type JsonObject } from '../domain/json.js';
import { DURATION_BUCKETS } from './velero-names.js';

/** What agents are asked for. */
export const COPY_KINDS = ['PodVolumeBackup', 'PodVolumeRestore', 'DataUpload', 'DataDownload'] as const;
export type CopyKind = (typeof COPY_KINDS)[number];

type Outcome = 'Completed' | 'Failed' | 'Canceled';

const OUTCOMES: readonly string[] = ['Completed', 'Failed', 'Canceled'] satisfies readonly Outcome[];
/** Velero's series of these operations have names of their own (`pkg/metrics/metrics.go`). */
const MOVES = { DataUpload: 'data_upload', DataDownload: 'data_download' } as const;
const RESULTS = { Completed: 'success', Failed: 'failure', Canceled: 'cancel' } as const;
/** Labels of Velero's that name a backup and a copy. They stay empty: values that are never used again pile up. */
const NAMELESS = { operation: '', backupName: '', pod_volume_backup: '' } as const;

const isCopyKind = (kind: string): kind is CopyKind => COPY_KINDS.some((one) => one === kind);
const isOutcome = (phase: string): phase is Outcome => OUTCOMES.includes(phase);

/** Whose work it is: written down when it is asked for, or when an agent takes it. */
const nodeOf = (kind: CopyKind, object: JsonObject): string =>
  textAt(object, kind === 'PodVolumeBackup' ? 'spec' : 'status', 'node');

/** Seconds; undefined for what never began. */
const durationOf = (object: JsonObject): number | undefined => {
  const [from, to] = ['startTimestamp', 'completionTimestamp'].map((field) =>
    Date.parse(textAt(object, 'status', field)),
  );
  const seconds = ((to ?? Number.NaN) - (from ?? Number.NaN)) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
};

const createVeleros = (registry: Registry) => {
  const registers = [registry];
  const counter = (name: string, help: string) =>
    new Counter({ name: `podVolume_${name}`, help, labelNames: ['node'], registers });
  const latency = {
    help: 'Seconds that a copy of a volume took',
    labelNames: ['node', ...Object.keys(NAMELESS)],
    registers,
  };
  return {
    enqueued: counter('pod_volume_backup_enqueue_count', 'Copies of volumes that were asked for'),
    dequeued: counter('pod_volume_backup_dequeue_count', 'Copies of volumes that have ended'),
    latency: new Histogram({
      ...latency,
      name: 'podVolume_pod_volume_operation_latency_seconds',
      buckets: [...DURATION_BUCKETS],
    }),
    newest: new Gauge({ ...latency, name: 'podVolume_pod_volume_operation_latency_seconds_gauge' }),
    moves: new Map(
      Object.entries(MOVES).flatMap(([kind, name]) =>
        Object.entries(RESULTS).map(([outcome, result]): [string, Counter<'node'>] => [
          `${kind} ${outcome}`,
          counter(`${name}_${result}_total`, `${kind}s that ended ${outcome}`),
        ]),
      ),
    ),
  };
};

const createOurs = (registry: Registry) => {
  const shared = { registers: [registry] };
  return {
    open: new Gauge({
      ...shared,
      name: 'lifeboat_agent_copies_open',
      help: 'Copies and moves that are the work of this node and have not ended, by kind',
      labelNames: ['kind'],
    }),
    ended: new Counter({
      ...shared,
      name: 'lifeboat_agent_copies_total',
      help: 'Copies and moves that this agent has ended, by kind and outcome',
      labelNames: ['kind', 'outcome'],
    }),
    bytes: new Counter({
      ...shared,
      name: 'lifeboat_agent_copied_bytes_total',
      help: 'Size of the volumes that were copied or put back completely, by kind',
      labelNames: ['kind'],
    }),
    duration: new Histogram({
      ...shared,
      name: 'lifeboat_agent_copy_duration_seconds',
      help: 'Copies and moves from their start to their end, by kind',
      labelNames: ['kind'],
      buckets: [1, 10, ...DURATION_BUCKETS],
    }),
  };
};

/**
 * The series of one agent, made of what the resources show: each counts once, when it is first seen to have ended after it was seen
 * open. What had ended before this process began counts for nothing.
 */
export const createAgentSeries = (
  registry: Registry,
  node: string,
): ((kind: string, object: JsonObject) => void) => {
  const veleros = createVeleros(registry);
  const ours = createOurs(registry);
  const open = new Set<string>();
  for (const counter of [veleros.enqueued, veleros.dequeued, ...veleros.moves.values()])
    counter.inc({ node }, 0);
  for (const kind of COPY_KINDS) ours.open.set({ kind }, 0);

  const begin = (kind: CopyKind) => {
    ours.open.inc({ kind });
    if (kind === 'PodVolumeBackup') veleros.enqueued.inc({ node });
  };
  const end = (kind: CopyKind, outcome: Outcome, object: JsonObject) => {
    ours.open.dec({ kind });
    ours.ended.inc({ kind, outcome });
    veleros.moves.get(`${kind} ${outcome}`)?.inc({ node });
    const seconds = durationOf(object);
    if (seconds !== undefined) ours.duration.observe({ kind }, seconds);
    if (outcome === 'Completed')
      ours.bytes.inc({ kind }, numberOf(at(object, 'status', 'progress', 'bytesDone')) ?? 0);
    if (kind !== 'PodVolumeBackup') return;
    veleros.dequeued.inc({ node });
    if (seconds === undefined || outcome !== 'Completed') return;
    veleros.latency.observe({ node, ...NAMELESS }, seconds);
    veleros.newest.set({ node, ...NAMELESS }, seconds);
  };
  return (kind, object) => {
    if (!isCopyKind(kind) || nodeOf(kind, object) !== node) return;
    const key = `${kind}/${textAt(object, 'metadata', 'uid')}`;
    const phase = textAt(object, 'status', 'phase');
    if (!isOutcome(phase)) {
      if (!open.has(key)) begin(kind);
      open.add(key);
    } else if (open.delete(key)) end(kind, phase, object);
  };
};
