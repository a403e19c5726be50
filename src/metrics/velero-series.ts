import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { backupGauges, samplesOf, scheduleOf } from './samples.js';
import type { BackupRow } from '../projections/backups.js';
import type { RowStep } from '../projections/fold.js';
import {
  DURATION_BUCKETS,
  VELERO_SERIES,
  type Sample,
  type SeriesDefinition,
  type SeriesName,
} from './velero-names.js';

type Labels = Readonly<Record<string, string>>;

interface Series {
  readonly definition: SeriesDefinition;
  readonly apply: (labels: Labels, value: number) => void;
  /** Takes away whatever is told of a schedule. */
  readonly forget: (schedule: string) => void;
}

/** The three kinds of the client behind one face. */
const open = (registry: Registry, name: string, { type, help, labels }: SeriesDefinition) => {
  const options = { name: `velero_${name}`, help, labelNames: [...labels], registers: [registry] };
  switch (type) {
    case 'counter': {
      const counter = new Counter(options);
      return { metric: counter, apply: (at: Labels, value: number) => counter.inc(at, value) };
    }
    case 'gauge': {
      const gauge = new Gauge(options);
      return { metric: gauge, apply: (at: Labels, value: number) => gauge.set(at, value) };
    }
    case 'histogram': {
      const histogram = new Histogram({ ...options, buckets: [...DURATION_BUCKETS] });
      return { metric: histogram, apply: (at: Labels, value: number) => histogram.observe(at, value) };
    }
  }
};

const create = (registry: Registry, name: string, definition: SeriesDefinition): Series => {
  const { metric, apply } = open(registry, name, definition);
  const used = new Map<string, Labels>();
  return {
    definition,
    apply: (labels, value) => {
      used.set(JSON.stringify(labels), labels);
      apply(labels, value);
    },
    forget: (schedule) => {
      for (const [key, labels] of used) {
        if (labels['schedule'] !== schedule) continue;
        metric.remove(labels);
        used.delete(key);
      }
    },
  };
};

/** Every label of a series that is not named stands empty, as Velero fills it. */
const labelsOf = ({ labels }: SeriesDefinition, schedule: string): Labels =>
  Object.fromEntries(labels.map((label) => [label, label === 'schedule' ? schedule : '']));

export interface VeleroSeries {
  /** Counts what a batch of facts did. */
  follow(steps: readonly RowStep[]): void;
  /** Counts what no fact tells of. */
  add(samples: readonly Sample[]): void;
  /**
   * Starts the gauges with backups of former processes; any order. What belongs to a schedule shows once that is known, since
   * backups outlive their schedule.
   */
  remember(rows: Iterable<BackupRow>): void;
  /** This schedule exists: its series begin. Does nothing if it was known. */
  knowSchedule(name: string): void;
  /**
   * This schedule is deleted: all its series end, and late facts of its backups do not bring them back (in Velero some come
   * back, and alerts on them never end). A schedule of the same name that is made later begins anew.
   */
  forgetSchedule(name: string): void;
}

interface Latest {
  readonly from: BackupRow;
  readonly sample: Sample;
}

const newest = (former: BackupRow | undefined, row: BackupRow): BackupRow =>
  former && (former.completedAt ?? former.requestedAt) > (row.completedAt ?? row.requestedAt) ? former : row;

/** The gauges that follow from many backups: each from the newest that says something of it. */
const gaugesOf = (rows: Iterable<BackupRow>): ReadonlyMap<string, readonly Sample[]> => {
  const found = new Map<string, Map<SeriesName, Latest>>();
  for (const row of rows) {
    const schedule = scheduleOf(row);
    const samples = found.get(schedule) ?? new Map<SeriesName, Latest>();
    found.set(schedule, samples);
    for (const sample of backupGauges(row))
      if (newest(samples.get(sample.series)?.from, row) === row)
        samples.set(sample.series, { from: row, sample });
  }
  return new Map(
    [...found].map(([schedule, samples]) => [schedule, [...samples.values()].map(({ sample }) => sample)]),
  );
};

/**
 * Velero's series, driven by facts. Counters count from the start of this process, as in Velero; gauges show what is, also right
 * after a restart.
 */
export const createVeleroSeries = (registry: Registry): VeleroSeries => {
  const series = new Map<string, Series>(
    Object.entries(VELERO_SERIES).map(([name, definition]) => [name, create(registry, name, definition)]),
  );
  const known = new Set<string>();
  const gone = new Set<string>();
  let remembered: ReadonlyMap<string, readonly Sample[]> = new Map();

  const apply = (sample: Sample) => {
    const { schedule = '' } = sample.labels;
    if (gone.has(schedule)) return;
    begin(schedule);
    series.get(sample.series)?.apply(sample.labels, sample.value);
  };
  const begin = (schedule: string) => {
    if (known.has(schedule)) return;
    known.add(schedule);
    for (const { definition, apply: start } of series.values())
      if (definition.begins === 'always' || (definition.begins === 'ad-hoc' && schedule === ''))
        start(labelsOf(definition, schedule), definition.initial ?? 0);
    for (const sample of remembered.get(schedule) ?? []) apply(sample);
  };
  begin('');

  return {
    follow: (steps) => {
      for (const step of steps) for (const sample of samplesOf(step)) apply(sample);
    },
    add: (samples) => {
      for (const sample of samples) apply(sample);
    },
    remember: (rows) => {
      remembered = gaugesOf(rows);
      for (const schedule of known) for (const sample of remembered.get(schedule) ?? []) apply(sample);
    },
    knowSchedule: (name) => {
      gone.delete(name);
      begin(name);
    },
    forgetSchedule: (name) => {
      gone.add(name);
      known.delete(name);
      remembered = new Map([...remembered].filter(([schedule]) => schedule !== name));
      for (const { forget } of series.values()) forget(name);
    },
  };
};
