import type { LifeboatEvent } from '../domain/events.js';
import { withPassedOver, type LocationFacts, type PassedOver } from '../domain/location.js';

/** What people see of one storage location, folded from its stream. */
export interface LocationRow extends LocationFacts {
  readonly phase: 'Unknown' | 'Available' | 'Unavailable';
  readonly message?: string;
  readonly since: string;
  /** Backups that lie there and cannot be shown here. */
  readonly passedOver?: readonly PassedOver[];
}

const withPassed = (row: LocationRow, passedOver: LocationRow['passedOver']): LocationRow => {
  const { passedOver: _former, ...rest } = row;
  return { ...rest, ...(passedOver && { passedOver }) };
};

/** One step of the fold; `undefined` is a location that does not exist. Events of other aggregates change nothing. */
export const foldLocation = (row: LocationRow | undefined, event: LifeboatEvent): LocationRow | undefined => {
  if (event.type === 'LocationRegistered')
    return { ...event.data.location, phase: 'Unknown', since: event.data.at };
  if (!row) return undefined;
  const { message: _former, ...rest } = row;
  switch (event.type) {
    case 'LocationChanged':
      return { ...row, ...event.data.location };
    case 'LocationBecameAvailable':
      return { ...rest, phase: 'Available', since: event.data.at };
    case 'LocationBecameUnavailable':
      return { ...rest, phase: 'Unavailable', message: event.data.message, since: event.data.at };
    case 'LocationRemoved':
      return undefined;
    case 'LocationBackupsPassedOver':
      return withPassed(row, withPassedOver(row.passedOver, [], event.data.backups));
    case 'LocationBackupsCleared':
      return withPassed(row, withPassedOver(row.passedOver, event.data.names, []));
    default:
      return row;
  }
};
