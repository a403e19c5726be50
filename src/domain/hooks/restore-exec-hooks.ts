import { labelsOf, nameOf, namespaceOf } from '../item.js';
import type { JsonObject } from '../json.js';
import { shown } from '../shown.js';
import {
  annotationOf,
  readCommand,
  readDuration,
  readErrorMode,
  readFlag,
  warningsOf,
} from './annotation.js';
import {
  containersOf,
  errorMode,
  execTimeout,
  FROM_ANNOTATION,
  inContainerOf,
  type PodHooks,
} from './hook.js';
import { waitTimeout, type RestoreExecHook, type RestoreHookSet } from './restore-hook-sets.js';

const PREFIX = 'post.hook.restore.velero.io';

const annotatedHook = (pod: JsonObject): PodHooks<RestoreExecHook> => {
  const command = readCommand(pod, `${PREFIX}/command`);
  const onError = readErrorMode(pod, `${PREFIX}/on-error`);
  const timeout = readDuration(pod, `${PREFIX}/exec-timeout`, '30s counts');
  const wait = readDuration(pod, `${PREFIX}/wait-timeout`, 'the wait has no limit of its own');
  const ready = readFlag(pod, `${PREFIX}/wait-for-ready`);
  const hook: RestoreExecHook = {
    name: FROM_ANNOTATION,
    source: 'annotation',
    index: 0,
    container: annotationOf(pod, `${PREFIX}/container`),
    command: command.value,
    onError: errorMode(onError.value),
    ...execTimeout(timeout.value),
    ...waitTimeout(wait.value),
    waitForReady: ready.value,
  };
  return { hooks: [hook], warnings: warningsOf(command, onError, timeout, wait, ready) };
};

const hooksOfSpec = (pod: JsonObject, sets: readonly RestoreHookSet[]): PodHooks<RestoreExecHook> => {
  if (sets.length === 0) return { hooks: [], warnings: [] };
  const [namespace, labels] = [namespaceOf(pod), labelsOf(pod)];
  const hooks = sets.filter(({ chooses }) => chooses(namespace, labels)).flatMap(({ exec }) => exec);
  return { hooks, warnings: [] };
};

const strayWarning = (pod: JsonObject, { name, container }: RestoreExecHook): string =>
  `pod ${namespaceOf(pod)}/${nameOf(pod)} has no container "${shown(container)}", so hook ${name} is not run in it; name one of ${shown(containersOf(pod).join(', '))}`;

/**
 * The commands to run in a restored pod: that of its annotations if it has one, and only else those of the spec
 * (`GroupRestoreExecHooks` in `internal/hook/item_hook_handler.go`). `pod` is the pod as created, so its namespace is the target.
 * A hook for a container the pod lacks is left out with a warning; Velero 1.18 leaves it out as well, but waits for it for ever.
 */
export const restoreExecHooksOf = (
  pod: JsonObject,
  sets: readonly RestoreHookSet[],
): PodHooks<RestoreExecHook> => {
  const containers = containersOf(pod);
  if (containers.length === 0) return { hooks: [], warnings: [] };
  const annotated = annotationOf(pod, `${PREFIX}/command`) !== '';
  const asked = annotated ? annotatedHook(pod) : hooksOfSpec(pod, sets);
  const hooks = asked.hooks.map((hook) => inContainerOf(pod, hook));
  const stray = hooks.filter(({ container }) => !containers.includes(container));
  return {
    hooks: hooks.filter(({ container }) => containers.includes(container)),
    warnings: [...asked.warnings, ...stray.map((hook) => strayWarning(pod, hook))],
  };
};
