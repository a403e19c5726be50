/** An object to be made, its kind named as `groupResource` does. */
export interface Draft {
  readonly kind: string;
  readonly namespace?: string;
  readonly object: Readonly<Record<string, unknown>>;
  /** Written after the object is made, as its controller would. */
  readonly status?: Readonly<Record<string, unknown>>;
  /** The kind of an earlier object of the same app that owns this one. */
  readonly ownedBy?: string;
}

/** One sample app: where it lies, and the number all its content follows from. */
export interface SampleApp {
  readonly namespace: string;
  readonly name: string;
  readonly seed: number;
}

const appNames = ['shop', 'billing', 'search', 'mail', 'wiki', 'metrics', 'queue', 'auth'];
const customKind = 'caches.samples.lifeboat.dev';

export const sampleApp = (namespace: string, index: number): SampleApp => ({
  namespace,
  name: `${appNames[index % appNames.length] ?? 'app'}-${index}`,
  seed: index,
});

const labelsOf = (app: SampleApp) => ({
  'app.kubernetes.io/name': app.name,
  'app.kubernetes.io/part-of': app.name.split('-')[0] ?? app.name,
  tier: app.seed % 3 === 0 ? 'front' : 'back',
});

/** Text that looks like content and is the same every time. */
const filler = (app: SampleApp, lines: number): string =>
  Array.from(
    { length: lines },
    (_, i) => `${app.name}.setting.${i}=${(app.seed * 7919 + i * 104729) % 65536}`,
  ).join('\n');

const draft = (
  app: SampleApp,
  apiVersion: string,
  kind: string,
  of: string,
  name: string,
  rest: object,
): Draft => ({
  kind: of,
  namespace: app.namespace,
  object: { apiVersion, kind, metadata: { name, namespace: app.namespace, labels: labelsOf(app) }, ...rest },
});

const access = (app: SampleApp): readonly Draft[] => {
  const group = 'rbac.authorization.k8s.io';
  const rules = [{ apiGroups: [''], resources: ['configmaps'], verbs: ['get', 'list', 'watch'] }];
  return [
    draft(app, 'v1', 'ServiceAccount', 'serviceaccounts', app.name, {}),
    draft(app, `${group}/v1`, 'Role', `roles.${group}`, app.name, { rules }),
    draft(app, `${group}/v1`, 'RoleBinding', `rolebindings.${group}`, app.name, {
      roleRef: { apiGroup: group, kind: 'Role', name: app.name },
      subjects: [{ kind: 'ServiceAccount', name: app.name, namespace: app.namespace }],
    }),
  ];
};

const settings = (app: SampleApp): readonly Draft[] => [
  draft(app, 'v1', 'ConfigMap', 'configmaps', `${app.name}-config`, {
    data: { 'app.properties': filler(app, 20) },
  }),
  draft(app, 'v1', 'ConfigMap', 'configmaps', `${app.name}-flags`, {
    data: { beta: String(app.seed % 2 === 0) },
  }),
  draft(app, 'v1', 'Secret', 'secrets', `${app.name}-login`, {
    type: 'Opaque',
    data: {
      username: Buffer.from(app.name).toString('base64'),
      password: Buffer.from(`sample-only-${app.seed}`).toString('base64'),
    },
  }),
];

const storage = (app: SampleApp): readonly Draft[] => {
  const volume = `pv-${app.namespace}-${app.name}`;
  const claim = `${app.name}-data`;
  const shared = {
    accessModes: ['ReadWriteOnce'],
    storageClassName: 'sample-standard',
    volumeMode: 'Filesystem',
  };
  const capacity = { storage: '1Gi' };
  return [
    {
      kind: 'persistentvolumes',
      object: {
        apiVersion: 'v1',
        kind: 'PersistentVolume',
        metadata: { name: volume, labels: labelsOf(app) },
        spec: {
          ...shared,
          capacity,
          persistentVolumeReclaimPolicy: 'Retain',
          hostPath: { path: `/var/sample/${app.namespace}/${app.name}` },
          claimRef: {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            namespace: app.namespace,
            name: claim,
          },
        },
      },
      status: { phase: 'Bound' },
    },
    {
      ...draft(app, 'v1', 'PersistentVolumeClaim', 'persistentvolumeclaims', claim, {
        spec: { ...shared, resources: { requests: capacity }, volumeName: volume },
      }),
      status: { phase: 'Bound', accessModes: shared.accessModes, capacity },
    },
  ];
};

