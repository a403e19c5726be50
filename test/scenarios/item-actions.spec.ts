import { describe, expect, it } from 'vitest';
import { BACKUP_ITEM_ACTIONS, type BackupItemAction } from '../../src/domain/backup-actions.js';
import { itemRef, nameOf, namespaceOf } from '../../src/domain/item.js';
import { put } from '../../src/domain/json.js';
import type { ControllerConfig } from '../../src/controllers/ports.js';
import type { RestoreItemAction } from '../../src/domain/restore-actions/action.js';
import { RESTORE_ITEM_ACTIONS } from '../../src/domain/restore-actions/index.js';
import { configMap, namespaceOf as aNamespace, pod, secret } from '../builders.js';
import { createWorld, type World } from './world.js';

/** A world whose server has one action more than the built-in ones. */
const worldWith = async (action: Omit<BackupItemAction, 'name'>): Promise<World> => {
  const world = await createWorld();
  const own: BackupItemAction = { name: 'example.io/own', ...action };
  await world.start({ backupItemActions: [...BACKUP_ITEM_ACTIONS, own] });
  await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  await world.apply(aNamespace('shop'), configMap('shop', 'first'), configMap('shop', 'second'));
  return world;
};

const ofConfigMaps = (groupResource: string): boolean => groupResource === 'configmaps';
const SHOP = { includedNamespaces: ['shop'] };

const results = async (world: World): Promise<unknown> => world.json(world.layout.backupResults('b1'));

describe('An item action that somebody adds', () => {
  it('changes what is archived, also when it has to wait for something', async () => {
    const world = await worldWith({
      appliesTo: ofConfigMaps,
      execute: ({ object }) => Promise.resolve({ object: put(object, ['data', 'seen'], 'yes'), related: [] }),
    });
    await world.backup('b1', SHOP);
    const archive = await world.archive('b1');
    expect(archive.get('resources/configmaps/namespaces/shop/first.json')).toContain('"seen":"yes"');
  });

  it('behaviour 35: that fails for one object costs that object alone, which is still counted and listed', async () => {
    const world = await worldWith({
      appliesTo: ofConfigMaps,
      execute: ({ object }) => {
        if (nameOf(object) === 'second') throw new Error('no luck');
        return { related: [] };
      },
    });
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({
      phase: 'PartiallyFailed',
      errors: 1,
      progress: { totalItems: 3, itemsBackedUp: 3 },
    });
    const archive = await world.archive('b1');
    expect(archive.has('resources/configmaps/namespaces/shop/first.json')).toBe(true);
    expect(archive.has('resources/configmaps/namespaces/shop/second.json')).toBe(false);
    expect(await world.json(world.layout.resourceList('b1'))).toMatchObject({
      'v1/ConfigMap': ['shop/first', 'shop/second'],
    });
    const [error] = ((await results(world)) as { errors: { namespaces: { shop: string[] } } }).errors
      .namespaces.shop;
    expect(error).toContain('name: /second');
    expect(error).toContain('example.io/own');
    expect(error).toContain('no luck');
  });

  it('behaviour 34: that names an object which does not exist costs a warning', async () => {
    const world = await worldWith({
      appliesTo: ofConfigMaps,
      looksOnly: true,
      execute: () => ({ related: [itemRef('secrets', 'shop', 'gone')] }),
    });
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(JSON.stringify(await results(world))).toContain('name: /gone');
  });

  it('takes an object out of the backup and of its counts', async () => {
    const world = await worldWith({
      appliesTo: ofConfigMaps,
      execute: ({ object }) => ({
        related: [],
        ...(nameOf(object) === 'second' && {
          object: put(object, ['metadata', 'annotations', 'velero.io/skip-from-backup'], ''),
        }),
      }),
    });
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'Completed', progress: { itemsBackedUp: 2 } });
    const archive = await world.archive('b1');
    expect(archive.has('resources/configmaps/namespaces/shop/second.json')).toBe(false);
  });

  it.each(['by its answer', 'by an annotation, which is not archived'])(
    'brings objects along that no filter lets in, %s',
    async (way) => {
      const world = await worldWith({
        appliesTo: ofConfigMaps,
        execute: ({ object }) => {
          const related = [itemRef('secrets', 'other', 'key')];
          if (way === 'by its answer') return { related, mustInclude: true };
          const path = ['metadata', 'annotations', 'backup.velero.io/must-include-additional-items'];
          return { related, object: put(object, path, 'true') };
        },
      });
      await world.apply(aNamespace('other'), secret('other', 'key'));
      await world.backup('b1', SHOP);
      const archive = await world.archive('b1');
      expect(archive.has('resources/secrets/namespaces/other/key.json')).toBe(true);
      expect(archive.get('resources/configmaps/namespaces/shop/first.json')).not.toContain('must-include');
    },
  );

  it('does not let in what the filters keep out, unless it insists', async () => {
    const world = await worldWith({
      appliesTo: ofConfigMaps,
      looksOnly: true,
      execute: ({ object }) => ({
        related: namespaceOf(object) === 'shop' ? [itemRef('secrets', 'other', 'key')] : [],
      }),
    });
    await world.apply(aNamespace('other'), secret('other', 'key'));
    await world.backup('b1', SHOP);
    expect((await world.archive('b1')).has('resources/secrets/namespaces/other/key.json')).toBe(false);
  });

  it('Q30: that fails for a named object costs that one alone, and not the one that named it', async () => {
    const world = await worldWith({
      appliesTo: (groupResource) => groupResource === 'persistentvolumeclaims',
      execute: () => Promise.reject(new Error('no snapshot')),
    });
    const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', spec: {} };
    const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
    const plain = pod('shop', 'db');
    await world.apply(
      { ...claim, metadata: { name: 'data', namespace: 'shop' } },
      { ...plain, spec: { ...(plain['spec'] as object), volumes } },
    );
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    const archive = await world.archive('b1');
    expect(archive.has('resources/pods/namespaces/shop/db.json')).toBe(true);
    expect(archive.has('resources/persistentvolumeclaims/namespaces/shop/data.json')).toBe(false);
  });
});

