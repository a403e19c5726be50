import type { Meta } from '../eventstore/port.js';
import type { Context } from './context.js';
import { demandReached, type ResolverDeps } from './deps.js';
import type { RequestId } from './request-id.js';
import { keyReused, no, noted, textOf, type Answered, type Outcome } from './submit.js';

/** A request to change something that exists. */
export interface Change {
  readonly mutation: string;
  readonly request: RequestId;
  readonly name: string;
  /** Whether a repetition under the same key is carried out again; else it gets the answer `OK` and nothing is done. */
  readonly repeats?: boolean;
  readonly carryOut: (meta: Meta) => Promise<Outcome>;
}

/** A request for change from end to end: noted as received, carried out, noted as answered; once for each idempotency key. */
export const change = (deps: ResolverDeps, job: Change, context: Context): Promise<Answered> =>
  noted(deps, job, context, async (received, meta) => {
    const { keyed, id } = job.request;
    if (keyed === undefined) return job.carryOut(meta);
    await demandReached(deps, received.position, context.signal);
    const first = deps.views.firstOfRequest(keyed, 'MutationReceived');
    if (first && textOf(first, 'requestId') !== id) return no(keyReused());
    const answered = textOf(deps.views.firstOfRequest(id, 'MutationAnswered'), 'answer');
    if (answered === 'OK' && job.repeats !== true) return { ok: true, name: job.name, recorded: [] };
    return job.carryOut(meta);
  });
