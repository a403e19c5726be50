import type { JsonObject } from '../domain/json.js';
import type { ObjectReference } from '../domain/velero.gen.js';
import type { CopyProgress } from '../repositories/port.js';
import type { Copying } from './next-step.js';
import type { AgentPorts } from './ports.js';

/** Whose work a copy is: ours, nobody's that we know, or to be seen later. */
export type Ownership = 'ours' | 'not ours' | { readonly lookAgainAfter: number };

export interface Task {
  readonly folder: string;
  readonly onProgress: CopyProgress;
  readonly signal: AbortSignal;
}

/** What backup and restore of a pod's volume do differently. */
export interface Direction {
  readonly kind: 'PodVolumeBackup' | 'PodVolumeRestore';
  readonly target: (copying: Copying) => {
    readonly pod: ObjectReference;
    readonly volume: string;
  };
  /** The node whose work it is, as far as one knows; empty: nobody's yet. */
  readonly holder: (copying: Copying, pod: JsonObject | undefined) => string;
  readonly ownership: (copying: Copying, pod: JsonObject | undefined, ports: AgentPorts) => Ownership;
  /** Fields of the status that say who took it. */
  readonly accepted: (ports: AgentPorts) => object;
  /**
   * Does the work and answers the status that goes with `Completed`. Safe to repeat: one that is `InProgress` already was begun by an
   * agent that did not live to tell its end.
   */
  readonly run: (ports: AgentPorts, copying: Copying, task: Task) => Promise<object>;
  /** Takes away what was made for one that nobody wants any more, and that its status does not name. */
  readonly abandon?: (ports: AgentPorts, copying: Copying, signal: AbortSignal) => Promise<void>;
}

/** A setting of the uploader that is a count; absent when it is none. */
export const countSetting = (
  settings: Readonly<Record<string, string>> | null | undefined,
  key: string,
): number | undefined => {
  const count = Number(settings?.[key]);
  return Number.isInteger(count) && count > 0 ? count : undefined;
};
