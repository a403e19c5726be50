import type { ResourceType, Written } from '../cluster/port.js';
import { isRefusal, type Refusal } from '../domain/decider.js';
import { objectAt, textAt } from '../domain/json.js';
import { nameProblems, type Problem } from '../domain/problem.js';
import { printKey, streamOf } from '../domain/streams.js';
import { isFault, messageOf } from '../faults.js';
import type { Meta, Recorded } from '../eventstore/port.js';
import type { AuditRow } from '../projections/rows.js';
import type { Noted } from './access-log.js';
import { parseBody } from './authenticate.js';
import type { Wish } from './authorize.js';
import type { Context } from './context.js';
import { demandReached, type ResolverDeps } from './deps.js';
import type { RequestId } from './request-id.js';
import type { UserError } from './types.gen.js';
import { fromProblems, fromRefusal, fromRefused, userError } from './user-errors.js';
import { timestamp } from '../domain/timestamp.js';

export const REQUEST_ID_ANNOTATION = 'lifeboat.io/request-id';
export const REQUESTED_BY_ANNOTATION = 'lifeboat.io/requested-by';
const NOTE_DEADLINE_MS = 3_000;
const LONGEST_TARGET = 300;

/** A custom resource as it was created: what the first fact of its story is made of. */
export interface Created {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: unknown;
  /** RFC 3339 UTC, seconds: the API server's clock, so that the controller would record the very same fact. */
  readonly at: string;
}

/** A request to create a custom resource of ours. */
export interface Submission {
  readonly mutation:
    'createBackup' | 'createRestore' | 'createSchedule' | 'runSchedule' | 'createBackupStorageLocation';
  readonly kind: 'backup' | 'restore' | 'schedule' | 'location';
  readonly resource: 'backups' | 'restores' | 'schedules' | 'backupstoragelocations';
  readonly type: ResourceType;
  readonly request: RequestId;
  /** As given; left out, `makeName` makes one. */
  readonly name: string | undefined;
  readonly makeName: () => string;
  readonly labels: Readonly<Record<string, string>>;
  readonly spec: object;
  /** More of its metadata than name and labels. */
  readonly metadata?: { readonly annotations?: object; readonly ownerReferences?: readonly object[] };
  /** What else has to be there or allowed; asked before the problems. */
  readonly refusals?: () => Promise<readonly UserError[]>;
  readonly problems: () => Promise<readonly Problem[]>;
  /** Appends the first fact of the story. */
  readonly record: (created: Created, meta: Meta) => Promise<Recording>;
}

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
const formerName = (fact: AuditRow | undefined): string | undefined => {
  const target = textOf(fact, 'target');
  const slash = target.indexOf('/');
  return slash < 0 ? undefined : target.slice(slash + 1);
};

const annotationOf = (object: unknown, name: string): string =>
  textAt(object, 'metadata', 'annotations', name);

const readCreated = (body: unknown): Created => ({
  name: textAt(body, 'metadata', 'name'),
  uid: textAt(body, 'metadata', 'uid'),
  labels: Object.fromEntries(
    Object.entries(objectAt(body, 'metadata', 'labels')).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    ),
  ),
  spec: objectAt(body, 'spec'),
  at: textAt(body, 'metadata', 'creationTimestamp'),
});

/** Whose is the resource that has the name already: ours from an earlier try, or somebody else's. */
const existing = async (deps: ResolverDeps, job: Submission, name: string, signal: AbortSignal) => {
  const found = await deps.cluster.get(job.type, { namespace: deps.namespace, name }, { signal });
  const body = found && parseBody(found);
  const mark = annotationOf(body, REQUEST_ID_ANNOTATION);
  if (body !== undefined && mark === job.request.id) return readCreated(body);
  if (job.request.keyed !== undefined && mark.startsWith(job.request.keyed)) return keyReused();
  return userError('NAME_TAKEN', `a ${job.kind} "${name}" exists already; choose another name`, [
    'input',
    'name',
  ]);
};

export const keyReused = (): UserError =>
  userError(
    'IDEMPOTENCY_KEY_REUSED',
    'this key was used before with other input; use a new key for a new request',
    ['input', 'idempotencyKey'],
  );

const createResource = async (
  deps: ResolverDeps,
  job: Submission,
  name: string,
  { caller, signal }: Context,
): Promise<Written> => {
  const annotations = {
    ...job.metadata?.annotations,
    [REQUEST_ID_ANNOTATION]: job.request.id,
    [REQUESTED_BY_ANNOTATION]: caller.actor.name,
  };
  const { namespace } = deps;
  const body = {
    apiVersion: `${job.type.group}/${job.type.version}`,
    kind: job.type.kind,
    metadata: { ...job.metadata, name, namespace, labels: job.labels, annotations },
    spec: job.spec,
  };
  const as = caller.impersonation;
  return deps.cluster.create(job.type, namespace, JSON.stringify(body), { signal, ...(as && { as }) });
};

/** Creates the resource as the caller and records the request; the controller meanwhile keeps off this stream. */
const carryOut = async (
  deps: ResolverDeps,
  job: Submission,
  name: string,
  context: Context,
  meta: Meta,
): Promise<Outcome> => {
  const release = deps.intake.hold(streamOf(job.kind, { namespace: deps.namespace, name }));
  try {
    const written = await createResource(deps, job, name, context);
    if (!written.ok && written.reason !== 'AlreadyExists') return no(...fromRefused(written));
    const created = written.ok
      ? readCreated(parseBody(written.body))
      : await existing(deps, job, name, context.signal);
    if ('code' in created) return no(created);
    return outcomeOf(name, await job.record(created, meta));
  } finally {
    release();
  }
};

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

const decide = async (
  deps: ResolverDeps,
  job: Submission,
  planned: string,
  received: Noted,
  context: Context,
  meta: Meta,
): Promise<Outcome> => {
  const former = await precedentOf(deps, job.request, received, context);
  if (former === 'reused') return no(keyReused());
  const name = former?.name ?? planned;
  if (former?.done) return { ok: true, name, recorded: [] };
  const forbidden = await lacking(deps, context, { verb: 'create', resource: job.resource });
  if (forbidden) return no(forbidden);
  const refusals = (await job.refusals?.()) ?? [];
  if (refusals.length > 0) return no(...refusals);
  const problems = [...nameProblems(name), ...(await job.problems())];
  if (problems.length > 0) return no(...fromProblems(problems));
  return carryOut(deps, job, name, context, meta);
};

const nowOf = (deps: ResolverDeps): string => timestamp(deps.now());

const answerOf = (outcome: Outcome): string =>
  outcome.ok ? 'OK' : [...new Set(outcome.userErrors.map(({ code }) => code))].join(', ');

/**
 * A request to create from end to end: noted as received, checked, carried out as the caller, noted as answered. If the
 * process dies in between, the custom resource is there or it is not; the controller takes up what is there, and a repetition
 * under the same key finds it.
 */
export const submit = async (deps: ResolverDeps, job: Submission, context: Context): Promise<Answered> => {
  const former =
    job.request.keyed === undefined
      ? undefined
      : deps.views.firstOfRequest(job.request.id, 'MutationReceived');
  const planned = job.name ?? formerName(former) ?? job.makeName();
  return noted(deps, { ...job, name: planned }, context, (received, meta) =>
    decide(deps, job, planned, received, context, meta),
  );
};

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
