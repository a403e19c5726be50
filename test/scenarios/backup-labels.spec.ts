import { describe, expect, it } from 'vitest';
import { configMap, namespaceOf, secret } from '../builders.js';
import { disk, podWith } from './disks.js';
import { itemsOf } from './tarball.js';
import { createRunningWorld } from './world.js';

const SHOP = { includedNamespaces: ['shop'], snapshotVolumes: false };
const EXCLUDE = 'velero.io/exclude-from-backup';

describe('Labels decide what a backup takes:', () => {
  it('behaviour 10: an object with the exclude label stays out, with the exact value alone', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      ...['true', 'false', 'True', 'yes'].map((value) =>
        configMap('shop', value.replace('T', 'upper-t'), {}, { [EXCLUDE]: value }),
      ),
    );
    await world.backup('b1', SHOP);
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|shop|false',
      'configmaps|shop|upper-true',
      'configmaps|shop|yes',
      'namespaces||shop',
    ]);
  });

  it('behaviour 11: what the selector finds comes, and what that needs whatever its labels', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      ...disk('shop', 'data'),
      ...disk('shop', 'other'),
      podWith('shop', 'db', 'data', { app: 'x' }),
      podWith('shop', 'stranger', 'other'),
      configMap('shop', 'mine', {}, { app: 'x' }),
      configMap('shop', 'theirs', {}, { app: 'y' }),
      secret('shop', 'unlabelled'),
    );
    await world.backup('b1', { ...SHOP, labelSelector: { matchLabels: { app: 'x' } } });
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|shop|mine',
      'namespaces||shop',
      'persistentvolumeclaims|shop|data',
      'persistentvolumes||disk-data',
      'pods|shop|db',
    ]);
  });

  it('behaviour 12: what either of two selectors finds comes once', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      configMap('shop', 'x', {}, { app: 'x' }),
      configMap('shop', 'y', {}, { app: 'y' }),
      configMap('shop', 'both', {}, { app: 'x', tier: 'y' }),
      configMap('shop', 'neither', {}, { app: 'z' }),
    );
    const backup = await world.backup('b1', {
      ...SHOP,
      orLabelSelectors: [
        { matchLabels: { app: 'x' } },
        { matchLabels: { app: 'y' } },
        { matchLabels: { tier: 'y' } },
      ],
    });
    expect(backup.status?.progress).toEqual({ totalItems: 4, itemsBackedUp: 4 });
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|shop|both',
      'configmaps|shop|x',
      'configmaps|shop|y',
      'namespaces||shop',
    ]);
  });

  it('behaviour 28: a namespace with the exclude label is written among the excluded ones, and is no error', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('hidden', { [EXCLUDE]: 'true' }),
      configMap('hidden', 'inside'),
      namespaceOf('shop'),
      configMap('shop', 'settings'),
    );
    const backup = await world.backup('b1', {});
    expect(backup.status?.phase).toBe('Completed');
    expect(backup.spec?.excludedNamespaces).toEqual(['hidden']);
    const items = await itemsOf(world, 'b1');
    expect(items).toContain('configmaps|shop|settings');
    expect(items.filter((item) => item.includes('hidden'))).toEqual([]);
  });

  it('behaviour 28: a namespace with the exclude label that is asked for by name refuses the backup', async () => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('hidden', { [EXCLUDE]: 'true' }));
    const backup = await world.backup('b1', { includedNamespaces: ['hidden'] });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status?.validationErrors?.join()).toContain('"hidden"');
    expect(await world.keys()).toEqual([]);
  });

  it('behaviour 23: an object that is being deleted stays out', async () => {
    const world = await createRunningWorld();
    const ending = configMap('shop', 'ending');
    await world.apply(namespaceOf('shop'), configMap('shop', 'staying'), {
      ...ending,
      metadata: { ...ending.metadata, finalizers: ['shop.example/hold'] },
    });
    await world.remove('configmaps', 'ending', 'shop');
    expect((await world.find('configmaps', 'ending', 'shop'))?.metadata).toHaveProperty('deletionTimestamp');
    await world.backup('b1', SHOP);
    expect(await itemsOf(world, 'b1')).toEqual(['configmaps|shop|staying', 'namespaces||shop']);
  });
});
