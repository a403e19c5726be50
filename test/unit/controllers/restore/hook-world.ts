import { createMemoryCluster } from '../../../../src/cluster/memory.js';
import type { Cluster, ResourceType, Written } from '../../../../src/cluster/port.js';
import { createRestoreHooks, type RestoreHooksOptions } from '../../../../src/controllers/restore/hooks.js';
import { createOutcomes } from '../../../../src/controllers/restore/outcomes.js';
import { restoreExecHooksOf } from '../../../../src/domain/hooks/restore-exec-hooks.js';
import { compileRestoreHooks } from '../../../../src/domain/hooks/restore-hook-sets.js';
import { createHookTally } from '../../../../src/domain/hooks/hook-tally.js';
import type { JsonObject } from '../../../../src/domain/json.js';
import type { RestoreExecHook } from '../../../../src/domain/velero.gen.js';
import { openLog, runner } from '../backup/hook-world.js';

const core = (resource: string, kind: string, namespaced: boolean): ResourceType => ({
  group: '',
  version: 'v1',
  resource,
  kind,
  singular: kind.toLowerCase(),
  shortNames: [],
  namespaced,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
});
const PODS = core('pods', 'Pod', true);
const NAMESPACES = core('namespaces', 'Namespace', false);

const objectOf = (written: Written): JsonObject => {
  if (!written.ok) throw new Error(written.message);
  return JSON.parse(written.body.toString()) as JsonObject;
};
export const running = (name: string, ready = true) => ({ name, ready, state: { running: {} } });
export const starting = (name: string) => ({ name, ready: false, state: { waiting: { reason: 'Pulling' } } });
export const UP = { phase: 'Running', containerStatuses: [running('app'), running('sidecar')] };

/** A cluster with the namespace `shop`, and the hooks of a restore into it. */
export const restoreHookWorld = async (
  programs: Parameters<typeof runner>[0] = {},
  more: Partial<RestoreHooksOptions> = {},
) => {
  const memory = createMemoryCluster();
  const stop = new AbortController();
  const call = { signal: stop.signal };
  objectOf(await memory.create(NAMESPACES, undefined, '{"metadata":{"name":"shop"}}', call));
  /** Pods whose watch has given the first state. */
  const seen: string[] = [];
  const watchers = new Set<() => void>();
  let watching = 0;
  let mostAtOnce = 0;
  const cluster: Pick<Cluster, 'watch'> = {
    watch: async function* (type, options) {
      watching += 1;
      mostAtOnce = Math.max(mostAtOnce, watching);
      try {
        for await (const event of memory.watch(type, options)) {
          yield event;
          // The reader comes back for more: what it was shown has been dealt with.
          seen.push((options.fieldSelector ?? '').replace('metadata.name=', ''));
          for (const tell of watchers) tell();
        }
      } finally {
        watching -= 1;
      }
    },
  };
  const looked = async (name: string, times = 1): Promise<void> => {
    while (seen.filter((one) => one === name).length < times)
      await new Promise<void>((resolve) => watchers.add(resolve));
  };
  const { exec, ran } = runner(programs);
  const { log, lines } = openLog('restore');
  const tally = createHookTally();
  const finished: unknown[] = [];
  const hooks = createRestoreHooks({
    cluster,
    exec,
    log,
    outcomes: createOutcomes(log),
    tally,
    signal: stop.signal,
    maxWaitMs: 600_000,
    onFinished: (namespace, name, report) => void finished.push({ namespace, name, ...report }),
    ...more,
  });
  const become = async (name: string, status: object) => {
    const ref = { namespace: 'shop', name };
    const present = JSON.parse(String(await memory.get(PODS, ref, call))) as JsonObject;
    objectOf(
      await memory.replace(PODS, ref, JSON.stringify({ ...present, status }), {
        ...call,
        subresource: 'status',
      }),
    );
  };
  /** The pod as the API server created it; its status comes after that. */
  const create = async (name: string, status?: object) => {
    const object = { metadata: { name }, spec: { containers: [{ name: 'app' }, { name: 'sidecar' }] } };
    const created = objectOf(await memory.create(PODS, 'shop', JSON.stringify(object), call));
    if (status) await become(name, status);
    return created;
  };
  const remove = (name: string) => memory.delete(PODS, { namespace: 'shop', name }, call);
  const start = (pod: JsonObject, ...exec: Partial<RestoreExecHook>[]) => {
    const postHooks = exec.map((one) => ({ exec: { command: ['true'], ...one } }));
    hooks.start(
      pod,
      restoreExecHooksOf(pod, compileRestoreHooks({ resources: [{ name: 'load', postHooks }] })),
    );
  };
  const errors = () => log.results.errors.namespaces?.['shop'] ?? [];
  return {
    hooks,
    create,
    become,
    remove,
    start,
    looked,
    ran,
    log,
    lines,
    tally,
    finished,
    errors,
    stop,
    memory,
    mostAtOnce: () => mostAtOnce,
  };
};
