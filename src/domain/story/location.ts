import type { LocationEvent, PassedOver } from '../location.js';
import { count, some, SOME } from './words.js';

const passedOver = (backups: readonly PassedOver[]): string => {
  const more = backups.length - SOME;
  const told = backups.slice(0, SOME).map(({ name, message }) => `backup ${name}, since ${message}`);
  return told.join('; ') + (more > 0 ? `; and ${count(more, 'backup')} more` : '');
};

export const locationSentence = ({ type, data }: LocationEvent): string => {
  switch (type) {
    case 'LocationRegistered':
      return `Storage location registered: bucket ${data.location.bucket}, ${data.location.accessMode}.`;
    case 'LocationChanged':
      return `Storage location changed: bucket ${data.location.bucket}, ${data.location.accessMode}.`;
    case 'LocationBecameAvailable':
      return 'Storage location became available.';
    case 'LocationBecameUnavailable':
      return `Storage location became unavailable: ${data.message}.`;
    case 'LocationRemoved':
      return 'Storage location removed.';
    case 'LocationFoundInUse':
      return 'Backups were found in the storage location.';
    case 'LocationBackupsPassedOver':
      return `Cannot show what lies in the storage location: ${passedOver(data.backups)}.`;
    case 'LocationBackupsCleared':
      return `No longer passed over in the storage location: ${some(data.names)}.`;
  }
};
