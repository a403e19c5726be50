/** Why a backup that lies in the location was not brought in, and what would have to change for another look. */
export interface Unusable {
  /** Tells the mark from another one at the same key: its size and time; empty if there was none. */
  readonly print: string;
  /** Absent where somebody is still at work: that is no fault of the backup. */
  readonly problem?: string;
  /** Milliseconds since 1970; then it counts as given up, and is looked at again. */
  readonly until?: number;
}

/** What this process knows of the marks of one location that are of no use, so that it need not read them each minute. */
export interface UnusableMarks {
  get(name: string): Unusable | undefined;
  /** Remembers, or forgets with undefined. The one remembered last is the last to be looked at again. */
  set(name: string, unusable: Unusable | undefined): void;
  names(): readonly string[];
  problems(): readonly { readonly name: string; readonly message: string }[];
}

/** `names` gives those first that were looked at longest ago. */
export const createUnusableMarks = (): UnusableMarks => {
  const marks = new Map<string, Unusable>();
  return {
    get: (name) => marks.get(name),
    set: (name, unusable) => {
      marks.delete(name);
      if (unusable) marks.set(name, unusable);
    },
    names: () => [...marks.keys()],
    problems: () =>
      [...marks].flatMap(([name, { problem }]) =>
        problem === undefined ? [] : [{ name, message: problem }],
      ),
  };
};

export const printOfMark = (found: { readonly size: number; readonly modified: Date } | undefined): string =>
  found ? `${found.size}/${found.modified.toISOString()}` : '';
