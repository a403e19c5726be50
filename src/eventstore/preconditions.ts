import { Fault } from '../faults.js';
import { type NewEvent } from './port.js';

const MOST_EVENTS = 10_000;

/** A batch nobody could store is a mistake in our own code, so it is a RangeError and not a fault. */
export const checkBatch = (stream: string, events: readonly NewEvent[]): void => {
  if (events.length === 0) throw new RangeError(`an append to ${stream} without events`);
  if (new Set(events.map((event) => event.id)).size !== events.length) {
    throw new RangeError(`an append to ${stream} holds one id twice`);
  }
};

/** `ReadAll.limit` bounds the memory of a slice. */
export const checkLimit = (limit: number): void => {
  if (!Number.isInteger(limit) || limit < 1 || limit > MOST_EVENTS) {
    throw new RangeError(`a slice has 1 to ${MOST_EVENTS} events, not ${limit}`);
  }
};

export const checkAborted = (signal: AbortSignal | undefined): void => {
  if (signal?.aborted) throw aborted();
};

export const aborted = (): Fault => new Fault('LB_ABORTED', 'the caller no longer waits for the event store');
export const closed = (): Fault => new Fault('LB_EVENTSTORE_UNREACHABLE', 'it has been closed');
