import type { Event } from '../decider.js';

/** A claim whose volume is to be filled from the bucket, by its place in the cluster. */
export interface ClaimToFill {
  readonly namespace: string;
  readonly claim: string;
}

/** By what names the filling is known. */
export interface HandedOverClaim extends ClaimToFill {
  /** Name of the DataDownload, in the server's namespace. */
  readonly download: string;
  /** Id of the operation, as the files of the restore have it. */
  readonly operation: string;
  /** By which the repository knows the copy. */
  readonly snapshotId: string;
  /** Empty for the built-in one. */
  readonly dataMover: string;
}

export type RestoreMoveEvent =
  | Event<'RestoreVolumeHandedOver', { attempt: number; volume: HandedOverClaim; at: string }>
  | Event<'RestoreVolumeMoved', { attempt: number; claim: ClaimToFill; bytes: number; at: string }>
  | Event<'RestoreVolumeMoveFailed', { attempt: number; claim: ClaimToFill; reason: string; at: string }>;

const EVENTS: Readonly<Record<RestoreMoveEvent['type'], true>> = {
  RestoreVolumeHandedOver: true,
  RestoreVolumeMoved: true,
  RestoreVolumeMoveFailed: true,
};

export const isFillingEvent = (event: { readonly type: string }): event is RestoreMoveEvent =>
  Object.hasOwn(EVENTS, event.type);

export type RestoreMoveCommand =
  | { type: 'HandOverClaim'; attempt: number; volume: HandedOverClaim; now: string }
  | { type: 'RecordFilling'; attempt: number; claim: ClaimToFill; bytes: number; now: string }
  | { type: 'FailFilling'; attempt: number; claim: ClaimToFill; reason: string; now: string };

/** How a filling ended. Times are RFC 3339. */
export type FillingEnd =
  | { readonly is: 'moved'; readonly bytes: number; readonly at: string }
  | { readonly is: 'failed'; readonly reason: string; readonly at: string };

/** A filling as far as decisions need it; without an end it is awaited. */
export interface Filling extends HandedOverClaim {
  readonly since: string;
  readonly end?: FillingEnd;
}

const isOf =
  ({ namespace, claim }: ClaimToFill) =>
  (one: ClaimToFill): boolean =>
    one.namespace === namespace && one.claim === claim;

export const fillingOf = (fillings: readonly Filling[], claim: ClaimToFill): Filling | undefined =>
  fillings.find(isOf(claim));

export const waitingFillings = (fillings: readonly Filling[]): readonly Filling[] =>
  fillings.filter(({ end }) => end === undefined);

/** How one fact changes them. */
export const evolveFillings = (
  fillings: readonly Filling[],
  { type, data }: RestoreMoveEvent,
): readonly Filling[] => {
  const ended = (claim: ClaimToFill, end: FillingEnd) =>
    fillings.map((one) => (isOf(claim)(one) ? { ...one, end } : one));
  switch (type) {
    case 'RestoreVolumeHandedOver':
      return [...fillings, { ...data.volume, since: data.at }];
    case 'RestoreVolumeMoved':
      return ended(data.claim, { is: 'moved', bytes: data.bytes, at: data.at });
    case 'RestoreVolumeMoveFailed':
      return ended(data.claim, { is: 'failed', reason: data.reason, at: data.at });
  }
};

/** The claim a command is about, if it is about one. */
export const filledClaimOf = (command: { readonly type: string }): ClaimToFill | undefined => {
  if (command.type === 'HandOverClaim' && 'volume' in command) return command.volume as HandedOverClaim;
  return 'claim' in command ? (command.claim as ClaimToFill) : undefined;
};
