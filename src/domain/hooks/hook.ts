import { parseGoDuration } from '../go-duration.js';
import { listAt, textAt, type JsonObject } from '../json.js';
import { shown } from '../shown.js';

export type HookSource = 'annotation' | 'spec';

/** One command to run in a container of one pod. */
export interface ExecHook {
  /** Name of the hook's set in the spec; `<from-annotation>` for one of an annotation. */
  readonly name: string;
  readonly source: HookSource;
  /** Place in its list, from 0. */
  readonly index: number;
  /** Empty only if the pod has no containers at all. */
  readonly container: string;
  readonly command: readonly string[];
  /** What a failure means for the hooks after it. */
  readonly onError: 'Continue' | 'Fail';
  /** How long the command may run, in milliseconds; absent means without limit. */
  readonly timeoutMs?: number;
}

/** Hooks of one pod in the order to run them, and what its annotations ask for that cannot be read: a sentence each. */
export interface PodHooks<H extends ExecHook = ExecHook> {
  readonly hooks: readonly H[];
  readonly warnings: readonly string[];
}

export const FROM_ANNOTATION = '<from-annotation>';

export const DEFAULT_TIMEOUT_MS = 30_000;

/** Timers cannot count further; 24 days are as good as what lies beyond. */
export const LONGEST_MS = 24 * 24 * 3_600_000;

/**
 * The limit of a command: 30 seconds if none or zero is given, none at all if it is negative (`pkg/podexec/pod_command_executor.go`).
 * `duration` is in milliseconds.
 */
export const execTimeout = (duration: number | undefined): Pick<ExecHook, 'timeoutMs'> => {
  if (duration !== undefined && duration < 0) return {};
  return { timeoutMs: Math.min(duration || DEFAULT_TIMEOUT_MS, LONGEST_MS) };
};

/** Milliseconds of a duration in a spec. One that cannot be read was refused before the start and counts as absent. */
export const specDuration = (text: unknown): number | undefined =>
  typeof text === 'string' ? parseGoDuration(text) : undefined;

/**
 * Unset and unknown modes act like `Continue`, although the API documents `Fail` as the default
 * (`internal/hook/item_hook_handler.go`): what was archived with Velero is archived here.
 */
export const errorMode = (text: unknown): ExecHook['onError'] => (text === 'Fail' ? 'Fail' : 'Continue');

const asArgument = (value: unknown): string | undefined => {
  if (typeof value === 'string') return value;
  return value === null ? '' : undefined; // Go reads null into a text as the empty one
};

/**
 * The argv of an annotation: a JSON array of strings, or else the whole text as the one argument, without a shell
 * (`parseStringToCommand` in `internal/hook/item_hook_handler.go`). `looksBroken`: it begins like an array and is none.
 */
export const parseCommand = (
  text: string,
): { readonly command: readonly string[]; readonly looksBroken: boolean } => {
  if (!text.startsWith('[')) return { command: [text], looksBroken: false };
  try {
    const value: unknown = JSON.parse(text);
    const argv = Array.isArray(value) ? value.map(asArgument) : [undefined];
    const command = argv.filter((argument) => argument !== undefined);
    if (command.length === argv.length) return { command, looksBroken: false };
  } catch {
    // Not JSON: taken as it stands, like an array that holds something else than texts.
  }
  return { command: [text], looksBroken: true };
};

/** Names of the containers a hook may run in; init and ephemeral ones are none of them. */
export const containersOf = (pod: JsonObject): readonly string[] =>
  listAt(pod, 'spec', 'containers')
    .map((container) => textAt(container, 'name'))
    .filter((name) => name !== '');

/** The hook with the pod's first container, if it names none itself. */
export const inContainerOf = <H extends ExecHook>(pod: JsonObject, hook: H): H =>
  hook.container === '' ? { ...hook, container: containersOf(pod)[0] ?? '' } : hook;

/** Why a hook cannot even be tried in a pod; `undefined` if it can. An error of the hook, as if its command had failed. */
export const hookObstacle = (pod: JsonObject, hook: ExecHook): string | undefined => {
  const containers = containersOf(pod);
  if (containers.length === 0) return 'the pod has no containers';
  if (!containers.includes(hook.container))
    return `the pod has no container "${shown(hook.container)}"; name one of ${shown(containers.join(', '))}`;
  return hook.command.length === 0 ? 'the command is empty; write at least the program to run' : undefined;
};

/** A pod whose containers have all ended runs nothing any more. */
export const hasEnded = (pod: JsonObject): boolean =>
  ['Succeeded', 'Failed'].includes(textAt(pod, 'status', 'phase'));
