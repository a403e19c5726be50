import type { Event } from '../decider.js';
import type { SnapshottedClaim, TakenSnapshot } from './taken-snapshot.js';

/** A snapshot whose data is to be moved into the bucket, and by what names the move is known. */
export interface HandedOverVolume extends TakenSnapshot {
  /** Name of the DataUpload, in the server's namespace. */
  readonly upload: string;
  /** Id of the operation, as the files of the backup have it. */
  readonly operation: string;
}

/** What a move brought into the bucket. */
export interface MovedVolume {
  /** By which the repository of the claim's namespace knows the copy; empty where the volume held nothing. */
  readonly snapshotId: string;
  readonly bytes: number;
  /** What no earlier copy had. */
  readonly incrementalBytes: number;
}

export type BackupMoveEvent =
  | Event<'BackupVolumeHandedOver', { attempt: number; volume: HandedOverVolume; at: string }>
  | Event<'BackupVolumeMoved', MovedVolume & { attempt: number; claim: SnapshottedClaim; at: string }>
  | Event<'BackupVolumeMoveFailed', { attempt: number; claim: SnapshottedClaim; reason: string; at: string }>
  /** The archive now also holds the DataUploads as they ended; size and hash are those of the archive as it is from now on. */
  | Event<'BackupContentsCompleted', { attempt: number; bytes: number; sha256: string; at: string }>;

const EVENTS: Readonly<Record<BackupMoveEvent['type'], true>> = {
  BackupVolumeHandedOver: true,
  BackupVolumeMoved: true,
  BackupVolumeMoveFailed: true,
  BackupContentsCompleted: true,
};

export const isMoveEvent = (event: { readonly type: string }): event is BackupMoveEvent =>
  Object.hasOwn(EVENTS, event.type);

export type BackupMoveCommand =
  | { type: 'HandOverVolume'; attempt: number; volume: HandedOverVolume; now: string }
  | (MovedVolume & { type: 'RecordMove'; attempt: number; claim: SnapshottedClaim; now: string })
  | { type: 'FailMove'; attempt: number; claim: SnapshottedClaim; reason: string; now: string }
  | { type: 'CompleteContents'; attempt: number; bytes: number; sha256: string; now: string };

const COMMANDS: Readonly<Record<BackupMoveCommand['type'], true>> = {
  HandOverVolume: true,
  RecordMove: true,
  FailMove: true,
  CompleteContents: true,
};

export const isMoveCommand = (command: { readonly type: string }): command is BackupMoveCommand =>
  Object.hasOwn(COMMANDS, command.type);

/** How a move ended. Times are RFC 3339. */
export type MoveEnd =
  | (MovedVolume & { readonly is: 'moved'; readonly at: string })
  | { readonly is: 'failed'; readonly reason: string; readonly at: string };

/** A move as far as decisions need it; without an end it is awaited. */
export interface VolumeMove extends HandedOverVolume {
  readonly since: string;
  readonly end?: MoveEnd;
}

const isOf =
  ({ namespace, claim }: SnapshottedClaim) =>
  (one: SnapshottedClaim): boolean =>
    one.namespace === namespace && one.claim === claim;

export const moveOf = (moves: readonly VolumeMove[], claim: SnapshottedClaim): VolumeMove | undefined =>
  moves.find(isOf(claim));

/** Moves that are still to end. */
export const waitingMoves = (moves: readonly VolumeMove[]): readonly VolumeMove[] =>
  moves.filter(({ end }) => end === undefined);

const ended = (moves: readonly VolumeMove[], claim: SnapshottedClaim, end: MoveEnd): readonly VolumeMove[] =>
  moves.map((one) => (isOf(claim)(one) ? { ...one, end } : one));

/** How one fact changes the moves of a backup. */
export const evolveMoves = (
  moves: readonly VolumeMove[],
  { type, data }: BackupMoveEvent,
): readonly VolumeMove[] => {
  switch (type) {
    case 'BackupVolumeHandedOver':
      return [...moves, { ...data.volume, since: data.at }];
    case 'BackupVolumeMoved': {
      const { claim, snapshotId, bytes, incrementalBytes, at } = data;
      return ended(moves, claim, { is: 'moved', snapshotId, bytes, incrementalBytes, at });
    }
    case 'BackupVolumeMoveFailed':
      return ended(moves, data.claim, { is: 'failed', reason: data.reason, at: data.at });
    case 'BackupContentsCompleted':
      return moves;
  }
};
