import { describe, expect, it } from 'vitest';
import {
  configMap,
  namespaceOf,
  secret,
  shop,
  widget,
  widgetDefinition,
  type KubeObject,
} from '../builders.js';
import { disk, podWith, storageClass } from './disks.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, type World } from './world.js';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';
const namesOf = async (world: World, kind: string, namespace?: string): Promise<readonly string[]> =>
  (await world.all(kind, namespace)).map(({ metadata }) => metadata.name).sort();

/** A backup as a schedule would have made it. */
const scheduled = (world: World, name: string, spec: object): Promise<void> =>
  world.apply({
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name, namespace: NAMESPACE, labels: { 'velero.io/schedule-name': 'nightly' } },
    spec,
  });

describe('The backup that a restore takes', () => {
  it.each([
    ['both a backup and a schedule are', { backupName: 'b1', scheduleName: 'nightly' }],
    ['neither a backup nor a schedule is', {}],
  ])('behaviour 41: cannot be told if %s named', async (_what, spec) => {
    const world = await createRunningWorld();
    const restore = await world.restore('r1', spec);
    expect(restore.status?.phase).toBe('FailedValidation');
    expect(restore.status?.validationErrors?.join()).toContain('either a backup or a schedule');
  });

  it('behaviour 42: is the last complete one of the schedule, though a later one is partial', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await scheduled(world, 'old', { includedNamespaces: ['shop'] });
    await world.ended('Backup', 'old');
    await scheduled(world, 'new', { includedNamespaces: ['shop', 'gone'] });
    expect((await world.ended('Backup', 'new')).status?.phase).toBe('PartiallyFailed');
    const restore = await world.restore('r1', { scheduleName: 'nightly' });
    expect(restore.status?.phase).toBe('Completed');
    expect(restore.spec).toMatchObject({ backupName: 'old', scheduleName: 'nightly' });
  });

  it('behaviour 43: is none if no backup of the schedule is complete', async () => {
    const world = await createRunningWorld();
    await scheduled(world, 'partial', { includedNamespaces: ['gone'] });
    expect((await world.ended('Backup', 'partial')).status?.phase).toBe('PartiallyFailed');
    const restore = await world.restore('r1', { scheduleName: 'nightly' });
    expect(restore.status?.phase).toBe('FailedValidation');
    expect(restore.status?.validationErrors?.join()).toContain('no Completed backup');
  });
});

describe('What a restore takes of a backup', () => {
  it('behaviour 45: is never what belongs to one cluster alone, and its spec says so', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', { includedNamespaces: ['shop'] });
    const never = [
      'nodes',
      'events',
      'events.events.k8s.io',
      'backups.velero.io',
      'restores.velero.io',
      'resticrepositories.velero.io',
      'csinodes.storage.k8s.io',
      'volumeattachments.storage.k8s.io',
      'backuprepositories.velero.io',
    ];
    const restore = await world.restore('r1', { backupName: 'b1' });
    expect(restore.spec?.excludedResources).toEqual(never);
    for (const [i, kind] of never.entries()) {
      const refused = await world.restore(`refused-${i}`, { backupName: 'b1', includedResources: [kind] });
      expect(refused.status?.phase).toBe('FailedValidation');
    }
  });

  const disks = (...more: readonly KubeObject[]) => [
    namespaceOf('shop'),
    ...disk('shop', 'data', 'Retain'),
    ...disk('shop', 'other', 'Retain'),
    podWith('shop', 'db', 'data', { app: 'x' }),
    podWith('shop', 'stranger', 'other'),
    ...more,
  ];
  /** Everything is backed up and lost. */
  const lost = async (...objects: readonly KubeObject[]): Promise<World> => {
    const world = await createRunningWorld();
    await world.apply(...objects);
    await world.backup('b1', {
      excludedNamespaces: ['velero', 'default', 'kube-system', 'kube-public', 'kube-node-lease'],
      includeClusterResources: true,
      snapshotVolumes: false,
    });
    for (const { kind, metadata } of objects)
      if (kind === 'Namespace') await world.remove('namespaces', metadata.name);
    for (const name of await namesOf(world, 'persistentvolumes'))
      await world.remove('persistentvolumes', name);
    return world;
  };

  it('behaviour 51: is what the selector finds, and what that needs whatever its labels', async () => {
    const world = await lost(...disks(configMap('shop', 'theirs', {}, { app: 'y' })));
    const restore = await world.restore('r1', {
      backupName: 'b1',
      labelSelector: { matchLabels: { app: 'x' } },
    });
    expect(restore.status?.phase).toBe('Completed');
    expect(await namesOf(world, 'pods', 'shop')).toEqual(['db']);
    expect(await namesOf(world, 'persistentvolumeclaims', 'shop')).toEqual(['data']);
    expect(await namesOf(world, 'persistentvolumes')).toEqual(['disk-data']);
    expect(await namesOf(world, 'configmaps', 'shop')).toEqual([]);
  });

  it('behaviour 52: is of the cluster only what its namespaces need, if it names some', async () => {
    const world = await lost(
      ...disks(storageClass('fast'), widgetDefinition(), namespaceOf('stall'), widget('stall', 'w1')),
    );
    await world.remove('storageclasses.storage.k8s.io', 'fast');
    await world.remove(CRDS, 'widgets.shop.example');
    const spec = { backupName: 'b1', includedNamespaces: ['shop'], includedResources: ['*'] };
    const restore = await world.restore('r1', { ...spec, excludedResources: ['pvc'] });
    expect(restore.status?.phase).toBe('Completed');
    expect(await namesOf(world, 'persistentvolumes')).toEqual([]);
    await world.restore('r2', spec);
    expect(await namesOf(world, 'persistentvolumes')).toEqual(['disk-data', 'disk-other']);
    expect(await namesOf(world, 'storageclasses.storage.k8s.io')).toEqual([]);
    expect(await namesOf(world, CRDS)).not.toContain('widgets.shop.example');
  });

  it('behaviour 53: is nothing of the cluster if none is wanted, not even the volume of a claim', async () => {
    const world = await lost(...disks());
    const restore = await world.restore('r1', { backupName: 'b1', includeClusterResources: false });
    expect(restore.status?.phase).toBe('Completed');
    expect(await namesOf(world, 'persistentvolumeclaims', 'shop')).toEqual(['data', 'other']);
    expect(await namesOf(world, 'persistentvolumes')).toEqual([]);
  });

  it('behaviour 54: is one kind, if it names one, and the namespaces this needs', async () => {
    const world = await lost(...shop(), namespaceOf('stall'), secret('stall', 'key'));
    const restore = await world.restore('r1', { backupName: 'b1', includedResources: ['configmaps'] });
    expect(restore.status?.phase).toBe('Completed');
    expect(await world.json(world.layout.restoreResourceList('r1'))).toEqual({
      'v1/ConfigMap': ['shop/settings(created)'],
      'v1/Namespace': ['shop(created)'],
    });
    expect(await world.find('namespaces', 'stall')).toBeUndefined();
  });

  it('behaviour 55: is the namespaces of the backup that fit a pattern', async () => {
    const names = ['team', 'test', 'other'];
    const world = await lost(...names.flatMap((name) => [namespaceOf(name), configMap(name, 'c')]));
    await world.restore('r1', { backupName: 'b1', includedNamespaces: ['te*'] });
    expect(await namesOf(world, 'configmaps', 'team')).toEqual(['c']);
    expect(await namesOf(world, 'configmaps', 'test')).toEqual(['c']);
    expect(await world.find('namespaces', 'other')).toBeUndefined();
  });
});
