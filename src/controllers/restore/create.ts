import { setTimeout as delay } from 'node:timers/promises';
import { stringifyItem } from '../../archive/json.js';
import type { ResourceType, Written } from '../../cluster/port.js';
import { PRIORITY_CLASSES } from '../../domain/backup-actions.js';
import { namespaceOf } from '../../domain/item.js';
import { objectAt, put, textAt, without, type JsonObject } from '../../domain/json.js';
import type { RestoreContext } from './context.js';

const POLL_MS = 100;
const PATIENCE_MS = 5_000;

/** What the API server would drop anyway is not sent: managed fields are often half of an object. */
const bodyOf = (object: JsonObject): Buffer =>
  stringifyItem(put(object, ['metadata'], without(objectAt(object, 'metadata'), ['managedFields'])));

/**
 * Admission of pods looks priority classes up in a copy that lags a moment behind, and a class is often restored just before
 * the first pod that names it. So a class that is there, and yet is said not to be, will be found soon.
 */
const classIsNew = async (
  { cluster, types, signal }: RestoreContext,
  kind: string,
  object: JsonObject,
  written: Written,
): Promise<boolean> => {
  const name = textAt(object, 'spec', 'priorityClassName');
  const type = types.typeOf(PRIORITY_CLASSES, '');
  if (written.ok || kind !== 'pods' || written.reason !== 'Forbidden' || name === '' || !type) return false;
  if (!written.message.includes(`no PriorityClass with name ${name} `)) return false;
  return (await cluster.get(type, { name }, { signal })) !== undefined;
};

/** Creates one prepared object. */
export const createObject = async (
  context: RestoreContext,
  kind: string,
  type: ResourceType,
  prepared: JsonObject,
): Promise<Written> => {
  const { cluster, signal } = context;
  const body = bodyOf(prepared);
  const create = () => cluster.create(type, namespaceOf(prepared) || undefined, body, { signal });
  const deadline = Date.now() + PATIENCE_MS;
  let written = await create();
  while ((await classIsNew(context, kind, prepared, written)) && Date.now() < deadline) {
    await delay(POLL_MS, undefined, { signal });
    written = await create();
  }
  return written;
};
