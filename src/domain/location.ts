import type { Decider, Event } from './decider.js';

/** What the audit keeps of a storage location: where it is, never how to get in. */
export interface LocationFacts {
  readonly uid: string;
  readonly provider: string;
  readonly bucket: string;
  readonly prefix: string;
  readonly accessMode: 'ReadWrite' | 'ReadOnly';
  readonly isDefault: boolean;
}

// Events: a ping that finds nothing new is not one.
export type LocationEvent =
  | Event<'LocationRegistered', { location: LocationFacts; at: string }>
  | Event<'LocationChanged', { location: LocationFacts; at: string }>
  | Event<'LocationBecameAvailable', { at: string }>
  | Event<'LocationBecameUnavailable', { message: string; at: string }>
  | Event<'LocationRemoved', { at: string }>;

// Commands
export type LocationCommand =
  | { type: 'ObserveLocation'; location: LocationFacts; problem: string | undefined; now: string }
  | { type: 'RemoveLocation'; now: string };

// State
export type LocationState =
  | { phase: 'Absent' }
  | { phase: 'Unknown' | 'Available'; location: LocationFacts }
  | { phase: 'Unavailable'; location: LocationFacts; message: string };

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

const decide: Decider<LocationState, LocationCommand, LocationEvent>['decide'] = (command, state) => {
  const at = command.now;
  switch (command.type) {
    case 'ObserveLocation': {
      const { location, problem } = command;
      const events: LocationEvent[] = [];
      if (state.phase === 'Absent') events.push(event('LocationRegistered', { location, at }));
      else if (!sameFacts(state.location, location)) events.push(event('LocationChanged', { location, at }));
      if (problem === undefined) {
        if (state.phase !== 'Available') events.push(event('LocationBecameAvailable', { at }));
      } else if (state.phase !== 'Unavailable' || state.message !== problem)
        events.push(event('LocationBecameUnavailable', { message: problem, at }));
      return events;
    }
    case 'RemoveLocation':
      return state.phase === 'Absent' ? [] : [event('LocationRemoved', { at })];
  }
};

const evolve = (state: LocationState, { type, data }: LocationEvent): LocationState => {
  switch (type) {
    case 'LocationRegistered':
      return { phase: 'Unknown', location: data.location };
    case 'LocationChanged':
      return state.phase === 'Absent' ? state : { ...state, location: data.location };
    case 'LocationBecameAvailable':
      return state.phase === 'Absent' ? state : { phase: 'Available', location: state.location };
    case 'LocationBecameUnavailable':
      return state.phase === 'Absent'
        ? state
        : { phase: 'Unavailable', location: state.location, message: data.message };
    case 'LocationRemoved':
      return { phase: 'Absent' };
  }
};

/** The life of one storage location: that it exists, what it points to, whether it can be used. */
export const location: Decider<LocationState, LocationCommand, LocationEvent> = {
  initial: { phase: 'Absent' },
  decide,
  evolve,
};
