/** Who caused a fact. `via` is the door it came by: graphql, kubernetes, storage, schedule, server. */
export interface Actor {
  readonly kind: 'USER' | 'CLUSTER' | 'SCHEDULE' | 'SYSTEM';
  readonly name: string;
  readonly via: string;
}

/** What every fact carries beside its data, so that the audit can be told without guessing. */
export interface Meta {
  readonly actor: Actor;
  /** The request, tick or custom resource that began it all. */
  readonly correlationId: string;
  /** The event or custom-resource revision just before; absent for the very first fact of a story. */
  readonly causationId?: string;
  readonly appVersion: string;
}

/** A fact on its way into the store. `id` is a UUID derived from its cause, so that the same cause is one fact. */
export interface NewEvent {
  readonly id: string;
  readonly type: string;
  readonly v: number;
  readonly data: object;
  readonly meta: Meta;
}

/** A fact as the store holds it. `position` grows over all streams and is never reused; `revision` counts from 0 in a stream. */
export interface Recorded extends NewEvent {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  /** RFC 3339 UTC, milliseconds: the store's clock. */
  readonly recordedAt: string;
}

/** What the writer believes of the stream: that it has no events yet, or that this is its last revision. There is no "any". */
export type Expected = 'none' | bigint;

export type AppendResult =
  | { readonly ok: true; readonly revision: bigint; readonly position: bigint }
  /** Somebody else was first. `current` is the revision found, `none` for an absent stream. */
  | { readonly ok: false; readonly current: Expected };

export interface ReadAll {
  /** Exclusive start: events behind this position. Default: the beginning (or the end, backwards). */
  readonly after?: bigint;
  readonly backwards?: boolean;
  /** At most this many, 1 to 10,000. */
  readonly limit: number;
  readonly signal?: AbortSignal;
}

/**
 * The append-only log. Faults: `LB_EVENTSTORE_UNREACHABLE`, `LB_EVENTSTORE_DAMAGED`, `LB_ABORTED`.
 * `test/contract/eventstore.ts` is the law of this port; every adapter passes it.
 */
export interface EventStore {
  /**
   * Appends 1 or more events as one unit, durably before it resolves. The same ids with the same expectation again give the
   * first answer and write nothing; the same ids with another expectation, or mixed with new ones, are a wrong revision.
   */
  append(
    stream: string,
    expected: Expected,
    events: readonly NewEvent[],
    signal?: AbortSignal,
  ): Promise<AppendResult>;
  /** The whole stream, oldest first; empty for a stream that does not exist. Streams are short by construction. */
  read(stream: string, signal?: AbortSignal): Promise<readonly Recorded[]>;
  /**
   * The end of a stream: from the last event of `type` on, oldest first; the whole stream if it has none of that type. For
   * streams in which such an event says all that came before it. Reads backwards, so the length of the stream costs nothing.
   */
  readSince(stream: string, type: string, signal?: AbortSignal): Promise<readonly Recorded[]>;
  /** A slice over all streams in order of position. */
  readAll(query: ReadAll): Promise<readonly Recorded[]>;
  /**
   * Every event behind `after` (default: from the first), then live ones as they are appended, with no gap and no repeat,
   * until the signal aborts (the iteration then ends without an error). Pulled: a slow reader holds back nobody.
   */
  subscribe(options: { readonly after?: bigint; readonly signal: AbortSignal }): AsyncIterable<Recorded>;
  /** The position of the newest event; -1n when there is none. */
  head(signal?: AbortSignal): Promise<bigint>;
  close(): Promise<void>;
}
