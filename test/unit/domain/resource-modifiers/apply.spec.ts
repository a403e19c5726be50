import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namespaceOf } from '../../../../src/domain/item.js';
import { at, type JsonObject } from '../../../../src/domain/json.js';
import { applyModifiers, compileModifiers } from '../../../../src/domain/resource-modifiers/apply.js';
import type { ModifiedItem } from '../../../../src/domain/resource-modifiers/conditions.js';
import { parseModifiers } from '../../../../src/domain/resource-modifiers/parse.js';
import { frozen, parsers, vectors } from './vectors.js';

interface Vector {
  readonly document: unknown;
  readonly object: JsonObject;
  readonly groupResource: string;
  readonly result: JsonObject;
  readonly errors: number;
}

const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop', labels: { app: 'web' } },
  spec: { replicas: 1 },
};
const SHOP: ModifiedItem = { groupResource: 'deployments.apps', originalNamespace: 'shop' };

const modify = (document: unknown, object: JsonObject = DEPLOYMENT, item = SHOP) => {
  const parsed = parseModifiers(document);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
  return applyModifiers(compileModifiers(parsed.rules, parsers), frozen(object), item);
};
const rules = (...list: object[]): object => ({ version: 'v1', resourceModifierRules: list });
const forDeployments = (more: object, conditions: object = {}): object => ({
  conditions: { groupResource: 'deployments.apps', ...conditions },
  ...more,
});
const step = (operation: string, path: string, value = ''): object => ({
  patches: [{ operation, path, value }],
});
const label = (key: string, value = 'x'): object => step('add', `/metadata/labels/${key}`, value);
const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const labelled = (conditions: object, item = SHOP): boolean => {
  const { object, errors } = modify(
    rules({ conditions: { groupResource: '**', ...conditions }, ...label('hit') }),
    DEPLOYMENT,
    item,
  );
  expect(errors).toEqual([]);
  return at(object, 'metadata', 'labels', 'hit') === 'x';
};

