import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Cluster, Written } from '../../src/cluster/port.js';
import { configMap, namespaceOf, pod, type KubeObject } from '../builders.js';
import { createRunningWorld, soon, type World } from './world.js';

const SERVED = { loadBalancer: { ingress: [{ ip: '192.0.2.7' }] } };

const ingress = (name: string, annotation?: string): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: {
    namespace: 'shop',
    name,
    ...(annotation !== undefined && { annotations: { 'velero.io/restore-status': annotation } }),
  },
  spec: { defaultBackend: { service: { name: 'web', port: { number: 80 } } } },
  status: SERVED,
});

const lost = async (world: World, ...objects: readonly KubeObject[]): Promise<void> => {
  await world.apply(namespaceOf('shop'), ...objects);
  await world.backup('b1', { includedNamespaces: ['shop'] });
  await world.remove('namespaces', 'shop');
};

const statusOf = async (world: World, name: string): Promise<unknown> =>
  (await world.find('ingresses.networking.k8s.io', name, 'shop'))?.['status'];

const ALL_INGRESSES = { backupName: 'b1', restoreStatus: { includedResources: ['ing'] } };

/** A cluster whose status writes are answered by `answer` as long as that gives one. */
const answering = (world: World, answer: (name: string) => Promise<Written | undefined>): Cluster => ({
  ...world.cluster,
  replace: async (type, ref, body, options) =>
    (options.subresource === 'status' && type.resource === 'ingresses'
      ? await answer(ref.name)
      : undefined) ?? world.cluster.replace(type, ref, body, options),
});

const conflict: Written = {
  ok: false,
  status: 409,
  reason: 'Conflict',
  message: 'the object has been modified',
  causes: [],
};

describe('The status of restored objects', () => {
  it('behaviour 82: comes back for the kinds named, and for no others', async () => {
    const world = await createRunningWorld();
    await lost(world, ingress('web'), pod('shop', 'db'));
    const restore = await world.restore('r1', ALL_INGRESSES);
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(restore.status?.warnings).toBeUndefined();
    expect(await statusOf(world, 'web')).toEqual(SERVED);
    expect((await world.find('pods', 'db', 'shop'))?.['status']).not.toEqual({ phase: 'Running' });
  });

  it('behaviour 82: is empty if nobody asks for it', async () => {
    const world = await createRunningWorld();
    await lost(world, ingress('web'));
    await world.restore('r1', { backupName: 'b1' });
    expect(await statusOf(world, 'web')).toBeUndefined();
  });

  it('behaviour 82: is decided by the annotation of the object first, in both directions', async () => {
    const world = await createRunningWorld();
    await lost(world, ingress('yes', 'True'), ingress('no', 'false'), ingress('plain'));
    await world.restore('r1', { backupName: 'b1' });
    expect(await statusOf(world, 'yes')).toEqual(SERVED);
    expect(await statusOf(world, 'plain')).toBeUndefined();
    await world.remove('namespaces', 'shop');
    await world.restore('r2', ALL_INGRESSES);
    expect(await statusOf(world, 'no')).toBeUndefined();
    expect(await statusOf(world, 'plain')).toEqual(SERVED);
  });

  it('is no business of a restore that did not create the object', async () => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'), ingress('web'));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.remove('ingresses.networking.k8s.io', 'web', 'shop');
    await world.apply({ ...ingress('web'), status: { loadBalancer: {} } });
    await world.restore('r1', { ...ALL_INGRESSES, existingResourcePolicy: 'update' });
    expect(await statusOf(world, 'web')).toEqual({ loadBalancer: {} });
  });

  it('goes on top of what a controller wrote meanwhile', async () => {
    const world = await createRunningWorld();
    await lost(world, ingress('web'));
    let interfered = false;
    await world.restart({
      cluster: answering(world, async (name) => {
        if (interfered) return undefined;
        interfered = true;
        const types = (await world.cluster.discover(soon())).resources;
        const type = types.find(({ resource }) => resource === 'ingresses')!;
        const patch = JSON.stringify({ metadata: { labels: { seen: 'yes' } } });
        await world.cluster.patch(type, { namespace: 'shop', name }, 'merge', patch, { signal: soon() });
        return undefined;
      }),
    });
    const restore = await world.restore('r1', ALL_INGRESSES);
    expect(restore.status?.warnings).toBeUndefined();
    expect(await statusOf(world, 'web')).toEqual(SERVED);
    const labels = (await world.find('ingresses.networking.k8s.io', 'web', 'shop'))?.metadata.labels;
    expect(labels).toMatchObject({ seen: 'yes', 'velero.io/restore-name': 'r1' });
  });

  it('is given up with a warning that names the object after five conflicts', async () => {
    const world = await createRunningWorld();
    await lost(world, ingress('web'));
    let tries = 0;
    await world.restart({
      cluster: answering(world, () => {
        tries += 1;
        return Promise.resolve(conflict);
      }),
    });
    const restore = await world.restore('r1', ALL_INGRESSES);
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(tries).toBe(5);
    const results = JSON.stringify(await world.json(world.layout.restoreResults('r1')));
    expect(results).toContain('the status of ingresses.networking.k8s.io/shop/web was not restored');
  });

  it('of a kind without a status sub-resource is a warning; a kind without a status is not', async () => {
    const world = await createRunningWorld();
    const odd: KubeObject = { ...configMap('shop', 'odd'), status: { phase: 'Strange' } };
    await lost(world, configMap('shop', 'plain'), odd);
    const restore = await world.restore('r1', { backupName: 'b1', restoreStatus: {} });
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    const results = JSON.stringify(await world.json(world.layout.restoreResults('r1')));
    expect(results).toContain('the status of configmaps/shop/odd was not restored');
  });

  it('is told in the log only if the annotation is unclear', async () => {
    const world = await createRunningWorld();
    await lost(world, ingress('web', 'maybe'));
    const restore = await world.restore('r1', ALL_INGRESSES);
    expect(restore.status?.warnings).toBeUndefined();
    expect(await statusOf(world, 'web')).toEqual(SERVED);
    const log = gunzipSync(await world.bytes(world.layout.restoreLog('r1'))).toString();
    expect(log).toContain('velero.io/restore-status is neither true nor false');
  });

  it('comes back too when the server died between the object and its status', async () => {
    const world = await createRunningWorld();
    await lost(world, ingress('web'));
    const died = new AbortController();
    await world.restart({
      cluster: answering(
        world,
        () =>
          new Promise((_resolve, reject) => {
            died.abort();
            setImmediate(() => reject(new Error('the process is gone')));
          }),
      ),
    });
    await world.request('Restore', 'r1', ALL_INGRESSES);
    await new Promise((resolve) => died.signal.addEventListener('abort', resolve, { once: true }));
    await world.restart();
    await world.ended('Restore', 'r1');
    expect(await statusOf(world, 'web')).toEqual(SERVED);
  });
});
