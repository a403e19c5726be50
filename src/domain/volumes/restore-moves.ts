import type { Event } from '../decider.js';

/** A claim whose volume is to be filled from the bucket, by its place in the cluster. */
export interface ClaimToFill {
  readonly namespace: string;
  readonly claim: string;
}

/** By what names the download is known. */
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

export const isDownloadEvent = (event: { readonly type: string }): event is RestoreMoveEvent =>
  Object.hasOwn(EVENTS, event.type);

export type RestoreMoveCommand =
  | { type: 'HandOverClaim'; attempt: number; volume: HandedOverClaim; now: string }
  | { type: 'RecordDownload'; attempt: number; claim: ClaimToFill; bytes: number; now: string }
  | { type: 'FailDownload'; attempt: number; claim: ClaimToFill; reason: string; now: string };

/** How a download ended. Times are RFC 3339. */
export type DownloadEnd =
  | { readonly is: 'moved'; readonly bytes: number; readonly at: string }
  | { readonly is: 'failed'; readonly reason: string; readonly at: string };

/** A download as far as decisions need it; without an end it is awaited. */
export interface VolumeDownload extends HandedOverClaim {
  readonly since: string;
  readonly end?: DownloadEnd;
}

const isOf =
  ({ namespace, claim }: ClaimToFill) =>
  (one: ClaimToFill): boolean =>
    one.namespace === namespace && one.claim === claim;

export const downloadOf = (
  downloads: readonly VolumeDownload[],
  claim: ClaimToFill,
): VolumeDownload | undefined => downloads.find(isOf(claim));

export const waitingDownloads = (downloads: readonly VolumeDownload[]): readonly VolumeDownload[] =>
  downloads.filter(({ end }) => end === undefined);

/** How one fact changes them. */
export const evolveDownloads = (
  downloads: readonly VolumeDownload[],
  { type, data }: RestoreMoveEvent,
): readonly VolumeDownload[] => {
  const ended = (claim: ClaimToFill, end: DownloadEnd) =>
    downloads.map((one) => (isOf(claim)(one) ? { ...one, end } : one));
  switch (type) {
    case 'RestoreVolumeHandedOver':
      return [...downloads, { ...data.volume, since: data.at }];
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
