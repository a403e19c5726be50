import { intercepted, type Call } from '../crash/intercept.js';
import type { Outside } from './life.js';

const abortOf = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener('abort', () => resolve(), { once: true });
  });

/** The outside with a gate: calls that `holds` names wait until it is opened, or until nobody waits for them any more. */
export const withGate = (outside: Outside, holds: (call: Call) => boolean) => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const gated = intercepted(outside, async (call, make) => {
    if (holds(call)) {
      arrive();
      await Promise.race([opened, abortOf(call.signal)]);
    }
    return make();
  });
  return { outside: gated, open, arrived };
};
