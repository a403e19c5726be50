import {
  type AllStreamResolvedEvent,
  jsonEvent,
  type ResolvedEvent,
  StreamDeletedError,
} from '@eventstore/db-client';
import { parseStream } from '../domain/streams.js';
import { Fault, isFault, messageOf } from '../faults.js';
import { checkData, checkMeta, encodeEvent } from './codec.js';
import type { NewEvent, Recorded } from './port.js';

/** The server's way to say that it does not tell a position (all bits set) is beyond this. */
const LAST_POSITION = 2n ** 63n - 1n;

export const toFault = (error: unknown): Error => {
  if (isFault(error) || error instanceof RangeError || error instanceof TypeError) return error;
  const code = error instanceof StreamDeletedError ? 'LB_EVENTSTORE_DAMAGED' : 'LB_EVENTSTORE_UNREACHABLE';
  return new Fault(code, messageOf(error), { cause: error });
};

/** Metadata carries our version and, by the names that the server's own tools know, the ids of cause and story. */
export const toProposed = (event: NewEvent) => {
  encodeEvent(event);
  const { id, type, v, meta } = event;
  const causation = meta.causationId === undefined ? {} : { $causationId: meta.causationId };
  const metadata = { v, ...meta, $correlationId: meta.correlationId, ...causation };
  return jsonEvent({ id, type, data: { ...event.data }, metadata });
};

export const toRecorded = (
  stream: string,
  resolved: ResolvedEvent | AllStreamResolvedEvent,
): Recorded | undefined => {
  const { event } = resolved;
  if (!event) return undefined;
  const { id, type, revision, created } = event;
  const place = { stream, revision };
  const meta = checkMeta(event.metadata, place);
  const { v } = event.metadata as { v?: unknown };
  const { actor, correlationId, causationId, appVersion } = meta;
  const position = event.position?.commit ?? resolved.commitPosition;
  if (typeof v !== 'number' || position === undefined || position > LAST_POSITION) {
    const detail = `${stream}, revision ${revision.toString()}: it has no version or no position`;
    throw new Fault('LB_EVENTSTORE_DAMAGED', detail);
  }
  return {
    ...{ id, type, v, stream, revision, position },
    data: checkData(event.data, place),
    meta: { actor, correlationId, appVersion, ...(causationId !== undefined && { causationId }) },
    recordedAt: created.toISOString(),
  };
};

/** The event if it is in a stream of ours: system streams, other applications and other prefixes are passed over. */
export const ours = (prefix: string, resolved: AllStreamResolvedEvent): Recorded | undefined => {
  const name = resolved.event?.streamId ?? '';
  if (!name.startsWith(prefix)) return undefined;
  const stream = name.slice(prefix.length);
  return parseStream(stream) && toRecorded(stream, resolved);
};
