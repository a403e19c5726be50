import { labelsOf, nameOf, namespaceOf } from '../item.js';
import { isObject, listAt, put, textAt, type JsonObject } from '../json.js';
import { annotationOf, readCommand, warningsOf } from './annotation.js';
import type { RestoreHookSet } from './restore-hook-sets.js';

const PREFIX = 'init.hook.restore.velero.io';

/** Eight hex digits made of a text (FNV-1a): the same text gives the same digits, in every process. */
const eightHex = (text: string): string => {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
};

/**
 * Velero draws the digits anew for every restore. Here they follow from the pod and the image: a further attempt makes the same
 * pod, and a restored pod that is backed up and restored again has its hook once.
 */
const defaultName = (pod: JsonObject, image: string): string =>
  `velero-restore-init-${eightHex([namespaceOf(pod), nameOf(pod), image].join('/'))}`;

/** What an init container of a spec lacks (`ValidateContainer` in `internal/hook/item_hook_handler.go`); `undefined` if nothing. */
export const initContainerProblem = (container: unknown): string | undefined => {
  const missing = isObject(container)
    ? [
        ...(textAt(container, 'name') === '' ? ['name'] : []),
        ...(textAt(container, 'image') === '' ? ['image'] : []),
        ...(listAt(container, 'command').length === 0 ? ['command'] : []),
      ]
    : ['name', 'image', 'command'];
  return missing.length === 0 ? undefined : `the init container lacks ${missing.join(', ')}; add it`;
};

export interface InitHooks {
  /** In the order to put them in; empty if the pod stays as it is. */
  readonly containers: readonly JsonObject[];
  readonly warnings: readonly string[];
  /** A container of the spec cannot be used: an error of the pod. */
  readonly error?: string;
}

const annotatedContainer = (pod: JsonObject, image: string): InitHooks => {
  const name = annotationOf(pod, `${PREFIX}/container-name`) || defaultName(pod, image);
  // Without a command the image's own entry point runs; Velero 1.18 crashes on it.
  if (annotationOf(pod, `${PREFIX}/command`) === '') return { containers: [{ name, image }], warnings: [] };
  const command = readCommand(pod, `${PREFIX}/command`);
  return { containers: [{ name, image, command: command.value }], warnings: warningsOf(command) };
};

/**
 * The init containers that hooks put into a pod: that of its annotations if it names an image, and only else those of the spec
 * (`HandleRestoreHooks` in `internal/hook/item_hook_handler.go`). `target` is the namespace the pod goes to.
 */
export const initHooksOf = (pod: JsonObject, target: string, sets: readonly RestoreHookSet[]): InitHooks => {
  const image = annotationOf(pod, `${PREFIX}/container-image`);
  if (image !== '') return annotatedContainer(pod, image);
  const labels = labelsOf(pod);
  const containers = sets
    .filter(({ chooses }) => chooses(target, labels))
    .flatMap(({ initContainers }) => initContainers);
  const problem = containers.map(initContainerProblem).find((text) => text !== undefined);
  return problem === undefined
    ? { containers, warnings: [] }
    : { containers: [], warnings: [], error: `hooks: ${problem}` };
};

/** It fills the pod's volumes, which the hooks may want to see filled. */
const RESTORE_WAIT = 'restore-wait';

const isSame = (one: unknown, other: unknown): boolean =>
  ['name', 'image'].every((key) => textAt(one, key) === textAt(other, key));

/**
 * The pod with the containers before all others, but after a first one that waits for restored volumes. One that an earlier restore
 * put in gives way to the new one: two of one name would be refused.
 */
export const withInitContainers = (pod: JsonObject, containers: readonly JsonObject[]): JsonObject => {
  if (containers.length === 0) return pod;
  const present = listAt(pod, 'spec', 'initContainers');
  const waits = textAt(present[0], 'name') === RESTORE_WAIT ? present.slice(0, 1) : [];
  const others = present
    .slice(waits.length)
    .filter((other) => !containers.some((container) => isSame(container, other)));
  return put(pod, ['spec', 'initContainers'], [...waits, ...containers, ...others]);
};
