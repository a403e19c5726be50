import type { Cluster, ObjectRef, WatchEvent } from '../../cluster/port.js';
import type { PodHooks } from '../../domain/hooks/hook.js';
import type { RestoreExecHook } from '../../domain/hooks/restore-hook-sets.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { textAt, type JsonObject } from '../../domain/json.js';
import { Fault, isFault, messageOf } from '../../faults.js';
import {
  createRestoredPodHooks,
  type PodHooksReport,
  type RestoredPodHooks,
  type RestoredPodOptions,
} from './pod-hooks.js';
import { createTurns, type Turn } from '../turns.js';
import { PODS } from '../../domain/known-kinds.js';

export interface RestoreHooks {
  /** Takes on the hooks of a pod as the API server created it, and returns at once: they run when its containers are up. */
  start(pod: JsonObject, hooks: PodHooks<RestoreExecHook>): void;
  /**
   * Resolves when the hooks of every pod have run or are given up, and have been reported. Faults: `LB_ABORTED` if the signal ended
   * it before, those of the log, and what `onFinished` throws.
   */
  done(): Promise<void>;
  /** Ends everything that is under way, unreported, and waits until it has come to rest. */
  stop(): Promise<void>;
}

export interface RestoreHooksOptions extends Omit<RestoredPodOptions, 'clock'> {
  readonly cluster: Pick<Cluster, 'watch'>;
  /** The hooks of this pod were reported in an earlier attempt: they are not run again. */
  readonly isDone?: (namespace: string, name: string) => boolean;
  /** Called once for a pod when its hooks are through; `done` waits for it. */
  readonly onFinished?: (namespace: string, name: string, report: PodHooksReport) => void | Promise<void>;
  /** Pods watched at once, default 16. */
  readonly podsAtOnce?: number;
  /** After how many milliseconds a pod that is not up lets the next one have its place, if there is a line. Default 5000. */
  readonly turnMs?: number;
}

/** Even a pod whose time went by in the line is looked at once; this is how long that may take. */
const FIRST_LOOK_MS = 5_000;

interface Waiting {
  readonly ref: ObjectRef & { readonly namespace: string };
  readonly uid: string;
  readonly hooks: RestoredPodHooks;
  looked: boolean;
}

/** The pod as an event shows it; `undefined` if it is gone, or another one has its name. */
const shownBy = (event: WatchEvent, uid: string): JsonObject | undefined => {
  const bytes = event.type === 'SYNCED' ? event.items[0] : event.object;
  if (bytes === undefined || event.type === 'DELETED') return undefined;
  const pod = JSON.parse(bytes.toString('utf8')) as JsonObject;
  return uid === '' || textAt(pod, 'metadata', 'uid') === uid ? pod : undefined;
};

/** Rings when the pod should be left: its time is over, or others stand in line. */
const createBell = (waiting: Waiting, turnMs: number, crowded: () => boolean) => {
  const leave = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const set = (): void => {
    clearTimeout(timer);
    const ms = Math.max(0, Math.min(waiting.hooks.left(), turnMs));
    timer = setTimeout(ring, waiting.looked ? ms : Math.max(ms, FIRST_LOOK_MS));
  };
  const ring = (): void => {
    if (waiting.hooks.left() <= 0 || crowded()) leave.abort();
    else set();
  };
  set();
  return { signal: leave.signal, set, clear: () => clearTimeout(timer) };
};

/** Watches one pod until its hooks are through, its time is over, or somebody else should have the place. */
const takeTurn = async (
  waiting: Waiting,
  cluster: RestoreHooksOptions['cluster'],
  bell: ReturnType<typeof createBell>,
  signal: AbortSignal,
): Promise<Turn> => {
  const { ref, uid, hooks } = waiting;
  const watched = cluster.watch(PODS, {
    namespace: ref.namespace,
    fieldSelector: `metadata.name=${ref.name}`,
    signal: AbortSignal.any([signal, bell.signal]),
  });
  for await (const event of watched) {
    const pod = shownBy(event, uid);
    if (pod === undefined) {
      hooks.giveUp('the pod was deleted');
      return 'over';
    }
    if (await hooks.meet(pod)) return 'over';
    if (hooks.left() <= 0) break;
    // Once only: a pod that changes all the time must leave its place, too.
    if (waiting.looked) continue;
    waiting.looked = true;
    bell.set();
  }
  if (signal.aborted) throw new Fault('LB_ABORTED', `the hooks of pod ${ref.namespace}/${ref.name}`);
  if (hooks.left() <= 0) hooks.expire();
  else if (bell.signal.aborted) return 'again';
  else hooks.giveUp('the watch of the pod has ended');
  return 'over';
};

/** A watch that cannot be had is trouble of its pod; a stop and a full disk are not. */
const isFatal = (error: unknown): boolean =>
  !isFault(error) || error.code === 'LB_ABORTED' || error.code === 'LB_SPOOL_FAILED';

/**
 * Runs the exec hooks of restored pods while the restore goes on. A limited number of pods is watched at once; when there are more,
 * those that do not come up take turns, so that they do not keep the hooks of others waiting. Every pod stands alone: in Velero 1.18
 * one failing hook cancels those of all other pods. A hook that was running when the server died runs again.
 */
export const createRestoreHooks = (options: RestoreHooksOptions): RestoreHooks => {
  const { cluster, outcomes, podsAtOnce = 16, turnMs = 5_000 } = options;
  const stopping = new AbortController();
  const signal = AbortSignal.any([options.signal, stopping.signal]);

  const take = async (waiting: Waiting): Promise<Turn> => {
    const { ref, hooks } = waiting;
    const bell = createBell(waiting, turnMs, () => turns.crowded());
    try {
      if ((await takeTurn(waiting, cluster, bell, signal)) === 'again') return 'again';
    } catch (error) {
      if (isFatal(error)) throw error;
      hooks.giveUp(`the pod could not be watched: ${messageOf(error)}`);
    } finally {
      bell.clear();
    }
    await options.onFinished?.(ref.namespace, ref.name, hooks.report());
    return 'over';
  };
  const turns = createTurns(podsAtOnce, take, () => stopping.abort());

  return {
    start: (pod, { hooks, warnings }) => {
      const ref = { namespace: namespaceOf(pod), name: nameOf(pod) };
      if (options.isDone?.(ref.namespace, ref.name) === true) return;
      for (const warning of warnings) outcomes.warn(ref.namespace, warning);
      if (hooks.length === 0) return;
      turns.add({
        ref,
        uid: textAt(pod, 'metadata', 'uid'),
        hooks: createRestoredPodHooks(pod, hooks, { ...options, signal, clock: () => performance.now() }),
        looked: false,
      });
    },
    done: async () => {
      await turns.rest();
      if (turns.failures.length > 0) throw turns.failures[0];
    },
    stop: async () => {
      stopping.abort();
      await turns.rest();
    },
  };
};
