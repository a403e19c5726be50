import { setTimeout as sleep } from 'node:timers/promises';
import { Fault } from '../faults.js';

/** How long and how often to try again. Milliseconds. */
export interface RetryTimes {
  /** All attempts and pauses of one call together; no new attempt begins after it. */
  readonly budgetMs: number;
  /** Upper bound of the first pause; each further one doubles. */
  readonly firstMs: number;
  readonly maxMs: number;
}

/** An API server that restarts is away for some twenty seconds: a minute survives that with room. */
export const RETRY_TIMES: RetryTimes = { budgetMs: 60_000, firstMs: 100, maxMs: 5_000 };

/** A pause between nothing and the doubling bound ("full jitter"), so that many callers do not come back in step. */
export const backoffMs = (attempt: number, firstMs: number, maxMs: number): number =>
  Math.random() * Math.min(maxMs, firstMs * 2 ** Math.min(attempt, 20));

/** What one attempt came to. */
export type Outcome =
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfter: string | undefined }
  | { readonly kind: 'lost'; readonly sent: boolean; readonly hopeless: boolean };

/** What may be done twice. A `read` changes nothing; a `repeatable` write that was applied already answers so in a known way. */
export type Repetition = 'read' | 'repeatable' | 'once';

/**
 * Whether to try again, and after how long at least: `undefined` for no.
 * - 429, and 503 with Retry-After: the server did nothing; anything may be repeated after the time it names.
 * - a connection that was never made: the same.
 * - a lost answer, 502, 503, 504: it may have happened; reads and repeatable writes only.
 * - 500: reads only. On a write it is the answer, often of a failing webhook.
 */
export const pauseBeforeNext = (
  outcome: Outcome,
  attempt: number,
  repetition: Repetition,
  times: RetryTimes,
): number | undefined => {
  const backoff = backoffMs(attempt, times.firstMs, times.maxMs);
  if (outcome.kind === 'lost') {
    if (outcome.hopeless) return undefined;
    return !outcome.sent || repetition !== 'once' ? backoff : undefined;
  }
  const { status } = outcome;
  const told = retryAfterMs(outcome.retryAfter);
  if (status === 429 || (status === 503 && told !== undefined)) return Math.max(told ?? 1_000, backoff);
  if (status === 502 || status === 503 || status === 504) return repetition === 'once' ? undefined : backoff;
  return status >= 500 && repetition === 'read' ? backoff : undefined;
};

/** Kubernetes sends seconds; a proxy may send a date. */
const retryAfterMs = (header: string | undefined): number | undefined => {
  if (header === undefined) return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000);
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
};

/** Waits; an aborted signal ends it at once with `LB_ABORTED`. */
export const pause = async (ms: number, signal: AbortSignal): Promise<void> => {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    throw new Fault('LB_ABORTED', 'while waiting to try again');
  }
};

/** `signal.aborted` as a question asked anew each time: the compiler takes the property for one that cannot change during an await. */
export const isAborted = (signal: AbortSignal): boolean => signal.aborted;
