import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { filterFamily, selectKinds, type ResourceFilterSpec } from '../../../src/domain/resource-filter.js';
import { findKind, groupResourceOf, type ResourceKind } from '../../../src/domain/resource-kinds.js';
import { KINDS } from './kinds.js';

const kindsOf = (spec: ResourceFilterSpec, everyNamespace = true) =>
  selectKinds(spec, KINDS, { everyNamespace }).kinds.map((kind) => kind.groupResource);
const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';
/** What preparation makes of a spec without filters. */
const PREPARED: ResourceFilterSpec = {
  excludedNamespaceScopedResources: ['volumesnapshots.snapshot.storage.k8s.io'],
  excludedClusterScopedResources: ['volumesnapshotcontents.snapshot.storage.k8s.io'],
};

describe('the family of filters', () => {
  it.each([
    [{}, 'scoped'],
    [{ includedResources: [] }, 'scoped'],
    [{ includeClusterResources: null }, 'scoped'],
    [{ includedClusterScopedResources: ['*'] }, 'scoped'],
    [{ includeClusterResources: false }, 'old'],
    [{ includedResources: ['pods'] }, 'old'],
    [{ excludedResources: ['pods'] }, 'old'],
  ])('of %j is %s', (spec, family) => {
    expect(filterFamily(spec)).toBe(family);
  });
});

describe('a backup without filters', () => {
  it('lists every namespaced kind and the namespaces, and no other cluster-scoped kind', () => {
    expect(kindsOf(PREPARED)).toEqual([
      'pods',
      'persistentvolumeclaims',
      'namespaces',
      'configmaps',
      'secrets',
      'events',
      'deployments.apps',
      'replicasets.apps',
      'ingresses.networking.k8s.io',
      'widgets.example.com',
    ]);
  });

  it('lets actions bring cluster-scoped objects, and brings the definition of each custom kind', () => {
    const selection = selectKinds(PREPARED, KINDS, { everyNamespace: true });
    expect(selection.allowsAdditional('persistentvolumes')).toBe(true);
    expect(selection.allowsAdditional('gadgets.example.com')).toBe(false);
    expect(selection.addsDefinitions).toBe(true);
  });

  it('would list all cluster-scoped kinds if nothing at all were excluded', () => {
    expect(kindsOf({})).toContain('storageclasses.storage.k8s.io');
    expect(kindsOf({}, false)).not.toContain('storageclasses.storage.k8s.io');
  });
});

describe('the old filters', () => {
  it.each<[string, ResourceFilterSpec, boolean, string[]]>([
    ['includedResources=[pods] takes no namespaces', { includedResources: ['pods'] }, true, ['pods']],
    [
      'short names are resolved',
      { includedResources: ['po', 'ing'] },
      true,
      ['pods', 'ingresses.networking.k8s.io'],
    ],
    [
      'includeClusterResources=false drops volumes and namespaces',
      { includeClusterResources: false, includedResources: ['pv', 'ns', 'cm'] },
      true,
      ['configmaps'],
    ],
    [
      'nil lists cluster kinds when every namespace is selected',
      { includedResources: ['pv', 'cm'] },
      true,
      ['persistentvolumes', 'configmaps'],
    ],
    [
      'nil lists none when some namespaces are selected',
      { includedResources: ['pv', 'cm'] },
      false,
      ['configmaps'],
    ],
    [
      'nil lists namespaces however many are selected',
      { includedResources: ['ns', 'cm'] },
      false,
      ['namespaces', 'configmaps'],
    ],
    [
      'true lists cluster kinds whatever the namespaces',
      { includeClusterResources: true, includedResources: ['pv'] },
      false,
      ['persistentvolumes'],
    ],
    [
      'a glob stands for group resources',
      { includedResources: ['*.apps'] },
      true,
      ['deployments.apps', 'replicasets.apps'],
    ],
    [
      'an exclude wins',
      { includedResources: ['cm', 'po'], excludedResources: ['configmap'] },
      true,
      ['pods'],
    ],
    [
      'a star in the excludes is ignored',
      { includedResources: ['cm'], excludedResources: ['*'] },
      true,
      ['configmaps'],
    ],
    ['an unknown kind is listed nowhere', { includedResources: ['gadgets'] }, true, []],
  ])('%s', (_rule, spec, everyNamespace, expected) => {
    expect(kindsOf(spec, everyNamespace)).toEqual(expected);
  });

  it.each<[string, ResourceFilterSpec, string, boolean]>([
    ['an excluded kind stays out', { excludedResources: ['secrets'] }, 'secrets', false],
    ['a namespaced kind not included may come', { includedResources: ['pods'] }, 'configmaps', true],
    ['nil keeps cluster kinds to the lists', { includedResources: ['pods'] }, 'persistentvolumes', false],
    [
      'nil lets an included cluster kind come',
      { includedResources: ['pods', 'pv'] },
      'persistentvolumes',
      true,
    ],
    [
      'true lets cluster kinds come',
      { includeClusterResources: true, includedResources: ['pods'] },
      'persistentvolumes',
      true,
    ],
    ['false lets none come', { includeClusterResources: false }, 'persistentvolumes', false],
  ])('for what actions bring: %s', (_rule, spec, kind, expected) => {
    expect(selectKinds(spec, KINDS, { everyNamespace: false }).allowsAdditional(kind)).toBe(expected);
  });

  it('bring definitions only if the lists allow that kind', () => {
    const adds = (spec: ResourceFilterSpec) =>
      selectKinds(spec, KINDS, { everyNamespace: false }).addsDefinitions;
    expect(adds({ excludedResources: ['secrets'] })).toBe(true);
    expect(adds({ excludedResources: ['crd'] })).toBe(false);
    expect(adds({ includeClusterResources: false })).toBe(false);
    expect(adds({ includeClusterResources: true })).toBe(false);
    expect(selectKinds({ includeClusterResources: true }, KINDS, { everyNamespace: false }).lists(CRDS)).toBe(
      true,
    );
  });
});

