import { setTimeout as pause } from 'node:timers/promises';
import { type Cluster } from '../../cluster/port.js';
import { at, listAt, numberOf, textAt } from '../../domain/json.js';
import { PODS } from '../../domain/known-kinds.js';
import { Fault } from '../../faults.js';
import { NAME, SELECTOR, typeOfKind } from './manifest.js';

const LOOK_AGAIN_MS = 500;
const MOST_REASONS = 5;

const numberAt = (value: unknown, ...path: readonly string[]): number => numberOf(at(value, ...path)) ?? 0;

/** The newest pod of the newest template serves. */
const isAvailable = (deployment: unknown): boolean =>
  numberAt(deployment, 'status', 'observedGeneration') >= numberAt(deployment, 'metadata', 'generation') &&
  numberAt(deployment, 'status', 'updatedReplicas') >= 1 &&
  numberAt(deployment, 'status', 'availableReplicas') >= 1 &&
  numberAt(deployment, 'status', 'replicas') === numberAt(deployment, 'status', 'updatedReplicas');

/** Pods of the server in its namespace. */
export const serverPods = async (
  cluster: Cluster,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly unknown[]> => {
  const labelSelector = Object.entries(SELECTOR)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
  const pods: unknown[] = [];
  for await (const page of cluster.list(PODS, { namespace, labelSelector, signal }))
    pods.push(...page.items.map((item) => JSON.parse(item.toString('utf8')) as unknown));
  return pods;
};

/** Conditions of the Deployment and waiting containers, as whoever cannot see inside the cluster needs them. */
const reasonsOf = (deployment: unknown, pods: readonly unknown[]): readonly string[] => {
  const failing = listAt(deployment, 'status', 'conditions')
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

/** Waits until the server is available. Fault `LB_DEADLINE`, with what keeps its pod from it, when the time is over. */
export const waitAvailable = async (
  cluster: Cluster,
  namespace: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<void> => {
  let last: unknown;
  const look = async (): Promise<true | undefined> => {
    const bytes = await cluster.get(typeOfKind('Deployment'), { namespace, name: NAME }, { signal });
    last = bytes && (JSON.parse(bytes.toString('utf8')) as unknown);
    return isAvailable(last) ? true : undefined;
  };
  if (await lookUntil(look, timeoutMs, signal)) return;
  const reasons = reasonsOf(last, await serverPods(cluster, namespace, signal));
  const why =
    reasons.length > 0
      ? reasons.join('; ')
      : `look at it: kubectl -n ${namespace} describe pods -l app.kubernetes.io/name=${NAME}`;
  throw new Fault(
    'LB_DEADLINE',
    `everything is applied, but the server was not available after ${timeoutMs / 1000} s: ${why}`,
  );
};
