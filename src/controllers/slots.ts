/** How many operations of a kind run at once, who holds a place, and who stands in line. Memory of this process only. */
export interface Slots {
  /**
   * True if the key holds a place (now or already). Otherwise it stands in line; the line is kept in the order of first asking.
   * `scope` names what the operation touches: it waits while one that runs, or that stands before it in line, touches any of it.
   */
  take(key: string, scope?: Scope): boolean;
  /**
   * These will ask, in this order: they stood in line in an earlier life, or were seen just now. Nobody passes them before they
   * have asked. Whoever brings one of them to its end without asking, or cannot look at it, has to release it.
   */
  expect(keys: readonly string[]): void;
  /** 1-based place in line; undefined for one that does not wait. */
  position(key: string): number | undefined;
  /** Those in line, in order. */
  waiting(): readonly string[];
  /** True if this process began the run: one that it did not begin was left behind by a crash. */
  begunHere(key: string): boolean;
  /** Gives the place back and names those who may now ask again. */
  release(key: string): readonly string[];
}

type Scope = ReadonlySet<string>;
const NOTHING: Scope = new Set();

/** What one that has not asked yet touches, nobody knows: it could be anything. */
const overlap = (a: Scope | undefined, b: Scope | undefined): boolean =>
  a === undefined || b === undefined || [...a].some((name) => b.has(name));

export const createSlots = (limit: number): Slots => {
  const held = new Map<string, Scope>();
  const line = new Map<string, Scope | undefined>();
  /** Those in line that could begin now. Not the first to ask but the first in line: after two releases the second in line need not ask second. */
  const ready = (): ReadonlySet<string> => {
    const before: (Scope | undefined)[] = [...held.values()];
    const found = new Set<string>();
    for (const [key, scope] of line) {
      if (found.size >= limit - held.size) break;
      if (!before.some((other) => overlap(scope, other))) found.add(key);
      before.push(scope);
    }
    return found;
  };
  return {
    take: (key, scope = NOTHING) => {
      if (held.has(key)) return true;
      line.set(key, scope);
      if (!ready().has(key)) return false;
      line.delete(key);
      held.set(key, scope);
      return true;
    },
    expect: (keys) => {
      for (const key of keys) if (!held.has(key) && !line.has(key)) line.set(key, undefined);
    },
    position: (key) => {
      const index = [...line.keys()].indexOf(key);
      return index < 0 ? undefined : index + 1;
    },
    waiting: () => [...line.keys()],
    begunHere: (key) => held.has(key),
    release: (key) => {
      held.delete(key);
      line.delete(key);
      return [...line.keys()];
    },
  };
};
