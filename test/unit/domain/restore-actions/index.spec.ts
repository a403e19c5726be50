import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/domain/json.js';
import type { RestoreActionInput } from '../../../../src/domain/restore-actions/action.js';
import { RESTORE_ITEM_ACTIONS } from '../../../../src/domain/restore-actions/index.js';

const big = { isLosslessNumber: true, value: '9007199254740993' };

/** Runs one action on a deeply frozen object: an action that changed its input would throw. */
const freeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) Object.values(Object.freeze(value)).forEach(freeze);
  return value;
};
const run = (name: string, object: JsonObject, more: Partial<RestoreActionInput> = {}) => {
  const action = RESTORE_ITEM_ACTIONS.find((candidate) => candidate.name === `velero.io/${name}`);
  return action!.execute({ object: freeze(object), archived: object, restore: {}, ...more });
};

describe('the built-in restore actions', () => {
  it('run in the order of their names', () => {
    const names = RESTORE_ITEM_ACTIONS.map(({ name }) => name);
    expect(names).toEqual([...names].sort());
    expect(names).toHaveLength(21);
  });

  it.each([
    ['pods', ['add-pvc-from-pod', 'change-image-name', 'init-restore-hook', 'pod', 'pod-volume-restore']],
    ['services', ['service']],
    ['secrets', ['secret']],
    ['serviceaccounts', ['service-account']],
    ['jobs.batch', ['change-image-name', 'job']],
    ['cronjobs.batch', ['change-image-name']],
    ['replicationcontrollers', ['change-image-name']],
    ['statefulsets.apps', ['change-image-name', 'change-storage-class']],
    ['persistentvolumes', ['change-storage-class']],
    ['persistentvolumeclaims', ['change-storage-class', 'csi-pvc-restorer', 'pvc']],
    ['rolebindings.rbac.authorization.k8s.io', ['role-bindings']],
    ['clusterrolebindings.rbac.authorization.k8s.io', ['cluster-role-bindings']],
    ['customresourcedefinitions.apiextensions.k8s.io', ['crd-preserve-fields']],
    ['validatingwebhookconfigurations.admissionregistration.k8s.io', ['admission-webhook-configuration']],
    ['configmaps', []],
  ])('apply to %s: %j', (kind, names) => {
    const applying = RESTORE_ITEM_ACTIONS.filter((action) => action.appliesTo(kind, {}));
    expect(applying.map(({ name }) => name)).toEqual(names.map((name) => `velero.io/${name}`));
  });
});

describe('a restored pod', () => {
  const token = 'web-token-abcde';
  const pod: JsonObject = {
    metadata: { name: 'p', namespace: 'a' },
    spec: {
      serviceAccountName: 'web',
      nodeName: 'n1',
      priority: 1000,
      priorityClassName: 'high',
      terminationGracePeriodSeconds: big,
      volumes: [
        { name: token, secret: {} },
        { name: 'data', persistentVolumeClaim: { claimName: 'c' } },
      ],
      containers: [{ name: 'c', volumeMounts: [{ name: token }, { name: 'data' }] }, { name: 'd' }],
      initContainers: [{ name: 'i', volumeMounts: [{ name: token }] }],
    },
  };

  it('may run anywhere and gets a token of its own', () => {
    const { object, additional } = run('pod', pod);
    expect(object).toEqual({
      metadata: { name: 'p', namespace: 'a' },
      spec: {
        serviceAccountName: 'web',
        priorityClassName: 'high',
        terminationGracePeriodSeconds: big,
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'c' } }],
        containers: [{ name: 'c', volumeMounts: [{ name: 'data' }] }, { name: 'd' }],
        initContainers: [{ name: 'i', volumeMounts: [] }],
      },
    });
    expect(additional).toEqual([{ groupResource: 'priorityclasses.scheduling.k8s.io', name: 'high' }]);
  });

  it('without a priority class brings none', () => {
    expect(run('pod', { spec: {} })).toEqual({ object: { spec: {} } });
  });

  it('is not held back by what waited for its volumes in an earlier restore', () => {
    const initContainers = ['restore-wait', 'setup', 'restic-wait', 'restore-waiter'].map((name) => ({
      name,
    }));
    expect(run('pod-volume-restore', { spec: { initContainers, replicas: big } }).object).toEqual({
      spec: { initContainers: [{ name: 'setup' }, { name: 'restore-waiter' }], replicas: big },
    });
    expect(run('pod-volume-restore', pod)).toEqual({});
  });

  it('brings its claims, named where the archive has them', () => {
    const moved = { ...pod, metadata: { name: 'p', namespace: 'b' } };
    expect(run('add-pvc-from-pod', moved, { archived: pod }).additional).toEqual([
      { groupResource: 'persistentvolumeclaims', namespace: 'a', name: 'c' },
    ]);
  });
});

