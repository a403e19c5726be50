import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';

/** A registry of its own for each server and agent, since a process may hold several in tests. */
export const createRegistry = (version: string): Registry => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  new Gauge({
    name: 'lifeboat_build_info',
    help: 'Always 1; the version of Lifeboat and of Node.js are in the labels',
    labelNames: ['version', 'node'],
    registers: [registry],
  }).set({ version, node: process.versions.node }, 1);
  return registry;
};
