import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { type RunCommand } from '../../../src/cluster/memory-exec.js';
import { type ExecRequest } from '../../../src/cluster/port.js';
import { Fault } from '../../../src/faults.js';
import { accepted, body, pods, soon } from '../../contract/cluster-fixture.js';
import { never } from './api-server.js';

const ref = { namespace: 'default', name: 'db-0' };
const spec = { initContainers: [{ name: 'prepare' }], containers: [{ name: 'db' }, { name: 'proxy' }] };
const request = (rest: Partial<ExecRequest> = {}): ExecRequest => ({
  container: 'db',
  command: ['/bin/sync'],
  signal: soon(),
  ...rest,
});

/** A cluster with one pod in the phase. */
const withPod = async (runCommand?: RunCommand, phase = 'Running') => {
  const cluster = createMemoryCluster(runCommand === undefined ? {} : { runCommand });
  const labels = { app: 'db' };
  const text = body(pods, ref.name, { spec }, { labels });
  accepted(await cluster.create(pods, ref.namespace, text, { signal: soon() }));
  const status = JSON.stringify({ status: { phase } });
  accepted(await cluster.replace(pods, ref, status, { signal: soon(), subresource: 'status' }));
  return cluster;
};

const hanging: RunCommand = () => new Promise<never>(() => undefined);

describe('commands in the simulated cluster', () => {
  test('succeed and write nothing, if nobody says otherwise', async () => {
    const outcome = await (await withPod()).exec(ref, request());
    expect(outcome).toEqual({ ended: 'exit', exitCode: 0, stdout: '', stderr: '' });
  });

  test('do what they are told, and see the pod and the command', async () => {
    const seen: unknown[] = [];
    const cluster = await withPod((pod, { container, command }) => {
      seen.push([pod.metadata, container, command]);
      return Promise.resolve({ exitCode: 5, stderr: 'x'.repeat(70_000) });
    });
    const outcome = await cluster.exec(ref, request({ container: 'proxy' }));
    expect(outcome).toEqual({ ended: 'exit', exitCode: 5, stdout: '', stderr: 'x'.repeat(65_536) });
    const metadata = expect.objectContaining({ name: 'db-0', labels: { app: 'db' } }) as unknown;
    expect(seen).toEqual([[metadata, 'proxy', ['/bin/sync']]]);
  });

  test('may break the connection', async () => {
    const cluster = await withPod(() => Promise.reject(new Fault('LB_CLUSTER_UNREACHABLE', 'told so')));
    await expect(cluster.exec(ref, request())).rejects.toMatchObject({ detail: 'told so' });
  });

  test.each(['Pending', 'Succeeded', 'Failed'])('are refused in a pod that is %s', async (phase) => {
    const cluster = await withPod(hanging, phase);
    const message = `pod db-0 is ${phase} and not Running`;
    expect(await cluster.exec(ref, request())).toEqual({ ended: 'refused', message });
  });

  test.each(['prepare', 'other', ''])('are refused in the container "%s"', async (container) => {
    const cluster = await withPod(hanging);
    const message = `container ${container} is not valid for pod db-0`;
    expect(await cluster.exec(ref, request({ container }))).toEqual({ ended: 'refused', message });
  });

  test('that hang for ever end by the limit', async () => {
    const signal = never();
    const outcome = await (await withPod(hanging)).exec(ref, request({ signal, timeoutMs: 20 }));
    expect(outcome).toEqual({ ended: 'timeout', stdout: '', stderr: '' });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('that hang for ever end by the signal of the caller', async () => {
    const controller = new AbortController();
    const cluster = await withPod(() => {
      controller.abort();
      return new Promise<never>(() => undefined);
    });
    const stopped = cluster.exec(ref, request({ signal: controller.signal }));
    await expect(stopped).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });

  test('that hang for ever end when the cluster is closed', async () => {
    const cluster = await withPod(hanging);
    const asked = expect(cluster.exec(ref, request())).rejects.toMatchObject({ code: 'LB_ABORTED' });
    await cluster.close();
    await asked;
  });

  test('hear by their signal that the limit has passed', async () => {
    let heard = (): void => undefined;
    const told = new Promise<void>((resolve) => (heard = resolve));
    const cluster = await withPod((_pod, { signal }) => {
      signal.addEventListener('abort', heard);
      return new Promise<never>(() => undefined);
    });
    await cluster.exec(ref, request({ timeoutMs: 20 }));
    await told;
  });
});
