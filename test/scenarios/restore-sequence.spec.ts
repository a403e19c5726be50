import { describe, expect, it } from 'vitest';
import { intercepted } from '../crash/intercept.js';
import {
  clusterRole,
  clusterRoleBinding,
  configMap,
  deployment,
  job,
  namespaceOf,
  secret,
  service,
  serviceAccount,
  widget,
  widgetDefinition,
  type KubeObject,
} from '../builders.js';
import { disk, podWith, priorityClass, storageClass } from './disks.js';
import { createRunningWorld, type World } from './world.js';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';
const RBAC = 'rbac.authorization.k8s.io/v1';

const plain = (apiVersion: string, kind: string, name: string, rest: object = {}): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'shop' },
  ...rest,
});

/** Classes of snapshots, which no cluster serves by itself. */
const snapshotClasses = (): readonly [definition: KubeObject, object: KubeObject] => [
  {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'volumesnapshotclasses.snapshot.storage.k8s.io' },
    spec: {
      ...(widgetDefinition()['spec'] as object),
      group: 'snapshot.storage.k8s.io',
      scope: 'Cluster',
      names: {
        plural: 'volumesnapshotclasses',
        singular: 'volumesnapshotclass',
        kind: 'VolumeSnapshotClass',
        listKind: 'VolumeSnapshotClassList',
      },
    },
  },
  {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshotClass',
    metadata: { name: 'snap' },
    driver: 'disk.example',
  },
];

const pods = podWith('shop', 'db', 'data');
const EVERYTHING: readonly KubeObject[] = [
  widgetDefinition(),
  ...snapshotClasses(),
  namespaceOf('shop'),
  storageClass('fast'),
  ...disk('shop', 'data', 'Retain').toReversed(),
  clusterRole('reader'),
  plain(RBAC, 'Role', 'local', { rules: [] }),
  serviceAccount('shop', 'web'),
  clusterRoleBinding('web-reads', 'reader', ['shop', 'web']),
  plain(RBAC, 'RoleBinding', 'local', { roleRef: { kind: 'Role', name: 'local' }, subjects: [] }),
  secret('shop', 'key'),
  configMap('shop', 'settings'),
  plain('v1', 'LimitRange', 'limits', { spec: { limits: [] } }),
  priorityClass('high'),
  { ...pods, spec: { ...(pods['spec'] as object), priorityClassName: 'high' } },
  plain('apps/v1', 'ReplicaSet', 'web', { spec: { selector: {} } }),
  plain('v1', 'Endpoints', 'web', { subsets: [] }),
  service('shop', 'web'),
  deployment('shop', 'web'),
  job('shop', 'import'),
  plain('networking.k8s.io/v1', 'Ingress', 'web', { spec: {} }),
  plain('v1', 'PodTemplate', 'shape', { template: {} }),
  widget('shop', 'w1'),
];

/** Everything but Lifeboat itself is lost, and every creation of a restore is written down. */
const lost = async (objects: readonly KubeObject[]) => {
  const world = await createRunningWorld();
  await world.apply(...objects);
  await world.backup('b1', {
    excludedNamespaces: ['velero', 'default', 'kube-system', 'kube-public', 'kube-node-lease'],
    includeClusterResources: true,
    snapshotVolumes: false,
  });
  await world.remove('namespaces', 'shop');
  const made: string[] = [];
  const restart = (): Promise<unknown> =>
    world.restart(
      intercepted(world, async (call, make) => {
        if (call.port === 'cluster' && call.verb === 'create') made.push(call.target);
        return make();
      }),
    );
  return { world, made, restart };
};

const kindsOf = (made: readonly string[]): readonly string[] => [
  ...new Set(made.map((target) => target.split('/')[0] ?? '')),
];

const removeAll = async (world: World, ...targets: readonly (readonly [string, string])[]): Promise<void> => {
  for (const [kind, name] of targets) await world.remove(kind, name);
};

describe('The order of a restore', () => {
  it('behaviour 56: is that of what needs what, then of the alphabet', async () => {
    const { world, made, restart } = await lost(EVERYTHING);
    await removeAll(
      world,
      ['storageclasses.storage.k8s.io', 'fast'],
      ['volumesnapshotclasses.snapshot.storage.k8s.io', 'snap'],
      ['persistentvolumes', 'disk-data'],
      ['clusterroles.rbac.authorization.k8s.io', 'reader'],
      ['clusterrolebindings.rbac.authorization.k8s.io', 'web-reads'],
      ['priorityclasses.scheduling.k8s.io', 'high'],
      [CRDS, 'widgets.shop.example'],
      [CRDS, 'volumesnapshotclasses.snapshot.storage.k8s.io'],
    );
    await restart();
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status?.phase).toBe('Completed');
    expect(kindsOf(made)).toEqual([
      'customresourcedefinitions',
      'namespaces',
      'storageclasses',
      'volumesnapshotclasses',
      'persistentvolumes',
      'persistentvolumeclaims',
      'clusterroles',
      'roles',
      'serviceaccounts',
      'clusterrolebindings',
      'rolebindings',
      'secrets',
      'configmaps',
      'limitranges',
      'priorityclasses',
      'pods',
      'replicasets',
      'endpoints',
      'services',
      'deployments',
      'ingresses',
      'jobs',
      'podtemplates',
      'widgets',
    ]);
  });

  it('behaviour 33: has the priority class of a pod before the pod, though only the namespace is asked for', async () => {
    const { world, made, restart } = await lost(EVERYTHING);
    await world.remove('priorityclasses.scheduling.k8s.io', 'high');
    await restart();
    await world.restore('r1', { backupName: 'b1', includedNamespaces: ['shop'] });
    expect(await world.find('priorityclasses.scheduling.k8s.io', 'high')).toBeDefined();
    expect(made.indexOf('priorityclasses/high')).toBeGreaterThanOrEqual(0);
    expect(made.indexOf('priorityclasses/high')).toBeLessThan(made.indexOf('pods/db'));
  });

  it('behaviour 29: has a custom resource only after its definition is established', async () => {
    const { world, made } = await lost([widgetDefinition(), namespaceOf('shop'), widget('shop', 'w1')]);
    await world.remove(CRDS, 'widgets.shop.example');
    let looks = 0;
    let established = false;
    const unready = (bytes: Buffer | undefined): Buffer | undefined =>
      bytes && Buffer.from(bytes.toString('utf8').replaceAll('"True"', '"False"'));
    await world.restart({
      cluster: {
        ...world.cluster,
        get: async (type, ref, options) => {
          const bytes = await world.cluster.get(type, ref, options);
          if (type.resource !== 'customresourcedefinitions' || !bytes) return bytes;
          established = (looks += 1) > 2; // as if the API server took its time
          return established ? bytes : unready(bytes);
        },
        create: (type, namespace, body, options) => {
          made.push(`${type.resource} ${established ? 'established' : 'not yet'}`);
          return world.cluster.create(type, namespace, body, options);
        },
      },
    });
    const restore = await world.restore('r1', { backupName: 'b1', includeClusterResources: true });
    expect(restore.status?.phase).toBe('Completed');
    expect(made).toContain('customresourcedefinitions not yet');
    expect(made).toContain('widgets established');
  });
});
