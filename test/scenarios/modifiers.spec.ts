import { describe, expect, it } from 'vitest';
import { configMap, deployment, shop, type KubeObject } from '../builders.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, type World } from './world.js';

interface Rule {
  readonly conditions: { readonly groupResource: string; readonly [more: string]: unknown };
  readonly patches: readonly object[];
}

const MODIFIER = { backupName: 'b1', resourceModifier: { kind: 'ConfigMap', name: 'changes' } };
const DEPLOYMENTS = { groupResource: 'deployments.apps' };
const replicas = (value: string) => [{ operation: 'replace', path: '/spec/replicas', value }];

/** The shop is backed up and lost, and these rules are there. */
const lost = async (...rules: readonly Rule[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  const text = JSON.stringify({ version: 'v1', resourceModifierRules: rules }); // JSON is YAML
  await world.apply(configMap(NAMESPACE, 'changes', { 'rules.yaml': text }));
  await world.backup('b1', { includedNamespaces: ['shop'] });
  await world.remove('namespaces', 'shop');
  return world;
};

const specOf = async (world: World, namespace = 'shop'): Promise<unknown> =>
  (await world.find('deployments.apps', 'web', namespace))?.['spec'];
const dataOf = async (world: World, namespace = 'shop'): Promise<unknown> =>
  (await world.find('configmaps', 'settings', namespace))?.['data'];

describe('The modifiers of a restore', () => {
  it('behaviour 125: set a number where the text is one', async () => {
    const world = await lost({ conditions: DEPLOYMENTS, patches: replicas('3') });
    expect((await world.restore('r1', MODIFIER)).status?.phase).toBe('Completed');
    expect(await specOf(world)).toMatchObject({ replicas: 3 });
  });

  it('behaviour 126: set a text where the number is quoted', async () => {
    const patches = [{ operation: 'add', path: '/data/count', value: '"3"' }];
    const world = await lost({ conditions: { groupResource: 'configmaps' }, patches });
    await world.restore('r1', MODIFIER);
    expect(await dataOf(world)).toEqual({ greeting: 'hello', count: '3' });
  });

  it('behaviour 127: take * for kinds without a group, and deployments.* for those of any one group', async () => {
    const mark = (value: string) => [{ operation: 'add', path: '/metadata/annotations', value }];
    const world = await lost(
      { conditions: { groupResource: '*' }, patches: mark('{"by":"star"}') },
      { conditions: { groupResource: 'deployments.*' }, patches: mark('{"by":"group"}') },
    );
    await world.restore('r1', MODIFIER);
    const annotationsOf = (object: KubeObject | undefined) => object?.metadata.annotations;
    expect(annotationsOf(await world.find('configmaps', 'settings', 'shop'))).toEqual({ by: 'star' });
    expect(annotationsOf(await world.find('deployments.apps', 'web', 'shop'))).toEqual({ by: 'group' });
  });

  it('behaviour 128: pass over an object that lacks what they ask for', async () => {
    const matches = [{ path: '/spec/paused', value: 'true' }];
    const world = await lost({ conditions: { ...DEPLOYMENTS, matches }, patches: replicas('3') });
    const restore = await world.restore('r1', MODIFIER);
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(await specOf(world)).toMatchObject({ replicas: 2 });
  });

  it('behaviour 129: do nothing and say nothing where a test fails', async () => {
    const test = { operation: 'test', path: '/spec/replicas', value: '7' };
    const world = await lost({ conditions: DEPLOYMENTS, patches: [test, ...replicas('3')] });
    const restore = await world.restore('r1', MODIFIER);
    expect(restore.status?.phase).toBe('Completed');
    expect(restore.status?.warnings).toBeUndefined();
    expect(await specOf(world)).toMatchObject({ replicas: 2 });
  });

  it('behaviour 129: are an error where a step fails, and the object is restored all the same', async () => {
    const world = await lost({
      conditions: DEPLOYMENTS,
      patches: [...replicas('3'), { operation: 'remove', path: '/spec/nothing' }],
    });
    const restore = await world.restore('r1', MODIFIER);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(JSON.stringify(await world.json(world.layout.restoreResults('r1')))).toContain('/spec/nothing');
    expect(await specOf(world)).toMatchObject({ replicas: 2 });
  });

  it.each([
    ['shop', 3],
    ['copy', 2],
  ])(
    'behaviour 130: that ask for the namespace %s under a mapping of shop to copy make it %d',
    async (name, n) => {
      const conditions = { ...DEPLOYMENTS, namespaces: [name] };
      const world = await lost({ conditions, patches: replicas('3') });
      await world.restore('r1', { ...MODIFIER, namespaceMapping: { shop: 'copy' } });
      expect(await specOf(world, 'copy')).toMatchObject({ replicas: n });
    },
  );

  it('refuse the restore if they cannot be read', async () => {
    const world = await createRunningWorld();
    await world.apply(deployment('default', 'web'));
    await world.apply(configMap(NAMESPACE, 'changes', { 'rules.yaml': 'version: v1\nrules: []' }));
    await world.backup('b1', { includedNamespaces: ['default'] });
    const restore = await world.restore('r1', MODIFIER);
    expect(restore.status?.phase).toBe('FailedValidation');
    expect(restore.status?.validationErrors?.join()).toContain('ConfigMap "changes"');
  });
});
