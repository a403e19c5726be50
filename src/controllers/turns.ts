/** Whether an item is done with, or goes to the end of the line for another turn. */
export type Turn = 'over' | 'again';

/** A line of items of which so many at once have their turn. */
export interface Turns<T> {
  add(item: T): void;
  /** Whether items stand in line. */
  crowded(): boolean;
  /** Resolves when no turn is under way and nobody stands in line. */
  rest(): Promise<void>;
  /** What turns threw, in that order. An item whose turn threw is done with. */
  readonly failures: readonly unknown[];
}

/** `onFailure` is called at the first failure; the turns of the others go on. */
export const createTurns = <T>(
  atOnce: number,
  take: (item: T) => Promise<Turn>,
  onFailure: () => void,
): Turns<T> => {
  const line: T[] = [];
  const failures: unknown[] = [];
  let busy = 0;
  let resting: (() => void)[] = [];

  const serve = async (item: T): Promise<void> => {
    try {
      if ((await take(item)) === 'again') line.push(item);
    } catch (error) {
      failures.push(error);
      if (failures.length === 1) onFailure();
    }
    busy -= 1;
    pump();
  };
  const pump = (): void => {
    while (busy < atOnce && line.length > 0) {
      busy += 1;
      for (const item of line.splice(0, 1)) void serve(item);
    }
    if (busy > 0) return;
    for (const resolve of resting) resolve();
    resting = [];
  };
  return {
    add: (item) => {
      line.push(item);
      pump();
    },
    crowded: () => line.length > 0,
    rest: () => (busy === 0 ? Promise.resolve() : new Promise((resolve) => resting.push(resolve))),
    failures,
  };
};
