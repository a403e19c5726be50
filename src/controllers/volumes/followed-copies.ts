import { parseObject } from '../../cluster/get-object.js';
import type { Cluster } from '../../cluster/port.js';
import { nameOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { VELERO_TYPES } from '../../domain/velero.gen.js';
import { hasCopyEnded, hasLabel } from '../../domain/volumes/copy-objects.js';
import { Fault } from '../../faults.js';

/** The resources by which one operation asks for copies of volumes, followed until each has ended. */
export interface FollowedCopies {
  /**
   * The resource as it ended; `undefined` if it was deleted before, or when `until` ended the wait. Faults: those of `Cluster.watch`,
   * and `LB_ABORTED` if the operation ended first.
   */
  readonly ended: (name: string, until: AbortSignal) => Promise<JsonObject | undefined>;
  /** As last seen. */
  readonly seen: (name: string) => JsonObject | undefined;
}

interface Following {
  readonly cluster: Pick<Cluster, 'watch'>;
  readonly kind: 'PodVolumeBackup' | 'PodVolumeRestore';
  readonly namespace: string;
  /** Others of the kind belong to other operations. */
  readonly label: string;
  readonly value: string;
  readonly signal: AbortSignal;
}

interface Waiting {
  readonly give: (end: JsonObject | undefined) => void;
  readonly fail: (error: Error) => void;
}

/** What has been seen so far, and who waits for what. */
const createBoard = () => {
  const seen = new Map<string, JsonObject>();
  const waiting = new Map<string, Waiting>();
  const settle = (name: string, end: JsonObject | undefined): void => {
    waiting.get(name)?.give(end);
    waiting.delete(name);
  };
  return {
    seen,
    waiting,
    meet: (object: JsonObject): void => {
      seen.set(nameOf(object), object);
      if (hasCopyEnded(object)) settle(nameOf(object), object);
    },
    /** One that was never seen may only be too young for what is shown. */
    miss: (name: string): void => {
      if (seen.delete(name)) settle(name, undefined);
    },
    fail: (error: Error): void => {
      for (const { fail } of waiting.values()) fail(error);
      waiting.clear();
    },
  };
};

/** One watch for all, begun when the first is asked for. */
export const followCopies = (following: Following): FollowedCopies => {
  const { cluster, kind, namespace, label, value, signal } = following;
  const { seen, waiting, meet, miss, fail } = createBoard();
  const stopped = () => new Fault('LB_ABORTED', `waiting for copies of volumes (${kind})`);
  let failure: Error | undefined;

  const watch = async (): Promise<void> => {
    for await (const event of cluster.watch(VELERO_TYPES[kind], { namespace, signal })) {
      const shown = event.type === 'SYNCED' ? event.items : [event.object];
      const objects = shown.map(parseObject).filter((object) => hasLabel(object, label, value));
      if (event.type === 'DELETED') for (const object of objects) miss(nameOf(object));
      else for (const object of objects) meet(object);
      if (event.type !== 'SYNCED') continue;
      const present = new Set(objects.map(nameOf));
      for (const name of [...seen.keys()]) if (!present.has(name)) miss(name);
    }
    throw stopped();
  };
  let begun = false;
  const begin = (): void => {
    if (begun) return;
    begun = true;
    watch().catch((error: unknown) => {
      failure = error instanceof Error ? error : stopped();
      fail(failure);
    });
  };
  return {
    seen: (name) => seen.get(name),
    ended: (name, until) => {
      begin();
      return new Promise((resolve, reject) => {
        const known = seen.get(name);
        if (failure !== undefined) reject(failure);
        else if (known && hasCopyEnded(known)) resolve(known);
        else if (until.aborted) resolve(undefined);
        else {
          const leave = () => {
            waiting.delete(name);
            resolve(undefined);
          };
          const done = () => until.removeEventListener('abort', leave);
          until.addEventListener('abort', leave, { once: true });
          waiting.set(name, {
            give: (end) => {
              done();
              resolve(end);
            },
            fail: (error) => {
              done();
              reject(error);
            },
          });
        }
      });
    },
  };
};
