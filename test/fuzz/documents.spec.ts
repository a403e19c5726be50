import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { parseItem, stringifyItem } from '../../src/archive/json.js';
import { createMemoryCluster } from '../../src/cluster/memory.js';
import { readConfigMapDocument } from '../../src/controllers/config-map.js';
import { loadModifiers } from '../../src/controllers/restore/resource-modifiers.js';
import { loadResourcePolicy } from '../../src/controllers/resource-policy.js';
import { parseYaml } from '../../src/controllers/yaml.js';
import { isObject, type JsonObject } from '../../src/domain/json.js';
import { applyModifiers } from '../../src/domain/resource-modifiers/apply.js';
import { matchVolumePolicy } from '../../src/domain/resource-policies/match.js';
import { boundedAsync, expectCleanPrototype } from '../bounded.js';
import { configMap, deployment, pod } from '../builders.js';
import { COMPARING, runsOf } from '../property/runs.js';
import { hostileJson, mutated, scribbled } from './hostile.js';

const signal = new AbortController().signal;
const cluster = createMemoryCluster();
const ref = { kind: 'ConfigMap', name: 'rules' };

/** Where the ConfigMap `rules` has one text. */
const homeWith = (text: string) => ({
  cluster: {
    ...cluster,
    get: () =>
      Promise.resolve(Buffer.from(JSON.stringify(configMap('velero', 'rules', { 'rules.yaml': text })))),
  },
  namespace: 'velero',
});

/** A place in the document, or the line of the text, and what is wrong there. */
const NAMES_A_PLACE =
  /^key "rules\.yaml"(?: line \d+: |(?:,|:) (?!: ).+?: | has \d+ characters| has too many parts| is empty; | cannot be read as YAML: )./su;

const expectProblem = (text: string): void => {
  expect(text).toMatch(NAMES_A_PLACE);
  expect(text).not.toMatch(/undefined|\[object|call stack|TypeError/);
};

const POLICY = `version: v1
volumePolicies:
  - conditions: {capacity: "1Gi,10Gi", storageClass: [gold], volumeTypes: [nfs, configMap]}
    action: {type: skip}
  - conditions:
      nfs: {server: a, path: /b}
      csi: {driver: d, volumeAttributes: {x: "1"}}
      pvcLabels: {app: db, "010": yes}
      pvcPhase: [Pending]
    action: {type: custom, parameters: {a: [1, {b: 2}]}}
includeExcludePolicy:
  includedNamespaceScopedResources: [pods]
  excludedNamespaceScopedResources: [secrets]
`;

const MODIFIERS = `version: v1
resourceModifierRules:
  - conditions: {groupResource: "{pods,*.apps}", resourceNameRegex: "^w.*$", namespaces: [sh*]}
    patches:
      - {operation: test, path: /kind, value: Deployment}
      - {operation: add, path: /spec/replicas, value: "3"}
      - {operation: copy, from: /metadata, path: /metadata/annotations}
      - {operation: remove, path: /spec/template}
  - conditions:
      groupResource: pods
      labelSelector: {matchExpressions: [{key: app, operator: NotIn, values: [x]}]}
      matches: [{path: /kind, value: Pod}]
    mergePatches:
      - patchData: |
          metadata: {labels: {a: b, "on": no}}
          spec: {nodeName: null, x: 9007199254740993}
  - conditions: {groupResource: pods}
    strategicPatches:
      - patchData: |
          {"spec": {"containers": [{"name": "main", "image": "b"}, {"name": "gone", "$patch": "delete"}]}}
`;

const documentOf = (text: string): JsonObject => {
  const parsed = parseYaml(text, 'sigs.k8s.io/yaml');
  return 'document' in parsed && isObject(parsed.document) ? parsed.document : expect.fail('not a document');
};

/** Texts near a valid one: scribbled on, written as JSON from a changed document, and others. */
const textsNear = (valid: string): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 4, arbitrary: scribbled(valid) },
    {
      weight: 4,
      arbitrary: mutated(documentOf(valid)).map((document) => stringifyItem(document ?? null).toString()),
    },
    { weight: 1, arbitrary: hostileJson.map((value) => JSON.stringify(value)) },
    { weight: 1, arbitrary: fc.string({ maxLength: 40 }) },
  );

const ITEMS = [
  ['pods', pod('shop', 'web')],
  ['deployments.apps', deployment('shop', 'web', { app: 'web' })],
  ['secrets', { kind: 'Secret', metadata: null, list: [[1], null] }],
] as const;

afterEach(expectCleanPrototype);

