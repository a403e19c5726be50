import { expect } from 'vitest';
import { apiVersionOf } from '../../src/cluster/port.js';
import type { KubeObject } from '../builders.js';
import type { World } from '../scenarios/world.js';

/** As a node would: whatever pod it is given is running a moment later. */
export const runPods = async (world: World, namespace: string, signal: AbortSignal): Promise<void> => {
  const { resources } = await world.cluster.discover(signal);
  const type = resources.find((one) => apiVersionOf(one) === 'v1' && one.kind === 'Pod');
  if (!type) expect.fail('the cluster serves no pods');
  for await (const event of world.cluster.watch(type, { namespace, signal })) {
    if (event.type !== 'ADDED') continue;
    const found = JSON.parse(event.object.toString('utf8')) as KubeObject;
    const state = { running: { startedAt: '2026-01-02T10:00:00Z' } };
    const status = { phase: 'Running', containerStatuses: [{ name: 'main', ready: true, state }] };
    const ref = { namespace, name: found.metadata.name };
    const body = JSON.stringify({ ...found, status });
    await world.cluster.replace(type, ref, body, { signal, subresource: 'status' });
  }
};
