import { setTimeout as delay } from 'node:timers/promises';
import { parseItem, stringifyItem } from '../../archive/json.js';
import type { Refused, ResourceType } from '../../cluster/port.js';
import { namespaceOf, printItem, refOf } from '../../domain/item.js';
import { at, put, sameJson, type JsonObject } from '../../domain/json.js';
import type { RestoreContext } from './context.js';

/** As often and as patiently as Velero tries (`pkg/restore/restore.go`). */
const ATTEMPTS = 5;
const PAUSE_MS = 10;

const parse = (json: Buffer): JsonObject => parseItem(json).value as JsonObject;

interface StatusWrite {
  readonly type: ResourceType;
  /** As the API server has it. */
  readonly created: JsonObject;
  readonly status: unknown;
}

/** Puts the status on the object; answers with the refusal if it could not. */
const writeStatus = async (
  { cluster, signal }: RestoreContext,
  { type, created, status }: StatusWrite,
): Promise<Refused | undefined> => {
  const ref = refOf(created);
  let present = created;
  for (let attempt = 1; ; attempt += 1) {
    if (sameJson(at(present, 'status'), status)) return undefined;
    const body = stringifyItem(put(present, ['status'], status));
    const answer = await cluster.replace(type, ref, body, { signal, subresource: 'status' });
    if (answer.ok) return undefined;
    if (answer.reason !== 'Conflict' || attempt === ATTEMPTS) return answer;
    await delay(PAUSE_MS, undefined, { signal });
    // Somebody was faster, its controller as a rule: the status goes on top of what that made of the object.
    const bytes = await cluster.get(type, ref, { signal });
    if (!bytes) return answer;
    present = parse(bytes);
  }
};

/** A kind without the sub-resource answers as if there were no such object. */
const reasonOf = ({ status, message }: Refused): string =>
  status === 404 || status === 405
    ? `${message}; either its kind has no status sub-resource, or the object is gone`
    : message;

/** What became of one item that this restore created. */
export interface CreatedItem {
  readonly kind: string;
  readonly type: ResourceType;
  /** As it was sent; its annotations decide. */
  readonly prepared: JsonObject;
  /** As it stands in the archive, with its status. */
  readonly archived: JsonObject;
  /** As the API server has it now. */
  readonly created: () => JsonObject;
}

/**
 * Gives a created object the status it had in the backup, if the restore or the object asks for it; a kind without a status
 * has none to give. What fails here is a warning: the object itself is restored.
 */
export const restoreStatus = async (context: RestoreContext, item: CreatedItem): Promise<void> => {
  const { kind, type, prepared, archived, created } = item;
  const status = at(archived, 'status') ?? undefined;
  if (status === undefined) return;
  const place = printItem(kind, prepared);
  const { restores, unclear } = context.restoresStatus(kind, prepared);
  if (unclear !== undefined)
    context.log.warn('The annotation velero.io/restore-status is neither true nor false', {
      resource: place,
      value: unclear,
    });
  if (!restores) return;
  const refused = await writeStatus(context, { type, created: created(), status });
  if (refused)
    context.outcomes.warn(
      namespaceOf(prepared),
      `the status of ${place} was not restored: ${reasonOf(refused)}`,
    );
};
