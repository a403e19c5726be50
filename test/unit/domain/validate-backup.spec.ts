import { describe, expect, it } from 'vitest';
import { nameProblems, printProblem, type LocationFacts } from '../../../src/domain/problem.js';
import { validateBackup, type BackupFacts } from '../../../src/domain/validate-backup.js';
import type { BackupSpec } from '../../../src/domain/velero.gen.js';

const location: LocationFacts = {
  found: true,
  name: 'main',
  phase: 'Available',
  accessMode: 'ReadWrite',
  chosenByServer: false,
};
const problemsOf = (spec: BackupSpec, more: Partial<BackupFacts> = {}) =>
  validateBackup({ spec, location, ...more });
const vsls = (...pairs: [string, string][]) => ({
  existing: pairs.map(([name, provider]) => ({ name, provider })),
  defaults: {},
});

describe('a backup may start', () => {
  it.each<[string, BackupSpec]>([
    ['with nothing written', {}],
    ['with globs of namespaces', { includedNamespaces: ['team-*', ''], excludedNamespaces: ['team-[xy]'] }],
    [
      'with scoped lists that do not clash',
      { includedClusterScopedResources: ['*'], excludedNamespaceScopedResources: ['*'] },
    ],
    ['with one way of selecting labels', { orLabelSelectors: [{ matchLabels: { a: 'b' } }] }],
    ['with durations of any sign', { ttl: '-1h', csiSnapshotTimeout: '10m0s', itemOperationTimeout: '0' }],
  ])('%s', (_rule, spec) => {
    expect(problemsOf(spec)).toEqual([]);
  });
});

