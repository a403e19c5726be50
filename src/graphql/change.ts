import type { Meta } from '../eventstore/port.js';
import type { Wish } from './authorize.js';
import type { Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import type { RequestId } from './request-id.js';
import { keyReused, lacking, no, noted, precedentOf, type Answered, type Outcome } from './requested.js';

/** A request to change something that exists. */
export interface Change {
  readonly mutation: string;
  readonly request: RequestId;
  readonly name: string;
  /** Rights the caller needs before anything is looked at. */
  readonly wishes?: readonly Wish[];
  /** The stream that its controller keeps off while this is carried out, so that the caller's name comes into the record. */
  readonly holds?: string;
  /** Whether a repetition under the same key is carried out again; else it gets the answer `OK` and nothing is done. */
  readonly repeats?: boolean;
  readonly carryOut: (meta: Meta) => Promise<Outcome>;
}

/** A request for change from end to end: noted as received, carried out, noted as answered; once for each idempotency key. */
export const change = (deps: ResolverDeps, job: Change, context: Context): Promise<Answered> =>
  noted(deps, job, context, async (received, meta) => {
    const former = await precedentOf(deps, job.request, received, context);
    if (former === 'reused') return no(keyReused());
    if (former?.done && job.repeats !== true) return { ok: true, name: job.name, recorded: [] };
    for (const wish of job.wishes ?? []) {
      const forbidden = await lacking(deps, context, wish);
      if (forbidden) return no(forbidden);
    }
    const release = job.holds === undefined ? undefined : deps.intake.hold(job.holds);
    try {
      return await job.carryOut(meta);
    } finally {
      release?.();
    }
  });
