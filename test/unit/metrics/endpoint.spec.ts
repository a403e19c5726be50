import { Registry } from 'prom-client';
import { expect, onTestFinished, test } from 'vitest';
import { createLog } from '../../../src/log.js';
import { startMetricsEndpoint, type Probes } from '../../../src/metrics/endpoint.js';

const serve = async (probes?: Probes): Promise<(path: string, method?: string) => Promise<Response>> => {
  const listen = { host: '127.0.0.1', port: 0 };
  const endpoint = await startMetricsEndpoint(listen, new Registry(), createLog('fatal'), probes);
  onTestFinished(() => endpoint.close());
  return (path, method = 'GET') => fetch(new URL(path, endpoint.url), { method });
};

test('a kubelet is told how its agent is, beside the metrics', async () => {
  let ready = false;
  const ask = await serve({ '/healthz': () => true, '/readyz': () => ready });
  expect((await ask('/healthz')).status).toBe(200);
  expect((await ask('/readyz')).status).toBe(503);
  ready = true;
  expect((await ask('/readyz')).status).toBe(200);
  expect((await ask('/metrics')).status).toBe(200);
});

test('a server without probes answers for its metrics alone, whatever is asked for', async () => {
  const ask = await serve();
  for (const path of ['/healthz', '/toString', '/']) expect((await ask(path)).status, path).toBe(404);
  expect((await ask('/metrics', 'POST')).status).toBe(404);
});
