import { intercepted, type Call } from '../crash/intercept.js';
import type { Outside } from './life.js';

/** The outside with a gate: calls that `holds` names wait until it is opened. */
export const withGate = (outside: Outside, holds: (call: Call) => boolean) => {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  let arrive: () => void = () => undefined;
  const arrived = new Promise<void>((resolve) => (arrive = resolve));
  const gated = intercepted(outside, async (call, make) => {
    if (holds(call)) {
      arrive();
      await opened;
    }
    return make();
  });
  return { outside: gated, open, arrived };
};
