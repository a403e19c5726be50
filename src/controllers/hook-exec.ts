import type { OperationLog } from '../archive/oplog.js';
import type { Exec, ExecOutcome, ObjectRef } from '../cluster/port.js';
import { printGoDuration } from '../domain/go-duration.js';
import { hasEnded, hookObstacle, type ExecHook } from '../domain/hooks/hook.js';
import { nameOf, namespaceOf } from '../domain/item.js';
import type { JsonObject } from '../domain/json.js';
import { Fault, isFault, messageOf } from '../faults.js';

/** Characters of each stream that go into the log: its end, where errors are. */
const LOGGED = 8_192;
/** Characters of a line of stderr that go into the error. */
const TOLD = 200;
/** What the cluster may need on top of the limit to say that it passed; then it is not asked any longer. */
const GRACE_MS = 5_000;

/** Ends by itself after the limit and the grace, and with the signal, whatever the other side does. */
const execute = async (
  exec: Exec,
  ref: ObjectRef,
  { container, command, timeoutMs }: ExecHook,
  signal: AbortSignal,
): Promise<ExecOutcome> => {
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  let onAbort = (): void => undefined;
  const over = new Promise<ExecOutcome>((resolve, reject) => {
    onAbort = () => {
      reject(new Fault('LB_ABORTED', 'a hook'));
      stop.abort();
    };
    if (timeoutMs === undefined) return;
    timer = setTimeout(() => {
      resolve({ ended: 'timeout', stdout: '', stderr: '' });
      stop.abort();
    }, timeoutMs + GRACE_MS);
  });
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    const limit = timeoutMs === undefined ? {} : { timeoutMs };
    return await Promise.race([
      over,
      ...(signal.aborted ? [] : [exec(ref, { container, command, ...limit, signal: stop.signal })]),
    ]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
};

/** As much of an operation's log as a hook writes to. */
export type HookLog = Pick<OperationLog, 'info' | 'room'>;

const logOutput = (log: HookLog, outcome: ExecOutcome): void => {
  if (outcome.ended === 'refused') return;
  for (const stream of ['stdout', 'stderr'] as const) {
    const text = outcome[stream];
    if (text === '') continue;
    log.info(`Output of a hook`, { stream, text: text.length > LOGGED ? `…${text.slice(-LOGGED)}` : text });
  }
};

const lastLine = (text: string): string => {
  const line = text.trimEnd().split('\n').at(-1)?.trim() ?? '';
  return line.length > TOLD ? `${line.slice(0, TOLD)}…` : line;
};

const failureOf = (outcome: ExecOutcome, timeoutMs: number | undefined): string | undefined => {
  switch (outcome.ended) {
    case 'exit': {
      if (outcome.exitCode === 0) return undefined;
      const why = lastLine(outcome.stderr);
      return `the command ended with exit code ${outcome.exitCode}${why === '' ? '' : `: ${why}`}`;
    }
    case 'timeout':
      return `the command did not end within ${printGoDuration(timeoutMs ?? 0)}; it may still be running`;
    case 'refused':
      return `the command could not be run: ${outcome.message}`;
  }
};

/**
 * Runs one hook in a pod and puts what it prints into the log; says why it failed, or `undefined` if it did not. In a pod that has
 * ended there is nothing to do, which is no failure (`pkg/podexec/pod_command_executor.go`). Faults of the cluster are failures of
 * the hook: whether the API server is lost shows at the next call. Faults: `LB_ABORTED`, and those of the log.
 */
export const runHook = async (
  exec: Exec,
  log: HookLog,
  pod: JsonObject,
  hook: ExecHook,
  signal: AbortSignal,
): Promise<string | undefined> => {
  const obstacle = hookObstacle(pod, hook);
  if (obstacle !== undefined) return obstacle;
  if (hasEnded(pod)) {
    log.info('Hook not needed: the pod has ended');
    return undefined;
  }
  log.info('Running hook');
  let failure: string | undefined;
  try {
    const namespace = namespaceOf(pod);
    const outcome = await execute(exec, { namespace, name: nameOf(pod) }, hook, signal);
    logOutput(log, outcome);
    failure = failureOf(outcome, hook.timeoutMs);
  } catch (error) {
    if (!isFault(error) || error.code === 'LB_ABORTED') throw error;
    failure = messageOf(error);
  }
  await log.room();
  return failure;
};

/** The fields by which a line tells which hook it is about. The command is not among them: it may hold a password. */
export const hookFields = ({ name, source, container }: ExecHook) => ({
  hookName: name,
  hookSource: source,
  hookContainer: container,
});
