import { describe, expect, it } from 'vitest';
import { at } from '../../src/domain/json.js';
import { configMap, deployment, namespaceOf, type KubeObject } from '../builders.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, type World } from './world.js';

const settings = (name: string, action: string, data: object): KubeObject =>
  configMap(NAMESPACE, name, data, {
    'velero.io/plugin-config': '',
    [`velero.io/${action}`]: 'RestoreItemAction',
  });

const storageClass = (name: string): KubeObject => ({
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name },
  provisioner: 'disk.example',
});

const claim = (name: string, storageClassName: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { namespace: 'shop', name },
  spec: {
    accessModes: ['ReadWriteOnce'],
    resources: { requests: { storage: '1Gi' } },
    storageClassName,
  },
});

const database: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { namespace: 'shop', name: 'db' },
  spec: {
    selector: { matchLabels: { app: 'db' } },
    serviceName: 'db',
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'm', image: 'db:1' }] } },
    volumeClaimTemplates: [
      { metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'old' } },
    ],
  },
};

const lost = async (world: World, ...objects: readonly KubeObject[]): Promise<void> => {
  await world.apply(namespaceOf('shop'), ...objects);
  await world.backup('b1', { includedNamespaces: ['shop'] });
  await world.remove('namespaces', 'shop');
};

const resultsOf = async (world: World): Promise<string> =>
  JSON.stringify(await world.json(world.layout.restoreResults('r1')));

describe('Storage classes that are mapped by a ConfigMap', () => {
  it('behaviour 77: are changed in claims and in the templates of stateful sets', async () => {
    const world = await createRunningWorld();
    await lost(world, claim('data', 'old'), claim('fast', 'kept'), database);
    await world.apply(storageClass('new'), settings('classes', 'change-storage-class', { old: 'new' }));
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    const classOf = async (name: string) =>
      at(await world.find('persistentvolumeclaims', name, 'shop'), 'spec', 'storageClassName');
    expect(await classOf('data')).toBe('new');
    expect(await classOf('fast')).toBe('kept');
    expect(JSON.stringify(await world.find('statefulsets.apps', 'db', 'shop'))).toContain(
      '"storageClassName":"new"',
    );
  });

  it('behaviour 77: make an error of each item whose new class does not exist, and of no other', async () => {
    const world = await createRunningWorld();
    await lost(world, claim('data', 'old'), claim('fast', 'kept'));
    await world.apply(settings('classes', 'change-storage-class', { old: 'new', unused: 'nowhere' }));
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await resultsOf(world)).toContain('storage class \\"new\\" does not exist');
    expect(await world.find('persistentvolumeclaims', 'data', 'shop')).toBeUndefined();
    expect(await world.find('persistentvolumeclaims', 'fast', 'shop')).toBeDefined();
  });
});

describe('Images that are changed by a ConfigMap', () => {
  it('behaviour 78: have the old part replaced', async () => {
    const world = await createRunningWorld();
    await lost(world, deployment('shop', 'web'));
    await world.apply(settings('images', 'change-image-name', { one: 'registry.example,mirror.example' }));
    expect((await world.restore('r1', { backupName: 'b1' })).status?.phase).toBe('Completed');
    expect(JSON.stringify(await world.find('deployments.apps', 'web', 'shop'))).toContain(
      '"image":"mirror.example/app:1"',
    );
  });

  it('are an error of each workload if two ConfigMaps claim to know', async () => {
    const world = await createRunningWorld();
    await lost(world, deployment('shop', 'web'), configMap('shop', 'settings'));
    await world.apply(
      settings('images', 'change-image-name', { one: 'a,b' }),
      settings('images-2', 'change-image-name', { one: 'b,c' }),
    );
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await resultsOf(world)).toContain('several ConfigMaps');
    expect(await resultsOf(world)).toContain('images, images-2');
    expect(await world.find('configmaps', 'settings', 'shop')).toBeDefined();
  });

  it('are left alone by a ConfigMap of another namespace', async () => {
    const world = await createRunningWorld();
    await lost(world, deployment('shop', 'web'));
    const elsewhere = settings('images', 'change-image-name', { one: 'registry.example,mirror.example' });
    await world.apply(namespaceOf('else'), {
      ...elsewhere,
      metadata: { ...elsewhere.metadata, namespace: 'else' },
    });
    await world.restore('r1', { backupName: 'b1' });
    expect(JSON.stringify(await world.find('deployments.apps', 'web', 'shop'))).toContain(
      'registry.example/app:1',
    );
  });
});