describe('the scoped filters', () => {
  it.each<[string, ResourceFilterSpec, string[]]>([
    [
      'a namespaced include takes the namespaces along',
      { includedNamespaceScopedResources: ['pods'] },
      ['pods', 'namespaces'],
    ],
    [
      'an entry of the other scope is dropped',
      { includedNamespaceScopedResources: ['pods', 'pv'], excludedClusterScopedResources: ['cm'] },
      ['pods', 'namespaces'],
    ],
    [
      'cluster kinds come by name',
      { includedNamespaceScopedResources: ['pods'], includedClusterScopedResources: ['sc'] },
      ['pods', 'namespaces', 'storageclasses.storage.k8s.io'],
    ],
    [
      'namespaces can be excluded',
      { includedNamespaceScopedResources: ['pods'], excludedClusterScopedResources: ['ns'] },
      ['pods'],
    ],
    [
      'a star excludes every kind of its scope',
      { excludedNamespaceScopedResources: ['*'], includedClusterScopedResources: ['pv'] },
      ['persistentvolumes', 'namespaces'],
    ],
  ])('%s', (_rule, spec, expected) => {
    expect(kindsOf({ ...PREPARED, ...spec })).toEqual(expected);
  });

  it('with a star for the cluster take all of it', () => {
    expect(kindsOf({ ...PREPARED, includedClusterScopedResources: ['*'] }, false)).toEqual(
      expect.arrayContaining(['nodes', 'persistentvolumes', CRDS, 'storageclasses.storage.k8s.io']),
    );
  });

  it('let actions bring what is not excluded', () => {
    const selection = selectKinds(
      { includedNamespaceScopedResources: ['pods'], excludedClusterScopedResources: ['pv'] },
      KINDS,
      { everyNamespace: false },
    );
    expect(selection.allowsAdditional('configmaps')).toBe(true);
    expect(selection.allowsAdditional('persistentvolumes')).toBe(false);
    expect(selection.allowsAdditional('storageclasses.storage.k8s.io')).toBe(true);
  });

  it('are widened by a resource policy, whose entries lose against the spec', () => {
    const spec: ResourceFilterSpec = {
      includedNamespaceScopedResources: ['pods'],
      excludedClusterScopedResources: ['pv'],
    };
    const policy = {
      includedNamespaceScopedResources: ['cm'],
      excludedNamespaceScopedResources: ['pods'],
      includedClusterScopedResources: ['pv', 'sc'],
    };
    const selection = selectKinds(spec, KINDS, { everyNamespace: true, policy });
    expect(selection.kinds.map((kind) => kind.groupResource)).toEqual([
      'pods',
      'namespaces',
      'configmaps',
      'storageclasses.storage.k8s.io',
    ]);
  });

  it('are not narrowed by an include of a policy that its own exclude swallows', () => {
    const policy = {
      includedNamespaceScopedResources: ['services'],
      excludedNamespaceScopedResources: ['serv*'],
    };
    const selection = selectKinds({}, KINDS, { everyNamespace: true, policy });
    expect(selection.lists('services')).toBe(false);
    expect(selection.lists('pods')).toBe(true);
  });
});

