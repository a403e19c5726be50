/** Small clusters with a bit of everything that a rule of selection looks at. */
import fc from 'fast-check';
import type { ResourceType } from '../../src/cluster/port.js';
import type { KubeObject } from '../builders.js';
import { fullName } from './rules.js';
import type { Served, SmallCluster } from './small-cluster.js';

const EVERY_VERB = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'];

const kindOf = (line: string): ResourceType => {
  const [groupVersion = '', resource = '', kind = '', scope = '', ...shortNames] = line.split(' ');
  const [group = '', version = ''] = groupVersion.includes('/')
    ? groupVersion.split('/')
    : ['', groupVersion];
  return {
    group,
    version,
    resource,
    kind,
    singular: kind.toLowerCase(),
    shortNames,
    namespaced: scope === 'namespaced',
    verbs: EVERY_VERB,
  };
};

/** In the order in which a server might tell them; the last two of the core group cannot be backed up. */
export const KINDS: readonly ResourceType[] = [
  ...[
    'v1 configmaps ConfigMap namespaced cm',
    'v1 events Event namespaced ev',
    'v1 namespaces Namespace cluster ns',
    'v1 persistentvolumeclaims PersistentVolumeClaim namespaced pvc',
    'v1 persistentvolumes PersistentVolume cluster pv',
    'v1 pods Pod namespaced po',
    'v1 secrets Secret namespaced',
    'v1 serviceaccounts ServiceAccount namespaced sa',
  ].map(kindOf),
  { ...kindOf('v1 bindings Binding namespaced'), verbs: ['create'] },
  { ...kindOf('v1 componentstatuses ComponentStatus cluster cs'), verbs: ['get', 'list'] },
  ...[
    'apps/v1 deployments Deployment namespaced deploy',
    'extensions/v1beta1 deployments Deployment namespaced deploy',
    'batch/v1 jobs Job namespaced',
    'events.k8s.io/v1 events Event namespaced ev',
    'rbac.authorization.k8s.io/v1 clusterrolebindings ClusterRoleBinding cluster',
    'rbac.authorization.k8s.io/v1 clusterroles ClusterRole cluster',
    'storage.k8s.io/v1 storageclasses StorageClass cluster sc',
    'apiextensions.k8s.io/v1 customresourcedefinitions CustomResourceDefinition cluster crd crds',
    'scheduling.k8s.io/v1 priorityclasses PriorityClass cluster pc',
    'example.io/v1 gadgets Gadget cluster gad',
    'example.io/v1 widgets Widget namespaced wd',
  ].map(kindOf),
];

const kindNamed = (name: string): ResourceType => {
  const found = KINDS.find((kind) => fullName(kind) === name);
  if (!found) throw new Error(`no kind ${name}`);
  return found;
};

/** Few names, so that objects meet: literal ones, pairs that a pattern tells apart, one that begins as another ends. */
export const NAMESPACES = ['shop', 'shop-2', 'team-a', 'team-b', 'kube-x', 'a'];
const CLAIMS = ['c1', 'c2', 'c3'];
const VOLUMES = ['v1', 'v2', 'v3'];
const ACCOUNTS = ['default', 'robot'];
const ROLES = ['reader', 'writer'];
const PRIORITIES = ['high', 'low'];

/** Mostly nothing. */
const rarely = <T>(value: fc.Arbitrary<T>, weight = 1): fc.Arbitrary<T | undefined> =>
  fc.oneof({ arbitrary: fc.constant(undefined), weight: 6 - weight }, { arbitrary: value, weight });

interface Marks {
  readonly app: string | undefined;
  readonly tier: string | undefined;
  readonly exclude: string | undefined;
  readonly ending: true | undefined;
}

const marks: fc.Arbitrary<Marks> = fc.record({
  app: fc.constantFrom(undefined, 'x', 'y'),
  tier: rarely(fc.constantFrom('front', 'back')),
  exclude: rarely(fc.constantFrom('true', 'True', 'false')),
  ending: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, undefined, true),
});

const labelsOf = ({ app, tier, exclude }: Marks): Record<string, string> => ({
  ...(app !== undefined && { app }),
  ...(tier !== undefined && { tier }),
  ...(exclude !== undefined && { 'velero.io/exclude-from-backup': exclude }),
});

