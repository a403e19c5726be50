/** Specs as people write them, and as they should not. */
import fc from 'fast-check';
import type { BackupSpec, LabelSelector, RestoreSpec } from '../../src/domain/velero.gen.js';
import { NAMESPACES } from './arbitrary-cluster.js';

const INNER_KINDS = [
  'configmaps',
  'cm',
  'configmap',
  'ConfigMap',
  'CM',
  'secrets',
  'secret',
  'pods',
  'po',
  'persistentvolumeclaims',
  'pvc',
  'deployments',
  'deploy',
  'deployments.apps',
  'deployment.apps',
  'deployments.extensions',
  'jobs',
  'job.batch',
  'events',
  'events.events.k8s.io',
  'serviceaccounts',
  'sa',
  'widgets',
  'wd',
  'widgets.example.io',
  'volumesnapshots.snapshot.storage.k8s.io',
  'bindings',
  'nothings',
  '*s',
  'p*',
  '*.example.io',
  'widget?.example.io',
  '[c-e]*',
] as const;

const OUTER_KINDS = [
  'persistentvolumes',
  'pv',
  'namespaces',
  'ns',
  'storageclasses',
  'sc.storage.k8s.io',
  'clusterroles',
  'clusterrolebindings.rbac.authorization.k8s.io',
  'priorityclasses',
  'pc',
  'crd',
  'customresourcedefinitions',
  'gadgets',
  'gad',
  'gadget.example.io',
  'componentstatuses',
  'volumesnapshotcontents.snapshot.storage.k8s.io',
  'cluster*',
  '*.example.io',
  'nothings.example.io',
] as const;

const NAMESPACE_ENTRIES = [...NAMESPACES, ...NAMESPACES, 'gone'];
const NAMESPACE_PATTERNS = [
  'shop*',
  'team-?',
  'team-[ab]',
  'kube-*',
  '*-2',
  '[a-c]*',
  '?',
  'zz*',
  '*o*',
  'g?ne',
];
const BAD_ENTRIES = ['a**', 'a{b,c}', 'Team', 'a,b', 'x[', 'x]', '[]', '-a', '!a', 'a|b', '(a)', ''];

type Lists = readonly [includes: readonly string[] | undefined, excludes: readonly string[] | undefined];

/** What is done to two lists so that they clash, or stand for everything; mostly nothing. */
const TWISTS = [
  ...Array.from({ length: 90 }, () => 'none' as const),
  ...Array.from({ length: 5 }, () => 'all in' as const),
  'all out',
  'star among ins',
  'star among outs',
  'one in both',
] as const;

const twisted = (ins: readonly string[], outs: readonly string[], twist: (typeof TWISTS)[number]): Lists => {
  switch (twist) {
    case 'none':
      return [ins, outs];
    case 'all in':
      return [['*'], outs];
    case 'all out':
      return [ins, ['*']];
    case 'star among ins':
      return [[...ins, '*'], outs];
    case 'star among outs':
      return [ins, [...outs, '*']];
    case 'one in both':
      return [ins, [...outs, ...ins.slice(0, 1)]];
  }
};

/** Two lists; now and then they clash. A list that is not there is no empty one. */
const lists = (entries: fc.Arbitrary<string>, most: number): fc.Arbitrary<Lists> => {
  const list = fc.uniqueArray(entries, { minLength: 1, maxLength: most });
  const none = fc.constant<readonly string[]>([]);
  return fc
    .record({
      pair: fc.oneof(
        { arbitrary: fc.tuple(none, none), weight: 3 },
        { arbitrary: fc.tuple(list, none), weight: 3 },
        { arbitrary: fc.tuple(none, list), weight: 3 },
        { arbitrary: fc.tuple(list, list), weight: 2 },
      ),
      twist: fc.constantFrom(...TWISTS),
      empty: fc.constantFrom(false, false, false, true),
    })
    .map(({ pair: [ins, outs], twist, empty }): Lists => {
      const apart = outs.filter((entry) => !ins.includes(entry));
      const listed = (entries: readonly string[] | undefined) =>
        entries?.length === 0 && !empty ? undefined : entries;
      const [finalIns, finalOuts] = twisted(ins, apart, twist);
      return [listed(finalIns), listed(finalOuts)];
    });
};

const oneOf = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom(...words);

const namespaceEntry = fc.oneof(
  { arbitrary: oneOf(...NAMESPACE_ENTRIES), weight: 60 },
  { arbitrary: oneOf(...NAMESPACE_PATTERNS), weight: 40 },
  { arbitrary: oneOf(...BAD_ENTRIES), weight: 1 },
);

const namespaceLists = fc.oneof(
  { arbitrary: fc.constant<Lists>([undefined, undefined]), weight: 1 },
  { arbitrary: lists(namespaceEntry, 4), weight: 4 },
);

