import type { AccessEvent } from './access.js';
import type { LifeboatEvent } from './events.js';
import { backupSentence } from './story/backup.js';
import { locationSentence } from './story/location.js';
import { restoreSentence } from './story/restore.js';
import { scheduleSentence } from './story/schedule.js';

const accessSentence = ({ type, data }: AccessEvent): string => {
  switch (type) {
    case 'MutationReceived':
      return `${data.mutation} of ${data.target} was asked for.`;
    case 'MutationAnswered':
      return `${data.mutation} of ${data.target} was answered: ${data.answer}.`;
    case 'DownloadLinkMade':
      return `A link to the ${data.file} of ${data.target} was made; it is good until ${data.expiresAt}.`;
  }
};

type Aggregate = 'Backup' | 'Restore' | 'Schedule' | 'Location';

/** Every event bears the name of its aggregate in front; one that is left over without a sentence does not compile. */
const isAbout = <A extends Aggregate>(
  aggregate: A,
  event: LifeboatEvent,
): event is Extract<LifeboatEvent, { type: `${A}${string}` }> => event.type.startsWith(aggregate);

/** One plain English sentence for each fact. A new event without a sentence does not compile. */
export const sentenceOf = (event: LifeboatEvent): string => {
  if (isAbout('Backup', event)) return backupSentence(event);
  if (isAbout('Restore', event)) return restoreSentence(event);
  if (isAbout('Schedule', event)) return scheduleSentence(event);
  return isAbout('Location', event) ? locationSentence(event) : accessSentence(event);
};
