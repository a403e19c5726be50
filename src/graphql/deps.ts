import type { Cluster } from '../cluster/port.js';
import { coded, type ApiLog } from './errors.js';
import type { EventStore } from '../eventstore/port.js';
import type { ProgressHub } from '../projections/progress.js';
import type { Runner } from '../projections/runner.js';
import type { Views } from '../projections/views.js';
import type { AccessLog } from './access-log.js';
import type { Authorize } from './authorize.js';
import type { OnField } from './guard.js';
import type { Intake } from './intake.js';
import type { OperationFiles } from './operation-files.js';
import type { AuthMode, EventStoreKind } from './types.gen.js';

/** The lines by which schedules name their times. */
export interface Cron {
  /** Why it is none; undefined for one that can be used. */
  problem(line: string): string | undefined;
  /** The first time strictly after a moment. */
  next(line: string, after: Date): Date | undefined;
}

/** What resolvers answer from and act through. */
export interface ResolverDeps {
  /** The one namespace that is served. */
  readonly namespace: string;
  readonly appVersion: string;
  readonly cluster: Cluster;
  readonly store: EventStore;
  readonly views: Views;
  readonly runner: Pick<Runner, 'reached' | 'listen'>;
  readonly progress: ProgressHub;
  readonly intake: Intake;
  readonly authorize: Authorize;
  readonly accessLog: AccessLog;
  readonly files: OperationFiles;
  readonly cron: Cron;
  readonly defaultBackupStorageLocation: string;
  readonly eventStoreKind: EventStoreKind;
  readonly authMode: AuthMode;
  readonly features: readonly string[];
  /** How long a reader waits for the views to reach a position, in milliseconds. */
  readonly reachMs: number;
  readonly now: () => Date;
  readonly log: ApiLog;
  /** Absent: nothing is measured. */
  readonly onField?: OnField;
}

/** Error `POSITION_NOT_REACHED` unless the views get there in time. */
export const demandReached = async (
  { runner, reachMs }: Pick<ResolverDeps, 'runner' | 'reachMs'>,
  position: bigint | null | undefined,
  signal: AbortSignal,
): Promise<void> => {
  if (position === null || position === undefined) return;
  const there = await runner.reached(position, AbortSignal.any([signal, AbortSignal.timeout(reachMs)]));
  if (!there) throw coded('POSITION_NOT_REACHED', 'the views are not there yet; try again in a moment');
};
