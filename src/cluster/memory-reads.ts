import { setImmediate } from 'node:timers/promises';
import { Fault } from '../faults.js';
import { inVersion } from './memory-document.js';
import { badRequest, notServed, readFault } from './memory-refusals.js';
import { type World } from './memory-removal.js';
import { fieldMatcher, labelMatcher } from './memory-selectors.js';
import { type Stored } from './memory-store.js';
import { placeOf, type ServedType } from './memory-types.js';
import { type Cluster, type ListOptions, type ListPage, type ResourceType, type WatchEvent } from './port.js';

type Picker = (stored: Stored) => boolean;

const picker = (options: Omit<ListOptions, 'signal'>): Picker => {
  const labels = labelMatcher(options.labelSelector);
  const fields = fieldMatcher(options.fieldSelector);
  if ('problem' in labels) throw readFault(badRequest(labels.problem));
  if ('problem' in fields) throw readFault(badRequest(fields.problem));
  return (stored) =>
    (options.namespace === undefined || stored.namespace === options.namespace) &&
    labels(stored.labels) &&
    fields(stored);
};

const served = (world: World, type: ResourceType): ServedType => {
  const found = world.types.find(type);
  if (found === undefined) throw readFault(notServed());
  return found;
};

const throwIfAborted = (signal: AbortSignal): void => {
  if (signal.aborted) throw new Fault('LB_ABORTED', 'a list of the simulated cluster');
};

const positionOf = (stored: Stored): string => `${stored.namespace ?? ''}/${stored.name}`;

interface Snapshot {
  readonly version: number;
  /** What is still to be shown. */
  readonly rest: readonly Stored[];
}

/**
 * `Cluster.list`. One snapshot for all pages; when `expireAfter` writes have happened since it was taken, it is
 * expired and the list goes on after its last item in a new snapshot, as the API's inconsistent continuation does.
 */
export const createListing = (world: World, expireAfter: number): Cluster['list'] =>
  async function* list(asked, options): AsyncGenerator<ListPage> {
    throwIfAborted(options.signal);
    const type = served(world, asked);
    const pick = picker(options);
    const selective = options.labelSelector !== undefined || options.fieldSelector !== undefined;
    const size = options.pageSize === 0 ? Infinity : (options.pageSize ?? 500);
    const take = (after: string): Snapshot => ({
      version: world.store.head(),
      rest: world.store
        .all(placeOf(type), options.namespace)
        .filter((one) => pick(one) && positionOf(one) > after),
    });
    let snapshot = take('');
    do {
      // A page is a round trip: whatever else waits gets its turn, and an abort is heard.
      await setImmediate();
      throwIfAborted(options.signal);
      const page = snapshot.rest.slice(0, size);
      const last = page.at(-1);
      snapshot = { ...snapshot, rest: snapshot.rest.slice(size) };
      const remaining = snapshot.rest.length;
      yield {
        items: page.map((stored) => inVersion(type, stored.bytes)),
        resourceVersion: String(snapshot.version),
        // An API server counts what remains only where it has nothing to filter.
        ...(remaining === 0 || selective ? {} : { remaining }),
      };
      const expired = world.store.head() - snapshot.version >= expireAfter;
      if (remaining > 0 && expired && last !== undefined) snapshot = take(positionOf(last));
    } while (snapshot.rest.length > 0);
  };

/** `Cluster.watch`. A watch of a kind that is not served waits until it is, as the one of a real cluster retries. */
export const createWatching = (world: World, closed: AbortSignal): Cluster['watch'] =>
  async function* watch(type, options): AsyncGenerator<WatchEvent> {
    const pick = picker(options);
    const over = () => options.signal.aborted || closed.aborted;
    const place = placeOf(type);
    while (!over()) {
      if (world.types.find(type) === undefined) {
        await world.store.changed(options.signal);
        continue;
      }
      let seen = world.store.head();
      const present = world.store.all(place, options.namespace).filter(pick);
      yield { type: 'SYNCED', items: present.map((stored) => inVersion(type, stored.bytes)) };
      while (!over()) {
        const changes = world.store.since(seen);
        if (changes === undefined) break;
        if (changes.length === 0) await world.store.changed(options.signal);
        for (const change of changes) {
          seen = change.resourceVersion;
          if (change.place !== place || !pick(change)) continue;
          if (over()) return;
          yield { type: change.type, object: inVersion(type, change.bytes) };
        }
      }
    }
  };
