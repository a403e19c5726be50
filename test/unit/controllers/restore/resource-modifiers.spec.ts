import { describe, expect, it } from 'vitest';
import { stringifyItem } from '../../../../src/archive/json.js';
import type { ConfigMapDocument } from '../../../../src/controllers/config-map.js';
import { loadModifiers } from '../../../../src/controllers/restore/resource-modifiers.js';
import { applyModifiers } from '../../../../src/domain/resource-modifiers/apply.js';

const load = (read: ConfigMapDocument, kind = 'ConfigMap') =>
  loadModifiers(
    { resourceModifier: { kind, name: 'm' } },
    {
      read: (name) => Promise.resolve(name === 'm' ? read : { found: false }),
      parseYaml: () => ({ problem: 'is not YAML' }),
    },
    new AbortController().signal,
  );
const document = (...resourceModifierRules: unknown[]): ConfigMapDocument => ({
  found: true,
  key: 'rules.yaml',
  document: { version: 'v1', resourceModifierRules },
});
const forPods = (more: object): object => ({ conditions: { groupResource: 'pods' }, ...more });

describe('the modifiers a restore names', () => {
  it('are loaded once, ready for every item', async () => {
    const { facts, rules } = await load(
      document(forPods({ patches: [{ operation: 'add', path: '/x', value: '1' }] })),
      'configmap',
    );
    expect(facts).toEqual({ found: true });
    const item = { groupResource: 'pods', originalNamespace: 'a' };
    expect(applyModifiers(rules, { kind: 'Pod' }, item).object).toEqual({ kind: 'Pod', x: 1 });
  });

  it('write large numbers as they were given', async () => {
    const patches = [{ operation: 'add', path: '/x', value: '9007199254740993' }];
    const mergePatches = [{ patchData: '{"y":1.0}' }];
    const { rules } = await load(document(forPods({ patches }), forPods({ mergePatches })));
    const { object } = applyModifiers(
      rules,
      { kind: 'Pod' },
      { groupResource: 'pods', originalNamespace: 'a' },
    );
    expect(stringifyItem(object).toString()).toBe('{"kind":"Pod","x":9007199254740993,"y":1.0}');
  });

  it('are none without a reference, or with one to another kind', async () => {
    expect(await load(document(), 'Secret')).toEqual({ rules: [] });
  });

  it('are a reason to refuse the restore when they are missing or cannot be read', async () => {
    expect(await load({ found: false })).toEqual({ facts: { found: false }, rules: [] });
    expect(await load({ found: true, problem: 'has 2 data keys' })).toEqual({
      facts: { found: true, problem: 'has 2 data keys' },
      rules: [],
    });
    expect((await load(document())).facts?.problem).toBe(
      'key "rules.yaml": resourceModifierRules: has no rules; write at least one, or name no modifier',
    );
  });

  it('tell no more problems than a status can hold', async () => {
    const { facts } = await load(document(...Array.from({ length: 50 }, () => ({}))));
    expect(facts?.problem).toMatch(/resourceModifierRules\[9\].*; and 40 more problems$/);
  });
});
