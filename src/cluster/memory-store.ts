import { type ObjectRef } from './port.js';
import { at, isObject, type Json } from './memory-json.js';
import { type Labels } from './memory-selectors.js';

/** One object as it lies in the store. Never changed: a write puts a new one in its place. */
export interface Stored {
  /** See `placeOf`. */
  readonly place: string;
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Labels;
  readonly resourceVersion: number;
  readonly bytes: Buffer;
}

interface Change extends Stored {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
}

/** Objects by place and name, one counter for all resource versions, and a bounded log of the changes. */
export interface MemoryStore {
  /** The resource version of the last write. */
  head(): number;
  nextVersion(): number;
  get(place: string, ref: ObjectRef): Stored | undefined;
  /** In the order of an API server: by namespace, then name. */
  all(place: string, namespace?: string): readonly Stored[];
  /** Every object that lies in the namespace. */
  inNamespace(namespace: string): readonly Stored[];
  count(): number;
  put(stored: Stored, type: 'ADDED' | 'MODIFIED'): void;
  remove(stored: Stored): void;
  /** Changes after a resource version; undefined if some of them are forgotten. */
  since(resourceVersion: number): readonly Change[] | undefined;
  /** Resolves with the next change, or when the signal aborts. */
  changed(signal: AbortSignal): Promise<void>;
  /** Forgets the log: whoever is behind has to begin anew. */
  forget(): void;
  /** Ends every wait in `changed`. */
  wake(): void;
}

const keyOf = (ref: Pick<Stored, 'name' | 'namespace'> | ObjectRef): string =>
  `${ref.namespace ?? ''}/${ref.name}`;

export const labelsOf = (document: Json): Labels => {
  const labels = at(document, 'metadata', 'labels');
  if (!isObject(labels)) return new Map();
  return new Map([...labels].filter((pair): pair is [string, string] => typeof pair[1] === 'string'));
};

/** The last `size` to 2 × `size` changes, oldest first. */
const changeLog = (size: number) => {
  let log: Change[] = [];
  /** Changes up to and including this resource version are no longer in the log. */
  let forgotten = 0;
  const drop = (count: number): void => {
    forgotten = log[count - 1]?.resourceVersion ?? forgotten;
    log = log.slice(count);
  };
  return {
    append: (change: Change): void => {
      log.push(change);
      // Dropping half at once keeps an append cheap on average.
      if (log.length > size * 2) drop(log.length - size);
    },
    since: (resourceVersion: number): readonly Change[] | undefined => {
      if (resourceVersion < forgotten) return undefined;
      const first = log.findLastIndex((change) => change.resourceVersion <= resourceVersion);
      return log.slice(first + 1);
    },
    forgetUntil: (resourceVersion: number): void => {
      log = [];
      forgotten = resourceVersion;
    },
  };
};

const waitingRoom = () => {
  const waiters = new Set<() => void>();
  return {
    wake: (): void => {
      for (const waiter of [...waiters]) waiter();
    },
    wait: (signal: AbortSignal): Promise<void> =>
      new Promise((resolve) => {
        const done = (): void => {
          waiters.delete(done);
          signal.removeEventListener('abort', done);
          resolve();
        };
        waiters.add(done);
        signal.addEventListener('abort', done, { once: true });
        // A signal that has already aborted tells nobody any more.
        if (signal.aborted) done();
      }),
  };
};

const byKey = ([a]: [string, Stored], [b]: [string, Stored]): number => (a < b ? -1 : 1);

export const createMemoryStore = (options: { readonly watchLog: number }): MemoryStore => {
  const places = new Map<string, Map<string, Stored>>();
  const log = changeLog(options.watchLog);
  const waiting = waitingRoom();
  // A fresh cluster has its own objects before the first user comes; no client ever sees version 0.
  let version = 1;
  const everything = () => [...places.values()].flatMap((objects) => [...objects.values()]);
  const tell = (change: Change): void => {
    log.append(change);
    waiting.wake();
  };
  return {
    head: () => version,
    nextVersion: () => (version += 1),
    get: (place, ref) => places.get(place)?.get(keyOf(ref)),
    all: (place, namespace) =>
      [...(places.get(place) ?? [])]
        .filter(([, stored]) => namespace === undefined || stored.namespace === namespace)
        .sort(byKey)
        .map(([, stored]) => stored),
    inNamespace: (namespace) => everything().filter((stored) => stored.namespace === namespace),
    count: () => [...places.values()].reduce((sum, objects) => sum + objects.size, 0),
    put: (stored, type) => {
      const objects = places.get(stored.place) ?? new Map<string, Stored>();
      places.set(stored.place, objects.set(keyOf(stored), stored));
      tell({ ...stored, type });
    },
    remove: (stored) => {
      places.get(stored.place)?.delete(keyOf(stored));
      tell({ ...stored, type: 'DELETED' });
    },
    since: log.since,
    changed: waiting.wait,
    forget: () => {
      log.forgetUntil((version += 1));
      waiting.wake();
    },
    wake: waiting.wake,
  };
};
