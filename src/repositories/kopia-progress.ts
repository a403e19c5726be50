const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 1e3, MB: 1e6, GB: 1e9, TB: 1e12, PB: 1e15 };

/** Bytes of what the program writes for people, such as `12.3 MB`; 0 for anything else. */
const bytesOf = (text: string | undefined): number => {
  const [, number = '', unit = ''] = /^([\d.]+) ([KMGTP]?B)$/.exec(text ?? '') ?? [];
  return Math.round(Number(number) * (UNITS[unit] ?? 0)) || 0;
};

export interface CopyCount {
  /** Read or known to be unchanged. */
  readonly done: number;
  /** 0 while it is not known. */
  readonly total: number;
  /** Read, since no earlier copy of the source had it. What of it lay in the repository already is not moved again, but counts. */
  readonly moved: number;
}

const COPYING = /hashed \(([^)]*)\), \d+ cached \(([^)]*)\), uploaded/;
const ESTIMATED = /estimated ([\d.]+ [KMGTP]?B)/;
const RESTORING = /Processed \d+ \(([^)]*)\) of \d+/;

/** A line that tells how far a copy is; undefined for any other line. The program rounds its numbers. */
export const copyCountOf = (line: string): CopyCount | undefined => {
  const found = COPYING.exec(line);
  if (!found) return undefined;
  const [, hashed, cached] = found;
  const total = bytesOf(ESTIMATED.exec(line)?.[1]);
  return { done: bytesOf(hashed) + bytesOf(cached), total, moved: bytesOf(hashed) };
};

/** How many bytes were put back so far; undefined for a line that does not tell. */
export const restoredBytesOf = (line: string): number | undefined => {
  const found = RESTORING.exec(line);
  return found ? bytesOf(found[1]) : undefined;
};