describe('a restored claim', () => {
  it('forgets its binding and brings its volume', () => {
    const annotations = {
      'pv.kubernetes.io/bind-completed': 'yes',
      'pv.kubernetes.io/bound-by-controller': 'yes',
      'volume.kubernetes.io/storage-provisioner': 'x',
      'volume.beta.kubernetes.io/storage-provisioner': 'x',
      'volume.kubernetes.io/selected-node': 'n',
      'velero.io/volume-snapshot-name': 's',
      'velero.io/data-upload-name': 'd',
    };
    const claim = { metadata: { annotations: { ...annotations, mine: '1' } }, spec: { volumeName: 'v' } };
    const result = run('pvc', claim, { archived: { ...claim, status: { phase: 'Bound' } } });
    expect(result.object).toEqual({ metadata: { annotations: { mine: '1' } }, spec: { volumeName: 'v' } });
    expect(result.additional).toEqual([{ groupResource: 'persistentvolumes', name: 'v' }]);
  });

  it('that was not bound brings none', () => {
    const claim = { spec: { volumeName: 'v' } };
    expect(run('pvc', claim, { archived: { ...claim, status: { phase: 'Pending' } } })).toEqual({});
  });
});

describe('a restored service', () => {
  const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
  const service = (spec: JsonObject, metadata: JsonObject = {}): JsonObject => ({
    metadata: { name: 's', ...metadata },
    spec,
  });
  const owned = (fields: JsonObject) => ({
    managedFields: [{ fieldsV1: { 'f:metadata': {} } }, { fieldsV1: { 'f:spec': fields } }],
  });
  const applied = (spec: JsonObject) => ({ annotations: { [LAST_APPLIED]: JSON.stringify({ spec }) } });
  const specOf = (object: JsonObject, restore = {}) => run('service', object, { restore }).object?.['spec'];
  const http = { name: 'http', port: 80, protocol: 'TCP', nodePort: 30080 };
  const bare = { name: 'http', port: 80, protocol: 'TCP' };

  it.each<[string, JsonObject, object, unknown]>([
    ['loses its cluster addresses', service({ clusterIP: '10.0.0.1', clusterIPs: ['10.0.0.1'] }), {}, {}],
    [
      'without an address on purpose stays so',
      service({ clusterIP: 'None', clusterIPs: ['None'] }),
      {},
      { clusterIP: 'None', clusterIPs: ['None'] },
    ],
    [
      'loses an address even when ports are preserved',
      service({ clusterIP: '10.0.0.1', ports: [http] }),
      { preserveNodePorts: true },
      { ports: [http] },
    ],
    ['loses node ports nobody chose', service({ ports: [http] }), {}, { ports: [bare] }],
    [
      'of type ExternalName is left as it is',
      service({ type: 'ExternalName', ports: [http] }),
      {},
      { type: 'ExternalName', ports: [http] },
    ],
    [
      'keeps a node port that was applied under its name',
      service({ ports: [http] }, applied({ ports: [{ name: 'http', nodePort: 31000 }] })),
      {},
      { ports: [http] },
    ],
    [
      'loses a node port that was applied as zero',
      service({ ports: [http] }, applied({ ports: [{ name: 'http', nodePort: 0 }] })),
      {},
      { ports: [bare] },
    ],
    [
      'loses a node port that was not applied, whoever owns it',
      service(
        { ports: [http] },
        {
          ...applied({ ports: [{ name: 'http' }] }),
          ...owned({ 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:nodePort': {} } } }),
        },
      ),
      {},
      { ports: [bare] },
    ],
    [
      'keeps a nameless port applied with the same number',
      service(
        { ports: [{ port: 80, nodePort: 30080 }] },
        applied({ ports: [{ port: 80, nodePort: 30080 }] }),
      ),
      {},
      { ports: [{ port: 80, nodePort: 30080 }] },
    ],
    [
      'loses a nameless port applied with another number',
      service(
        { ports: [{ port: 80, nodePort: 30080 }] },
        applied({ ports: [{ port: 80, nodePort: 30081 }] }),
      ),
      {},
      { ports: [{ port: 80 }] },
    ],
    [
      'keeps a node port somebody owns',
      service(
        { ports: [http] },
        owned({ 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:nodePort': {} } } }),
      ),
      {},
      { ports: [http] },
    ],
    [
      'loses a node port owned for another protocol',
      service(
        { ports: [http] },
        owned({ 'f:ports': { 'k:{"port":80,"protocol":"UDP"}': { 'f:nodePort': {} } } }),
      ),
      {},
      { ports: [bare] },
    ],
  ])('%s', (_rule, object, restore, expected) => {
    expect(specOf(object, restore)).toEqual(expected);
  });

  const local = { type: 'LoadBalancer', externalTrafficPolicy: 'Local' };

  it.each<[string, JsonObject, boolean]>([
    ['goes if nobody chose it', service({ ...local, healthCheckNodePort: 32000 }), false],
    [
      'stays if it was applied',
      service({ ...local, healthCheckNodePort: 32000 }, applied({ healthCheckNodePort: 32000 })),
      true,
    ],
    [
      'stays if somebody owns it',
      service({ ...local, healthCheckNodePort: 32000 }, owned({ 'f:healthCheckNodePort': {} })),
      true,
    ],
    ['stays where it has no meaning', service({ type: 'ClusterIP', healthCheckNodePort: 32000 }), true],
  ])('with a health check port: it %s', (_rule, object, stays) => {
    expect(Object.hasOwn(specOf(object) as object, 'healthCheckNodePort')).toBe(stays);
  });

  it('whose applied document is broken is an error of that item', () => {
    const broken = service({ ports: [http] }, { annotations: { [LAST_APPLIED]: '{' } });
    expect(run('service', broken).error).toMatch(/not a JSON object/);
    const outside = service({ type: 'ExternalName' }, { annotations: { [LAST_APPLIED]: '{' } });
    expect(run('service', outside).error).toBeUndefined();
  });

  it('whose annotation says nothing at all loses its ports', () => {
    const object = service({ ports: [http] }, { annotations: { [LAST_APPLIED]: 'null' } });
    expect(specOf(object)).toEqual({ ports: [bare] });
  });

  it('passes large numbers through and understands them', () => {
    const port = {
      name: 'http',
      port: { isLosslessNumber: true, value: '80' },
      protocol: 'TCP',
      nodePort: { isLosslessNumber: true, value: '30080' },
    };
    const object = service(
      { ports: [port] },
      owned({ 'f:ports': { 'k:{"port":80,"protocol":"TCP"}': { 'f:nodePort': {} } } }),
    );
    expect(specOf(object)).toEqual({ ports: [port] });
  });
});

describe('restored accounts and rights', () => {
  it('a service account loses the last reference to its own token, and no other', () => {
    const account = {
      metadata: { name: 's' },
      secrets: [{ name: 's-token-1' }, { name: 'mine' }, { name: 's-token-2' }],
    };
    expect(run('service-account', account).object).toMatchObject({
      secrets: [{ name: 's-token-1' }, { name: 'mine' }],
    });
    expect(run('service-account', { metadata: { name: 's' }, secrets: [{ name: 'mine' }] })).toEqual({});
  });

  const secret = {
    metadata: {
      name: 's-token-abc',
      annotations: { 'kubernetes.io/service-account.uid': 'u', 'kubernetes.io/service-account.name': 's' },
    },
    type: 'kubernetes.io/service-account-token',
    data: { token: 'x', 'ca.crt': 'y', extra: 'z' },
  };

  it('the token secret of a living account is left out', () => {
    expect(run('secret', secret, { serviceAccountNames: ['s'] })).toEqual({ skip: true });
  });

  it('another token secret comes back empty, to be filled here', () => {
    expect(run('secret', secret, { serviceAccountNames: ['other'] }).object).toEqual({
      metadata: { name: 's-token-abc', annotations: { 'kubernetes.io/service-account.name': 's' } },
      type: 'kubernetes.io/service-account-token',
      data: { extra: 'z' },
    });
  });

  it('a secret of another type comes back as it is', () => {
    expect(run('secret', { ...secret, type: 'Opaque' }, { serviceAccountNames: ['s'] })).toEqual({});
  });

  it.each(['role-bindings', 'cluster-role-bindings'])(
    '%s follow their accounts to mapped namespaces',
    (name) => {
      const binding = {
        subjects: [
          { kind: 'ServiceAccount', name: 's', namespace: 'a' },
          { kind: 'User', name: 'u' },
          { kind: 'ServiceAccount', name: 's', namespace: 'c' },
        ],
      };
      expect(run(name, binding, { restore: { namespaceMapping: { a: 'b' } } }).object).toEqual({
        subjects: [
          { kind: 'ServiceAccount', name: 's', namespace: 'b' },
          { kind: 'User', name: 'u' },
          { kind: 'ServiceAccount', name: 's', namespace: 'c' },
        ],
      });
      expect(run(name, binding).object).toEqual(binding);
    },
  );
});

describe('restored API extensions', () => {
  it('webhooks of v1 get a side effect v1 knows', () => {
    const apiVersion = 'admissionregistration.k8s.io/v1';
    const webhooks = [
      { sideEffects: 'Unknown' },
      { sideEffects: 'NoneOnDryRun' },
      { sideEffects: 'None' },
      {},
    ];
    expect(run('admission-webhook-configuration', { apiVersion, webhooks }).object).toEqual({
      apiVersion,
      webhooks: [
        { sideEffects: 'None' },
        { sideEffects: 'NoneOnDryRun' },
        { sideEffects: 'None' },
        { sideEffects: 'None' },
      ],
    });
    expect(
      run('admission-webhook-configuration', {
        apiVersion: 'admissionregistration.k8s.io/v1beta1',
        webhooks,
      }),
    ).toEqual({});
  });

  it('API services the server makes itself are left out, others are not', () => {
    const action = RESTORE_ITEM_ACTIONS.find(({ name }) => name === 'velero.io/apiservice');
    const kind = 'apiservices.apiregistration.k8s.io';
    expect(action?.appliesTo(kind, { 'kube-aggregator.kubernetes.io/automanaged': '' })).toBe(true);
    expect(action?.appliesTo(kind, {})).toBe(false);
    expect(run('apiservice', {})).toEqual({ skip: true });
  });

  it('a definition that preserves unknown fields says so in its schemas', () => {
    const apiVersion = 'apiextensions.k8s.io/v1';
    const crd = {
      apiVersion,
      spec: {
        preserveUnknownFields: true,
        versions: [
          { name: 'v1', schema: { openAPIV3Schema: { type: 'object', maximum: big } } },
          { name: 'v2' },
        ],
      },
    };
    const open = { 'x-kubernetes-preserve-unknown-fields': true };
    expect(run('crd-preserve-fields', crd).object).toEqual({
      apiVersion,
      spec: {
        preserveUnknownFields: false,
        versions: [
          { name: 'v1', schema: { openAPIV3Schema: { type: 'object', maximum: big, ...open } } },
          { name: 'v2', schema: { openAPIV3Schema: open } },
        ],
      },
    });
    expect(run('crd-preserve-fields', { apiVersion, spec: { preserveUnknownFields: false } })).toEqual({});
  });

  it('a job makes new pods of its own', () => {
    const uids = { 'controller-uid': 'u', 'batch.kubernetes.io/controller-uid': 'u' };
    const job = {
      spec: {
        selector: { matchLabels: { ...uids, app: 'x' } },
        template: { metadata: { labels: { ...uids, app: 'x' } } },
      },
    };
    expect(run('job', job).object).toEqual({
      spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } } } },
    });
    expect(run('job', { spec: {} }).object).toEqual({ spec: {} });
  });
});
