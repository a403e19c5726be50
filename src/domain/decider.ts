/** A change that happened. `v` is the schema version of `data`; upcasters lift older versions when they are read. */
export interface Event<T extends string, D> {
  readonly type: T;
  readonly v: number;
  readonly data: D;
}

/** A "no" the caller can act on. Returned, never thrown: a refusal is a normal answer. */
export interface Refusal {
  readonly refused: string;
  readonly message: string;
}

/** One aggregate: what may happen next (`decide`) and what has happened so far (`evolve`). Both are pure. */
export interface Decider<S, C, E> {
  readonly initial: S;
  readonly decide: (command: C, state: S) => readonly E[] | Refusal;
  readonly evolve: (state: S, event: E) => S;
}

export const refuse = (refused: string, message: string): Refusal => ({ refused, message });
export const isRefusal = (answer: object): answer is Refusal => 'refused' in answer;