describe('a backup is refused', () => {
  it.each<[string, BackupSpec, string, RegExp]>([
    [
      'when old and scoped filters are mixed',
      { includedResources: ['pods'], includedClusterScopedResources: ['pv'] },
      'includedClusterScopedResources',
      /keep one of the two sets/,
    ],
    [
      'when includeClusterResources meets scoped filters',
      { includeClusterResources: false, excludedNamespaceScopedResources: ['pods'] },
      'excludedNamespaceScopedResources',
      /keep one/,
    ],
    [
      'when a star has company in includedResources',
      { includedResources: ['*', 'pods'] },
      'includedResources',
      /write \* alone/,
    ],
    [
      'when excludedResources is a star',
      { excludedResources: ['*'] },
      'excludedResources',
      /exclude everything/,
    ],
    [
      'when a kind is in both lists',
      { includedResources: ['pods'], excludedResources: ['pods'] },
      'excludedResources',
      /"pods" is in includedResources too/,
    ],
    [
      'when a star has company in a scoped include',
      { includedNamespaceScopedResources: ['*', 'pods'] },
      'includedNamespaceScopedResources',
      /write \* alone/,
    ],
    [
      'when a star has company in a scoped exclude',
      { excludedClusterScopedResources: ['*', 'nodes'] },
      'excludedClusterScopedResources',
      /write \* alone/,
    ],
    [
      'when a scoped star excludes what is included',
      { includedClusterScopedResources: ['nodes'], excludedClusterScopedResources: ['*'] },
      'excludedClusterScopedResources',
      /empty one of the two/,
    ],
    [
      'when a kind is in both scoped lists',
      { includedClusterScopedResources: ['nodes'], excludedClusterScopedResources: ['nodes'] },
      'excludedClusterScopedResources',
      /too/,
    ],
    [
      'when a star has company in includedNamespaces',
      { includedNamespaces: ['*', 'a'] },
      'includedNamespaces',
      /write \* alone/,
    ],
    [
      'when excludedNamespaces is a star',
      { excludedNamespaces: ['*'] },
      'excludedNamespaces',
      /exclude everything/,
    ],
    [
      'when a namespace is in both lists',
      { includedNamespaces: ['a'], excludedNamespaces: ['a'] },
      'excludedNamespaces',
      /"a" is in includedNamespaces too/,
    ],
    [
      'when a namespace is no namespace',
      { includedNamespaces: ['Team_A'] },
      'includedNamespaces',
      /"Team_A": it is not the name/,
    ],
    [
      'when an excluded namespace is no glob',
      { excludedNamespaces: ['a**'] },
      'excludedNamespaces',
      /single \*/,
    ],
    [
      'when both ways of selecting labels are used',
      { labelSelector: {}, orLabelSelectors: [] },
      'orLabelSelectors',
      /keep one/,
    ],
    [
      'when a selector is not one',
      { labelSelector: { matchExpressions: [{ key: 'a', operator: 'Like' }] } },
      'labelSelector',
      /unknown/,
    ],
    ['when a duration is not one', { ttl: '30d' }, 'ttl', /like 720h/],
  ])('%s', (_rule, spec, field, message) => {
    expect(problemsOf(spec)).toEqual([
      { field: ['spec', field], message: expect.stringMatching(message) as string, code: 'INVALID' },
    ]);
  });

  it('when a hook has nothing to run, named by its place', () => {
    const hooks = { resources: [{ name: 'h', pre: [{ exec: { command: [] } }] }] };
    expect(problemsOf({ hooks })).toMatchObject([
      { field: ['spec', 'hooks', 'resources', '0', 'pre', '0', 'exec', 'command'], code: 'INVALID' },
    ]);
  });

  it.each<[string, Partial<LocationFacts>, string, RegExp]>([
    [
      'when its location does not exist',
      { found: false },
      'NOT_FOUND',
      /^the storage location "main" does not exist/,
    ],
    [
      'when the default location does not exist',
      { found: false, chosenByServer: true },
      'NOT_FOUND',
      /server's default/,
    ],
    ['when its location is read-only', { accessMode: 'ReadOnly' }, 'LOCATION_READ_ONLY', /accessMode/],
    ['when its location is away', { phase: 'Unavailable' }, 'LOCATION_UNAVAILABLE', /is Unavailable/],
  ])('%s', (_rule, facts, code, message) => {
    expect(problemsOf({}, { location: { ...location, ...facts } })).toEqual([
      { field: ['spec', 'storageLocation'], code, message: expect.stringMatching(message) as string },
    ]);
  });

  it('when its location was never checked', () => {
    const fresh = { found: true, name: 'main', chosenByServer: false };
    expect(problemsOf({}, { location: fresh })[0]).toMatchObject({
      code: 'LOCATION_UNAVAILABLE',
      message: expect.stringMatching(/not been checked/) as string,
    });
  });

  it('when it includes a namespace whose label keeps it out, and only once', () => {
    const labelled = { namespacesExcludedByLabel: ['a', 'b'] };
    expect(problemsOf({ includedNamespaces: ['a'] }, labelled)).toMatchObject([
      {
        field: ['spec', 'includedNamespaces'],
        message: expect.stringMatching(/exclude-from-backup=true; remove the label/) as string,
      },
    ]);
    expect(problemsOf({ includedNamespaces: ['a'], excludedNamespaces: ['a'] }, labelled)).toHaveLength(1);
    expect(problemsOf({ includedNamespaces: ['*'] }, labelled)).toEqual([]);
  });

  it.each<[string, string[], ReturnType<typeof vsls>, RegExp]>([
    ['is missing', ['x'], vsls(['a', 'aws']), /"x" does not exist/],
    ['is the second of its provider', ['a', 'b'], vsls(['a', 'aws'], ['b', 'aws']), /both of provider "aws"/],
    ['is left open among several', [], vsls(['a', 'aws'], ['b', 'aws']), /no default/],
  ])('when a volume snapshot location %s', (_rule, names, snapshotLocations, message) => {
    expect(
      problemsOf({ volumeSnapshotLocations: names, snapshotVolumes: false }, { snapshotLocations }),
    ).toMatchObject([{ message: expect.stringMatching(message) as string }]);
  });

  it('when the default volume snapshot location does not exist', () => {
    const snapshotLocations = { ...vsls(['a', 'aws'], ['b', 'aws']), defaults: { aws: 'c' } };
    expect(problemsOf({}, { snapshotLocations })).toMatchObject([
      { message: expect.stringMatching(/default location "c"/) as string },
    ]);
  });

  it.each([
    [
      'is missing',
      {},
      { found: false, hasIncludeExclude: false },
      'NOT_FOUND',
      /there is no ConfigMap "policy"/,
    ],
    [
      'cannot be read',
      {},
      { found: true, hasIncludeExclude: false, problems: ['has two keys; keep one'] },
      'INVALID',
      /"policy": has two keys/,
    ],
    [
      'has scoped lists beside old filters',
      { excludedResources: ['pods'] },
      { found: true, hasIncludeExclude: true },
      'INVALID',
      /scoped resource filters only/,
    ],
  ])('when its resource policy %s', (_rule, spec, policy, code, message) => {
    const resourcePolicy = { kind: 'configmap', name: 'policy' };
    expect(problemsOf({ ...spec, resourcePolicy }, { policy })).toMatchObject([
      { code, message: expect.stringMatching(message) as string },
    ]);
  });

  it('with all its problems at once, each with its field', () => {
    const problems = problemsOf(
      { includedNamespaces: ['*', 'A'], ttl: 'x' },
      { location: { ...location, phase: 'Unavailable', accessMode: 'ReadOnly' } },
    );
    expect(problems.map(({ field }) => field.at(-1))).toEqual([
      'ttl',
      'storageLocation',
      'storageLocation',
      'includedNamespaces',
      'includedNamespaces',
    ]);
    expect(printProblem(problems[0]!)).toBe(
      'spec.ttl: "x" is not a duration; write it like 720h, 90m or 1h30m',
    );
  });
});

describe('the name of a new backup', () => {
  it.each(['a', 'nightly-20260101020000', 'a.b-c.d', '0', 'x'.repeat(253)])('may be %s', (name) => {
    expect(nameProblems(name)).toEqual([]);
  });

  it.each([
    ['', /empty/],
    ['x'.repeat(254), /254 characters/],
    ['Nightly', /lower-case/],
    ['-a', /begin and end/],
    ['a-', /begin and end/],
    ['a..b', /lower-case/],
    ['a_b', /lower-case/],
    ['a/b', /lower-case/],
  ])('may not be %s', (name, message) => {
    expect(nameProblems(name)).toMatchObject([
      { field: ['metadata', 'name'], message: expect.stringMatching(message) as string },
    ]);
  });
});
