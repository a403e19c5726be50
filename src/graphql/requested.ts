import { isRefusal, type Refusal } from '../domain/decider.js';
import { textAt } from '../domain/json.js';
import { printKey } from '../domain/streams.js';
import { timestamp } from '../domain/timestamp.js';
import type { Meta, Recorded } from '../eventstore/port.js';
import { isFault, messageOf } from '../faults.js';
import type { AuditRow } from '../projections/rows.js';
import type { Noted } from './access-log.js';
import type { Wish } from './authorize.js';
import type { Context } from './context.js';
import { demandReached, type ResolverDeps } from './deps.js';
import type { RequestId } from './request-id.js';
import type { UserError } from './types.gen.js';
import { fromRefusal, userError } from './user-errors.js';

const NOTE_DEADLINE_MS = 3_000;
const LONGEST_TARGET = 300;

/** What came of recording. */
export type Recording =
  { readonly ok: true; readonly position: bigint; readonly recorded: readonly Recorded[] } | Refusal;

/** What became of it. `recorded` is the story so far if this request wrote it; a repeated one only knows the name. */
export type Outcome =
  | { readonly ok: true; readonly name: string; readonly recorded: readonly Recorded[] }
  | { readonly ok: false; readonly userErrors: readonly UserError[] };

export type Answered = Outcome & { readonly position: bigint };

export const no = (...userErrors: readonly UserError[]): Outcome => ({ ok: false, userErrors });

/** What recording comes to for whoever asked. */
export const outcomeOf = (name: string, sent: Recording): Outcome =>
  isRefusal(sent) ? no(fromRefusal(sent)) : { ok: true, name, recorded: sent.recorded };

/** Says that the caller lacks a right; undefined if not. */
export const lacking = async (
  { authorize, namespace }: ResolverDeps,
  { caller }: Context,
  wish: Wish,
): Promise<UserError | undefined> =>
  (await authorize.allows(caller, wish))
    ? undefined
    : userError('FORBIDDEN', `${caller.actor.name} may not ${wish.verb} ${wish.resource} in ${namespace}`);

const textOf = (fact: AuditRow | undefined, field: string): string => textAt(fact?.data, field);

/** The name that the first request under this key was given, so that a repetition does not make another one. */
export const formerName = (fact: AuditRow | undefined): string | undefined => {
  const target = textOf(fact, 'target');
  const slash = target.indexOf('/');
  return slash < 0 ? undefined : target.slice(slash + 1);
};

export const keyReused = (): UserError =>
  userError(
    'IDEMPOTENCY_KEY_REUSED',
    'this key was used before with other input; use a new key for a new request',
    ['input', 'idempotencyKey'],
  );

/** What came of earlier requests under the same key. */
interface Precedent {
  /** The name that the first one was given. */
  readonly name: string | undefined;
  /** It was carried out. */
  readonly done: boolean;
}

/**
 * What a request has to go by that bears the key of earlier ones; `reused` if the first of them was another. Undefined for one
 * without a key.
 */
export const precedentOf = async (
  deps: ResolverDeps,
  { keyed, id }: RequestId,
  received: Noted,
  { signal }: Context,
): Promise<Precedent | 'reused' | undefined> => {
  if (keyed === undefined) return undefined;
  // Our own fact is in the views now, and so is every earlier one: of all requests under one key the earliest decides.
  await demandReached(deps, received.position, signal);
  const first = deps.views.firstOfRequest(keyed, 'MutationReceived');
  if (first && textOf(first, 'requestId') !== id) return 'reused';
  const answered = deps.views.firstOfRequest(id, 'MutationAnswered');
  return { name: formerName(first), done: textOf(answered, 'answer') === 'OK' };
};

const nowOf = (deps: ResolverDeps): string => timestamp(deps.now());

const answerOf = (outcome: Outcome): string =>
  outcome.ok ? 'OK' : [...new Set(outcome.userErrors.map(({ code }) => code))].join(', ');

/** Notes a request as received, lets it be carried out, and notes what was answered, whatever that is. */
export const noted = async (
  deps: ResolverDeps,
  job: { readonly mutation: string; readonly request: RequestId; readonly name: string },
  context: Context,
  carry: (received: Noted, meta: Meta) => Promise<Outcome>,
): Promise<Answered> => {
  const { caller, correlationId, signal } = context;
  const target = printKey({ namespace: deps.namespace, name: job.name }).slice(0, LONGEST_TARGET);
  const base = { requestId: job.request.id, mutation: job.mutation, target };
  const meta: Meta = { actor: caller.actor, correlationId, appVersion: deps.appVersion };
  const received = await deps.accessLog.note(
    { type: 'RecordReceived', ...base, now: nowOf(deps) },
    meta,
    signal,
  );
  const caused: Meta = { ...meta, causationId: received.id };
  // The answer is noted even when the request's own time is over.
  const note = (answer: string) =>
    deps.accessLog.note(
      { type: 'RecordAnswered', ...base, answer, now: nowOf(deps) },
      caused,
      AbortSignal.timeout(NOTE_DEADLINE_MS),
    );
  const unnoted = (error: unknown) => {
    deps.log.warn(
      { correlationId, fault: messageOf(error) },
      'the answer to a mutation could not be recorded',
    );
  };

  try {
    const outcome = await carry(received, caused);
    const last = outcome.ok ? outcome.recorded.at(-1)?.position : undefined;
    const written = await note(answerOf(outcome)).catch(unnoted);
    const position = written?.position ?? last ?? received.position;
    if (outcome.ok)
      await deps.runner.reached(position, AbortSignal.any([signal, AbortSignal.timeout(deps.reachMs)]));
    return { ...outcome, position };
  } catch (error) {
    await note(isFault(error) ? error.code : 'FAILED').catch(unnoted);
    throw error;
  }
};
