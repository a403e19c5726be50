import { Fault, isFault, messageOf } from '../faults.js';
import { abortable } from './abortable.js';
import { splitLines } from './lines.js';
import { collectionPath } from './paths.js';
import { apiVersionOf, groupResource, type ResourceType, type WatchEvent } from './port.js';
import { readMetadata, sliceList, sliceWatchEvent, spliceType } from './rawjson.js';
import { backoffMs, isAborted, pause } from './retry.js';
import { parseStatus, readFault } from './status-refusal.js';
import { type Transport } from './transport.js';

/** What to watch, and who hears about trouble. */
export interface WatchOptions {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly signal: AbortSignal;
  /** Called for every failure before the next try; the watch itself never ends for one. */
  readonly onTrouble?: (fault: Fault) => void;
  readonly times?: Partial<WatchTimes>;
}

/** Milliseconds, but for `serverSeconds`. */
export interface WatchTimes {
  /** How long the server keeps one watch open; a little more by chance, so that many watches do not end together. */
  readonly serverSeconds: number;
  /** Silence beyond `serverSeconds` that means the connection is dead. */
  readonly graceMs: number;
  readonly firstBackoffMs: number;
  readonly maxBackoffMs: number;
  /** A watch that ends sooner than this with nothing said has failed, even if it ended in order. */
  readonly shortMs: number;
}

const TIMES: WatchTimes = {
  serverSeconds: 300,
  graceMs: 10_000,
  firstBackoffMs: 500,
  maxBackoffMs: 5_000,
  shortMs: 1_000,
};

/**
 * The present state (`SYNCED`), then every change, for ever. A dropped, idle or ended connection goes on from the last resource
 * version seen (bookmarks keep it young); when the server no longer knows that version, a new list is sent as `SYNCED`.
 * Ends, silently, only when the signal aborts or the reader leaves.
 */
export const watchResource = (
  transport: Transport,
  type: ResourceType,
  options: WatchOptions,
): AsyncIterable<WatchEvent> =>
  abortable(options.signal, async function* (signal) {
    const times = { ...TIMES, ...options.times };
    const place: Place = { resourceVersion: undefined, failures: 0 };
    while (!isAborted(signal)) {
      try {
        if (place.resourceVersion === undefined) {
          const list = await listAll(transport, type, options, signal);
          place.resourceVersion = list.resourceVersion;
          yield { type: 'SYNCED', items: list.items };
        }
        yield* follow(transport, type, { ...options, signal }, place, times);
      } catch (error) {
        if (isAborted(signal) || isFault(error, 'LB_ABORTED')) return;
        if (isFault(error, 'LB_CLUSTER_EXPIRED')) place.resourceVersion = undefined;
        options.onTrouble?.(
          isFault(error) ? error : new Fault('LB_CLUSTER_PROTOCOL', messageOf(error), { cause: error }),
        );
        if (!(await rest(place, times, signal))) return;
      }
    }
  });

/** Where the watch stands. */
interface Place {
  /** `undefined` asks for a new list. */
  resourceVersion: string | undefined;
  /** In a row; anything heard from the server sets it back. */
  failures: number;
}

/** False if it was aborted meanwhile. The first failure after a good time is answered at once when it is an expiry. */
const rest = async (place: Place, times: WatchTimes, signal: AbortSignal): Promise<boolean> => {
  const immediate = place.resourceVersion === undefined && place.failures === 0;
  const ms = immediate ? 0 : backoffMs(place.failures, times.firstBackoffMs, times.maxBackoffMs);
  place.failures += 1;
  try {
    await pause(ms, signal);
    return true;
  } catch {
    return false;
  }
};

/** One list, unpaged: it is one snapshot, and its version is the one to watch from. All of it is handed on anyway. */
const listAll = async (
  transport: Transport,
  type: ResourceType,
  { namespace, labelSelector, fieldSelector }: WatchOptions,
  signal: AbortSignal,
): Promise<{ readonly resourceVersion: string; readonly items: readonly Buffer[] }> => {
  const path = collectionPath(type, namespace);
  const answer = await transport.request({
    method: 'GET',
    path,
    query: { labelSelector, fieldSelector },
    signal,
  });
  if (answer.status !== 200) throw readFault(answer, 'list', groupResource(type));
  return sliceList(answer.body);
};

/** One watch connection from `place` on, until it ends; moves `place` along. */
async function* follow(
  transport: Transport,
  type: ResourceType,
  { namespace, labelSelector, fieldSelector, signal }: WatchOptions,
  place: Place,
  times: WatchTimes,
): AsyncGenerator<WatchEvent, void, undefined> {
  const began = Date.now();
  const seconds = Math.ceil(times.serverSeconds * (1 + Math.random() * 0.1));
  const answer = await transport.stream({
    method: 'GET',
    path: collectionPath(type, namespace),
    query: {
      watch: true,
      allowWatchBookmarks: true,
      timeoutSeconds: seconds,
      resourceVersion: place.resourceVersion,
      labelSelector,
      fieldSelector,
    },
    signal,
    idleMs: seconds * 1_000 + times.graceMs,
  });
  if (answer.chunks === undefined) throw readFault(answer, 'watch', groupResource(type));
  let heard = false;
  for await (const line of splitLines(answer.chunks)) {
    const event = readEvent(line, type, place);
    if (isAborted(signal)) return;
    heard = true;
    place.failures = 0;
    if (event !== undefined) yield event;
  }
  if (heard || Date.now() - began >= times.shortMs) place.failures = 0;
  else throw new Fault('LB_CLUSTER_UNREACHABLE', `the watch of ${groupResource(type)} ended at once`);
}

/** `undefined` for a bookmark, which only moves `place`. An event is handed on after `place` has moved past it. */
const readEvent = (line: Buffer, type: ResourceType, place: Place): WatchEvent | undefined => {
  const event = sliceWatchEvent(line);
  switch (event.type) {
    case 'ADDED':
    case 'MODIFIED':
    case 'DELETED': {
      moveTo(place, event.object);
      return { type: event.type, object: spliceType(event.object, apiVersionOf(type), type.kind) };
    }
    case 'BOOKMARK':
      moveTo(place, event.object);
      return undefined;
    case 'ERROR': {
      const status = parseStatus(event.object)?.code ?? 500;
      throw readFault({ status, body: event.object }, 'watch', groupResource(type));
    }
    default:
      throw new Fault('LB_CLUSTER_PROTOCOL', `a watch sent an event of type ${event.type.slice(0, 40)}`);
  }
};

/** An object without a version leaves the place as it was: an empty one would ask the server for anything it likes. */
const moveTo = (place: Place, object: Buffer): void => {
  const { resourceVersion } = readMetadata(object);
  if (resourceVersion !== '') place.resourceVersion = resourceVersion;
};