const podSpec = (app: SampleApp) => ({
  serviceAccountName: app.name,
  containers: [
    {
      name: 'main',
      image: `registry.example/samples/${app.name}:1.${app.seed % 10}`,
      ports: [{ containerPort: 8080, name: 'http' }],
      envFrom: [{ configMapRef: { name: `${app.name}-flags` } }],
      volumeMounts: [{ name: 'data', mountPath: '/data' }],
    },
  ],
  volumes: [{ name: 'data', persistentVolumeClaim: { claimName: `${app.name}-data` } }],
});

const workload = (app: SampleApp): readonly Draft[] => {
  const own = { 'app.kubernetes.io/name': app.name };
  const hash = { ...own, 'pod-template-hash': `5d${(app.seed * 7919 + 4096).toString(16)}` };
  const pod = (labels: object) => ({ metadata: { labels }, spec: podSpec(app) });
  const replicas = 1;
  const counts = { replicas, readyReplicas: replicas, availableReplicas: replicas, observedGeneration: 1 };
  const name = `${app.name}-${hash['pod-template-hash']}`;
  const labelled = { ...draft(app, 'v1', 'Pod', 'pods', `${name}-x2k9q`, { spec: podSpec(app) }) };
  const metadata = { name: `${name}-x2k9q`, namespace: app.namespace, labels: hash };
  return [
    {
      ...draft(app, 'apps/v1', 'Deployment', 'deployments.apps', app.name, {
        spec: { replicas, selector: { matchLabels: own }, template: pod(own) },
      }),
      status: { ...counts, updatedReplicas: replicas },
    },
    {
      ...draft(app, 'apps/v1', 'ReplicaSet', 'replicasets.apps', name, {
        spec: { replicas, selector: { matchLabels: hash }, template: pod(hash) },
      }),
      status: counts,
      ownedBy: 'deployments.apps',
    },
    {
      ...labelled,
      object: { ...labelled.object, metadata },
      status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
      ownedBy: 'replicasets.apps',
    },
  ];
};

const network = (app: SampleApp): readonly Draft[] => {
  const backend = { service: { name: app.name, port: { name: 'http' } } };
  const paths = [{ path: '/', pathType: 'Prefix', backend }];
  return [
    draft(app, 'v1', 'Service', 'services', app.name, {
      spec: {
        selector: { 'app.kubernetes.io/name': app.name },
        ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP' }],
      },
    }),
    draft(app, 'networking.k8s.io/v1', 'Ingress', 'ingresses.networking.k8s.io', app.name, {
      spec: { rules: [{ host: `${app.name}.${app.namespace}.example`, http: { paths } }] },
    }),
  ];
};

const batch = (app: SampleApp): readonly Draft[] => {
  const containers = [{ name: 'task', image: `registry.example/samples/task:1.${app.seed % 10}` }];
  const template = { spec: { restartPolicy: 'Never', containers } };
  return [
    draft(app, 'batch/v1', 'CronJob', 'cronjobs.batch', `${app.name}-nightly`, {
      spec: { schedule: `${app.seed % 60} 3 * * *`, jobTemplate: { spec: { template } } },
    }),
    draft(app, 'batch/v1', 'Job', 'jobs.batch', `${app.name}-migrate`, { spec: { suspend: true, template } }),
  ];
};

/** Everything one app consists of; what something needs stands before it. */
export const appDrafts = (app: SampleApp): readonly Draft[] => [
  ...access(app),
  ...settings(app),
  ...storage(app),
  ...workload(app),
  ...network(app),
  ...batch(app),
  draft(app, 'samples.lifeboat.dev/v1', 'Cache', customKind, app.name, {
    spec: { size: 1 + (app.seed % 5), options: { eviction: 'lru', ceiling: 1_000_000 + app.seed } },
  }),
];

/** What all sample apps share, and the namespaces they lie in. */
export const groundDrafts = (namespaces: readonly string[]): readonly Draft[] => {
  const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const schema = { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } };
  const names = {
    plural: 'caches',
    singular: 'cache',
    kind: 'Cache',
    listKind: 'CacheList',
    shortNames: ['ca'],
  };
  return [
    {
      kind: 'customresourcedefinitions.apiextensions.k8s.io',
      object: {
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'CustomResourceDefinition',
        metadata: { name: customKind },
        spec: {
          group: 'samples.lifeboat.dev',
          scope: 'Namespaced',
          names,
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      },
    },
    {
      kind: 'storageclasses.storage.k8s.io',
      object: {
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name: 'sample-standard' },
        provisioner: 'kubernetes.io/no-provisioner',
      },
    },
    ...namespaces.map((name) => ({
      kind: 'namespaces',
      object: { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { samples: 'true' } } },
    })),
  ];
};
