import { describe, expect, it } from 'vitest';
import { configMap, namespaceOf, pod } from '../builders.js';
import { createRunningWorld, type World } from './world.js';

/** Names of one kind as they follow each other in the archive. */
const orderOf = async (world: World, backup: string, kind: string): Promise<readonly string[]> =>
  [...(await world.archive(backup)).keys()].flatMap((path) => {
    const [, name] = new RegExp(`^resources/${kind}/namespaces/[^/]+/([^/]+)\\.json$`).exec(path) ?? [];
    return name === undefined ? [] : [name];
  });

const warningsOf = async (
  world: World,
  backup: string,
): Promise<Readonly<Record<string, readonly string[]>>> => {
  const { warnings } = (await world.json(world.layout.backupResults(backup))) as {
    readonly warnings: Readonly<Record<string, readonly string[]>>;
  };
  return warnings;
};

describe('A backup with orderedResources', () => {
  it('behaviour 38: takes the named objects first and in the given order, and warns of unknown ones', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('ns'),
      ...['a', 'b', 'c'].flatMap((name) => [pod('ns', name), configMap('ns', name)]),
    );
    const backup = await world.backup('b1', {
      includedNamespaces: ['ns'],
      orderedResources: { pods: 'ns/c, ns/b,ns/nobody', configmaps: 'ns/b' },
    });
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(await orderOf(world, 'b1', 'pods')).toEqual(['c', 'b', 'a']);
    expect(await orderOf(world, 'b1', 'configmaps')).toEqual(['b', 'a', 'c']);
    const { velero, ...others } = await warningsOf(world, 'b1');
    expect(velero).toEqual([expect.stringContaining('name: /ns/nobody')]);
    expect(others).toEqual({}); // it concerns the request, not a namespace
  });

  it('takes nothing in that the filters keep out', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('ns'),
      namespaceOf('other'),
      configMap('other', 'away'),
      configMap('ns', 'unlabelled'),
      configMap('ns', 'labelled', {}, { app: 'x' }),
    );
    const backup = await world.backup('b1', {
      includedNamespaces: ['ns'],
      labelSelector: { matchLabels: { app: 'x' } },
      orderedResources: { configmaps: 'other/away,ns/unlabelled,ns/labelled' },
    });
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 2 });
    expect(await orderOf(world, 'b1', 'configmaps')).toEqual(['labelled']);
  });

  it('says nothing of a named object that an exclude label keeps out', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('ns'),
      configMap('ns', 'out', {}, { 'velero.io/exclude-from-backup': 'true' }),
    );
    const backup = await world.backup('b1', {
      includedNamespaces: ['ns'],
      orderedResources: { configmaps: 'ns/out' },
    });
    expect(backup.status?.phase).toBe('Completed');
    expect(backup.status?.warnings).toBeUndefined();
    expect(await orderOf(world, 'b1', 'configmaps')).toEqual([]);
  });
});
