import { describe, expect, it } from 'vitest';
import {
  configMap,
  job,
  namespaceOf,
  pod,
  serviceAccount,
  service,
  widgetDefinition,
  type KubeObject,
} from '../builders.js';
import { disk } from './disks.js';
import { createRunningWorld, type World } from './world.js';

const SHOP = { includedNamespaces: ['shop'], snapshotVolumes: false };

/** Backed up and lost; the caller restores. */
const lost = async (objects: readonly KubeObject[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(namespaceOf('shop'), ...objects);
  await world.backup('b1', SHOP);
  await world.remove('namespaces', 'shop');
  return world;
};

const restored = async (objects: readonly KubeObject[]): Promise<World> => {
  const world = await lost(objects);
  const restore = await world.restore('r1', { backupName: 'b1' });
  expect(restore.status?.phase).toBe('Completed');
  return world;
};

const withMetadata = (object: KubeObject, metadata: object): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, ...metadata },
});

describe('A restored object', () => {
  it('behaviour 59: is a new one without owners', async () => {
    const owned = withMetadata(configMap('shop', 'c'), {
      ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'owner', uid: 'gone' }],
    });
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'), owned);
    const before = await world.find('configmaps', 'c', 'shop');
    expect(before?.metadata).toHaveProperty('ownerReferences');
    await world.backup('b1', SHOP);
    await world.remove('namespaces', 'shop');
    await world.restore('r1', { backupName: 'b1' });
    const after = await world.find('configmaps', 'c', 'shop');
    expect(after?.metadata).not.toHaveProperty('ownerReferences');
    expect(after?.metadata.uid).not.toBe(before?.metadata.uid);
    expect(after?.metadata.resourceVersion).not.toBe(before?.metadata.resourceVersion);
  });

  it('behaviour 60: keeps its finalizers', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      withMetadata(configMap('shop', 'c'), { finalizers: ['shop.example/hold'] }),
    );
    await world.backup('b1', SHOP);
    await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect((await world.find('configmaps', 'c', 'copy'))?.metadata.finalizers).toEqual(['shop.example/hold']);
  });
});

describe('What a restore passes over', () => {
  it('behaviour 57: is completed work, which it does not count', async () => {
    const world = await lost([
      pod('shop', 'done', 'Succeeded'),
      pod('shop', 'broken', 'Failed'),
      job('shop', 'ended', '2026-01-02T03:04:05Z'),
      configMap('shop', 'c'),
    ]);
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.status).toMatchObject({
      phase: 'Completed',
      progress: { totalItems: 2, itemsRestored: 2 }, // the namespace and the ConfigMap
    });
    expect(await world.all('pods', 'shop')).toEqual([]);
    expect(await world.all('jobs.batch', 'shop')).toEqual([]);
  });

  it('behaviour 58: is a mirror pod, which a kubelet makes from a file', async () => {
    const mirror = withMetadata(pod('shop', 'static'), {
      annotations: { 'kubernetes.io/config.mirror': 'abc' },
    });
    const world = await restored([mirror, pod('shop', 'usual')]);
    expect((await world.all('pods', 'shop')).map(({ metadata }) => metadata.name)).toEqual(['usual']);
  });
});

describe('A restored Service', () => {
  const portsOf = async (world: World, name: string): Promise<unknown> =>
    ((await world.find('services', name, 'shop'))?.['spec'] as { ports?: unknown } | undefined)?.ports;
  const port = { name: 'http', port: 80, protocol: 'TCP', nodePort: 30080 };
  const { nodePort: _nodePort, ...without } = port;
  const spec = { type: 'NodePort', ports: [port] };
  const applied = (): KubeObject =>
    withMetadata(service('shop', 'applied', spec), {
      annotations: { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ spec }) },
    });

  it('behaviour 72: keeps the node port that somebody chose, and gets another one where nobody did', async () => {
    const world = await restored([service('shop', 'given', spec), applied()]);
    expect(await portsOf(world, 'applied')).toEqual([port]);
    expect(await portsOf(world, 'given')).toEqual([without]);
  });

  it('behaviour 72: keeps every node port if the restore says so', async () => {
    const world = await lost([service('shop', 'given', spec), applied()]);
    await world.restore('r1', { backupName: 'b1', preserveNodePorts: true });
    expect(await portsOf(world, 'given')).toEqual([port]);
    expect(await portsOf(world, 'applied')).toEqual([port]);
  });
});

