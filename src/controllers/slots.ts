/** How many operations of a kind run at once, who holds a place, and who stands in line. Memory of this process only. */
export interface Slots {
  /** True if the key holds a place (now or already). Otherwise it stands in line; the line is kept in the order of first asking. */
  take(key: string): boolean;
  /** 1-based place in line; undefined for one that does not wait. */
  position(key: string): number | undefined;
  /** Those in line, in order. */
  waiting(): readonly string[];
  /** True if this process began the run: one that it did not begin was left behind by a crash. */
  begunHere(key: string): boolean;
  /** Gives the place back and names those who may now ask again. */
  release(key: string): readonly string[];
}

export const createSlots = (limit: number): Slots => {
  const held = new Set<string>();
  const line = new Set<string>();
  return {
    take: (key) => {
      if (held.has(key)) return true;
      line.add(key);
      // As many from the front as there are free places: after two releases the second in line need not ask second.
      const place = [...line].indexOf(key);
      if (place >= limit - held.size) return false;
      line.delete(key);
      held.add(key);
      return true;
    },
    position: (key) => {
      const index = [...line].indexOf(key);
      return index < 0 ? undefined : index + 1;
    },
    waiting: () => [...line],
    begunHere: (key) => held.has(key),
    release: (key) => {
      held.delete(key);
      line.delete(key);
      return [...line];
    },
  };
};
