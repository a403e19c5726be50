import type { Event } from '../decider.js';

/** A volume of a restored pod, as it is in the cluster, and the resource that asks for its data. */
export interface FillOfVolume {
  readonly namespace: string;
  readonly pod: string;
  readonly volume: string;
  /** Name of the PodVolumeRestore. */
  readonly name: string;
}

export type RestoreFillEvent =
  | Event<'RestoreVolumeFilled', { attempt: number; fill: FillOfVolume; bytes: number; at: string }>
  | Event<'RestoreVolumeNotFilled', { attempt: number; fill: FillOfVolume; reason: string; at: string }>;

export type RestoreFillCommand =
  | { type: 'RecordFill'; attempt: number; fill: FillOfVolume; bytes: number; now: string }
  | { type: 'FailFill'; attempt: number; fill: FillOfVolume; reason: string; now: string };

/** How the data of one volume came back; without a reason it did. */
export interface SettledFill {
  readonly fill: FillOfVolume;
  readonly reason?: string;
}

export const isFillEvent = (event: { readonly type: string }): event is RestoreFillEvent =>
  event.type === 'RestoreVolumeFilled' || event.type === 'RestoreVolumeNotFilled';

export const settledFill = ({ type, data }: RestoreFillEvent): SettledFill =>
  type === 'RestoreVolumeFilled' ? { fill: data.fill } : { fill: data.fill, reason: data.reason };
