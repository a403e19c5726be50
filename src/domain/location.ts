import type { Decider, Event } from './decider.js';
import type { BackupStorageLocation } from './velero.gen.js';

/** What the audit keeps of a storage location: where it is, never how to get in. */
export interface LocationFacts {
  readonly uid: string;
  readonly provider: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly accessMode: 'ReadWrite' | 'ReadOnly';
  readonly isDefault: boolean;
}

/** A backup that lies in a location and cannot be shown here: another one has its name, or it cannot be read. */
export interface PassedOver {
  readonly name: string;
  readonly because: 'NameTaken' | 'Unusable';
  readonly message: string;
}

// Events: a ping that finds nothing new is not one.
export type LocationEvent =
  | Event<'LocationRegistered', { location: LocationFacts; at: string }>
  | Event<'LocationChanged', { location: LocationFacts; at: string }>
  | Event<'LocationBecameAvailable', { at: string }>
  | Event<'LocationBecameUnavailable', { message: string; at: string }>
  | Event<'LocationRemoved', { at: string }>
  /** Backups were seen there. `place` is a hash of the settings that say where it is. */
  | Event<'LocationFoundInUse', { place: string; at: string }>
  | Event<'LocationBackupsPassedOver', { backups: readonly PassedOver[]; at: string }>
  | Event<'LocationBackupsCleared', { names: readonly string[]; at: string }>;

// Commands
export type LocationCommand =
  | { type: 'ObserveLocation'; location: LocationFacts; problem: string | undefined; now: string }
  | { type: 'RemoveLocation'; now: string }
  /** Somebody said what it is to be; whether it can be used, the next check finds out. */
  | { type: 'DescribeLocation'; location: LocationFacts; now: string }
  /** `passedOver` is all that a whole look at the location found, not only what is new. */
  | {
      type: 'ObserveStoredBackups';
      place: string;
      inUse: boolean;
      passedOver: readonly PassedOver[];
      now: string;
    };

// State
interface Contents {
  /** The last place in which backups were seen. */
  readonly inUse?: string;
  readonly passedOver?: readonly PassedOver[];
}

export type LocationState =
  | { phase: 'Absent' }
  | ({ phase: 'Unknown' | 'Available'; location: LocationFacts } & Contents)
  | ({ phase: 'Unavailable'; location: LocationFacts; message: string } & Contents);

/** Most backups that one event names; the others follow with the next look. */
export const MOST_PASSED_OVER = 500;

const event = <T extends LocationEvent['type']>(
  type: T,
  data: Extract<LocationEvent, { type: T }>['data'],
): LocationEvent => ({ type, v: 1, data }) as LocationEvent;

const sameFacts = (a: LocationFacts, b: LocationFacts): boolean =>
  a.uid === b.uid &&
  a.provider === b.provider &&
  a.bucket === b.bucket &&
  a.prefix === b.prefix &&
  a.accessMode === b.accessMode &&
  a.isDefault === b.isDefault;

const samePassedOver = (a: PassedOver, b: PassedOver): boolean =>
  a.because === b.because && a.message === b.message;

const observeStored = (
  { place, inUse, passedOver, now: at }: Extract<LocationCommand, { type: 'ObserveStoredBackups' }>,
  state: LocationState,
): LocationEvent[] => {
  if (state.phase === 'Absent') return [];
  const known = new Map((state.passedOver ?? []).map((one) => [one.name, one]));
  const seen = new Set(passedOver.map(({ name }) => name));
  const names = [...known.keys()].filter((name) => !seen.has(name));
  const backups = passedOver
    .filter((one) => {
      const former = known.get(one.name);
      return former === undefined || !samePassedOver(former, one);
    })
    .slice(0, MOST_PASSED_OVER);
  const events: LocationEvent[] = [];
  if (inUse && state.inUse !== place) events.push(event('LocationFoundInUse', { place, at }));
  if (names.length > 0) events.push(event('LocationBackupsCleared', { names, at }));
  if (backups.length > 0) events.push(event('LocationBackupsPassedOver', { backups, at }));
  return events;
};

