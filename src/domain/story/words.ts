/* How numbers, sizes, names and ends are said in every sentence of a story. */

export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

export const troubles = (tally: { warnings: number; errors: number }): string =>
  `${count(tally.warnings, 'warning')} and ${count(tally.errors, 'error')}`;

export const mib = (bytes: number): string =>
  bytes < 1 << 20 ? `${(bytes / 1024).toFixed(1)} KiB` : `${(bytes / (1 << 20)).toFixed(1)} MiB`;

export const ended = (outcome: string, reason: string | undefined): string =>
  reason === undefined ? outcome : `${outcome}: ${reason}`;

export const namespaces = (list: readonly string[] | null | undefined): string =>
  !list || list.length === 0 || list.includes('*') ? 'all namespaces' : `namespaces ${list.join(', ')}`;

/** The first few; a sentence with hundreds of names tells nobody anything. */
export const some = (names: readonly string[]): string => {
  const more = names.length - SOME;
  return names.slice(0, SOME).join(', ') + (more > 0 ? ` and ${more} more` : '');
};
export const SOME = 5;
