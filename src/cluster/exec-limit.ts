import { setMaxListeners } from 'node:events';
import { Fault } from '../faults.js';
import { type ExecRequest } from './port.js';

/** The longest a timer of Node waits; beyond it, it would fire at once. */
const LONGEST_MS = 2 ** 31 - 1;

/**
 * Waits for `work`, but no longer than the request wants: `'timeout'` after `timeoutMs`, the fault `LB_ABORTED` when the caller's signal
 * or `closed` aborts. Work that does not obey the signal it is given is left alone; what it comes to later is of no interest.
 */
export const withinLimits = <T>(
  { timeoutMs, signal }: Pick<ExecRequest, 'timeoutMs' | 'signal'>,
  closed: AbortSignal,
  what: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | 'timeout'> =>
  new Promise((resolve, reject) => {
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    // Many commands may rightly hang on one signal; Node would call that a leak from the eleventh on.
    setMaxListeners(0, signal, closed);
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      closed.removeEventListener('abort', stop);
    };
    const end = (settle: () => void): void => {
      done();
      settle();
      over.abort(new Fault('LB_ABORTED', what));
    };
    const stop = (): void => end(() => reject(new Fault('LB_ABORTED', what)));
    if (signal.aborted || closed.aborted) {
      stop();
      return;
    }
    signal.addEventListener('abort', stop, { once: true });
    closed.addEventListener('abort', stop, { once: true });
    if (timeoutMs !== undefined)
      timer = setTimeout(() => end(() => resolve('timeout')), Math.min(timeoutMs, LONGEST_MS));
    const run = async (): Promise<T> => work(over.signal);
    void run().then(resolve, reject).finally(done);
  });
