import { at, isObject, numberOf, textAt } from '../domain/json.js';
import { Fault } from '../faults.js';
import type { Kopia } from './kopia-program.js';
import type { FoundCopy } from './port.js';

const parse = (text: string, doing: string): readonly unknown[] => {
  try {
    const listed: unknown = JSON.parse(text.trim() || '[]');
    return Array.isArray(listed) ? listed : [];
  } catch (error) {
    throw new Fault('LB_REPOSITORY_FAILED', `${doing}: kopia did not say what there is`, { cause: error });
  }
};

/** One that was broken off has a reason for that, and cannot be put back as a whole. */
const isComplete = (copy: unknown): boolean => isObject(copy) && textAt(copy, 'incomplete') === '';

const endOf = (copy: unknown): string => textAt(copy, 'endTime');

/** The newest complete copy with these tags. Faults are those of the program. */
export const findCopy = async (
  kopia: Pick<Kopia, 'run'>,
  tags: Readonly<Record<string, string>>,
  doing: string,
): Promise<FoundCopy | undefined> => {
  const wanted = Object.entries(tags).map(([key, value]) => `--tags=${key}:${value}`);
  const listed = parse(await kopia.run(doing, ['snapshot', 'list', '--all', '--json', ...wanted]), doing);
  const [newest] = listed.filter(isComplete).sort((a, b) => endOf(b).localeCompare(endOf(a)));
  const snapshotId = textAt(newest, 'id');
  if (snapshotId === '') return undefined;
  return { snapshotId, totalBytes: numberOf(at(newest, 'rootEntry', 'summ', 'size')) ?? 0 };
};
