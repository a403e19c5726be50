import type { ItemRef, Labels } from '../item.js';
import type { JsonObject } from '../json.js';
import type { RestoreSpec } from '../velero.gen.js';
import type { MovedData } from '../volumes/data-download.js';
import type { PodVolumesLookUp } from './restore-wait.js';

/** Every `from` in the name of an image becomes `to`. */
export interface ImageChange {
  readonly from: string;
  readonly to: string;
}

/** New names of storage classes by their old ones, and which of the new ones the cluster has. */
export interface StorageClassChanges {
  readonly map: Readonly<Record<string, string>>;
  readonly existing: ReadonlySet<string>;
}

/** What was looked up cannot be used: an error of each item whose action needs it. */
export interface RefusedLookUp {
  readonly problem: string;
}

export const isRefusedLookUp = (found: object): found is RefusedLookUp => 'problem' in found;

/** What the actions for CSI snapshots have to know of this restore and of the cluster. */
export interface SnapshotLookUp {
  /** The name under which this restore makes a VolumeSnapshot and its content. */
  readonly nameOf: (snapshot: string) => string;
  /** For a claim: it is in the target namespace already. */
  readonly claimExists?: boolean;
  /** For a claim: the backup says that it holds a CSI snapshot of the volume. */
  readonly snapshotted?: boolean;
  /** For a claim: the backup says that its snapshot failed. */
  readonly failed?: boolean;
  /** For a claim whose data was moved into the bucket: where it is, and what its selector is to ask for until it is back. */
  readonly move?:
    { readonly data: MovedData; readonly selector: string } | { readonly nothing: true } | RefusedLookUp;
  /** For a content: a class of the cluster with the same driver; absent if there is none. */
  readonly className?: string;
}

export interface RestoreActionInput {
  /** The object on its way to the cluster: reset, and changed by the actions before. */
  readonly object: JsonObject;
  /** As it stands in the archive, status and all. */
  readonly archived: JsonObject;
  readonly restore: RestoreSpec;
  /** Names of the ServiceAccounts living in the item's original namespace; only the action for secrets looks. */
  readonly serviceAccountNames?: readonly string[];
  /** Only the action that changes images looks. */
  readonly imageChanges?: readonly ImageChange[] | RefusedLookUp;
  /** Only the action that changes storage classes looks; `existing` need only know the classes of this object. */
  readonly storageClasses?: StorageClassChanges | RefusedLookUp;
  /** Only the actions for CSI snapshots look. */
  readonly snapshots?: SnapshotLookUp;
  /** Only the action for volumes of pods looks; absent where none gets its data back. */
  readonly podVolumes?: PodVolumesLookUp | RefusedLookUp;
}

export interface RestoreActionResult {
  /** The object to go on with; absent means unchanged. */
  readonly object?: JsonObject;
  /** The item is not restored. */
  readonly skip?: true;
  /** Archived items to restore before this one. */
  readonly additional?: readonly ItemRef[];
  /** Wait until those of them that were restored are ready by `areReady`; for the server's resource timeout, or so many milliseconds. */
  readonly waitForAdditional?: { readonly timeoutMs?: number };
  /** The volume of this claim is to be filled from there. The one who fills it is asked before the claim is made. */
  readonly handOver?: MovedData;
  /** What the object asks for that is not done: a sentence each. The item is restored all the same. */
  readonly warnings?: readonly string[];
  /** The action cannot make sense of the object: an error of this item, which is then not restored. */
  readonly error?: string;
}

/**
 * What a restore does with an object on its way to the cluster. The built-in ones are pure: what they would look up comes in
 * as data. Others may look and wait; a rejection is an error of this item, which then is not restored.
 */
export interface RestoreItemAction {
  readonly name: string;
  /** `labels` are those of the object on its way. */
  readonly appliesTo: (groupResource: string, labels: Labels) => boolean;
  readonly execute: (input: RestoreActionInput) => RestoreActionResult | Promise<RestoreActionResult>;
  /** Asked every second while somebody waits; items are named as in the archive. Without it they are ready at once. */
  readonly areReady?: (items: readonly ItemRef[], restore: RestoreSpec) => boolean | Promise<boolean>;
}

/** One that needs nothing but data, as all built-in ones. */
export interface PureRestoreItemAction extends RestoreItemAction {
  readonly execute: (input: RestoreActionInput) => RestoreActionResult;
}

/** A condition on the kind alone. */
export const forKinds =
  (...kinds: readonly string[]) =>
  (groupResource: string): boolean =>
    kinds.includes(groupResource);
