import type { Archived } from './archive.js';

/** How far a collection is, over all kinds. */
export interface Totals {
  /** How many objects of a kind, in one version, are known to come. */
  expect(part: string, count: number): void;
  report(): void;
}

export const createTotals = (
  archived: Archived,
  onProgress: (done: number, total: number) => void,
): Totals => {
  const ahead = new Map<string, number>();
  return {
    expect: (part, count) => void ahead.set(part, count),
    report: () => {
      const total = [...ahead.values()].reduce((sum, count) => sum + count, archived.items);
      onProgress(archived.items, total);
    },
  };
};
