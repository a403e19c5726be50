import { isObject, type JsonObject, listAt, textAt } from '../domain/json.js';
import { withinLimits } from './exec-limit.js';
import { lastOfText } from './exec-output.js';
import { notFound } from './memory-refusals.js';
import { type World } from './memory-removal.js';
import { placeOf } from './memory-types.js';
import { type Exec, type ExecOutcome, type ExecRequest, type ObjectRef } from './port.js';

/** How a command ended; absent output is empty. */
interface CommandResult {
  readonly exitCode: number;
  readonly stdout?: string;
  readonly stderr?: string;
}

/**
 * Does what the command would do. `pod` is the parsed pod as it is in the cluster; the signal of the request also aborts when the limit
 * has passed, but nobody waits for a command that does not obey it. What it throws is what `exec` throws.
 */
export type RunCommand = (pod: JsonObject, request: ExecRequest) => Promise<CommandResult>;

const PODS = { group: '', version: 'v1', resource: 'pods' } as const;

const succeed: RunCommand = () => Promise.resolve({ exitCode: 0 });

/** `Cluster.exec` of the simulated cluster. A pod without a phase counts as running. */
export const createCommands =
  (world: World, closed: AbortSignal, run: RunCommand = succeed): Exec =>
  async (ref, request) => {
    const execute = async (signal: AbortSignal): Promise<ExecOutcome> => {
      const pod = podOf(world, ref);
      if (pod === undefined) return refused(notFound(PODS, ref.name).message);
      const problem = problemOf(pod, ref, request);
      if (problem !== undefined) return refused(problem);
      const { exitCode, stdout = '', stderr = '' } = await run(pod, { ...request, signal });
      return { ended: 'exit', exitCode, stdout: lastOfText(stdout), stderr: lastOfText(stderr) };
    };
    const outcome = await withinLimits(request, closed, `exec in pod ${ref.name}`, execute);
    return outcome === 'timeout' ? { ended: 'timeout', stdout: '', stderr: '' } : outcome;
  };

const refused = (message: string): ExecOutcome => ({ ended: 'refused', message });

const podOf = (world: World, ref: ObjectRef): JsonObject | undefined => {
  const stored = world.store.get(placeOf(PODS), ref);
  const pod: unknown = stored && JSON.parse(stored.bytes.toString('utf8'));
  return isObject(pod) ? pod : undefined;
};

const problemOf = (pod: JsonObject, ref: ObjectRef, { container }: ExecRequest): string | undefined => {
  const names = listAt(pod, 'spec', 'containers').map((one) => textAt(one, 'name'));
  if (!names.includes(container)) return `container ${container} is not valid for pod ${ref.name}`;
  const phase = textAt(pod, 'status', 'phase');
  return phase === '' || phase === 'Running' ? undefined : `pod ${ref.name} is ${phase} and not Running`;
};