interface Made {
  readonly kind: ResourceType;
  readonly namespace?: string;
  readonly name: string;
  readonly labels?: Record<string, string>;
  readonly annotations?: Record<string, string>;
  readonly ending?: boolean;
  readonly rest?: object;
}

const served = ({ kind, namespace, name, labels = {}, annotations, ending, rest = {} }: Made): Served => ({
  kind,
  object: {
    apiVersion: kind.group === '' ? kind.version : `${kind.group}/${kind.version}`,
    kind: kind.kind,
    metadata: {
      name,
      ...(namespace !== undefined && { namespace }),
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(annotations && { annotations }),
      ...(ending === true && { deletionTimestamp: '2026-01-02T03:04:05Z', finalizers: ['example.io/hold'] }),
    },
    ...rest,
  } satisfies KubeObject,
});

const namespace = fc
  .record({
    name: fc.constantFrom(...NAMESPACES),
    app: fc.constantFrom(undefined, 'x', 'y'),
    tier: rarely(fc.constantFrom('front', 'back')),
    exclude: rarely(fc.constantFrom('true', 'True', 'false')),
    ending: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, true as const),
  })
  .map((made) =>
    served({
      kind: kindNamed('namespaces'),
      name: made.name,
      labels: labelsOf(made),
      ...(made.ending && { ending: true }),
      rest: { status: { phase: made.ending ? 'Terminating' : 'Active' } },
    }),
  );

const plain = (kinds: readonly string[], names: readonly string[]) =>
  fc
    .record({ kind: fc.constantFrom(...kinds), name: fc.constantFrom(...names), marks })
    .map((made) => ({ ...made, rest: {} }));

const pod = fc
  .record({
    name: fc.constantFrom('p1', 'p2', 'p3'),
    marks,
    claims: fc.subarray(CLAIMS),
    priorityClassName: rarely(fc.constantFrom(...PRIORITIES), 2),
    phase: fc.constantFrom('Running', 'Running', 'Running', 'Pending', 'Succeeded', 'Failed'),
    nodeName: fc.constantFrom('node-1', 'node-1', 'node-1', undefined),
    mirror: rarely(fc.constantFrom('0f5e', '')),
  })
  .map(({ name, marks: of, claims, priorityClassName, phase, nodeName, mirror }) => ({
    kind: 'pods',
    name,
    marks: of,
    ...(mirror !== undefined && { annotations: { 'kubernetes.io/config.mirror': mirror } }),
    rest: {
      spec: {
        containers: [{ name: 'main', image: 'registry.example/app:1' }],
        ...(priorityClassName !== undefined && { priorityClassName }),
        ...(nodeName !== undefined && { nodeName }),
        volumes: [
          { name: 'scratch', emptyDir: {} },
          ...claims.map((claimName) => ({ name: claimName, persistentVolumeClaim: { claimName } })),
        ],
      },
      status: { phase },
    },
  }));

const claim = fc
  .record({
    name: fc.constantFrom(...CLAIMS),
    marks,
    volumeName: fc.constantFrom(undefined, ...VOLUMES, ...VOLUMES),
    phase: fc.constantFrom('Bound', 'Bound', 'Bound', 'Pending', 'Lost'),
    group: rarely(fc.constantFrom('g', 'h', '')),
  })
  .map(({ name, marks: of, volumeName, phase, group }) => ({
    kind: 'persistentvolumeclaims',
    name,
    marks: of,
    ...(group !== undefined && { more: { 'velero.io/volume-group': group } }),
    rest: { spec: volumeName === undefined ? {} : { volumeName }, status: { phase } },
  }));

const job = fc
  .record({ name: fc.constantFrom('j1', 'j2'), marks, done: fc.boolean() })
  .map(({ done, ...made }) => ({
    ...made,
    kind: 'jobs.batch',
    rest: { status: done ? { completionTime: '2026-01-02T03:04:05Z' } : {} },
  }));

const inside = fc.oneof(
  plain(['configmaps', 'secrets', 'widgets.example.io'], ['one', 'two', 'three']),
  plain(['deployments.apps', 'events'], ['one', 'two']),
  plain(['serviceaccounts'], ACCOUNTS),
  pod,
  claim,
  job,
);

