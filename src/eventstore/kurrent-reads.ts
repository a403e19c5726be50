import { BACKWARDS, END, FORWARDS, START, StreamNotFoundError } from '@eventstore/db-client';
import type { Connection } from './kurrent-connection.js';
import { drain } from './kurrent-deadlines.js';
import { ours, toFault, toRecorded } from './kurrent-records.js';
import type { ReadAll, Recorded } from './port.js';
import { checkLimit } from './preconditions.js';

export const readStream = async (
  { client, prefix, base }: Connection,
  stream: string,
  signal: AbortSignal | undefined,
): Promise<readonly Recorded[]> => {
  const recorded: Recorded[] = [];
  try {
    await drain(
      client.readStream(prefix + stream, { ...base, direction: FORWARDS, fromRevision: START }),
      signal,
      (e) => {
        const event = toRecorded(stream, e);
        if (event) recorded.push(event);
        return true;
      },
    );
    return recorded;
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw toFault(error);
  }
};

/** From the end backwards, cut off at the first event of the type. */
export const readSince = async (
  { client, prefix, base }: Connection,
  stream: string,
  type: string,
  signal: AbortSignal | undefined,
): Promise<readonly Recorded[]> => {
  const recorded: Recorded[] = [];
  try {
    const reading = client.readStream(prefix + stream, { ...base, direction: BACKWARDS, fromRevision: END });
    await drain(reading, signal, (resolved) => {
      const event = toRecorded(stream, resolved);
      if (event) recorded.push(event);
      return event?.type !== type;
    });
    return recorded.reverse();
  } catch (error) {
    if (error instanceof StreamNotFoundError) return [];
    throw toFault(error);
  }
};

/** Where a read of all streams begins. */
export const at = (position: bigint) => ({ commit: position, prepare: position });

/** The server's own page is endless; it is cut off when `limit` of our events have come. */
export const readAll = async (
  { client, prefix, base }: Connection,
  query: ReadAll,
): Promise<readonly Recorded[]> => {
  const { after, backwards = false, limit, signal } = query;
  checkLimit(limit);
  const fromPosition = after !== undefined && after >= 0n ? at(after) : backwards ? END : START;
  if (backwards && after !== undefined && after < 0n) return [];
  // A read forwards begins with the very event it is given; ours is an exclusive start.
  const behind = (position: bigint): boolean =>
    after === undefined || (backwards ? position < after : position > after);
  const slice: Recorded[] = [];
  try {
    const reading = client.readAll({ ...base, direction: backwards ? BACKWARDS : FORWARDS, fromPosition });
    await drain(reading, signal, (resolved) => {
      const event = ours(prefix, resolved);
      if (event && behind(event.position)) slice.push(event);
      return slice.length < limit;
    });
    return slice;
  } catch (error) {
    throw toFault(error);
  }
};
