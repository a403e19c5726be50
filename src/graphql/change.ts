import type { Meta } from '../eventstore/port.js';
import type { Wish } from './authorize.js';
import type { Context } from './context.js';
import { demandReached, type ResolverDeps } from './deps.js';
import type { RequestId } from './request-id.js';
import { keyReused, no, noted, textOf, type Answered, type Outcome } from './submit.js';
import { userError } from './user-errors.js';

/** A request to change something that exists. */
export interface Change {
  readonly mutation: string;
  readonly request: RequestId;
  readonly name: string;
  /** Rights the caller needs before anything is looked at. */
  readonly wishes?: readonly Wish[];
  /** Whether a repetition under the same key is carried out again; else it gets the answer `OK` and nothing is done. */
  readonly repeats?: boolean;
  readonly carryOut: (meta: Meta) => Promise<Outcome>;
}

const allowed = async (
  deps: ResolverDeps,
  { wishes = [], carryOut }: Change,
  { caller }: Context,
  meta: Meta,
): Promise<Outcome> => {
  for (const wish of wishes)
    if (!(await deps.authorize.allows(caller, wish)))
      return no(
        userError(
          'FORBIDDEN',
          `${caller.actor.name} may not ${wish.verb} ${wish.resource} in ${deps.namespace}`,
        ),
      );
  return carryOut(meta);
};

/** A request for change from end to end: noted as received, carried out, noted as answered; once for each idempotency key. */
export const change = (deps: ResolverDeps, job: Change, context: Context): Promise<Answered> =>
  noted(deps, job, context, async (received, meta) => {
    const { keyed, id } = job.request;
    if (keyed === undefined) return allowed(deps, job, context, meta);
    await demandReached(deps, received.position, context.signal);
    const first = deps.views.firstOfRequest(keyed, 'MutationReceived');
    if (first && textOf(first, 'requestId') !== id) return no(keyReused());
    const answered = textOf(deps.views.firstOfRequest(id, 'MutationAnswered'), 'answer');
    if (answered === 'OK' && job.repeats !== true) return { ok: true, name: job.name, recorded: [] };
    return allowed(deps, job, context, meta);
  });
