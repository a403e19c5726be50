import type { ResourceType, Written } from '../cluster/port.js';
import { objectAt, textAt } from '../domain/json.js';
import { nameProblems, type Problem } from '../domain/problem.js';
import { streamOf } from '../domain/streams.js';
import type { Meta } from '../eventstore/port.js';
import type { Noted } from './access-log.js';
import { parseBody } from './authenticate.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import type { RequestId } from './request-id.js';
import {
  formerName,
  keyReused,
  lacking,
  no,
  noted,
  outcomeOf,
  precedentOf,
  type Answered,
  type Outcome,
  type Recording,
} from './requested.js';
import type { UserError } from './types.gen.js';
import { fromProblems, fromRefused, userError } from './user-errors.js';

export const REQUEST_ID_ANNOTATION = 'lifeboat.io/request-id';
export const REQUESTED_BY_ANNOTATION = 'lifeboat.io/requested-by';

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
