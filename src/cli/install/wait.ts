import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster } from '../../cluster/port.js';
import { at, listAt, numberOf, textAt } from '../../domain/json.js';
import { PODS } from '../../domain/known-kinds.js';
import { Fault } from '../../faults.js';
import { AGENT_NAME, AGENT_SELECTOR, NAME, SELECTOR, typeOfKind, type Kind } from './manifest.js';

const LOOK_AGAIN_MS = 500;
const MOST_REASONS = 5;

const numberAt = (value: unknown, ...path: readonly string[]): number => numberOf(at(value, ...path)) ?? 0;

/** The newest pod of the newest template serves. */
const isAvailable = (deployment: unknown): boolean =>
  numberAt(deployment, 'status', 'observedGeneration') >= numberAt(deployment, 'metadata', 'generation') &&
  numberAt(deployment, 'status', 'updatedReplicas') >= 1 &&
  numberAt(deployment, 'status', 'availableReplicas') >= 1 &&
  numberAt(deployment, 'status', 'replicas') === numberAt(deployment, 'status', 'updatedReplicas');

/** The agents of the newest template serve on every node that takes one. */
const isEverywhere = (daemonSet: unknown): boolean => {
  const wanted = numberAt(daemonSet, 'status', 'desiredNumberScheduled');
  return (
    numberAt(daemonSet, 'status', 'observedGeneration') >= numberAt(daemonSet, 'metadata', 'generation') &&
    numberAt(daemonSet, 'status', 'observedGeneration') > 0 &&
    numberAt(daemonSet, 'status', 'updatedNumberScheduled') === wanted &&
    numberAt(daemonSet, 'status', 'numberAvailable') === wanted
  );
};

/** Something that runs pods, as install makes it. */
export interface Workload {
  readonly kind: Kind & ('Deployment' | 'DaemonSet');
  readonly name: string;
  /** Of its pods, as a selector of labels. */
  readonly pods: string;
  /** What it is, in a sentence. */
  readonly called: string;
  readonly isUp: (object: unknown) => boolean;
}

const selectorOf = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');

export const SERVER: Workload = {
  kind: 'Deployment',
  name: NAME,
  pods: selectorOf(SELECTOR),
  called: 'the server was not available',
  isUp: isAvailable,
};

export const AGENTS: Workload = {
  kind: 'DaemonSet',
  name: AGENT_NAME,
  pods: selectorOf(AGENT_SELECTOR),
  called: 'not every node had its agent',
  isUp: isEverywhere,
};

/** Pods of a workload in the namespace. */
export const podsOf = async (
  cluster: Cluster,
  namespace: string,
  { pods: labelSelector }: Workload,
  signal: AbortSignal,
): Promise<readonly unknown[]> => {
  const pods: unknown[] = [];
  for await (const page of cluster.list(PODS, { namespace, labelSelector, signal }))
    pods.push(...page.items.map((item) => JSON.parse(item.toString('utf8')) as unknown));
  return pods;
};

/** Conditions of the Deployment and waiting containers, as whoever cannot see inside the cluster needs them. */
const reasonsOf = (workload: unknown, pods: readonly unknown[]): readonly string[] => {
  const failing = listAt(workload, 'status', 'conditions')
    .filter((one) => ['ReplicaFailure', 'Progressing'].includes(textAt(one, 'type')))
    .filter((one) => textAt(one, 'type') === 'ReplicaFailure' || textAt(one, 'status') === 'False')
    .map((one) => textAt(one, 'message'));
  const waiting = pods.flatMap((pod) => {
    const name = textAt(pod, 'metadata', 'name');
    const unscheduled = listAt(pod, 'status', 'conditions').filter(
      (one) => textAt(one, 'type') === 'PodScheduled' && textAt(one, 'status') === 'False',
    );
    const stuck = listAt(pod, 'status', 'containerStatuses').map(
      (one) => at(one, 'state', 'waiting') ?? at(one, 'lastState', 'terminated'),
    );
    return [...unscheduled, ...stuck]
      .filter((one) => one !== undefined)
      .map(
        (one) =>
          `pod ${name}: ${[textAt(one, 'reason'), textAt(one, 'message')].filter((text) => text !== '').join(': ')}`,
      );
  });
  return [...failing, ...waiting].slice(0, MOST_REASONS);
};

/** Looks again until `look` has an answer or the time is over; then answers nothing. `LB_ABORTED` when the signal ends. */
export const lookUntil = async <T>(
  look: () => Promise<T | undefined>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<T | undefined> => {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const seen = await look();
    if (seen !== undefined || Date.now() >= end) return seen;
    await pause(LOOK_AGAIN_MS, undefined, { signal }).catch((cause: unknown) => {
      throw new Fault('LB_ABORTED', 'waiting for the cluster', { cause });
    });
  }
};

/**
 * Waits until a workload is up; answers it. Fault `LB_DEADLINE`, with what keeps its pods from it, when the time is over.
 */
export const waitAvailable = async (
  cluster: Cluster,
  namespace: string,
  workload: Workload,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<unknown> => {
  const { kind, name, pods, called, isUp } = workload;
  let last: unknown;
  const look = async (): Promise<true | undefined> => {
    const bytes = await cluster.get(typeOfKind(kind), { namespace, name }, { signal });
    last = bytes && (JSON.parse(bytes.toString('utf8')) as unknown);
    return isUp(last) ? true : undefined;
  };
  if (await lookUntil(look, timeoutMs, signal)) return last;
  const reasons = reasonsOf(last, await podsOf(cluster, namespace, workload, signal));
  const why =
    reasons.length > 0
      ? reasons.join('; ')
      : `look at it: kubectl -n ${namespace} describe ${kind.toLowerCase()} ${name}; kubectl -n ${namespace} describe pods -l ${pods}`;
  throw new Fault('LB_DEADLINE', `everything is applied, but ${called} after ${timeoutMs / 1000} s: ${why}`);
};