const binding = fc
  .record({
    name: fc.constantFrom('b1', 'b2', 'b3'),
    marks,
    role: fc.constantFrom(...ROLES),
    subjects: fc.array(
      fc.record({
        kind: fc.constantFrom('ServiceAccount', 'ServiceAccount', 'ServiceAccount', 'User'),
        namespace: fc.constantFrom(...NAMESPACES),
        name: fc.constantFrom(...ACCOUNTS),
      }),
      { maxLength: 3 },
    ),
  })
  .map(({ name, marks: of, role, subjects }) => ({
    kind: 'clusterrolebindings.rbac.authorization.k8s.io',
    name,
    marks: of,
    rest: { roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role }, subjects },
  }));

const volume = fc
  .record({ name: fc.constantFrom(...VOLUMES), marks, policy: fc.constantFrom('Retain', 'Delete') })
  .map(({ name, marks: of, policy }) => ({
    kind: 'persistentvolumes',
    name,
    marks: of,
    rest: { spec: { persistentVolumeReclaimPolicy: policy } },
  }));

const definition = fc
  .record({ name: fc.constantFrom('widgets.example.io', 'gadgets.example.io', 'things.example.io'), marks })
  .map(({ name, marks: of }) => {
    const plural = name.split('.')[0] ?? '';
    const word = plural.slice(0, -1);
    const schema = {
      openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    };
    return {
      kind: 'customresourcedefinitions.apiextensions.k8s.io',
      name,
      marks: of,
      rest: {
        spec: {
          group: 'example.io',
          scope: plural === 'gadgets' ? 'Cluster' : 'Namespaced',
          names: {
            plural,
            singular: word,
            kind: word.charAt(0).toUpperCase() + word.slice(1),
            ...(plural !== 'things' && { shortNames: [plural === 'gadgets' ? 'gad' : 'wd'] }),
          },
          versions: [{ name: 'v1', served: true, storage: true, schema }],
        },
      },
    };
  });

const outside = fc.oneof(
  plain(['storageclasses.storage.k8s.io', 'gadgets.example.io'], ['one', 'two']),
  plain(['clusterroles.rbac.authorization.k8s.io'], [...ROLES, 'unused']),
  plain(['priorityclasses.scheduling.k8s.io'], PRIORITIES),
  volume,
  binding,
  definition,
);

/** What two groups serve of the same objects. */
const TWICE: Readonly<Record<string, string>> = {
  'deployments.apps': 'deployments.extensions',
  events: 'events.events.k8s.io',
};

interface Described {
  readonly kind: string;
  readonly name: string;
  readonly marks: Marks;
  readonly rest: object;
  readonly more?: Record<string, string>;
  readonly annotations?: Record<string, string>;
}

const identity = ({ kind, object }: Served): string =>
  `${fullName(kind)}|${object.metadata.namespace ?? ''}|${object.metadata.name}`;

/** Enough that objects meet, and yet few where a failure can do with few. */
const mostlyMany = <T>(value: fc.Arbitrary<T>, most: number): fc.Arbitrary<T[]> =>
  fc.oneof(
    { withCrossShrink: true },
    { arbitrary: fc.array(value, { maxLength: most }), weight: 1 },
    { arbitrary: fc.array(value, { minLength: most / 2, maxLength: most }), weight: 4 },
  );

export const smallCluster: fc.Arbitrary<SmallCluster> = fc
  .record({
    namespaces: fc.uniqueArray(namespace, { minLength: 1, maxLength: 5, selector: identity }),
    inner: mostlyMany(fc.tuple(fc.nat(4), inside), 30),
    outer: mostlyMany(outside, 14),
  })
  .map(({ namespaces, inner, outer }) => {
    const made = (one: Described, home?: string): readonly Served[] =>
      [one.kind, ...(TWICE[one.kind] === undefined ? [] : [TWICE[one.kind] ?? ''])].map((kind) =>
        served({
          kind: kindNamed(kind),
          ...(home !== undefined && { namespace: home }),
          name: one.name,
          labels: { ...labelsOf(one.marks), ...one.more },
          ...(one.annotations && { annotations: one.annotations }),
          ...(one.marks.ending && { ending: true }),
          rest: one.rest,
        }),
      );
    const all = [
      ...namespaces,
      ...inner.flatMap(([at, one]) =>
        made(one, namespaces[at % namespaces.length]?.object.metadata.name ?? ''),
      ),
      ...outer.flatMap((one) => made(one)),
    ];
    return { kinds: KINDS, objects: [...new Map(all.map((one) => [identity(one), one])).values()] };
  });
