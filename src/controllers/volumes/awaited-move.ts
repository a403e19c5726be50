import { hasMoveEnded } from '../../domain/phases.js';
import { OPERATION_TIMED_OUT } from '../../domain/volumes/data-upload.js';
import type { VeleroObjects } from '../../domain/velero.gen.js';
import type { ControllerPorts } from '../ports.js';

/** What a mover of data is asked by: out of a snapshot into the bucket, or out of the bucket into a volume. */
type MoveKind = 'DataUpload' | 'DataDownload';

/** A move that an operation waits for. */
export interface AwaitedMove<K extends MoveKind> {
  readonly kind: K;
  readonly name: string;
  /** When it was asked for, in RFC 3339. */
  readonly since: string;
  /** How long it may take, in milliseconds: `itemOperationTimeout`. */
  readonly limitMs: number;
}

/** What breaks off when it is asked to. */
type CancelKind = MoveKind | 'PodVolumeRestore';

type Looking = Pick<ControllerPorts, 'resources' | 'clock'>;

const cancel = (
  { resources }: Pick<Looking, 'resources'>,
  kind: CancelKind,
  name: string,
  signal: AbortSignal,
) => resources.patch(kind, name, { spec: { cancel: true } }, signal);

/**
 * How a move has ended; `undefined` while it goes on. One whose resource is gone has failed, and so has one that takes too long: its mover
 * is told to break off. Faults are those of `Resources`.
 */
export const endOfMove = async <K extends MoveKind, End>(
  ports: Looking,
  { kind, name, since, limitMs }: AwaitedMove<K>,
  endOf: (found: VeleroObjects[K]) => End | undefined,
  signal: AbortSignal,
): Promise<End | { readonly is: 'failed'; readonly reason: string } | undefined> => {
  const found = await ports.resources.read(kind, name, signal);
  if (!found) return { is: 'failed', reason: `${kind} ${name} was deleted before it had ended` };
  const end = endOf(found);
  if (end) return end;
  if (ports.clock().getTime() - Date.parse(since) <= limitMs) return undefined;
  await cancel(ports, kind, name, signal);
  return { is: 'failed', reason: `${OPERATION_TIMED_OUT} (itemOperationTimeout)` };
};

/**
 * Tells movers and agents that nobody waits for them any more: also those no fact knows, by the label they bear. Repeating it is harmless. A
 * mover takes away what it has made; the snapshots themselves are the caller's. Faults are those of `Resources`.
 */
export const cancelRequests = async (
  ports: Pick<Looking, 'resources'>,
  kind: CancelKind,
  of: { readonly label: string; readonly value: string },
  signal: AbortSignal,
): Promise<void> => {
  for (const { metadata, spec, status } of await ports.resources.list(kind, signal))
    if (metadata.labels?.[of.label] === of.value && !hasMoveEnded(status?.phase) && spec?.cancel !== true)
      await cancel(ports, kind, metadata.name, signal);
};