describe('A restore item action that somebody adds', () => {
  const restored = async (
    action: Omit<RestoreItemAction, 'name'>,
    config: Partial<ControllerConfig> = {},
  ) => {
    const world = await createWorld({ config });
    const own: RestoreItemAction = { name: 'example.io/own', ...action };
    await world.start({ restoreItemActions: [...RESTORE_ITEM_ACTIONS, own] });
    await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
    await world.apply(aNamespace('shop'), configMap('shop', 'first'), secret('shop', 'key'));
    await world.backup('b1', SHOP);
    const restore = await world.restore('r1', { backupName: 'b1', namespaceMapping: { shop: 'copy' } });
    return { world, restore };
  };

  it('changes what is restored, also when it has to wait for something', async () => {
    const { world } = await restored({
      appliesTo: ofConfigMaps,
      execute: ({ object }) => Promise.resolve({ object: put(object, ['data', 'seen'], 'yes') }),
    });
    expect(await world.find('configmaps', 'first', 'copy')).toMatchObject({ data: { seen: 'yes' } });
  });

  it('that fails costs this object alone', async () => {
    const { world, restore } = await restored({
      appliesTo: ofConfigMaps,
      execute: () => Promise.reject(new Error('no luck')),
    });
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await world.find('configmaps', 'first', 'copy')).toBeUndefined();
    expect(await world.find('secrets', 'key', 'copy')).toBeDefined();
  });

  it('waits until what it brings along is ready', async () => {
    let asked = 0;
    const { world, restore } = await restored({
      appliesTo: ofConfigMaps,
      execute: () => ({ additional: [itemRef('secrets', 'shop', 'key')], waitForAdditional: {} }),
      areReady: (items) => {
        asked += 1;
        expect(items).toEqual([itemRef('secrets', 'shop', 'key')]);
        return asked === 2;
      },
    });
    expect(asked).toBe(2);
    expect(restore.status?.phase).toBe('Completed');
    expect(await world.find('configmaps', 'first', 'copy')).toBeDefined();
  });

  it('restores the object all the same when what it brings along does not get ready in time', async () => {
    const { world, restore } = await restored(
      {
        appliesTo: ofConfigMaps,
        execute: () => ({ additional: [itemRef('secrets', 'shop', 'key')], waitForAdditional: {} }),
        areReady: () => false,
      },
      { resourceTimeout: 10 },
    );
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await world.find('configmaps', 'first', 'copy')).toBeDefined();
  });

  it('may make another kind of an object, which goes where that kind belongs', async () => {
    const { world, restore } = await restored({
      appliesTo: ofConfigMaps,
      execute: ({ object }) => ({ object: put(put(object, ['kind'], 'Secret'), ['type'], 'Opaque') }),
    });
    expect(restore.status?.phase).toBe('Completed');
    expect(await world.find('secrets', 'first', 'copy')).toBeDefined();
    expect(await world.find('configmaps', 'first', 'copy')).toBeUndefined();
  });
});
