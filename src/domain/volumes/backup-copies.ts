import type { Event } from '../decider.js';

/** A volume of a pod, and the resource that asks for its copy. */
export interface CopyOfVolume {
  readonly namespace: string;
  readonly pod: string;
  readonly volume: string;
  /** Name of the PodVolumeBackup. */
  readonly name: string;
}

/** A copy that is in the repository of its namespace. */
export interface FinishedCopy extends CopyOfVolume {
  /** By which the repository knows it; empty where the volume held nothing. */
  readonly snapshot: string;
  readonly bytes: number;
}

export type BackupCopyEvent =
  | Event<'BackupCopiesBegun', { attempt: number; at: string }>
  | Event<'BackupVolumeCopied', { attempt: number; copy: FinishedCopy; at: string }>
  | Event<'BackupVolumeCopyFailed', { attempt: number; copy: CopyOfVolume; reason: string; at: string }>
  | Event<'BackupCopiesDiscarded', { attempt: number; at: string }>;

const EVENTS: Readonly<Record<BackupCopyEvent['type'], true>> = {
  BackupCopiesBegun: true,
  BackupVolumeCopied: true,
  BackupVolumeCopyFailed: true,
  BackupCopiesDiscarded: true,
};

export const isCopyEvent = (event: { readonly type: string }): event is BackupCopyEvent =>
  Object.hasOwn(EVENTS, event.type);

export type BackupCopyCommand =
  | { type: 'BeginCopies'; attempt: number; now: string }
  | { type: 'RecordCopy'; attempt: number; copy: FinishedCopy; now: string }
  | { type: 'FailCopy'; attempt: number; copy: CopyOfVolume; reason: string; now: string }
  | { type: 'DiscardCopies'; now: string };

/** The copies of one backup, as far as decisions need them. */
export interface BackupCopies {
  /** PodVolumeBackups may be in the cluster, also ones of which no other fact tells. */
  readonly begun: boolean;
  readonly finished: readonly FinishedCopy[];
  /** Names of the PodVolumeBackups whose copies failed. */
  readonly failed: readonly string[];
}

export const NO_COPIES: BackupCopies = { begun: false, finished: [], failed: [] };

/** True if how this copy ended is a fact already. */
export const isCopySettled = ({ finished, failed }: BackupCopies, name: string): boolean =>
  failed.includes(name) || finished.some((one) => one.name === name);

export const evolveCopies = (copies: BackupCopies, { type, data }: BackupCopyEvent): BackupCopies => {
  switch (type) {
    case 'BackupCopiesBegun':
      return { ...copies, begun: true };
    case 'BackupVolumeCopied':
      return { ...copies, finished: [...copies.finished, data.copy] };
    case 'BackupVolumeCopyFailed':
      return { ...copies, failed: [...copies.failed, data.copy.name] };
    case 'BackupCopiesDiscarded':
      return NO_COPIES;
  }
};
