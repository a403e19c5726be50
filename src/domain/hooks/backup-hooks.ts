import { labelsOf, namespaceOf } from '../item.js';
import type { JsonObject } from '../json.js';
import type { KindResolver } from '../resource-kinds.js';
import type { BackupHooks, BackupResourceHook } from '../velero.gen.js';
import { annotationOf, readCommand, readDuration, readErrorMode, warningsOf } from './annotation.js';
import {
  errorMode,
  execTimeout,
  FROM_ANNOTATION,
  inContainerOf,
  specDuration,
  type ExecHook,
  type PodHooks,
} from './hook.js';
import { choosesPods, compilePodChoice, type PodChoice } from './hook-selector.js';

/** Before the pod is backed up, or after it and everything that belongs to it. */
export type BackupHookPhase = 'pre' | 'post';

/** A set of hooks of a backup's spec, ready for many pods. An empty container means the first one of the pod. */
export interface BackupHookSet {
  readonly chooses: PodChoice;
  readonly pre: readonly ExecHook[];
  readonly post: readonly ExecHook[];
}

const compileList = (
  name: string,
  list: readonly BackupResourceHook[] | null | undefined,
): readonly ExecHook[] =>
  (list ?? []).map(({ exec }, index) => ({
    name,
    source: 'spec',
    index,
    container: exec.container ?? '',
    command: exec.command,
    onError: errorMode(exec.onError),
    ...execTimeout(specDuration(exec.timeout)),
  }));

/** Makes the hooks of a spec ready, once a backup. Sets whose resource lists leave pods out are gone: they run nowhere. */
export const compileBackupHooks = (
  hooks: BackupHooks | null | undefined,
  resolve: KindResolver,
): readonly BackupHookSet[] =>
  (hooks?.resources ?? [])
    .filter((set) => choosesPods(set, resolve))
    .map((set) => ({
      chooses: compilePodChoice(set),
      pre: compileList(set.name, set.pre),
      post: compileList(set.name, set.post),
    }));

const LEGACY = 'hook.backup.velero.io';

/** The keys without a phase are older than the phases, and mean `pre`. */
const prefixOf = (pod: JsonObject, phase: BackupHookPhase): string | undefined => {
  const prefixes = phase === 'pre' ? [`pre.${LEGACY}`, LEGACY] : [`post.${LEGACY}`];
  return prefixes.find((prefix) => annotationOf(pod, `${prefix}/command`) !== '');
};

const annotatedHook = (pod: JsonObject, prefix: string): PodHooks => {
  const command = readCommand(pod, `${prefix}/command`);
  const onError = readErrorMode(pod, `${prefix}/on-error`);
  const timeout = readDuration(pod, `${prefix}/timeout`, '30s counts');
  const hook: ExecHook = {
    name: FROM_ANNOTATION,
    source: 'annotation',
    index: 0,
    container: annotationOf(pod, `${prefix}/container`),
    command: command.value,
    onError: errorMode(onError.value),
    ...execTimeout(timeout.value),
  };
  return { hooks: [inContainerOf(pod, hook)], warnings: warningsOf(command, onError, timeout) };
};

/**
 * The hooks of one pod and phase: the one of its annotations if it has one, and only else those of the spec, in its order
 * (`internal/hook/item_hook_handler.go`).
 */
export const backupHooksOf = (
  pod: JsonObject,
  phase: BackupHookPhase,
  sets: readonly BackupHookSet[],
): PodHooks => {
  const prefix = prefixOf(pod, phase);
  if (prefix !== undefined) return annotatedHook(pod, prefix);
  if (sets.length === 0) return { hooks: [], warnings: [] };
  const [namespace, labels] = [namespaceOf(pod), labelsOf(pod)];
  const hooks = sets.filter(({ chooses }) => chooses(namespace, labels)).flatMap((set) => set[phase]);
  return { hooks: hooks.map((hook) => inContainerOf(pod, hook)), warnings: [] };
};

/** Whether any hook of either phase is for the pod. Cheap: asked for every pod of a backup. */
export const hasHooks = (pod: JsonObject, sets: readonly BackupHookSet[] = []): boolean => {
  if (prefixOf(pod, 'pre') !== undefined || prefixOf(pod, 'post') !== undefined) return true;
  if (sets.length === 0) return false;
  const [namespace, labels] = [namespaceOf(pod), labelsOf(pod)];
  return sets.some(({ chooses, pre, post }) => pre.length + post.length > 0 && chooses(namespace, labels));
};
