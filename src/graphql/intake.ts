/**
 * Remembers which requests of this process are between creating the custom resource and recording who asked for it, so that
 * the controller, which sees the resource at the same moment, lets the request record the fact with the caller's name.
 */
export interface Intake {
  /** Call what it gives back when the fact is recorded, or will not be. */
  hold(stream: string): () => void;
  busy(stream: string): boolean;
}

export const createIntake = (): Intake => {
  const held = new Map<string, number>();
  return {
    hold: (stream) => {
      held.set(stream, (held.get(stream) ?? 0) + 1);
      let released = false;
      return () => {
        if (released) return;
        released = true;
        const left = (held.get(stream) ?? 1) - 1;
        if (left > 0) held.set(stream, left);
        else held.delete(stream);
      };
    },
    busy: (stream) => held.has(stream),
  };
};
