import { isFault, messageOf } from '../../faults.js';

/** `skip`: it could not be looked at, because of something else that is told. */
export type Verdict = 'ok' | 'warn' | 'fail' | 'skip';

/** What one look found. `remedy` says what to do about it. */
export interface Finding {
  readonly verdict: Verdict;
  readonly detail: string;
  readonly remedy?: string;
}

export interface Examined extends Finding {
  /** What was looked at: `rights`, `location default: write`. */
  readonly check: string;
}

export const ok = (detail: string): Finding => ({ verdict: 'ok', detail });
export const skip = (detail: string): Finding => ({ verdict: 'skip', detail });
export const warn = (detail: string, remedy: string): Finding => ({ verdict: 'warn', detail, remedy });
export const fail = (detail: string, remedy: string): Finding => ({ verdict: 'fail', detail, remedy });

/** Rejects when the signal aborts, so that work that does not listen to it holds up nobody. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('late')), { once: true });
  });

/** Takes one look with a deadline. What is thrown, or comes too late, is a failure with this remedy. */
export const examine = async (
  check: string,
  remedy: string,
  look: (signal: AbortSignal) => Promise<Finding>,
  deadlineMs: number,
): Promise<Examined> => {
  const deadline = AbortSignal.timeout(deadlineMs);
  try {
    return { check, ...(await Promise.race([look(deadline), aborted(deadline)])) };
  } catch (error) {
    const late = deadline.aborted && (!isFault(error) || error.code === 'LB_ABORTED');
    const detail = late ? `no answer within ${deadlineMs / 1000} s` : messageOf(error);
    return { check, ...fail(detail, remedy) };
  }
};

/** How far another clock is from ours, in milliseconds; times of it are told to the second. */
export const judgeClock = (aheadMs: number): Finding => {
  const seconds = Math.round(Math.abs(aheadMs) / 1000);
  if (seconds <= TOLERATED_SECONDS) return ok(`its clock and ours agree within ${TOLERATED_SECONDS} s`);
  const detail = `its clock is ${seconds} s ${aheadMs > 0 ? 'ahead of' : 'behind'} ours`;
  const remedy = 'synchronise both clocks (NTP): expiry and signatures go by them';
  return seconds > FATAL_SECONDS ? fail(detail, remedy) : warn(detail, remedy);
};

/** Both answers are cut to whole seconds, and take a moment. */
const TOLERATED_SECONDS = 3;
/** S3 refuses requests that are signed a quarter of an hour off; well before that something is wrong. */
const FATAL_SECONDS = 300;
