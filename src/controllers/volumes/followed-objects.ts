import { setMaxListeners } from 'node:events';
import { parseObject } from '../../cluster/get-object.js';
import type { Cluster, ResourceType, WatchEvent } from '../../cluster/port.js';
import type { JsonObject } from '../../domain/json.js';
import { Fault } from '../../faults.js';

/** Objects of one kind that an operation waits for, all of them followed by one watch. */
export interface FollowedObjects {
  /**
   * Waits until `look` finds what it wants in the object of that key as it is now, and answers that; `look` gets `undefined` while there is
   * none. `undefined` is the answer when `until` ended the wait. Faults: those of `Cluster.watch`, and `LB_ABORTED` if the operation ended.
   */
  readonly found: <T>(
    key: string,
    look: (object: JsonObject | undefined) => T | undefined,
    until: AbortSignal,
  ) => Promise<T | undefined>;
  /** As last seen. */
  readonly seen: (key: string) => JsonObject | undefined;
}

interface Following {
  readonly cluster: Pick<Cluster, 'watch'>;
  readonly type: ResourceType;
  readonly labelSelector?: string;
  /** By which an object is asked for; `undefined` for one that nobody will ask for, so that it is not kept. */
  readonly keyOf: (object: JsonObject) => string | undefined;
  /** Ends the watch. */
  readonly signal: AbortSignal;
}

interface Waiter {
  readonly key: string;
  readonly tell: (object: JsonObject | undefined) => void;
  readonly fail: (error: Error) => void;
}

/** What is there as far as it was seen, and who waits for what. */
const createBoard = (keyOf: Following['keyOf']) => {
  const seen = new Map<string, JsonObject>();
  const waiters = new Set<Waiter>();
  const tell = (wanted: (key: string) => boolean): void => {
    for (const waiter of [...waiters]) if (wanted(waiter.key)) waiter.tell(seen.get(waiter.key));
  };
  const keep = (object: JsonObject): string | undefined => {
    const key = keyOf(object);
    if (key !== undefined) seen.set(key, object);
    return key;
  };
  return {
    seen,
    waiters,
    meet: (event: WatchEvent): void => {
      if (event.type === 'SYNCED') {
        seen.clear(); // what is not in a list is gone
        for (const item of event.items) keep(parseObject(item));
        tell(() => true);
        return;
      }
      const object = parseObject(event.object);
      const key = event.type === 'DELETED' ? keyOf(object) : keep(object);
      if (key === undefined) return;
      if (event.type === 'DELETED') seen.delete(key);
      tell((one) => one === key);
    },
    fail: (error: Error): void => {
      for (const { fail } of [...waiters]) fail(error);
    },
  };
};

type Board = ReturnType<typeof createBoard>;

const waitOn = <T>(
  { seen, waiters }: Board,
  isSynced: boolean,
  {
    key,
    look,
    until,
  }: { key: string; look: (object: JsonObject | undefined) => T | undefined; until: AbortSignal },
): Promise<T | undefined> =>
  new Promise((resolve, reject) => {
    const leave = (): void => {
      waiters.delete(waiter);
      until.removeEventListener('abort', give);
    };
    const give = (): void => {
      leave();
      resolve(undefined);
    };
    const waiter: Waiter = {
      key,
      tell: (object) => {
        const found = look(object);
        if (found === undefined) return;
        leave();
        resolve(found);
      },
      fail: (error) => {
        leave();
        reject(error);
      },
    };
    if (until.aborted) {
      give();
      return;
    }
    until.addEventListener('abort', give, { once: true });
    waiters.add(waiter);
    if (isSynced) waiter.tell(seen.get(key));
  });

/** The watch begins with the first question, and lasts until the signal ends it. */
export const followObjects = (following: Following): FollowedObjects => {
  const { cluster, type, labelSelector, keyOf, signal } = following;
  const board = createBoard(keyOf);
  const stopped = () => new Fault('LB_ABORTED', `waiting for objects of kind ${type.kind}`);
  let standing: 'idle' | 'begun' | 'synced' | Error = 'idle';

  const watch = async (): Promise<void> => {
    const options = { ...(labelSelector !== undefined && { labelSelector }), signal };
    for await (const event of cluster.watch(type, options)) {
      standing = 'synced';
      board.meet(event);
    }
    throw stopped();
  };
  const begin = (): void => {
    standing = 'begun';
    setMaxListeners(0, signal);
    watch().catch((error: unknown) => {
      standing = error instanceof Error ? error : stopped();
      board.fail(standing);
    });
  };
  return {
    seen: (key) => board.seen.get(key),
    found: async (key, look, until) => {
      if (standing === 'idle') begin();
      if (standing instanceof Error) throw standing;
      return waitOn(board, standing === 'synced', { key, look, until });
    },
  };
};
