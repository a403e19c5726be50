import { type Decider, type Event, isRefusal, refuse, type Refusal } from '../domain/decider.js';
import { eventId } from './event-id.js';
import { type EventStore, type Expected, type Meta, type NewEvent, type Recorded } from './port.js';

/** How often a command is decided anew because somebody else was first. More would hide a fight between two writers. */
const MOST_REREADS = 5;

/** An aggregate as it was read: its state, its stream (or the end of it that was read), and the revision the next append names. */
export interface Handled<S> {
  readonly state: S;
  readonly recorded: readonly Recorded[];
  readonly revision: Expected;
}

/** The command was accepted. `position` is that of its last event, or of the newest in the stream if it needed none (-1n: empty). */
export interface Sent<S> extends Handled<S> {
  readonly ok: true;
  readonly position: bigint;
}

/** From what the events of a command get their ids: the incarnation of the resource, and e.g. the attempt or the tick. */
export interface Cause {
  readonly uid: string;
  readonly discriminator?: string;
}

export interface Aggregate<S, C> extends Handled<S> {
  /**
   * Decides the command on what was last read and appends what it decides. Refusals: the decider's own, and
   * `UNKNOWN_EVENT` (the stream holds facts of a newer Lifeboat: folding past them is good enough to look, not to act),
   * `CONFLICT` (others kept being first), `STALE` (only with `expectedRevision`: the stream is at another revision).
   * Faults are those of the event store. Afterwards the aggregate shows the new state.
   */
  send(
    command: C,
    meta: Meta,
    id: Cause,
    options?: { readonly expectedRevision?: Expected },
  ): Promise<Sent<S> | Refusal>;
}

export interface OpenOptions<E> {
  /** Lifts a stored event to the present version; `undefined` for a type (or version) nobody knows here. */
  readonly upcast: (event: {
    readonly type: string;
    readonly v: number;
    readonly data: object;
  }) => E | undefined;
  readonly signal?: AbortSignal;
  /** A type of event that says all that came before it: the stream is read from its last one on. */
  readonly since?: string;
}

interface Loaded<S> extends Handled<S> {
  readonly unknown: Recorded | undefined;
}

/** Reads and folds a stream, ready for commands. The one way in which facts are written. */
export const openAggregate = async <S, C, E extends Event<string, object>>(
  store: EventStore,
  decider: Decider<S, C, E>,
  stream: string,
  options: OpenOptions<E>,
): Promise<Aggregate<S, C>> => {
  const { since, signal } = options;
  const load = async (): Promise<Loaded<S>> => {
    const read = since === undefined ? store.read(stream, signal) : store.readSince(stream, since, signal);
    return fold(decider, options.upcast, await read);
  };
  let current = await load();

  const attempt = async (
    command: C,
    meta: Meta,
    id: Cause,
  ): Promise<Sent<S> | Refusal | 'wrong revision'> => {
    if (current.unknown) return unknownEvent(stream, current.unknown);
    const decided = decider.decide(command, current.state);
    if (isRefusal(decided)) return decided;
    const last = current.recorded.at(-1);
    if (decided.length === 0) return sent(current, last?.position ?? -1n);
    const events = toNewEvents(decided, stream, id, causedBy(meta, last));
    const result = await store.append(stream, current.revision, events, options.signal);
    // Read again in both cases: after a wrong revision to decide anew, after an append to show what now stands there.
    current = await load();
    return result.ok ? sent(current, result.position) : 'wrong revision';
  };

  return {
    get state() {
      return current.state;
    },
    get recorded() {
      return current.recorded;
    },
    get revision() {
      return current.revision;
    },
    send: async (command, meta, id, { expectedRevision } = {}) => {
      for (let rereads = 0; rereads <= MOST_REREADS; rereads++) {
        if (expectedRevision !== undefined && expectedRevision !== current.revision) {
          return stale(stream, expectedRevision, current.revision);
        }
        const outcome = await attempt(command, meta, id);
        if (outcome !== 'wrong revision') return outcome;
      }
      return refuse('CONFLICT', `${stream} was changed by others each time; try again`);
    },
  };
};

const fold = <S, C, E>(
  decider: Decider<S, C, E>,
  upcast: (event: Recorded) => E | undefined,
  recorded: readonly Recorded[],
): Loaded<S> => {
  let state = decider.initial;
  let unknown: Recorded | undefined;
  for (const stored of recorded) {
    const event = upcast(stored);
    if (event === undefined) unknown ??= stored;
    else state = decider.evolve(state, event);
  }
  return { state, recorded, revision: recorded.at(-1)?.revision ?? 'none', unknown };
};

const sent = <S>({ state, recorded, revision }: Handled<S>, position: bigint): Sent<S> => ({
  ok: true,
  ...{ state, recorded, revision, position },
});

const causedBy = (meta: Meta, last: Recorded | undefined): Meta =>
  meta.causationId === undefined && last ? { ...meta, causationId: last.id } : meta;

/** The slash keeps discriminator and place in the batch apart: attempt 1, event 10 is not attempt 11, event 0. */
const toNewEvents = (
  events: readonly Event<string, object>[],
  stream: string,
  { uid, discriminator = '' }: Cause,
  meta: Meta,
): readonly NewEvent[] =>
  events.map(({ type, v, data }, i) => {
    return { id: eventId(stream, uid, type, `${discriminator}/${i}`), type, v, data, meta };
  });

const print = (revision: Expected): string =>
  revision === 'none' ? 'no events' : `revision ${revision.toString()}`;

const stale = (stream: string, expected: Expected, found: Expected): Refusal =>
  refuse('STALE', `${stream} has ${print(found)}, not ${print(expected)}`);

const unknownEvent = (stream: string, { type, v, revision }: Recorded): Refusal =>
  refuse('UNKNOWN_EVENT', `${stream} holds ${type} version ${v} at ${print(revision)}, of a newer Lifeboat`);