describe('A restored workload', () => {
  it('behaviour 73: that is a Job selects pods by the new uid it will get', async () => {
    const uids = { 'controller-uid': 'old', 'batch.kubernetes.io/controller-uid': 'old' };
    const world = await restored([
      {
        ...job('shop', 'import'),
        spec: {
          selector: { matchLabels: { ...uids } },
          template: { metadata: { labels: { ...uids, app: 'import' } }, spec: { containers: [] } },
        },
      },
    ]);
    expect((await world.find('jobs.batch', 'import', 'shop'))?.['spec']).toMatchObject({
      selector: { matchLabels: {} },
      template: { metadata: { labels: { app: 'import' } } },
    });
    expect(JSON.stringify(await world.find('jobs.batch', 'import', 'shop'))).not.toContain('controller-uid');
  });

  it('behaviour 74: that is a pod may run anywhere, with a priority and a token of the new cluster', async () => {
    const token = 'web-token-abcde';
    const mounts = [
      { name: token, mountPath: '/t' },
      { name: 'data', mountPath: '/d' },
    ];
    const plain = pod('shop', 'db', 'Running', 'web');
    const world = await restored([
      {
        ...plain,
        spec: {
          serviceAccountName: 'web',
          nodeName: 'node-1',
          priority: 1000,
          volumes: [
            { name: token, secret: { secretName: token } },
            { name: 'data', emptyDir: {} },
          ],
          containers: [{ name: 'main', image: 'registry.example/app:1', volumeMounts: mounts }],
          initContainers: [{ name: 'init', image: 'registry.example/app:1', volumeMounts: mounts }],
        },
      },
    ]);
    expect((await world.find('pods', 'db', 'shop'))?.['spec']).toEqual({
      serviceAccountName: 'web',
      volumes: [{ name: 'data', emptyDir: {} }],
      containers: [
        {
          name: 'main',
          image: 'registry.example/app:1',
          volumeMounts: [{ name: 'data', mountPath: '/d' }],
        },
      ],
      initContainers: [
        {
          name: 'init',
          image: 'registry.example/app:1',
          volumeMounts: [{ name: 'data', mountPath: '/d' }],
        },
      ],
    });
  });

  const token = (name: string): KubeObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name,
      namespace: 'shop',
      annotations: {
        'kubernetes.io/service-account.name': 'web',
        'kubernetes.io/service-account.uid': 'old',
      },
    },
    type: 'kubernetes.io/service-account-token',
    data: { token: 'eA==', 'ca.crt': 'eQ==', namespace: 'c2hvcA==' },
  });

  it('behaviour 75: has no old token of an account that makes its own, and an empty one where a person asked for it', async () => {
    const world = await restored([serviceAccount('shop', 'web'), token('web-token-abcde'), token('by-hand')]);
    expect(await world.find('secrets', 'web-token-abcde', 'shop')).toBeUndefined();
    const byHand = await world.find('secrets', 'by-hand', 'shop');
    expect(byHand?.['data']).toEqual({ namespace: 'c2hvcA==' });
    expect(byHand?.metadata.annotations).toEqual({ 'kubernetes.io/service-account.name': 'web' });
  });

  it.each([
    ['is not restored while the account is still there', true],
    ['comes back empty once the account is gone', false],
  ])('Q23: of a token the account is looked for where it was: the token %s', async (_what, stays) => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'), serviceAccount('shop', 'web'), token('web-token-abcde'));
    await world.backup('b1', SHOP);
    if (!stays) await world.remove('serviceaccounts', 'web', 'shop');
    await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    expect(await world.find('serviceaccounts', 'web', 'copy')).toBeDefined();
    const data = (await world.find('secrets', 'web-token-abcde', 'copy'))?.['data'];
    expect(data).toEqual(stays ? undefined : { namespace: 'c2hvcA==' });
  });

  it('behaviour 76: that is a claim forgets its binding, its node and its provisioner', async () => {
    const world = await lost(disk('shop', 'data'));
    await world.remove('persistentvolumes', 'disk-data');
    await world.restore('r1', { backupName: 'b1' });
    const claim = await world.find('persistentvolumeclaims', 'data', 'shop');
    expect(claim?.metadata.annotations).toEqual({ 'shop.example/owner': 'sales' });
  });
});

describe('What extends the API', () => {
  const everything = async (...objects: readonly KubeObject[]): Promise<World> => {
    const world = await createRunningWorld();
    await world.apply(...objects);
    await world.backup('b1', { includedNamespaces: ['default'], includeClusterResources: true });
    return world;
  };
  const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

  it('behaviour 79: is not restored where the API server makes it itself', async () => {
    const service = (name: string, labels = {}): KubeObject => ({
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name, labels },
      spec: {},
    });
    const automanaged = { 'kube-aggregator.kubernetes.io/automanaged': 'true' };
    const world = await everything(service('v1.own.example'), service('v1.auto.example', automanaged));
    for (const name of ['v1.own.example', 'v1.auto.example'])
      await world.remove('apiservices.apiregistration.k8s.io', name);
    await world.restore('r1', { backupName: 'b1' });
    const names = (await world.all('apiservices.apiregistration.k8s.io')).map(
      ({ metadata }) => metadata.name,
    );
    expect(names).toEqual(['v1.own.example']);
  });

  it('behaviour 80: says in its schemas what an old switch said of unknown fields', async () => {
    const { spec, ...definition } = widgetDefinition();
    const schema = { openAPIV3Schema: { type: 'object' } };
    const versions = [{ name: 'v1', served: true, storage: true, schema }];
    const world = await everything({
      ...definition,
      spec: { ...(spec as object), versions, preserveUnknownFields: true },
    });
    await world.remove(CRDS, 'widgets.shop.example');
    await world.restore('r1', { backupName: 'b1' });
    const preserves = { 'x-kubernetes-preserve-unknown-fields': true };
    expect((await world.find(CRDS, 'widgets.shop.example'))?.['spec']).toMatchObject({
      preserveUnknownFields: false,
      versions: [{ schema: { openAPIV3Schema: preserves } }],
    });
  });

  it.each(['Mutating', 'Validating'])(
    'behaviour 81: has side effects that are known, where it is a %s webhook',
    async (sort) => {
      const world = await everything({
        apiVersion: 'admissionregistration.k8s.io/v1',
        kind: `${sort}WebhookConfiguration`,
        metadata: { name: 'hook' },
        webhooks: [
          { name: 'a.example', sideEffects: 'Unknown' },
          { name: 'b.example', sideEffects: 'None' },
        ],
      });
      const kind = `${sort.toLowerCase()}webhookconfigurations.admissionregistration.k8s.io`;
      await world.remove(kind, 'hook');
      await world.restore('r1', { backupName: 'b1' });
      expect((await world.find(kind, 'hook'))?.['webhooks']).toEqual([
        { name: 'a.example', sideEffects: 'None' },
        { name: 'b.example', sideEffects: 'None' },
      ]);
    },
  );
});
