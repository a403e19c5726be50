import { printKey } from '../domain/streams.js';
import { textAt } from '../domain/json.js';
import type { Meta } from '../eventstore/port.js';
import { isFault, messageOf } from '../faults.js';
import type { Wish } from './authorize.js';
import type { Context } from './context.js';
import { demandReached, type ResolverDeps } from './deps.js';
import type { RequestId } from './request-id.js';
import type { UserError } from './types.gen.js';
import { userError } from './user-errors.js';

const NOTE_DEADLINE_MS = 3_000;
const LONGEST_TARGET = 300;

/** A request to change, or to take away, something that exists. */
export interface Change<T> {
  readonly mutation: string;
  readonly request: RequestId;
  readonly name: string;
  /** Rights the caller needs before anything is looked at. */
  readonly wishes: readonly Wish[];
  /** Does it as the caller; a user error for whatever keeps it from being done. */
  readonly carryOut: (
    meta: Meta,
  ) => Promise<{ readonly done: T } | { readonly userErrors: readonly UserError[] }>;
  /** The answer to a repetition, which does nothing. */
  readonly again: T;
}

export type Changed<T> = { readonly position: bigint } & (
  { readonly done: T } | { readonly userErrors: readonly UserError[] }
);

const nowOf = (deps: ResolverDeps): string => `${deps.now().toISOString().slice(0, 19)}Z`;

const decide = async <T>(
  deps: ResolverDeps,
  change: Change<T>,
  received: { readonly position: bigint },
  { caller, signal }: Context,
  meta: Meta,
) => {
  const { keyed, id } = change.request;
  if (keyed !== undefined) {
    // Our own fact is in the views now, and so is every earlier one: of all requests under one key the earliest decides.
    await demandReached(deps, received.position, signal);
    const first = deps.views.firstOfRequest(keyed, 'MutationReceived');
    if (first && textAt(first.data, 'requestId') !== id) {
      const text = 'this key was used before with other input; use a new key for a new request';
      return { userErrors: [userError('IDEMPOTENCY_KEY_REUSED', text, ['input', 'idempotencyKey'])] };
    }
    const answered = deps.views.firstOfRequest(id, 'MutationAnswered');
    if (textAt(answered?.data, 'answer') === 'OK') return { done: change.again };
  }
  for (const wish of change.wishes)
    if (!(await deps.authorize.allows(caller, wish))) {
      const text = `${caller.actor.name} may not ${wish.verb} ${wish.resource} in ${deps.namespace}`;
      return { userErrors: [userError('FORBIDDEN', text)] };
    }
  return change.carryOut(meta);
};

/** A request for change from end to end: noted as received, checked, carried out as the caller, noted as answered. */
export const submitChange = async <T>(
  deps: ResolverDeps,
  change: Change<T>,
  context: Context,
): Promise<Changed<T>> => {
  const { caller, correlationId, signal } = context;
  const target = printKey({ namespace: deps.namespace, name: change.name }).slice(0, LONGEST_TARGET);
  const base = { requestId: change.request.id, mutation: change.mutation, target };
  const meta: Meta = { actor: caller.actor, correlationId, appVersion: deps.appVersion };
  const received = await deps.accessLog.note(
    { type: 'RecordReceived', ...base, now: nowOf(deps) },
    meta,
    signal,
  );
  const caused: Meta = { ...meta, causationId: received.id };
  // The answer is noted even when the request's own time is over.
  const note = (answer: string) =>
    deps.accessLog
      .note(
        { type: 'RecordAnswered', ...base, answer, now: nowOf(deps) },
        caused,
        AbortSignal.timeout(NOTE_DEADLINE_MS),
      )
      .catch((error: unknown) => {
        const fields = { correlationId, fault: messageOf(error) };
        deps.log.warn(fields, 'the answer to a mutation could not be recorded');
        return undefined;
      });
  try {
    const outcome = await decide(deps, change, received, context, caused);
    const answer =
      'done' in outcome ? 'OK' : [...new Set(outcome.userErrors.map(({ code }) => code))].join(', ');
    const position = (await note(answer))?.position ?? received.position;
    if ('done' in outcome)
      await deps.runner.reached(position, AbortSignal.any([signal, AbortSignal.timeout(deps.reachMs)]));
    return { ...outcome, position };
  } catch (error) {
    await note(isFault(error) ? error.code : 'FAILED');
    throw error;
  }
};
