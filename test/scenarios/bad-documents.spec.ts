import { describe, expect, it } from 'vitest';
import { listAt } from '../../src/domain/json.js';
import { configMap, namespaceOf, type KubeObject } from '../builders.js';
import { NAMESPACE } from './life.js';
import { expectRefused } from './refused.js';
import { createRunningWorld } from './world.js';

/** What somebody wrote, and the end of what they are told. */
type Row = readonly [what: string, wrong: object | string, told: string];

const rules = { kind: 'ConfigMap', name: 'rules' };
const rulesIn = (data: object | string): KubeObject =>
  configMap(NAMESPACE, 'rules', typeof data === 'string' ? { 'rules.yaml': data } : data);

describe('A resource policy that cannot be read', () => {
  const POLICY = 'spec.resourcePolicy: ConfigMap "rules"';
  const volume = (text: string): string => `version: v1\nvolumePolicies:\n- ${text}`;
  const rows: readonly Row[] = [
    ['no key', {}, ': has 0 data keys; keep exactly one'],
    ['nothing under its key', '# later', ': key "rules.yaml" is empty; write the document into it'],
    [
      'a key twice',
      'version: v1\nversion: v1',
      ': key "rules.yaml" line 2: the key "version" comes twice; keep one',
    ],
    [
      'two documents',
      'version: v1\n---\nversion: v1',
      ': key "rules.yaml" line 2: a second document begins; keep one',
    ],
    [
      'an alias of itself',
      'version: v1\nvolumePolicies: &a [*a]',
      ': key "rules.yaml" line 2: the alias *a stands in what it repeats; write it out',
    ],
    [
      'brackets without end',
      `version: v1\nvolumePolicies: ${'['.repeat(2_000)}`,
      ': key "rules.yaml" line 2: it nests more than 200 levels deep; make it flatter',
    ],
    ['no version', 'volumePolicies: []', ', version: is missing; write v1'],
    ['another version', 'version: v2', ', version: "v2" is unknown; write v1'],
    ['a list', '[]', ', document: is not a map; begin it with version: v1'],
    [
      'an unknown field',
      'version: v1\nvolumePolicys: []',
      ', volumePolicys: is not a known field; remove it, or write one of version, volumePolicies, includeExcludePolicy',
    ],
    [
      'an unknown action',
      volume('action: {type: drop}'),
      ', volumePolicies[0].action.type: "drop" is not an action; write one of skip, fs-backup, snapshot, custom',
    ],
    [
      'a capacity that is none',
      volume('{conditions: {capacity: "1Gi,1gb"}, action: {type: skip}}'),
      ', volumePolicies[0].conditions.capacity: "1gb" is not an amount of Kubernetes; write it like "10Gi,100Gi", ",100Gi" or "10Gi,"',
    ],
    [
      'a text where a list is due',
      volume('{conditions: {storageClass: gold}, action: {type: skip}}'),
      ', volumePolicies[0].conditions.storageClass: is not a list; write each entry on a line of its own that begins with a dash',
    ],
    [
      'a star',
      'version: v1\nincludeExcludePolicy: {excludedClusterScopedResources: ["*"]}',
      ', includeExcludePolicy.excludedClusterScopedResources: has *, which a policy may not have; name each resource',
    ],
  ];

  it('refuses the backup, and tells ConfigMap, key, place, reason and way out', async () => {
    const world = await createRunningWorld();
    const missing =
      'spec.resourcePolicy: there is no ConfigMap "rules" in the namespace of the backup; create it';
    await expectRefused(world, 'backup', ['missing', { resourcePolicy: rules }], missing);
    for (const [what, data, told] of rows) {
      await world.apply(rulesIn(data));
      const text = told.startsWith(',') ? `${POLICY}: key "rules.yaml"${told}` : `${POLICY}${told}`;
      await expectRefused(world, 'backup', [what, { resourcePolicy: rules }], text);
      await world.remove('configmaps', 'rules', NAMESPACE);
    }
  });
});

