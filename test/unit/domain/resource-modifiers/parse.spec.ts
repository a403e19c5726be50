import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printProblem } from '../../../../src/domain/problem.js';
import { parseModifiers } from '../../../../src/domain/resource-modifiers/parse.js';
import { vectors } from './vectors.js';

interface Vector {
  readonly document: unknown;
  readonly accepted: boolean;
}

const problems = (document: unknown): readonly string[] => {
  const parsed = parseModifiers(document);
  return parsed.ok ? [] : parsed.problems.map(printProblem);
};
const rule = (more: object, conditions: object = {}): object => ({
  version: 'v1',
  resourceModifierRules: [{ conditions: { groupResource: 'pods', ...conditions }, ...more }],
});

describe('the document of a modifier', () => {
  it('is accepted when Velero accepts it, and only then', () => {
    for (const { document, accepted } of vectors('documents.json') as readonly Vector[]) {
      expect([document, problems(document).length === 0]).toEqual([document, accepted]);
    }
  });

  it('is read whole', () => {
    const conditions = {
      groupResource: 'deployments.apps',
      namespaces: ['shop-*'],
      resourceNameRegex: '^web',
      labelSelector: { matchLabels: { app: 'web' } },
      matches: [{ path: '/spec/replicas', value: 2 }],
    };
    const patches = [{ operation: 'replace', path: '/spec/replicas', value: 0 }];
    expect(parseModifiers({ version: 'V1', resourceModifierRules: [{ conditions, patches }] })).toEqual({
      ok: true,
      rules: [
        {
          conditions: {
            ...conditions,
            labelSelector: { matchLabels: { app: 'web' }, matchExpressions: [] },
            matches: [{ path: '/spec/replicas', value: '2' }],
          },
          patches: [{ operation: 'replace', from: '', path: '/spec/replicas', value: '0' }],
          mergePatches: [],
          strategicPatches: [],
        },
      ],
    });
  });

  it('tells everything that is wrong at once, with the place and the way out', () => {
    const patches = [
      { operation: 'delete', path: '/a' },
      { operation: 'add', Value: 1, colour: 'red' },
    ];
    const document = {
      version: 'v2',
      resourceModifierRules: [
        { conditions: { namespaces: 'shop' }, patches },
        { conditions: { groupResource: 'pods' }, patches: [], mergePatches: [{ patchData: { a: 1 } }] },
      ],
    };
    expect(problems(document)).toEqual([
      'version: "v2" is not supported; write version: v1',
      'resourceModifierRules[0].conditions.groupResource: is required; write the kind the rule is for, as deployments.apps or pods',
      'resourceModifierRules[0].conditions.namespaces: is a text; write a list',
      'resourceModifierRules[0].patches[0].operation: "delete" is unknown; write one of add, remove, replace, test, move, copy',
      'resourceModifierRules[0].patches[1].colour: is unknown; use one of operation, from, path, value',
      'resourceModifierRules[0].patches[1].path: is required; write where to change the object, as /metadata/labels/app',
      'resourceModifierRules[1].mergePatches[0].patchData: is a map; write a text',
    ]);
  });

  it('has one kind of patch in a rule', () => {
    const both = { patches: [{ operation: 'remove', path: '/a' }], mergePatches: [{ patchData: '{}' }] };
    expect(problems(rule(both))).toEqual([
      'resourceModifierRules[0]: has more than one of patches, mergePatches, strategicPatches; make a rule of its own for each',
    ]);
  });

  it('may hold what only fails when it is used: no patch, a bad pattern, a bad path', () => {
    expect(problems(rule({}))).toEqual([]);
    expect(problems(rule({ mergePatches: [{}] }, { groupResource: '[', resourceNameRegex: '(' }))).toEqual(
      [],
    );
    expect(problems(rule({ patches: [{ operation: 'Add', path: 'a' }] }, { matches: [{}] }))).toEqual([]);
  });

  it('names no field that only the prototype has', () => {
    expect(problems({ ...rule({}), constructor: 1 })).toEqual([
      'constructor: is unknown; use one of version, resourceModifierRules',
    ]);
  });

  it('never makes the reader throw, whatever it is', () => {
    const name = fc.constantFrom(
      'version',
      'resourceModifierRules',
      'conditions',
      'patches',
      'matches',
      'labelSelector',
      'matchExpressions',
      '__proto__',
    );
    const { document } = fc.letrec<{ document: unknown }>((tie) => ({
      document: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom<unknown>(null, undefined, 1, true, 'v1', 2n, {
          isLosslessNumber: true,
          value: '1e999',
        }),
        fc.array(tie('document'), { maxLength: 3 }),
        fc.dictionary(name, tie('document'), { maxKeys: 5 }),
      ),
    }));
    fc.assert(
      fc.property(document, (any) => {
        expect(parseModifiers(any)).toHaveProperty('ok');
      }),
      { numRuns: 2000 },
    );
  });
});
