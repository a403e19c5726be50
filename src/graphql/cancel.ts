import type { ResourceType } from '../cluster/port.js';
import { backup } from '../domain/backup.js';
import { isRefusal, type Decider, type Event } from '../domain/decider.js';
import { textAt } from '../domain/json.js';
import { nameProblems } from '../domain/problem.js';
import { restore } from '../domain/restore.js';
import { streamOf } from '../domain/streams.js';
import { VELERO_TYPES } from '../domain/velero.gen.js';
import { openAggregate, type Aggregate } from '../eventstore/handle.js';
import type { Meta } from '../eventstore/port.js';
import { parseBody } from './authenticate.js';
import { change } from './change.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { backupEvent, restoreEvent } from './own-events.js';
import { findBackup, findRestore } from './read.js';
import { requestIdOf } from './request-id.js';
import { no, outcomeOf, type Answered, type Outcome } from './requested.js';
import type { CancelBackupInput, CancelRestoreInput, MutationResolvers } from './types.gen.js';
import { fromProblems, fromRefused, userError } from './user-errors.js';
import { timestamp } from '../domain/timestamp.js';
import { CANCEL_ANNOTATION } from '../domain/labels.js';
import { hasEnded } from '../domain/phases.js';

const REQUESTED_BY_ANNOTATION = 'lifeboat.io/cancel-requested-by';

type Life = {
  readonly phase: string;
  readonly uid?: string;
  readonly attempt?: number;
  readonly outcome?: string;
};

/** What tells the cancelling of a backup from that of a restore. */
interface Cancelling<S extends Life, C, E extends Event<string, object>> {
  readonly kind: 'backup' | 'restore';
  readonly resource: 'backups' | 'restores';
  readonly type: ResourceType;
  readonly decider: Decider<S, C, E>;
  readonly upcast: (event: {
    readonly type: string;
    readonly v: number;
    readonly data: object;
  }) => E | undefined;
  readonly command: (now: string) => C;
}

const wrongPhase = (message: string) => no(userError('WRONG_PHASE', message, ['input', 'name']));

/** The wish becomes a fact with the name of the caller, under the very id that the controller would give it. */
const recordWish = async <S extends Life, C, E extends Event<string, object>>(
  deps: ResolverDeps,
  of: Cancelling<S, C, E>,
  aggregate: Aggregate<S, C>,
  { name, uid, meta }: { readonly name: string; readonly uid: string; readonly meta: Meta },
): Promise<Outcome> => {
  // A resource that the controller has not taken in yet: it does that with the next look, and then heeds the annotation.
  if (aggregate.state.uid !== uid) return { ok: true, name, recorded: [] };
  const now = timestamp(deps.now());
  const discriminator = String(aggregate.state.attempt ?? 0);
  const sent = await aggregate.send(of.command(now), meta, { uid, discriminator });
  return outcomeOf(name, sent);
};

/** Writes the annotation as the caller, and then who that was; the controller meanwhile keeps off this stream. */
const carryOut = async <S extends Life, C, E extends Event<string, object>>(
  deps: ResolverDeps,
  of: Cancelling<S, C, E>,
  { name, meta }: { readonly name: string; readonly meta: Meta },
  { caller, signal }: Context,
): Promise<Outcome> => {
  const problems = nameProblems(name);
  if (problems.length > 0) return no(...fromProblems(problems));
  const { namespace } = deps;
  if (!(await deps.authorize.allows(caller, { verb: 'patch', resource: of.resource, name })))
    return no(userError('FORBIDDEN', `${caller.actor.name} may not patch ${of.resource} in ${namespace}`));
  const found = await deps.cluster.get(of.type, { namespace, name }, { signal });
  if (!found) return no(userError('NOT_FOUND', `there is no ${of.kind} "${name}"`, ['input', 'name']));
  const uid = textAt(parseBody(found), 'metadata', 'uid');
  const stream = streamOf(of.kind, { namespace, name });
  const release = deps.intake.hold(stream);
  try {
    const aggregate = await openAggregate(deps.store, of.decider, stream, { upcast: of.upcast, signal });
    const { state } = aggregate;
    const phase = state.uid === uid ? (state.outcome ?? '') : textAt(parseBody(found), 'status', 'phase');
    if (hasEnded(phase)) return wrongPhase(`the ${of.kind} has ended: it is ${phase}`);
    const known = state.uid === uid ? of.decider.decide(of.command(''), state) : [];
    if (isRefusal(known)) return wrongPhase(known.message);
    const annotations = { [CANCEL_ANNOTATION]: 'true', [REQUESTED_BY_ANNOTATION]: caller.actor.name };
    const patch = JSON.stringify({ metadata: { uid, annotations } });
    const as = caller.impersonation;
    const written = await deps.cluster.patch(of.type, { namespace, name }, 'merge', patch, {
      signal,
      ...(as && { as }),
    });
    if (!written.ok) return no(...fromRefused(written));
    return await recordWish(deps, of, aggregate, { name, uid, meta });
  } finally {
    release();
  }
};

const cancel = <S extends Life, C, E extends Event<string, object>>(
  deps: ResolverDeps,
  of: Cancelling<S, C, E>,
  { name, idempotencyKey }: CancelBackupInput | CancelRestoreInput,
  context: Context,
): Promise<Answered> => {
  const mutation = of.kind === 'backup' ? 'cancelBackup' : 'cancelRestore';
  const user = context.caller.actor.name;
  const { namespace } = deps;
  const request = requestIdOf({ mutation, namespace, user, idempotencyKey, input: { name } });
  return change(
    deps,
    { mutation, request, name, carryOut: (meta) => carryOut(deps, of, { name, meta }, context) },
    context,
  );
};

/** The two mutations that end an operation before its time. */
export const cancelMutations = (
  deps: ResolverDeps,
): Pick<MutationResolvers, 'cancelBackup' | 'cancelRestore'> => ({
  cancelBackup: async (_root, { input }, context) => {
    const type = VELERO_TYPES.Backup;
    const answered = await cancel(
      deps,
      {
        kind: 'backup',
        resource: 'backups',
        type,
        decider: backup,
        upcast: backupEvent,
        command: (now) => ({ type: 'CancelBackup' as const, now }),
      },
      input,
      context,
    );
    const { position } = answered;
    return answered.ok
      ? { backup: findBackup(deps, input.name) ?? null, position, userErrors: [] }
      : { backup: null, position, userErrors: answered.userErrors };
  },
  cancelRestore: async (_root, { input }, context) => {
    const type = VELERO_TYPES.Restore;
    const answered = await cancel(
      deps,
      {
        kind: 'restore',
        resource: 'restores',
        type,
        decider: restore,
        upcast: restoreEvent,
        command: (now) => ({ type: 'CancelRestore' as const, now }),
      },
      input,
      context,
    );
    const { position } = answered;
    return answered.ok
      ? { restore: findRestore(deps, input.name) ?? null, position, userErrors: [] }
      : { restore: null, position, userErrors: answered.userErrors };
  },
});
