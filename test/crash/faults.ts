import { Fault, type FaultCode } from '../../src/faults.js';
import type { Outside } from '../scenarios/life.js';
import { intercepted, type Between, type Call } from './intercept.js';

/** A call that fails: `before` it is made, or `after`, so that only its answer is lost. */
export interface Failing {
  readonly side: 'before' | 'after';
  readonly code: FaultCode;
}

/** The outside with calls that fail where `fails` says so; `n` counts the calls of each port from 1. */
export const withFaults = (
  outside: Outside,
  fails: (call: Call, n: number) => Failing | undefined,
): Outside => {
  const counts = { events: 0, store: 0, cluster: 0, provider: 0, repository: 0 };
  const between: Between = async (call, make) => {
    counts[call.port] += 1;
    const failing = fails(call, counts[call.port]);
    const broken = () => new Fault(failing?.code ?? 'LB_ABORTED', `${call.verb} ${call.target}`);
    if (failing?.side === 'before') throw broken();
    const answer = await make();
    if (failing?.side === 'after') throw broken();
    return answer;
  };
  return intercepted(outside, between);
};

export const UNREACHABLE = {
  events: 'LB_EVENTSTORE_UNREACHABLE',
  store: 'LB_STORE_UNREACHABLE',
  cluster: 'LB_CLUSTER_UNREACHABLE',
  provider: 'LB_SNAPSHOTTER_UNREACHABLE',
  repository: 'LB_STORE_UNREACHABLE',
} as const;
