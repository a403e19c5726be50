import { Fault } from '../faults.js';

/**
 * Runs one operation under a deadline and the caller's signal. Does not wait for an operation that is slow to notice
 * (the client sleeps between two attempts): its connection is cut and its result ignored.
 */
export const within = async <T>(
  ms: number,
  signal: AbortSignal | undefined,
  doing: string,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const stop = new AbortController();
  let rejectRun: (fault: Fault) => void = () => undefined;
  const stopped = new Promise<never>((_, reject) => (rejectRun = reject));
  const end = (fault: Fault) => {
    rejectRun(fault);
    stop.abort();
  };
  const onAbort = () => end(new Fault('LB_ABORTED', doing));
  const timer = setTimeout(
    () => end(new Fault('LB_STORE_UNREACHABLE', `${doing}: no answer in ${ms / 1000} s`)),
    ms,
  );
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal?.aborted === true) onAbort();
    return await Promise.race([stopped, signal?.aborted === true ? stopped : run(stop.signal)]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', onAbort);
  }
};
