import { describe, expect, it } from 'vitest';
import { configMap, namespaceOf, shop, widget, widgetDefinition } from '../builders.js';
import { withGate } from './gate.js';
import { itemsOf } from './tarball.js';
import { createRunningWorld, type World } from './world.js';

const namespacesIn = (items: readonly string[]): readonly string[] => [
  ...new Set(items.flatMap((item) => item.split('|')[1] || [])),
];

const teams = async (): Promise<World> => {
  const world = await createRunningWorld();
  for (const name of ['team-a', 'team-b', 'other'])
    await world.apply(namespaceOf(name), configMap(name, 'c'));
  return world;
};

describe('The namespaces of a backup', () => {
  it('behaviour 25: are those that fit the pattern when it begins, not those made while it runs', async () => {
    const world = await teams();
    const gate = withGate(world, ({ verb, target }) => verb === 'list' && target === 'configmaps');
    await world.restart(gate.outside);
    await world.request('Backup', 'b1', { includedNamespaces: ['team-*'] });
    await gate.arrived;
    await world.apply(namespaceOf('team-late'), configMap('team-late', 'c'));
    gate.open();
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Completed');
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|team-a|c',
      'configmaps|team-b|c',
      'namespaces||team-a',
      'namespaces||team-b',
    ]);
  });

  it('behaviour 26: are all but those that fit an excluded pattern', async () => {
    const world = await teams();
    await world.apply(configMap('kube-system', 'internal'));
    await world.backup('b1', { includedNamespaces: ['*'], excludedNamespaces: ['kube-*'] });
    const found = namespacesIn(await itemsOf(world, 'b1'));
    expect(found).toEqual(expect.arrayContaining(['other', 'team-a', 'team-b']));
    expect(found.filter((name) => name.startsWith('kube-'))).toEqual([]);
  });

  it.each(['a**', 'a{b,c}'])('behaviour 27: cannot be written as "%s"', async (pattern) => {
    const world = await teams();
    const backup = await world.backup('b1', { includedNamespaces: [pattern] });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status?.validationErrors?.join()).toContain(`spec.includedNamespaces: "${pattern}"`);
  });

  it('behaviour 24: that are named and do not exist are one error, and the others are archived', async () => {
    const world = await teams();
    const backup = await world.backup('b1', { includedNamespaces: ['team-a', 'gone'] });
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await itemsOf(world, 'b1')).toEqual(['configmaps|team-a|c', 'namespaces||team-a']);
  });

  it('Q5: count as everything for cluster-scoped kinds where old filters and a pattern that fits nothing meet', async () => {
    const world = await teams();
    await world.apply({
      apiVersion: 'scheduling.k8s.io/v1',
      kind: 'PriorityClass',
      metadata: { name: 'high' },
      value: 1,
    });
    await world.backup('b1', {
      includedNamespaces: ['nobody-*'],
      includedResources: ['configmaps', 'priorityclasses'],
    });
    expect(await itemsOf(world, 'b1')).toEqual(['priorityclasses.scheduling.k8s.io||high']);
  });

  it('Q3: may be outside of those included, if the Namespace object itself has the label that is asked for', async () => {
    const world = await teams();
    await world.apply(namespaceOf('labelled', { app: 'x' }), configMap('labelled', 'c', {}, { app: 'x' }));
    await world.backup('b1', {
      includedNamespaces: ['team-a'],
      labelSelector: { matchLabels: { app: 'x' } },
    });
    expect(await itemsOf(world, 'b1')).toEqual(['namespaces||labelled', 'namespaces||team-a']);
  });
});

describe('The definitions of custom resources', () => {
  const CRD = 'customresourcedefinitions.apiextensions.k8s.io';
  const widgets = async (): Promise<World> => {
    const world = await createRunningWorld();
    const other = widgetDefinition();
    await world.apply(widgetDefinition(), ...shop(), widget('shop', 'w1', { size: 3 }), {
      ...other,
      metadata: { name: 'gadgets.shop.example' },
      spec: {
        ...(other['spec'] as object),
        names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
      },
    });
    return world;
  };

  it('behaviour 29: come with the custom resources that need them, and no others', async () => {
    const world = await widgets();
    await world.backup('b1', { includedNamespaces: ['shop'] });
    const items = await itemsOf(world, 'b1');
    expect(items).toContain('widgets.shop.example|shop|w1');
    expect(items.filter((item) => item.startsWith('customresource'))).toEqual([
      `${CRD}||widgets.shop.example`,
    ]);
  });

  it('behaviour 30: stay out if they are excluded', async () => {
    const world = await widgets();
    await world.backup('b1', {
      includedNamespaces: ['shop'],
      excludedResources: ['customresourcedefinitions'],
    });
    const items = await itemsOf(world, 'b1');
    expect(items).toContain('widgets.shop.example|shop|w1');
    expect(items.filter((item) => item.startsWith('customresource'))).toEqual([]);
  });
});
