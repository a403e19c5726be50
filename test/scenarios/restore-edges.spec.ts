import { describe, expect, it } from 'vitest';
import { namespaceOf, pod, type KubeObject } from '../builders.js';
import { tarballOf } from '../unit/archive/archives.js';
import { createRunningWorld, type World } from './world.js';

const worldWith = async (...objects: readonly KubeObject[]): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...objects);
  return world;
};

const textsOf = async (world: World, restore: string) =>
  world.json(world.layout.restoreResults(restore)) as Promise<{
    readonly errors: {
      readonly velero?: readonly string[];
      readonly cluster?: readonly string[];
      readonly namespaces?: object;
    };
    readonly warnings: { readonly cluster?: readonly string[]; readonly namespaces?: object };
  }>;

describe('A restore, as the real Velero does it,', () => {
  it('names what an item asks for and the backup lacks where it would have been, before any mapping', async () => {
    const asking = pod('shop', 'asking');
    const spec = {
      ...(asking['spec'] as object),
      volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }],
    };
    const world = await worldWith(namespaceOf('shop'), { ...asking, spec });
    await world.backup('b1', { includedNamespaces: ['shop'], includedResources: ['pods'] });
    await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    const { warnings } = await textsOf(world, 'r1');
    expect(warnings).toEqual({ namespaces: { shop: [expect.stringContaining('persistentvolumeclaims')] } });
  });
});
