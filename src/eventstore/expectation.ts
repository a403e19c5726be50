import { type AppendResult, type Expected } from './port.js';

/** Where an event with one of the batch's ids stands already. */
export interface Known {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
}

export interface Attempt {
  readonly stream: string;
  readonly expected: Expected;
  /** The last revision the stream has now. */
  readonly current: Expected;
  /** One entry for each event of the batch, in its order: what the store holds under that id. */
  readonly known: readonly (Known | undefined)[];
}

/** The revision the first event behind `expected` gets. */
export const revisionAfter = (expected: Expected): bigint => (expected === 'none' ? 0n : expected + 1n);

/**
 * The rule of `EventStore.append`, the same for every adapter: `write`, or the answer without writing. Ids the store has
 * are fine only as the exact repeat of an append (same stream, same places); ids that are partly known, or known
 * elsewhere, would make one cause two facts and are a wrong revision, also when the expectation itself holds.
 */
export const decideAppend = (attempt: Attempt): AppendResult | 'write' => {
  const { stream, expected, current, known } = attempt;
  if (known.every((entry) => entry === undefined)) {
    return expected === current ? 'write' : { ok: false, current };
  }
  const first = revisionAfter(expected);
  const last = known.at(-1);
  const repeated = known.every((k, i) => k?.stream === stream && k.revision === first + BigInt(i));
  return repeated && last
    ? { ok: true, revision: last.revision, position: last.position }
    : { ok: false, current };
};