describe('A resource policy, whatever its text', () => {
  const volume = {
    spec: { capacity: { storage: '5Gi' }, storageClassName: 'gold', nfs: { server: 'a', path: '/b' } },
  };

  it('applies, or has problems that name key and place', COMPARING, async () => {
    await fc.assert(
      fc.asyncProperty(textsNear(POLICY), async (text) => {
        const loaded = await boundedAsync(() => loadResourcePolicy(homeWith(text), ref, signal));
        if (!loaded?.found) return expect.fail('not found');
        if ('policies' in loaded)
          for (const input of [
            { persistentVolume: volume },
            { podVolume: { configMap: {} } },
            { claim: volume },
          ])
            matchVolumePolicy(loaded.policies, input);
        else {
          expect(loaded.problems.length).toBeGreaterThan(0);
          expect(loaded.problems.join('').length).toBeLessThan(15_000);
          for (const problem of loaded.problems) expectProblem(problem);
        }
      }),
      { numRuns: runsOf(400) },
    );
  });
});

describe('Resource modifiers, whatever their text', () => {
  const load = (text: string) =>
    loadModifiers(
      { resourceModifier: ref },
      {
        read: (name, stop) => readConfigMapDocument(homeWith(text), name, 'sigs.k8s.io/yaml', stop),
        parseYaml: (inner) => parseYaml(inner, 'sigs.k8s.io/yaml'),
      },
      signal,
    );

  const tryRules = async (text: string): Promise<void> => {
    const before = JSON.stringify(ITEMS);
    await boundedAsync(async () => {
      const { facts, rules } = await load(text);
      if (facts?.problem !== undefined) {
        expectProblem(facts.problem);
        expect(facts.problem.length).toBeLessThan(5_000);
      }
      for (const [groupResource, object] of ITEMS) {
        const { object: modified, errors } = applyModifiers(rules, object, {
          groupResource,
          originalNamespace: 'shop',
        });
        expect(parseItem(stringifyItem(modified)).value).toEqual(modified);
        for (const error of errors) {
          expect(error).toMatch(/^resourceModifierRules\[\d+\] was not applied to [a-z.]+\/?.*: ./su);
          expect(error).not.toMatch(/undefined|\[object|call stack|TypeError/);
          expect(error.length).toBeLessThan(1_000);
        }
      }
    });
    expect(JSON.stringify(ITEMS)).toBe(before);
  };

  it(
    'change objects, or have problems that name key and place, or errors that name rule and item',
    COMPARING,
    async () => {
      await fc.assert(fc.asyncProperty(textsNear(MODIFIERS), tryRules), { numRuns: runsOf(400) });
    },
  );

  const patchIn = (list: string, patchData: string): string =>
    JSON.stringify({
      version: 'v1',
      resourceModifierRules: [{ conditions: { groupResource: '*' }, [list]: [{ patchData }] }],
    });
  const PATCH =
    'metadata:\n  labels: {a: b}\nspec:\n  containers:\n    - {name: main, image: b}\n  replicas: 1_0\n';

  it('take or refuse any text in a patch', COMPARING, async () => {
    const list = fc.constantFrom('mergePatches', 'strategicPatches');
    const texts = fc.oneof(
      scribbled(PATCH),
      mutated(documentOf(PATCH)).map((value) => stringifyItem(value ?? null).toString()),
    );
    const documents = fc.tuple(list, texts).map(([name, text]) => patchIn(name, text));
    await fc.assert(fc.asyncProperty(documents, tryRules), { numRuns: runsOf(400) });
  });

  it.each([
    ['an alias of itself, twice', 'a: &a [*a, *a]'],
    ['brackets in each other', '['.repeat(2_000) + ']'.repeat(2_000)],
    ['braces of JSON in each other', '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)],
    [
      'a chain of aliases',
      Array.from({ length: 80 }, (_, i) => `a${i}: &a${i} [[${i ? `*a${i - 1}` : 'x'}]]`).join('\n'),
    ],
  ])('name the rule and the patch where it has %s', async (_what, text) => {
    for (const list of ['mergePatches', 'strategicPatches']) {
      const { rules } = await load(patchIn(list, text));
      const item = { groupResource: 'deployments', originalNamespace: 'shop' };
      const { errors } = applyModifiers(rules, pod('shop', 'web'), item);
      expect(errors).toEqual([
        expect.stringMatching(
          new RegExp(`^resourceModifierRules\\[0\\] .*: ${list}\\[0\\]\\.patchData .`),
        ) as string,
      ]);
    }
  });
});
