import { describe, expect, it } from 'vitest';
import { configMap, secret, shop } from '../builders.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, soon, type World } from './world.js';

const ref = { kind: 'configmap', name: 'policy' };

const policyIn = (world: World, text: string, more: object = {}) =>
  world.apply(configMap(NAMESPACE, 'policy', { 'policy.yaml': text, ...more }));

const LEAVE_SECRETS = `
version: v1
includeExcludePolicy:
  excludedNamespaceScopedResources: [secrets]
`;

const archived = async (world: World, name: string): Promise<string> =>
  [...(await world.archive(name)).keys()].join('\n');

describe('A resource policy', () => {
  it('keeps out and brings in the kinds it names, behind what the backup itself says', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop(), secret('shop', 'other'));
    await policyIn(world, LEAVE_SECRETS);
    const backup = await world.backup('b1', { includedNamespaces: ['shop'], resourcePolicy: ref });
    expect(backup.status?.phase).toBe('Completed');
    expect(await archived(world, 'b1')).toContain('resources/configmaps/');
    expect(await archived(world, 'b1')).not.toContain('resources/secrets/');
    await world.backup('b2', {
      includedNamespaces: ['shop'],
      includedNamespaceScopedResources: ['secrets'],
      resourcePolicy: ref,
    });
    expect(await archived(world, 'b2')).toContain('resources/secrets/');
  });

  it('of another kind than a ConfigMap is passed over', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    const spec = { includedNamespaces: ['shop'], resourcePolicy: { kind: 'Secret', name: 'nowhere' } };
    expect((await world.backup('b1', spec)).status?.phase).toBe('Completed');
  });

  it.each([
    [
      'an unknown field',
      'version: v1\nvolumePolicy: []',
      {},
      'spec.resourcePolicy: ConfigMap "policy": key "policy.yaml", volumePolicy: is not a known field',
    ],
    ['two data keys', 'version: v1', { more: '' }, 'ConfigMap "policy": has 2 data keys; keep exactly one'],
    ['version v2', 'version: v2', {}, 'key "policy.yaml", version: "v2" is unknown; write v1'],
    ['broken YAML', 'version: v1\nvolumePolicies: [', {}, 'key "policy.yaml" line 2: '],
  ])('behaviour 110: with %s refuses the backup and says where', async (_what, text, more, reason) => {
    const world = await createRunningWorld();
    await policyIn(world, text, more);
    const backup = await world.backup('b1', { resourcePolicy: { kind: 'ConfigMap', name: 'policy' } });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status?.validationErrors).toEqual([expect.stringContaining(reason)]);
  });

  it('that is not there refuses the backup', async () => {
    const world = await createRunningWorld();
    const backup = await world.backup('b1', { resourcePolicy: ref });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status?.validationErrors?.join()).toContain('there is no ConfigMap "policy"');
  });

  it('with lists of its own refuses a backup with old filters', async () => {
    const world = await createRunningWorld();
    await policyIn(world, LEAVE_SECRETS);
    const backup = await world.backup('b1', { excludedResources: ['pods'], resourcePolicy: ref });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status?.validationErrors?.join()).toContain('scoped resource filters only');
  });

  it('that was removed after the backup began ends it with the reason', async () => {
    const world = await createRunningWorld();
    await policyIn(world, LEAVE_SECRETS);
    let reads = 0;
    await world.restart({
      cluster: {
        ...world.cluster,
        get: async (type, object, options) => {
          if (object.name === 'policy' && ++reads === 2)
            await world.cluster.delete(type, object, { signal: soon() });
          return world.cluster.get(type, object, options);
        },
      },
    });
    const backup = await world.backup('b1', { resourcePolicy: ref });
    expect(backup.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringContaining('the resource policy in ConfigMap "policy"') as string,
    });
  });
});