describe('Resource modifiers that cannot be read', () => {
  const MODIFIER = 'spec.resourceModifier: ConfigMap "rules"';
  const rule = (text: string): string => `version: v1\nresourceModifierRules:\n- ${text}`;
  const POD = 'conditions: {groupResource: pods}';
  const rows: readonly Row[] = [
    ['two keys', { a: '', b: '' }, ': has 2 data keys; keep exactly one'],
    [
      'broken YAML',
      'version: v1\nresourceModifierRules: *nothing',
      ': key "rules.yaml" line 2: the alias *nothing repeats nothing; write &nothing before what it repeats',
    ],
    [
      'an unknown tag',
      'version: !!binary djE=',
      ': key "rules.yaml" line 1: Unresolved tag: tag:yaml.org,2002:binary; remove the tag',
    ],
    [
      'no number of JSON',
      'version: .inf',
      ': key "rules.yaml" line 1: .inf is not a number of JSON; put it in quotes to have a text',
    ],
    [
      'a text',
      'hello',
      ': key "rules.yaml": document: is a text; write a map of version, resourceModifierRules; version: is required; write version: v1; resourceModifierRules: has no rules; write at least one, or name no modifier',
    ],
    [
      'no rules',
      'version: v1',
      ': key "rules.yaml": resourceModifierRules: has no rules; write at least one, or name no modifier',
    ],
    [
      'no kind',
      rule('patches: [{operation: add, path: /a, value: b}]'),
      ': key "rules.yaml": resourceModifierRules[0].conditions.groupResource: is required; write the kind the rule is for, as deployments.apps or pods',
    ],
    [
      'an unknown operation',
      rule(`{${POD}, patches: [{operation: set, path: /a}]}`),
      ': key "rules.yaml": resourceModifierRules[0].patches[0].operation: "set" is unknown; write one of add, remove, replace, test, move, copy',
    ],
    [
      'an unknown field',
      rule(`{${POD}, patch: []}`),
      ': key "rules.yaml": resourceModifierRules[0].patch: is unknown; use one of conditions, patches, mergePatches, strategicPatches',
    ],
    [
      'a list where a text is due',
      rule(`{${POD}, mergePatches: [{patchData: [a]}]}`),
      ': key "rules.yaml": resourceModifierRules[0].mergePatches[0].patchData: is a list; write a text',
    ],
    [
      'two kinds of patches',
      rule(`{${POD}, mergePatches: [{patchData: a}], strategicPatches: [{patchData: a}]}`),
      ': key "rules.yaml": resourceModifierRules[0]: has more than one of patches, mergePatches, strategicPatches; make a rule of its own for each',
    ],
  ];

  it('refuse the restore, and tell ConfigMap, key, place, reason and way out', async () => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    const spec = { backupName: 'b1', resourceModifier: rules };
    const missing =
      'spec.resourceModifier: there is no ConfigMap "rules" in the namespace of the restore; create it';
    await expectRefused(world, 'restore', ['missing', spec], missing);
    for (const [what, data, told] of rows) {
      await world.apply(rulesIn(data));
      await expectRefused(world, 'restore', [what, spec], `${MODIFIER}${told}`);
      await world.remove('configmaps', 'rules', NAMESPACE);
    }
  });

  it.each([
    [
      'an expression that cannot be read',
      '{conditions: {groupResource: configmaps, resourceNameRegex: "(a"}, mergePatches: [{patchData: "a: 1"}]}',
      'the expression "(a" in conditions.resourceNameRegex: a group is not closed',
    ],
    [
      'a pattern that cannot be read',
      '{conditions: {groupResource: "config[maps"}, mergePatches: [{patchData: "a: 1"}]}',
      'the pattern "config[maps" in conditions.groupResource: a bracket is not closed; write [abc], [a-z] or \\[',
    ],
    [
      'a selector that cannot be read',
      '{conditions: {groupResource: configmaps, labelSelector: {matchLabels: {a b: c}}}, mergePatches: [{patchData: "a: 1"}]}',
      'conditions.labelSelector: "a b" is not a label key; write name or prefix/name',
    ],
    [
      'a patch that repeats itself',
      '{conditions: {groupResource: configmaps}, mergePatches: [{patchData: "a: &a [*a, *a]"}]}',
      'mergePatches[0].patchData line 1: the alias *a stands in what it repeats; write it out',
    ],
    [
      'a patch that goes nowhere',
      '{conditions: {groupResource: configmaps}, patches: [{operation: add, path: /no/where, value: hunter2}]}',
      'patches: step 0 (add /no/where): there is no "no"',
    ],
  ])('make an error of each item for %s, and the item is restored', async (_what, text, told) => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'), configMap('shop', 'settings'));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.remove('namespaces', 'shop');
    await world.apply(rulesIn(rule(text)));
    const restore = await world.restore('r1', { backupName: 'b1', resourceModifier: rules });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    const results = await world.json(world.layout.restoreResults('r1'));
    expect(listAt(results, 'errors', 'namespaces', 'shop')).toEqual([
      `resourceModifierRules[0] was not applied to configmaps/shop/settings: ${told}`,
    ]);
    expect(JSON.stringify(results)).not.toContain('hunter2');
    expect(await world.find('configmaps', 'settings', 'shop')).toBeDefined();
  });
});
