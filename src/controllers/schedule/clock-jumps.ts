const LOOK_EVERY_MS = 10_000;
/** Less is the everyday work of time synchronisation, and no tick is later for it than a second. */
const JUMP_MS = 1_000;

export interface Clocks {
  /** The time of day, which people and time servers set. */
  readonly day: () => number;
  /** Milliseconds that only ever pass. */
  readonly passing: () => number;
}

/** True whenever the time of day has moved against the passing of time since the answer was last true. */
export const jumpDetector = ({ day, passing }: Clocks): (() => boolean) => {
  let offset = day() - passing();
  return () => {
    const now = day() - passing();
    if (Math.abs(now - offset) < JUMP_MS) return false;
    offset = now;
    return true;
  };
};

/** Timers go by the passing of time: when the clock is set, or the machine slept, what waits for a time of day must look anew. */
export const watchClock = (clock: () => Date, onJump: () => void, signal: AbortSignal): void => {
  const jumped = jumpDetector({ day: () => clock().getTime(), passing: () => performance.now() });
  const timer = setInterval(() => {
    if (jumped()) onJump();
  }, LOOK_EVERY_MS);
  timer.unref();
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
};
