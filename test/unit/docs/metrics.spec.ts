import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { createAgentMetrics } from '../../../src/metrics/agent-metrics.js';
import { createMetrics } from '../../../src/metrics/metrics.js';
import { createMemoryEventStore } from '../../../src/eventstore/memory.js';
import { openViews } from '../../../src/projections/views.js';

it('the page of operations names every series of our own, and no other', async () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  const named = [...page.matchAll(/`(lifeboat_[a-z_]+)(?:\{[a-z,]+\})?`/g)].map(([, name = '']) => name);
  const metrics = createMetrics('test');
  metrics.begin(openViews(':memory:'), createMemoryEventStore(), 'velero');
  const declared = [
    ...(await metrics.registry.getMetricsAsJSON()),
    ...(await createAgentMetrics('test', 'node-1').registry.getMetricsAsJSON()),
  ];
  const ours = declared.map(({ name }) => name).filter((name) => name.startsWith('lifeboat_'));
  expect([...new Set(named)].sort()).toEqual([...new Set(ours)].sort());
});
