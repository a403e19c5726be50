import { refuse, type Event, type Refusal } from '../decider.js';

/** A snapshot that a provider took of the disk behind a PersistentVolume. */
export interface ProviderSnapshot {
  /** Name of the PersistentVolume. */
  readonly volume: string;
  /** Name of the VolumeSnapshotLocation. */
  readonly location: string;
  /** Of the disk, by its provider. */
  readonly volumeId: string;
  readonly snapshotId: string;
  readonly type: string;
  /** Empty if unknown. */
  readonly zone: string;
  readonly iops?: number;
}

/** One that was asked for and that there is not. */
export interface FailedProviderSnapshot extends Omit<ProviderSnapshot, 'snapshotId'> {
  readonly reason: string;
}

export type ProviderSnapshotEvent =
  | Event<
      'BackupVolumeSnapshotsBegun',
      /** `locations`: where they may be, also ones of which no other fact tells. */
      { attempt: number; locations: readonly string[]; at: string }
    >
  | Event<'BackupVolumeSnapshotTaken', { attempt: number; snapshot: ProviderSnapshot; at: string }>
  | Event<
      'BackupVolumeSnapshotFailed',
      { attempt: number; volume: string; location: string; reason: string; at: string }
    >
  | Event<
      'BackupVolumeSnapshotsDiscarded',
      /** `left`: a sentence for each that could not be deleted, and that trying again would not mend. */
      { attempt: number; left: readonly string[]; at: string }
    >;

export type ProviderSnapshotCommand =
  | { type: 'BeginVolumeSnapshots'; attempt: number; locations: readonly string[]; now: string }
  | { type: 'RecordVolumeSnapshot'; attempt: number; volume: string; snapshot: ProviderSnapshot; now: string }
  | {
      type: 'FailVolumeSnapshot';
      attempt: number;
      volume: string;
      location: string;
      reason: string;
      now: string;
    }
  | { type: 'DiscardVolumeSnapshots'; left: readonly string[]; now: string };

export const isProviderSnapshotEvent = (fact: { readonly type: string }): fact is ProviderSnapshotEvent =>
  fact.type.startsWith('BackupVolumeSnapshot');

export const isProviderSnapshotCommand = (command: {
  readonly type: string;
}): command is ProviderSnapshotCommand => /VolumeSnapshots?$/.test(command.type);

/** The provider's snapshots of one attempt, as far as decisions need them. */
export interface ProviderSnapshots {
  readonly locations: readonly string[];
  readonly taken: readonly ProviderSnapshot[];
}

/** How one fact changes them; undefined is that there are none, and that none can be left anywhere. */
export const evolveProviderSnapshots = (
  snapshots: ProviderSnapshots | undefined,
  { type, data }: ProviderSnapshotEvent,
): ProviderSnapshots | undefined => {
  switch (type) {
    case 'BackupVolumeSnapshotsBegun':
      return { locations: data.locations, taken: [] };
    case 'BackupVolumeSnapshotTaken':
      return snapshots && { ...snapshots, taken: [...snapshots.taken, data.snapshot] };
    case 'BackupVolumeSnapshotFailed':
      return snapshots;
    case 'BackupVolumeSnapshotsDiscarded':
      return undefined;
  }
};

/** What decisions about them have to know of the backup. */
interface Life {
  readonly phase: string;
  /** Of the attempt that collects contents at present; undefined while none does. */
  readonly collecting: number | undefined;
  readonly attempt: number;
  /** Nobody will restore from what was taken. */
  readonly owesDiscard: boolean;
  readonly snapshots: ProviderSnapshots | undefined;
}

/** They belong to one attempt; one that lost its turn takes none. Refusal: `WRONG_PHASE`. */
export const decideProviderSnapshots = (
  command: ProviderSnapshotCommand,
  { phase, collecting, attempt, owesDiscard, snapshots }: Life,
): readonly ProviderSnapshotEvent[] | Refusal => {
  const at = command.now;
  if (command.type === 'DiscardVolumeSnapshots') {
    if (!owesDiscard || !snapshots) return [];
    return [{ type: 'BackupVolumeSnapshotsDiscarded', v: 1, data: { attempt, left: command.left, at } }];
  }
  const begins = command.type === 'BeginVolumeSnapshots';
  if (collecting !== command.attempt || (!begins && !snapshots))
    return refuse('WRONG_PHASE', `${command.type} is not possible while the backup is ${phase}`);
  switch (command.type) {
    case 'BeginVolumeSnapshots': {
      const { locations } = command;
      return snapshots
        ? []
        : [{ type: 'BackupVolumeSnapshotsBegun', v: 1, data: { attempt, locations, at } }];
    }
    case 'RecordVolumeSnapshot': {
      const { volume, snapshot } = command;
      if (snapshots?.taken.some((one) => one.volume === volume)) return [];
      return [{ type: 'BackupVolumeSnapshotTaken', v: 1, data: { attempt, snapshot, at } }];
    }
    case 'FailVolumeSnapshot': {
      const { volume, location, reason } = command;
      return [{ type: 'BackupVolumeSnapshotFailed', v: 1, data: { attempt, volume, location, reason, at } }];
    }
  }
};