// The oracle: the two decision tables written down row by row, with no thought for speed.
const matches = (list: readonly string[], name: string): boolean =>
  list.some(
    (entry) => entry === '*' || entry === name || (entry.startsWith('*.') && name.endsWith(entry.slice(1))),
  );
const toGroupResources = (list: readonly string[]) =>
  list.map((entry) => {
    const kind = findKind(KINDS, entry);
    return kind ? groupResourceOf(kind) : entry;
  });
const ofScope = (list: readonly string[], namespaced: boolean) =>
  toGroupResources(list.filter((entry) => (findKind(KINDS, entry)?.namespaced ?? namespaced) === namespaced));

const oracle = (spec: ResourceFilterSpec, kind: ResourceKind, everyNamespace: boolean) => {
  const name = groupResourceOf(kind);
  const icr = spec.includeClusterResources ?? undefined;
  const [inc, exc] = [spec.includedResources ?? [], spec.excludedResources ?? []];
  if (icr !== undefined || inc.length > 0 || exc.length > 0) {
    const excluded = matches(toGroupResources(exc.filter((entry) => entry !== '*')), name);
    const byLists = !excluded && (inc.length === 0 || matches(toGroupResources(inc), name));
    if (kind.namespaced) return { lists: byLists, allows: !excluded };
    if (icr === false) return { lists: false, allows: false };
    if (icr === true) return { lists: byLists, allows: !excluded };
    return { lists: byLists && (everyNamespace || name === 'namespaces'), allows: byLists };
  }
  const nsInc = ofScope(spec.includedNamespaceScopedResources ?? [], true);
  const nsExc = ofScope(spec.excludedNamespaceScopedResources ?? [], true);
  const clInc = ofScope(spec.includedClusterScopedResources ?? [], false);
  const clExc = ofScope(spec.excludedClusterScopedResources ?? [], false);
  if (kind.namespaced) {
    const excluded = matches(nsExc, name);
    return { lists: !excluded && (nsInc.length === 0 || matches(nsInc, name)), allows: !excluded };
  }
  const excluded = matches(clExc, name);
  const nsEverything = nsExc.length === 0 && (nsInc.length === 0 || nsInc.every((entry) => entry === '*'));
  const everything = clInc.length + clExc.length === 0 && everyNamespace && nsEverything;
  return {
    lists: !excluded && (matches(clInc, name) || name === 'namespaces' || everything),
    allows: !excluded,
  };
};

describe('any filters at all', () => {
  const entry = fc.constantFrom(
    '*',
    'pods',
    'po',
    'cm',
    'ns',
    'pv',
    'sc',
    'crd',
    'Deployment',
    '*.apps',
    '*.k8s.io',
    'widget',
    'gadgets',
    'events',
  );
  const list = fc.option(fc.array(entry, { maxLength: 3 }), { nil: undefined, freq: 2 });
  const old = fc.record({
    includedResources: list,
    excludedResources: list,
    includeClusterResources: fc.constantFrom(true, false, null, undefined),
  });
  const scoped = fc.record({
    includedClusterScopedResources: list,
    excludedClusterScopedResources: list,
    includedNamespaceScopedResources: list,
    excludedNamespaceScopedResources: list,
  });

  it('decide on every kind as the tables do', () => {
    fc.assert(
      fc.property(fc.oneof(old, scoped), fc.boolean(), (lists, everyNamespace) => {
        const spec = Object.fromEntries(Object.entries(lists).filter(([, value]) => value !== undefined));
        const selection = selectKinds(spec, KINDS, { everyNamespace });
        for (const kind of KINDS) {
          const name = groupResourceOf(kind);
          const told = { lists: selection.lists(name), allows: selection.allowsAdditional(name) };
          expect({ name, ...told }).toEqual({ name, ...oracle(spec, kind, everyNamespace) });
        }
      }),
      { numRuns: 2000 },
    );
  });
});
