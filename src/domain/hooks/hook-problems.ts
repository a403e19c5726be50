import { isObject, listAt, type JsonObject } from '../json.js';
import { selectorProblems } from '../label-selector.js';
import { parseGoDuration } from '../go-duration.js';
import { problem, type Problem } from '../problem.js';
import { shown } from '../shown.js';
import { HOOK_ERROR_MODES, type BackupSpec, type RestoreSpec } from '../velero.gen.js';
import { initContainerProblem } from './restore-init-hooks.js';

type Field = readonly string[];

const RESOURCES: Field = ['spec', 'hooks', 'resources'];

const durationProblem = (exec: JsonObject, key: string, field: Field): readonly Problem[] => {
  const text = exec[key];
  if (typeof text !== 'string' || text === '' || parseGoDuration(text) !== undefined) return [];
  return [
    problem(
      [...field, key],
      `${JSON.stringify(shown(text))} is not a duration; write it like 30s, 5m or 1h30m`,
    ),
  ];
};

/** What the definition of the resource refuses as well, and what Velero could not decode. */
const execProblems = (exec: unknown, field: Field, durations: readonly string[]): readonly Problem[] => {
  if (!isObject(exec)) return [problem(field, 'is missing; write the command to run')];
  const command = listAt(exec, 'command');
  const { onError } = exec;
  const fits = onError == null || onError === '' || HOOK_ERROR_MODES.some((mode) => mode === onError);
  return [
    ...(command.length > 0 && command.every((argument) => typeof argument === 'string')
      ? []
      : [problem([...field, 'command'], 'is not a list of texts; write at least the program to run')]),
    ...(fits
      ? []
      : [
          problem(
            [...field, 'onError'],
            `${shown(JSON.stringify(onError))} is unknown; write Continue or Fail`,
          ),
        ]),
    ...durations.flatMap((key) => durationProblem(exec, key, field)),
  ];
};

const selectorProblemsOf = (
  set: { readonly labelSelector?: Parameters<typeof selectorProblems>[0] },
  field: Field,
): readonly Problem[] =>
  selectorProblems(set.labelSelector).map((text) => problem([...field, 'labelSelector'], text));

/** What is wrong with the hooks of a backup's spec. Velero finds a bad selector only when the backup runs, and fails it then. */
export const backupHookProblems = ({ hooks }: Pick<BackupSpec, 'hooks'>): readonly Problem[] =>
  (hooks?.resources ?? []).flatMap((set, i) => {
    const field = [...RESOURCES, String(i)];
    const inList = (phase: 'pre' | 'post'): readonly Problem[] =>
      (set[phase] ?? []).flatMap((hook, j) =>
        execProblems(hook.exec, [...field, phase, String(j), 'exec'], ['timeout']),
      );
    return [...selectorProblemsOf(set, field), ...inList('pre'), ...inList('post')];
  });

/** What is wrong with the hooks of a restore's spec (`ValidateInitContainers` in `internal/hook/item_hook_handler.go`). */
export const restoreHookProblems = ({ hooks }: Pick<RestoreSpec, 'hooks'>): readonly Problem[] =>
  (hooks?.resources ?? []).flatMap((set, i) => {
    const field = [...RESOURCES, String(i)];
    const posts = (set.postHooks ?? []).flatMap(({ exec, init }, j) => {
      const post = [...field, 'postHooks', String(j)];
      const containers = (init?.initContainers ?? []).flatMap((container, k) => {
        const wrong = initContainerProblem(container);
        return wrong === undefined ? [] : [problem([...post, 'init', 'initContainers', String(k)], wrong)];
      });
      const command =
        exec == null ? [] : execProblems(exec, [...post, 'exec'], ['execTimeout', 'waitTimeout']);
      const timeout = isObject(init) ? durationProblem(init, 'timeout', [...post, 'init']) : [];
      return [...command, ...containers, ...timeout];
    });
    return [...selectorProblemsOf(set, field), ...posts];
  });
