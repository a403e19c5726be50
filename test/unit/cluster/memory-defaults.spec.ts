import { describe, expect, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { type Cluster, type ResourceType } from '../../../src/cluster/port.js';
import {
  accepted,
  body,
  configMaps,
  listed,
  names,
  namespaces,
  parse,
  present,
  refused,
  secrets,
  soon,
} from '../../contract/cluster-fixture.js';

const core = (resource: string, kind: string, namespaced = true): ResourceType => ({
  ...configMaps,
  resource,
  kind,
  namespaced,
});
const services = core('services', 'Service');
const serviceAccounts = core('serviceaccounts', 'ServiceAccount');
const claims = core('persistentvolumeclaims', 'PersistentVolumeClaim');
const volumes = core('persistentvolumes', 'PersistentVolume', false);

const create = (
  cluster: Cluster,
  type: ResourceType,
  namespace: string | undefined,
  name: string,
  rest: object = {},
) => cluster.create(type, namespace, body(type, name, rest), { signal: soon() });

describe('what the simulated cluster fills in', () => {
  test('each Service gets an address of its own, and a taken one is refused until it is free', async () => {
    const cluster = createMemoryCluster();
    const one = accepted(await create(cluster, services, 'default', 'one')).spec?.clusterIP;
    const two = accepted(await create(cluster, services, 'default', 'two')).spec?.clusterIP;
    expect(one).toMatch(/^10\.96\./);
    expect(two).not.toBe(one);
    const spec = { clusterIP: one };
    const no = refused(await create(cluster, services, 'default', 'three', { spec }));
    expect(no).toMatchObject({ status: 422, reason: 'Invalid' });
    expect(no.causes[0]?.field).toBe('spec.clusterIPs');
    expect(no.message).toContain('provided IP is already allocated');
    await cluster.delete(services, { namespace: 'default', name: 'one' }, { signal: soon() });
    expect(accepted(await create(cluster, services, 'default', 'three', { spec })).spec?.clusterIP).toBe(one);
  });

  test('headless and external Services get no address', async () => {
    const cluster = createMemoryCluster();
    for (const name of ['headless', 'headless-too']) {
      const made = accepted(
        await create(cluster, services, 'default', name, { spec: { clusterIP: 'None' } }),
      );
      expect(made.spec?.clusterIP).toBe('None');
    }
    const spec = { type: 'ExternalName', externalName: 'x.example' };
    expect(accepted(await create(cluster, services, 'default', 'external', { spec })).spec).toEqual(spec);
  });

  test('a Service keeps its address when it is replaced without one, and cannot change it', async () => {
    const cluster = createMemoryCluster();
    const address = accepted(await create(cluster, services, 'default', 'one')).spec?.clusterIP;
    const ref = { namespace: 'default', name: 'one' };
    const after = await cluster.replace(services, ref, body(services, 'one', { spec: { ports: [] } }), {
      signal: soon(),
    });
    expect(accepted(after).spec?.clusterIP).toBe(address);
    const change = await cluster.patch(services, ref, 'merge', '{"spec":{"clusterIP":"10.96.9.9"}}', {
      signal: soon(),
    });
    expect(refused(change).reason).toBe('Invalid');
  });

  test('stringData of a Secret becomes data', async () => {
    const rest = { data: { a: 'YQ==' }, stringData: { b: 'b' } };
    const made = accepted(await create(createMemoryCluster(), secrets, 'default', 's', rest));
    expect(made).toMatchObject({ data: { a: 'YQ==', b: 'Yg==' }, type: 'Opaque' });
    expect(made).not.toHaveProperty('stringData');
  });

  test('a new namespace is active and labelled with its name', async () => {
    const made = accepted(await create(createMemoryCluster(), namespaces, undefined, 'new'));
    expect(made).toMatchObject({
      status: { phase: 'Active' },
      metadata: { labels: { 'kubernetes.io/metadata.name': 'new' } },
    });
  });

  test('controllers, if asked for, furnish a namespace and bind a claim to its volume', async () => {
    const cluster = createMemoryCluster({ controllers: true });
    accepted(await create(cluster, namespaces, undefined, 'new'));
    expect(names(await listed(cluster, serviceAccounts, { namespace: 'new' }))).toEqual(['default']);
    expect(names(await listed(cluster, configMaps, { namespace: 'new' }))).toEqual(['kube-root-ca.crt']);
    accepted(await create(cluster, claims, 'new', 'data', { spec: { volumeName: 'pv' } }));
    const spec = { claimRef: { namespace: 'new', name: 'data' } };
    accepted(await create(cluster, volumes, undefined, 'pv', { spec }));
    expect(parse(await present(cluster, claims, { namespace: 'new', name: 'data' })).status).toEqual({
      phase: 'Bound',
    });
    expect(parse(await present(cluster, volumes, { name: 'pv' })).status).toEqual({ phase: 'Bound' });
  });

  test('the clock is the one that was given', async () => {
    const cluster = createMemoryCluster({ now: () => new Date('2024-02-29T12:00:00.789Z') });
    const made = accepted(await create(cluster, configMaps, 'default', 'x'));
    expect(made.metadata.creationTimestamp).toBe('2024-02-29T12:00:00Z');
  });
});

describe('the end of a namespace', () => {
  test('takes everything in it along', async () => {
    const cluster = createMemoryCluster({ controllers: true });
    accepted(await create(cluster, namespaces, undefined, 'short'));
    const before = cluster.size();
    accepted(await create(cluster, services, 'short', 'svc'));
    await cluster.delete(namespaces, { name: 'short' }, { signal: soon() });
    expect(await cluster.get(namespaces, { name: 'short' }, { signal: soon() })).toBeUndefined();
    expect(cluster.size()).toBe(before - 3);
  });

  test('waits for the finalizers in it', async () => {
    const cluster = createMemoryCluster();
    accepted(await create(cluster, namespaces, undefined, 'slow'));
    const held = body(configMaps, 'held', {}, { finalizers: ['test/hold'] });
    accepted(await cluster.create(configMaps, 'slow', held, { signal: soon() }));
    await cluster.delete(namespaces, { name: 'slow' }, { signal: soon() });
    expect(parse(await present(cluster, namespaces, { name: 'slow' })).status).toEqual({
      phase: 'Terminating',
    });
    const free = '{"metadata":{"finalizers":[]}}';
    accepted(
      await cluster.patch(configMaps, { namespace: 'slow', name: 'held' }, 'merge', free, { signal: soon() }),
    );
    expect(await cluster.get(namespaces, { name: 'slow' }, { signal: soon() })).toBeUndefined();
  });
});
