import { isRefusal, type Decider, type Event } from '../domain/decider.js';
import { upcast, type LifeboatEvent } from '../domain/events.js';
import { printKey, streamOf, type Key } from '../domain/streams.js';
import type { VeleroObjects } from '../domain/velero.gen.js';
import { openAggregate } from '../eventstore/handle.js';
import type { Actor, Recorded } from '../eventstore/port.js';
import type { Progress } from '../projections/progress.js';
import { mirrorPatch, type Desired } from './mirror.js';
import { metaOf, systemActor, type ControllerPorts } from './ports.js';
import { timestamp } from '../domain/timestamp.js';

/** What makes a session one of backups or of restores. */
export interface Operation<K extends 'Backup' | 'Restore', S, C, E, R> {
  readonly kind: K;
  readonly streamKind: 'backup' | 'restore';
  readonly decider: Decider<S, C, E>;
  readonly fold: (row: R | undefined, event: LifeboatEvent) => R | undefined;
  readonly desired: (row: R, progress: Progress | undefined, place: number | undefined) => Desired;
  /** What makes the same fact another fact: the attempt it belongs to, and the pod where it is about one. */
  readonly discriminator: (state: S, command: C) => string;
}

/** Who is behind a command that does not come from a controller. */
export interface SentBy {
  readonly actor: Actor;
  /** Of the resource that the command is about, where it begins a story of one that is new here. */
  readonly uid?: string;
  readonly cause: string;
  /** What began the story; the uid, if left out. */
  readonly correlationId?: string;
}

/** One look at one operation: its resource and its facts as they are now, and the two ways to change something. */
export interface Session<K extends 'Backup' | 'Restore', S, C, R> {
  readonly key: Key;
  readonly stream: string;
  /** As read at the beginning of the look; undefined if it was deleted. */
  readonly resource: VeleroObjects[K] | undefined;
  readonly state: S;
  readonly row: R | undefined;
  /** Decides and appends; `by.uid` begins a story of a resource that is new here. False when the answer was no, which means that the picture was stale. */
  send(command: C, by?: SentBy): Promise<boolean>;
  /** Makes the resource show the facts, if it does not yet. `place` is that in the line of those who wait. */
  mirror(place?: number): Promise<void>;
  now(): string;
}

/** Folds the facts of one stream into the row people see; facts of a newer version change nothing. */
const foldRow = <R>(
  recorded: readonly Recorded[],
  fold: (row: R | undefined, event: LifeboatEvent) => R | undefined,
): R | undefined => {
  let row: R | undefined;
  for (const stored of recorded) {
    const event = upcast(stored);
    if (event) row = fold(row, event);
  }
  return row;
};

/** The correlation id of the present incarnation: that of the last fact that began a story in this stream. */
const correlationOf = (recorded: readonly Recorded[]): string | undefined =>
  recorded.findLast((fact) => /(Requested|Discovered|DeletionStarted)$/.test(fact.type))?.meta.correlationId;

export const openSession = async <
  K extends 'Backup' | 'Restore',
  S extends { readonly phase: string },
  C,
  E extends Event<string, object>,
  R extends { readonly uid: string },
>(
  ports: ControllerPorts,
  operation: Operation<K, S, C, E, R>,
  name: string,
  signal: AbortSignal,
): Promise<Session<K, S, C, R>> => {
  const key = { namespace: ports.resources.namespace, name };
  const stream = streamOf(operation.streamKind, key);
  const resource = await ports.resources.read(operation.kind, name, signal);
  const aggregate = await openAggregate(ports.events, operation.decider, stream, {
    upcast: (stored) => upcast(stored) as E | undefined,
    signal,
  });
  let { state, recorded } = aggregate;
  const system = systemActor(`${operation.streamKind}-controller`);

  return {
    key,
    stream,
    resource,
    get state() {
      return state;
    },
    get row() {
      return foldRow(recorded, operation.fold);
    },
    send: async (command, by) => {
      const uid = by?.uid ?? ('uid' in state ? String(state.uid) : stream);
      const meta = metaOf(
        ports,
        by?.actor ?? system,
        by?.correlationId ?? by?.uid ?? correlationOf(recorded) ?? stream,
        by?.cause,
      );
      const sent = await aggregate.send(command, meta, {
        uid,
        discriminator: operation.discriminator(state, command),
      });
      if (isRefusal(sent)) {
        ports.log.debug({ stream: printKey(key), refused: sent.refused }, sent.message);
        return false;
      }
      ({ state, recorded } = sent);
      return true;
    },
    mirror: async (place) => {
      const row = foldRow(recorded, operation.fold);
      if (!resource || !row || row.uid !== resource.metadata.uid) return;
      const patch = mirrorPatch(operation.desired(row, ports.progress.current(stream), place), resource);
      if (patch) await ports.resources.patch(operation.kind, name, patch, signal);
    },
    now: () => timestamp(ports.clock()),
  };
};
