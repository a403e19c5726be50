import type { Event } from '../decider.js';
import type { HandedOverVolume, VolumeMove } from './backup-moves.js';
import type { ProviderSnapshots } from './provider-snapshots.js';
import type { SnapshottedClaim, TakenSnapshot } from './taken-snapshot.js';

export type BackupSnapshotEvent =
  | Event<'BackupSnapshotsBegun', { attempt: number; at: string }>
  | Event<'BackupSnapshotTaken', { attempt: number; snapshot: TakenSnapshot; at: string }>
  | Event<
      'BackupSnapshotFailed',
      /** `afterwards`: the contents were stored already, so that this is one more error of the backup. */
      { attempt: number; claim: SnapshottedClaim; afterwards: boolean; reason: string; at: string }
    >
  | Event<'BackupSnapshotReady', { attempt: number; claim: SnapshottedClaim; at: string }>
  | Event<'BackupSnapshotsDiscarded', { attempt: number; at: string }>;

export type BackupSnapshotCommand =
  | { type: 'BeginSnapshots'; attempt: number; now: string }
  | { type: 'RecordSnapshot'; attempt: number; snapshot: TakenSnapshot; now: string }
  | { type: 'FailSnapshot'; attempt: number; claim: SnapshottedClaim; reason: string; now: string }
  | { type: 'SettleSnapshot'; attempt: number; claim: SnapshottedClaim; now: string }
  | { type: 'DiscardSnapshots'; now: string };

/** The claim a command is about, if it is about one. */
export const snapshottedClaimOf = (command: { readonly type: string }): SnapshottedClaim | undefined => {
  if ('claim' in command) return command.claim as SnapshottedClaim;
  if (command.type === 'HandOverVolume' && 'volume' in command) return command.volume as HandedOverVolume;
  return command.type === 'RecordSnapshot' && 'snapshot' in command
    ? (command.snapshot as TakenSnapshot)
    : undefined;
};

/** The snapshots of one backup, as far as decisions need them. */
export interface BackupSnapshots {
  /** VolumeSnapshots may be in the cluster, also ones of which no other fact tells. */
  readonly begun: boolean;
  /** Those whose handle is known and that have not failed. */
  readonly taken: readonly (TakenSnapshot & { readonly since: string })[];
  /** How those ended that were not ready when they were cut. */
  readonly late: readonly LateOutcome[];
  /** Those whose data is moved into the bucket; they are not among `taken`. */
  readonly moves: readonly VolumeMove[];
  /** Those of providers; absent if none can be left anywhere. */
  readonly provider?: ProviderSnapshots;
}

export type LateOutcome =
  | { readonly claim: SnapshottedClaim; readonly is: 'ready'; readonly at: string }
  | { readonly claim: SnapshottedClaim; readonly is: 'failed'; readonly at: string; readonly reason: string };

export const NO_SNAPSHOTS: BackupSnapshots = { begun: false, taken: [], late: [], moves: [] };

const isOf =
  ({ namespace, claim }: SnapshottedClaim) =>
  (one: SnapshottedClaim): boolean =>
    one.namespace === namespace && one.claim === claim;

export const takenOf = ({ taken }: BackupSnapshots, claim: SnapshottedClaim): TakenSnapshot | undefined =>
  taken.find(isOf(claim));

/** Snapshots that are cut, but of which no volume can be made yet. */
export const waitingSnapshots = ({ taken }: BackupSnapshots): BackupSnapshots['taken'] =>
  taken.filter(({ ready }) => !ready);

/** How one fact changes them. */
export const evolveSnapshots = (
  snapshots: BackupSnapshots,
  { type, data }: BackupSnapshotEvent,
): BackupSnapshots => {
  const { taken, late } = snapshots;
  switch (type) {
    case 'BackupSnapshotsBegun':
      return { ...snapshots, begun: true };
    case 'BackupSnapshotTaken':
      return { ...snapshots, taken: [...taken, { ...data.snapshot, since: data.at }] };
    case 'BackupSnapshotFailed':
      return {
        ...snapshots,
        taken: taken.filter((one) => !isOf(data.claim)(one)),
        late: data.afterwards
          ? [...late, { claim: data.claim, is: 'failed', at: data.at, reason: data.reason }]
          : late,
      };
    case 'BackupSnapshotReady':
      return {
        ...snapshots,
        taken: taken.map((one) => (isOf(data.claim)(one) ? { ...one, ready: true } : one)),
        late: [...late, { claim: data.claim, is: 'ready', at: data.at }],
      };
    case 'BackupSnapshotsDiscarded':
      return { ...NO_SNAPSHOTS, ...(snapshots.provider && { provider: snapshots.provider }) };
  }
};
