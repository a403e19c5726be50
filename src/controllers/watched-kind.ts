import { nameOf } from '../domain/item.js';
import { textAt, type JsonObject } from '../domain/json.js';
import { VELERO_TYPES, type VeleroKind } from '../domain/velero.gen.js';
import { mustEnd, type Runs } from './cancel.js';
import type { ControllerPorts } from './ports.js';
import type { Queue } from './queue.js';

/** A kind of resource, and what every sight of one of them sets going. */
export interface Watched {
  readonly kind: VeleroKind;
  readonly queues: readonly Queue[];
  /** Runs that end when their resource asks for it, or goes. */
  readonly runs?: Runs;
  /** How long a sight may wait, in milliseconds: 0 not at all, `Infinity` for ever, as it is of no concern. Absent: 0. */
  readonly patience?: (object: JsonObject) => number;
  /** Told after each sight; without the object if it is gone. */
  readonly seen?: (object?: JsonObject) => void;
}

/** Feeds the queues of one kind: every sight of a resource only means "look at this name". */
export const watchKind = async (
  ports: Pick<ControllerPorts, 'cluster' | 'resources'>,
  watched: Watched,
  onSynced: () => void,
  signal: AbortSignal,
): Promise<void> => {
  const known = new Set<string>();
  const wake = (name: string, object?: JsonObject) => {
    const wait = object === undefined ? 0 : (watched.patience?.(object) ?? 0);
    for (const queue of watched.queues) {
      if (wait === 0) queue.add(name);
      else if (wait !== Infinity) queue.addAfter(name, wait);
    }
    watched.seen?.(object);
  };
  const stopIfAsked = (object: JsonObject) => {
    if (mustEnd(object)) watched.runs?.stop(nameOf(object));
  };
  const { namespace } = ports.resources;
  for await (const event of ports.cluster.watch(VELERO_TYPES[watched.kind], { namespace, signal })) {
    if (event.type === 'SYNCED') {
      const objects = event.items.map((item) => JSON.parse(item.toString('utf8')) as JsonObject);
      objects.sort((a, b) =>
        textAt(a, 'metadata', 'creationTimestamp').localeCompare(textAt(b, 'metadata', 'creationTimestamp')),
      );
      const gone = new Set(known);
      for (const object of objects) {
        gone.delete(nameOf(object));
        known.add(nameOf(object));
        stopIfAsked(object);
        wake(nameOf(object), object);
      }
      for (const name of gone) {
        watched.runs?.stop(name);
        wake(name);
      }
      onSynced();
    } else {
      const object = JSON.parse(event.object.toString('utf8')) as JsonObject;
      const name = nameOf(object);
      if (event.type === 'DELETED') {
        known.delete(name);
        watched.runs?.stop(name);
        wake(name);
      } else {
        known.add(name);
        stopIfAsked(object);
        wake(name, object);
      }
    }
  }
};