const requirement = fc.oneof(
  fc.record({ key: oneOf('app', 'tier'), operator: oneOf('Exists', 'DoesNotExist') }),
  fc.record({
    key: oneOf('app', 'tier'),
    operator: oneOf('In', 'NotIn'),
    values: fc.uniqueArray(oneOf('x', 'y', 'front', 'z'), { minLength: 1, maxLength: 2 }),
  }),
);

const selector: fc.Arbitrary<LabelSelector> = fc.oneof(
  { arbitrary: fc.record({ app: oneOf('x', 'y') }).map((matchLabels) => ({ matchLabels })), weight: 5 },
  {
    arbitrary: fc
      .array(requirement, { minLength: 1, maxLength: 2 })
      .map((matchExpressions) => ({ matchExpressions })),
    weight: 4,
  },
  {
    arbitrary: fc.constant({
      matchLabels: { app: 'x' },
      matchExpressions: [{ key: 'tier', operator: 'Exists' }],
    }),
    weight: 1,
  },
  { arbitrary: fc.constant({}), weight: 1 },
);

type Selectors = Pick<BackupSpec, 'labelSelector' | 'orLabelSelectors'>;

const many = fc.array(selector, { minLength: 1, maxLength: 3 });

const selectors: fc.Arbitrary<Selectors> = fc.oneof(
  { arbitrary: fc.constant<Selectors>({}), weight: 30 },
  { arbitrary: selector.map((labelSelector) => ({ labelSelector })), weight: 8 },
  { arbitrary: many.map((orLabelSelectors) => ({ orLabelSelectors })), weight: 8 },
  { arbitrary: fc.record({ labelSelector: selector, orLabelSelectors: many }), weight: 1 },
);

const anyKind = fc.oneof(oneOf(...INNER_KINDS), oneOf(...OUTER_KINDS));

const whole = fc.constantFrom(undefined, undefined, true, false);

/** Fields that are not there are left out, as in a file. */
const written = <T extends object>(spec: T): T =>
  Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== undefined)) as T;

const namespaced = namespaceLists.map(([includedNamespaces, excludedNamespaces]) => ({
  includedNamespaces,
  excludedNamespaces,
}));

const oldFilters = fc
  .tuple(lists(anyKind, 4), whole)
  .map(([[includedResources, excludedResources], includeClusterResources]) => ({
    includedResources,
    excludedResources,
    includeClusterResources,
  }));

/** Mostly names of the right scope. */
const scoped = (own: readonly string[], other: readonly string[]) =>
  lists(fc.oneof({ arbitrary: oneOf(...own), weight: 8 }, { arbitrary: oneOf(...other), weight: 1 }), 3);

const scopedFilters = fc
  .tuple(scoped(INNER_KINDS, OUTER_KINDS), scoped(OUTER_KINDS, INNER_KINDS))
  .map(([inner, outer]) => ({
    includedNamespaceScopedResources: inner[0],
    excludedNamespaceScopedResources: inner[1],
    includedClusterScopedResources: outer[0],
    excludedClusterScopedResources: outer[1],
  }));

const kindFilters: fc.Arbitrary<Partial<BackupSpec>> = fc.oneof(
  { arbitrary: fc.constant({}), weight: 4 },
  { arbitrary: oldFilters, weight: 10 },
  { arbitrary: scopedFilters, weight: 10 },
  { arbitrary: fc.tuple(oldFilters, scopedFilters).map(([a, b]) => ({ ...a, ...b })), weight: 1 },
) as fc.Arbitrary<Partial<BackupSpec>>;

export const backupSpec: fc.Arbitrary<BackupSpec> = fc
  .tuple(namespaced, kindFilters, selectors)
  .map((parts) => written(Object.assign({}, ...parts) as BackupSpec));

const NEVER_RESTORED = ['nodes', 'events', 'backups.velero.io'];

const restoredKind = fc.oneof(
  { arbitrary: anyKind, weight: 40 },
  { arbitrary: oneOf(...NEVER_RESTORED), weight: 1 },
);

const mapping = fc.oneof(
  { arbitrary: fc.constant(undefined), weight: 3 },
  {
    arbitrary: fc.dictionary(oneOf(...NAMESPACES), oneOf('new-1', 'new-2', ...NAMESPACES), { maxKeys: 3 }),
    weight: 2,
  },
);

export const restoreSpec: fc.Arbitrary<RestoreSpec> = fc
  .tuple(
    namespaced,
    fc
      .tuple(lists(restoredKind, 3), whole)
      .map(([[includedResources, excludedResources], includeClusterResources]) => ({
        includedResources,
        excludedResources,
        includeClusterResources,
      })),
    selectors,
    mapping.map((namespaceMapping) => ({ namespaceMapping })),
  )
  .map((parts) => written(Object.assign({}, ...parts) as RestoreSpec));
