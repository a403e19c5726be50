import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseResourcePolicies } from '../../../../src/domain/resource-policies/policies.js';

const policy = (conditions: unknown, action: unknown = { type: 'skip' }) => ({
  version: 'v1',
  volumePolicies: [{ conditions, action }],
});

const problemsOf = (document: unknown): readonly string[] => {
  const parsed = parseResourcePolicies(document);
  return 'problems' in parsed ? parsed.problems.map(({ path, message }) => `${path}: ${message}`) : [];
};

describe('a resource policy document', () => {
  it('is read as a whole', () => {
    const parsed = parseResourcePolicies({
      version: 'v1',
      volumePolicies: [
        {
          conditions: {
            capacity: '10Gi,100Gi',
            storageClass: ['gp2'],
            nfs: { server: 's' },
            csi: { driver: 'd', volumeAttributes: { tier: 'gold' } },
            volumeTypes: ['emptyDir'],
            pvcLabels: { keep: 'no' },
            pvcPhase: ['Pending'],
          },
          action: { type: 'fs-backup', parameters: { any: { thing: 1 } } },
        },
      ],
      includeExcludePolicy: {
        includedClusterScopedResources: ['pv'],
        excludedNamespaceScopedResources: ['secrets'],
      },
    });
    const gib = 2n ** 30n * 10n ** 9n;
    expect(parsed).toEqual({
      policies: {
        volumePolicies: [
          {
            conditions: {
              capacity: { low: 10n * gib, high: 100n * gib },
              storageClass: ['gp2'],
              nfs: { server: 's', path: '' },
              csi: { driver: 'd', volumeAttributes: { tier: 'gold' } },
              volumeTypes: ['emptyDir'],
              pvcLabels: { keep: 'no' },
              pvcPhase: ['Pending'],
            },
            action: { type: 'fs-backup', parameters: { any: { thing: 1 } } },
          },
        ],
        includeExclude: {
          includedClusterScopedResources: ['pv'],
          excludedClusterScopedResources: [],
          includedNamespaceScopedResources: [],
          excludedNamespaceScopedResources: ['secrets'],
        },
      },
    });
  });

  it.each([
    ['nothing but a version', { version: 'v1' }],
    ['parts left empty', { version: 'v1', volumePolicies: null, includeExcludePolicy: null }],
    ['conditions left empty', policy(null)],
    [
      'each of the actions',
      {
        version: 'v1',
        volumePolicies: ['skip', 'fs-backup', 'snapshot', 'custom'].map((type) => ({ action: { type } })),
      },
    ],
    ['a capacity open below', policy({ capacity: ',10Gi' })],
    ['a capacity open above', policy({ capacity: '10Gi,' })],
    ['a capacity with spaces', policy({ capacity: ' 1Gi , 2Gi ' })],
    ['a capacity open on both sides', policy({ capacity: ',' })],
    ['labels that look like other things', policy({ pvcLabels: { keep: true, tier: 1, empty: null } })],
    ['a volume type nobody knows', policy({ volumeTypes: ['floppy'] })],
  ])('may have %s', (_what, document) => {
    expect(problemsOf(document)).toEqual([]);
  });

  it.each([
    ['no document at all', null, /^version: is missing; write v1$/],
    ['a document that is a list', [], /^document: is not a map/],
    ['behaviour 110: version v2', { version: 'v2' }, /^version: "v2" is unknown; write v1$/],
    [
      'behaviour 110: an unknown field',
      { version: 'v1', volumePolicy: [] },
      /^volumePolicy: is not a known field/,
    ],
    [
      'behaviour 110: an unknown condition',
      policy({ size: '1,2' }),
      /^volumePolicies\[0\]\.conditions\.size: is not a known/,
    ],
    [
      'an unknown field of a policy',
      { version: 'v1', volumePolicies: [{ when: {}, action: { type: 'skip' } }] },
      /^volumePolicies\[0\]\.when/,
    ],
    [
      'an unknown field of an action',
      policy({}, { type: 'skip', with: 1 }),
      /^volumePolicies\[0\]\.action\.with/,
    ],
    [
      'an unknown action',
      policy({}, { type: 'copy' }),
      /\.action\.type: "copy" is not an action; write one of skip/,
    ],
    ['no action', { version: 'v1', volumePolicies: [{}] }, /\.action\.type: "" is not an action/],
    [
      'parameters that are no map',
      policy({}, { type: 'skip', parameters: [] }),
      /\.action\.parameters: is not a map/,
    ],
    ['policies that are no list', { version: 'v1', volumePolicies: {} }, /^volumePolicies: is not a list/],
    [
      'a capacity without a comma',
      policy({ capacity: '10Gi' }),
      /\.capacity: "10Gi" does not have one comma/,
    ],
    ['a capacity with two commas', policy({ capacity: '1,2,3' }), /\.capacity: .* does not have one comma/],
    ['a capacity that is no amount', policy({ capacity: '1Gi,2KB' }), /\.capacity: "2KB" is not an amount/],
    ['a capacity the wrong way round', policy({ capacity: '2Gi,1Gi' }), /\.capacity: .* greater side first/],
    ['a capacity that is a list', policy({ capacity: ['1', '2'] }), /\.capacity: is not a text/],
    ['a storage class that is no list', policy({ storageClass: 'gp2' }), /\.storageClass: is not a list/],
    [
      'a storage class that is no text',
      policy({ storageClass: ['a', {}] }),
      /\.storageClass\[1\]: is not a text/,
    ],
    ['a field of nfs nobody knows', policy({ nfs: { host: 'h' } }), /\.nfs\.host: is not a known field/],
    [
      'attributes without a driver',
      policy({ csi: { volumeAttributes: {} } }),
      /\.csi: has volumeAttributes without a driver/,
    ],
    ['labels that are a list', policy({ pvcLabels: ['a'] }), /\.pvcLabels: is not a map/],
    ['labels left empty', policy({ pvcLabels: null }), /\.pvcLabels: is not a map/],
    ['a label that is no text', policy({ pvcLabels: { a: [] } }), /\.pvcLabels\.a: is not a text/],
    [
      'a label too long to be a number',
      policy({ pvcLabels: { a: 2 ** 60 } }),
      /\.pvcLabels\.a: .* in quotes/,
    ],
    [
      'a star to include',
      { version: 'v1', includeExcludePolicy: { includedClusterScopedResources: ['*'] } },
      /^includeExcludePolicy\.includedClusterScopedResources: has \*/,
    ],
    [
      'a star to exclude',
      { version: 'v1', includeExcludePolicy: { excludedNamespaceScopedResources: ['a', '*'] } },
      /^includeExcludePolicy\.excludedNamespaceScopedResources: has \*/,
    ],
    [
      'a name in both lists',
      {
        version: 'v1',
        includeExcludePolicy: {
          includedNamespaceScopedResources: ['a'],
          excludedNamespaceScopedResources: ['a'],
        },
      },
      /"a" is in includedNamespaceScopedResources too/,
    ],
    [
      'old filters in its lists',
      { version: 'v1', includeExcludePolicy: { includedResources: ['a'] } },
      /^includeExcludePolicy\.includedResources: is not a known field/,
    ],
  ])('is refused for %s', (_what, document, problem) => {
    expect(problemsOf(document)).toEqual([expect.stringMatching(problem)]);
  });

  it('tells all its problems at once, but no more than twenty', () => {
    const one = { conditions: { size: 1 }, action: { type: 'copy' } };
    expect(problemsOf({ version: 'v2', volumePolicies: [one, one] })).toHaveLength(5);
    expect(problemsOf({ version: 'v1', volumePolicies: Array(50).fill(one) })).toHaveLength(20);
  });

  it('says in short what is wrong with something long', () => {
    expect(problemsOf({ version: 'x'.repeat(10_000) })[0]?.length).toBeLessThan(700);
  });

  const FIELD = fc.constantFrom(
    'version',
    'volumePolicies',
    'includeExcludePolicy',
    'conditions',
    'action',
    'type',
    'capacity',
    'csi',
    'nfs',
    'driver',
    'volumeAttributes',
    'pvcLabels',
    'storageClass',
    'includedClusterScopedResources',
    '__proto__',
    'constructor',
  );
  const anything = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom('v1', 'skip', '1Gi,2Gi', '*', null, true, Infinity, 7),
      fc.string(),
      fc.array(tie('value'), { maxLength: 3 }),
      fc
        .array(fc.tuple(FIELD, tie('value')), { maxLength: 4 })
        .map((entries) => Object.fromEntries(entries) as unknown),
    ),
  })).value;

  it('is a policy, or has problems that each name a path, whatever is in it', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anything,
          anything.map((value) => ({ version: 'v1', volumePolicies: [value] })),
        ),
        (document) => {
          const parsed = parseResourcePolicies(document);
          if ('policies' in parsed) expect(parsed.policies.volumePolicies).toBeInstanceOf(Array);
          else {
            expect(parsed.problems.length).toBeGreaterThan(0);
            for (const { path, message } of parsed.problems) {
              expect(path).not.toBe('');
              expect(message).not.toBe('');
            }
          }
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