describe('the modifiers of a restore', () => {
  it('do what they do in Velero', () => {
    for (const { document, object, groupResource, result, errors } of vectors(
      'rules.json',
    ) as readonly Vector[]) {
      const originalNamespace = namespaceOf(object);
      const modified = modify(document, object, { groupResource, originalNamespace });
      expect([document, modified.object, modified.errors.length]).toEqual([document, result, errors]);
    }
  });

  it('set replicas to a number when the value is "3" (behaviour 125)', () => {
    const { object } = modify(rules(forDeployments(step('replace', '/spec/replicas', '3'))));
    expect(at(object, 'spec', 'replicas')).toBe(3);
  });

  it(String.raw`set a text when the value is "\"3\"" (behaviour 126)`, () => {
    const { object } = modify(rules(forDeployments(label('count', '"3"'))));
    expect(at(object, 'metadata', 'labels', 'count')).toBe('3');
  });

  it('take * for kinds without a dot, and deployments.* for those of any one group (behaviour 127)', () => {
    expect(labelled({ groupResource: '*' })).toBe(false);
    expect(labelled({ groupResource: '*' }, { groupResource: 'pods', originalNamespace: 'shop' })).toBe(true);
    expect(labelled({ groupResource: 'deployments.*' })).toBe(true);
  });

  it('pass over an object that lacks what a match asks for, without an error (behaviour 128)', () => {
    expect(labelled({ matches: [{ path: '/spec/template/spec', value: 'x' }] })).toBe(false);
    expect(labelled({ matches: [{ path: '/spec/paused', value: 'true' }] })).toBe(false);
    expect(labelled({ matches: [{ path: '/spec/replicas', value: '1' }] })).toBe(true);
    expect(labelled({ matches: [{ path: '/spec/replicas', value: '"1"' }] })).toBe(false);
  });

  it('leave the object alone when a test fails, and without an error (behaviour 129)', () => {
    const patches = [
      { operation: 'add', path: '/metadata/labels/a', value: 'x' },
      { operation: 'test', path: '/spec/replicas', value: '5' },
    ];
    expect(modify(rules(forDeployments({ patches })))).toEqual({ object: DEPLOYMENT, errors: [] });
  });

  it('tell of a step that fails, and the object goes on as it was before that rule (behaviour 129)', () => {
    const patches = [
      { operation: 'add', path: '/metadata/labels/a', value: 'x' },
      { operation: 'remove', path: '/spec/none' },
    ];
    const { object, errors } = modify(rules(forDeployments(label('before')), forDeployments({ patches })));
    expect(at(object, 'metadata', 'labels')).toEqual({ app: 'web', before: 'x' });
    expect(errors).toEqual([
      'resourceModifierRules[1] was not applied to deployments.apps/shop/web: patches: step 1 (remove /spec/none): there is no "none"',
    ]);
  });

  it('know the namespace in the backup, not the one it is mapped to (behaviour 130)', () => {
    expect(labelled({ namespaces: ['shop'] })).toBe(true);
    expect(labelled({ namespaces: ['sh*'] })).toBe(true);
    expect(labelled({ namespaces: ['shop-copy'] })).toBe(false);
  });

  it('ask cluster-scoped objects for no namespace', () => {
    expect(labelled({ namespaces: ['other'] }, { groupResource: 'nodes', originalNamespace: '' })).toBe(true);
  });

  it('are matched against the object as it came, while changes add up', () => {
    const first = forDeployments(step('replace', '/spec/replicas', '2'));
    const asItCame = forDeployments(label('one'), { matches: [{ path: '/spec/replicas', value: '1' }] });
    const asItIs = forDeployments(label('two'), { matches: [{ path: '/spec/replicas', value: '2' }] });
    const { object } = modify(rules(first, asItCame, asItIs));
    expect(object).toEqual({
      ...DEPLOYMENT,
      metadata: { ...DEPLOYMENT.metadata, labels: { app: 'web', one: 'x' } },
      spec: { replicas: 2 },
    });
  });

  it.each<[string, object, RegExp]>([
    ['a rule without a patch', forDeployments({}), /has no patch/],
    ['a glob that cannot be read', { ...label('a'), conditions: { groupResource: '[' } }, /not closed/],
    [
      'an expression Go does not know',
      forDeployments(label('a'), { resourceNameRegex: '(?=w)' }),
      /looking ahead/,
    ],
    [
      'a namespace glob that cannot be read',
      forDeployments(label('a'), { namespaces: ['[', 'x'] }),
      /namespaces/,
    ],
    [
      'a selector the API would refuse',
      forDeployments(label('a'), { labelSelector: { matchExpressions: [{ key: 'a', operator: 'Near' }] } }),
      /operator "Near"/,
    ],
    ['a match without a path', forDeployments(label('a'), { matches: [{ value: 'x' }] }), /path is missing/],
    ['an operation in upper case', forDeployments(step('Replace', '/spec/replicas', '2')), /lower case/],
    ['a path without a slash', forDeployments(step('add', 'spec/x', '2')), /begin it with \//],
    ['a patch that takes the kind away', forDeployments(step('remove', '/kind')), /leave the kind/],
    ['a merge patch that is no map', forDeployments({ mergePatches: [{ patchData: '[]' }] }), /not a map/],
    [
      'a merge patch that is no YAML',
      forDeployments({ mergePatches: [{ patchData: '{' }] }),
      /cannot be read/,
    ],
    ['a value deeper than the stack', forDeployments(step('add', '/spec/x', deep(20_000))), /levels deep/],
    [
      'a merge patch deeper than the stack',
      forDeployments({ mergePatches: [{ patchData: `{"spec":${deep(3_000)}}` }] }),
      /levels deep|cannot be read/,
    ],
  ])('tell of %s, and the object is restored all the same', (_what, rule, reason) => {
    const { object, errors } = modify(rules(rule, forDeployments(label('after'))));
    expect(errors).toEqual([expect.stringMatching(reason)]);
    expect(errors[0]).toContain('resourceModifierRules[0] was not applied to deployments.apps/shop/web');
    expect(at(object, 'metadata', 'labels')).toEqual({ app: 'web', after: 'x' });
  });

  it('take YAML in merge and strategic patches', () => {
    const patchData = 'spec:\n  replicas: 0\n  paused: true\n';
    for (const kind of ['mergePatches', 'strategicPatches']) {
      const { object } = modify(rules(forDeployments({ [kind]: [{ patchData }] })));
      expect(at(object, 'spec')).toEqual({ replicas: 0, paused: true });
    }
  });

  it('put no values into errors', () => {
    const secret = { patches: [{ operation: 'add', path: '/data/none/password', value: 'hunter2' }] };
    expect(modify(rules(forDeployments(secret))).errors.join()).not.toContain('hunter2');
  });

  it('never throw, whatever object they meet', () => {
    const list = (vectors('rules.json') as readonly Vector[]).slice(0, 40);
    fc.assert(
      fc.property(fc.constantFrom(...list), fc.jsonValue(), (vector, part) => {
        for (const object of [
          { ...DEPLOYMENT, spec: part },
          { ...DEPLOYMENT, metadata: part },
        ]) {
          expect(modify(vector.document, object, { ...SHOP }).object).toHaveProperty('kind');
        }
      }),
    );
  });
});