/** What its resource says a location is. */
export const locationFactsOf = ({ metadata, spec }: BackupStorageLocation): LocationFacts => ({
  uid: metadata.uid ?? '',
  provider: spec?.provider ?? '',
  bucket: spec?.objectStorage.bucket ?? '',
  prefix: spec?.objectStorage.prefix ?? '',
  accessMode: spec?.accessMode ?? 'ReadWrite',
  isDefault: spec?.default === true,
});

const describeLocation = (location: LocationFacts, state: LocationState, at: string): LocationEvent[] => {
  if (state.phase === 'Absent') return [event('LocationRegistered', { location, at })];
  return sameFacts(state.location, location) ? [] : [event('LocationChanged', { location, at })];
};

const decide: Decider<LocationState, LocationCommand, LocationEvent>['decide'] = (command, state) => {
  const at = command.now;
  switch (command.type) {
    case 'ObserveLocation': {
      const { location, problem } = command;
      const events = describeLocation(location, state, at);
      if (problem === undefined) {
        if (state.phase !== 'Available') events.push(event('LocationBecameAvailable', { at }));
      } else if (state.phase !== 'Unavailable' || state.message !== problem)
        events.push(event('LocationBecameUnavailable', { message: problem, at }));
      return events;
    }
    case 'RemoveLocation':
      return state.phase === 'Absent' ? [] : [event('LocationRemoved', { at })];
    case 'DescribeLocation':
      return describeLocation(command.location, state, at);
    case 'ObserveStoredBackups':
      return observeStored(command, state);
  }
};

const contentsOf = ({ inUse, passedOver }: Contents): Contents => ({
  ...(inUse !== undefined && { inUse }),
  ...(passedOver !== undefined && { passedOver }),
});

/** The backups passed over after some of them changed; undefined when none is left. */
export const withPassedOver = (
  former: readonly PassedOver[] | undefined,
  gone: readonly string[],
  fresh: readonly PassedOver[],
): readonly PassedOver[] | undefined => {
  const left = new Map((former ?? []).map((one) => [one.name, one]));
  for (const name of gone) left.delete(name);
  for (const one of fresh) left.set(one.name, one);
  return left.size > 0 ? [...left.values()] : undefined;
};

type Present = Exclude<LocationState, { phase: 'Absent' }>;

const withPassed = (state: Present, passedOver: readonly PassedOver[] | undefined): LocationState => {
  const { passedOver: _former, ...rest } = state;
  return { ...rest, ...(passedOver !== undefined && { passedOver }) };
};

const evolve = (state: LocationState, { type, data }: LocationEvent): LocationState => {
  if (type === 'LocationRegistered') return { phase: 'Unknown', location: data.location };
  if (state.phase === 'Absent') return state;
  const { location, passedOver } = state;
  switch (type) {
    case 'LocationChanged':
      return { ...state, location: data.location };
    case 'LocationBecameAvailable':
      return { phase: 'Available', location, ...contentsOf(state) };
    case 'LocationBecameUnavailable':
      return { phase: 'Unavailable', location, message: data.message, ...contentsOf(state) };
    case 'LocationRemoved':
      return { phase: 'Absent' };
    case 'LocationFoundInUse':
      return { ...state, inUse: data.place };
    case 'LocationBackupsPassedOver':
      return withPassed(state, withPassedOver(passedOver, [], data.backups));
    case 'LocationBackupsCleared':
      return withPassed(state, withPassedOver(passedOver, data.names, []));
  }
};

/** The life of one storage location: that it exists, what it points to, whether it can be used. */
export const location: Decider<LocationState, LocationCommand, LocationEvent> = {
  initial: { phase: 'Absent' },
  decide,
  evolve,
};
