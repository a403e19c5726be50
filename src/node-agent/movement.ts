import type { DataDownload, DataUpload } from '../domain/velero.gen.js';
import type { CopyProgress } from '../repositories/port.js';
import type { AgentPorts } from './ports.js';

export type Moving = DataUpload | DataDownload;

/** Held until what was made for the work is gone again (`pkg/controller/data_upload_controller.go`). */
export const MOVE_FINALIZER = 'velero.io/data-upload-download-finalizer';

/** How far the volume is that the work is done on. */
export type Exposure =
  /** A pod on this node has it mounted. */
  { readonly node: string } | { readonly waitsFor: string } | { readonly problem: string };

export interface MoveTask {
  /** Where this node has the volume mounted. */
  readonly folder: string;
  readonly onProgress: CopyProgress;
  readonly signal: AbortSignal;
}

/** What an upload and a download do differently. Everything here is safe to repeat. */
export interface Movement {
  readonly kind: 'DataUpload' | 'DataDownload';
  /** Whether it can be taken on yet. */
  readonly acceptable: (ports: AgentPorts, moving: Moving, signal: AbortSignal) => Promise<boolean>;
  /** Brings the volume a step closer to a pod of its own, and says how far it is. */
  readonly expose: (ports: AgentPorts, moving: Moving, signal: AbortSignal) => Promise<Exposure>;
  /** Does the work and answers the status that goes with `Completed`. */
  readonly run: (ports: AgentPorts, moving: Moving, task: MoveTask) => Promise<object>;
  /**
   * Does what is left of one that was begun and whose pod is gone, and answers the status that goes with `Completed`; `undefined` where the
   * work itself was not done.
   */
  readonly finish?: (ports: AgentPorts, moving: Moving, signal: AbortSignal) => Promise<object | undefined>;
  /** Takes away all that was made for it. */
  readonly cleanUp: (ports: AgentPorts, moving: Moving, signal: AbortSignal) => Promise<void>;
}

/** Velero leaves the others to whoever brought them. */
export const isForBuiltInMover = ({ spec }: Moving): boolean =>
  spec?.datamover === undefined || spec.datamover === '' || spec.datamover === 'velero';
