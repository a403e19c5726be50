import { describe, expect, it } from 'vitest';
import { shop } from '../builders.js';
import { createRunningWorld, createWorld } from './world.js';

describe('A backup that cannot be', () => {
  it('fails when its name is in the bucket already, and overwrites nothing', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.stop();
    await world.store.put(world.layout.backupMetadata('b1'), Buffer.from('somebody else’s'));
    await world.store.put(world.layout.backupContents('b1'), Buffer.from('theirs too'));
    await world.start();
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(backup.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringContaining('already exists in object storage') as string,
    });
    expect((await world.bytes(world.layout.backupMetadata('b1'))).toString()).toBe('somebody else’s');
    expect((await world.bytes(world.layout.backupContents('b1'))).toString()).toBe('theirs too');
  });

  it.each([
    [
      'an unknown location (behaviour 15)',
      { storageLocation: 'nowhere' },
      /storage location "nowhere" does not exist/,
    ],
    [
      'a read-only location (behaviour 15)',
      { storageLocation: 'archive' },
      /storage location "archive" is read-only/,
    ],
    [
      'an unavailable location (behaviour 15)',
      { storageLocation: 'broken' },
      /storage location "broken" is Unavailable/,
    ],
    [
      'a star beside a name',
      { includedNamespaces: ['*', 'shop'] },
      /spec\.includedNamespaces: has \* beside other entries/,
    ],
    [
      'a name in both lists',
      { includedNamespaces: ['shop'], excludedNamespaces: ['shop'] },
      /"shop" is in includedNamespaces too/,
    ],
    [
      'both kinds of selectors (behaviour 13)',
      { labelSelector: { matchLabels: { a: 'b' } }, orLabelSelectors: [{ matchLabels: { c: 'd' } }] },
      /orLabelSelectors: cannot be set together with labelSelector/,
    ],
    [
      'filters of both generations (behaviour 14)',
      { includedResources: ['pods'], includedClusterScopedResources: ['*'] },
      /includedClusterScopedResources|includedResources/,
    ],
    ['a ttl that is no duration', { ttl: 'a week' }, /spec\.ttl: "a week" is not a duration/],
  ])('is FailedValidation for %s and says why', async (_what, spec, reason) => {
    const world = await createWorld();
    await world.location('archive', { accessMode: 'ReadOnly' });
    await world.location('broken', { objectStorage: { bucket: 'broken' } });
    await world.start({
      openLocation: (location) =>
        location.objectStorage.bucket === 'broken'
          ? Promise.reject(new Error('no such bucket'))
          : world.openLocation(location),
    });
    for (const [name, phase] of [
      ['default', 'Available'],
      ['archive', 'Available'],
      ['broken', 'Unavailable'],
    ] as const)
      await world.until('BackupStorageLocation', name, ({ status }) => status?.phase === phase);
    await world.apply(...shop());
    const backup = await world.backup('b1', { includedNamespaces: ['shop'], ...spec });
    expect(backup.status?.phase).toBe('FailedValidation');
    expect(backup.status).not.toHaveProperty('startTimestamp');
    expect(backup.status?.validationErrors?.join('\n')).toMatch(reason);
    expect(await world.keys()).toEqual([]);
    expect((await world.story('backup', 'b1')).at(-1)).toMatch(/^Backup refused: /);
  });

  it('tells all its problems at once', async () => {
    const world = await createRunningWorld();
    const backup = await world.backup('b1', {
      storageLocation: 'nowhere',
      includedNamespaces: ['*', 'a'],
      excludedResources: ['*'],
    });
    expect(backup.status?.validationErrors?.length).toBeGreaterThanOrEqual(3);
  });

  it('is FailedValidation while no location is there, and a later one of another name is fine', async () => {
    const world = await createWorld({ location: false });
    await world.start();
    const early = await world.backup('early', {});
    expect(early.status).toMatchObject({
      phase: 'FailedValidation',
      validationErrors: [expect.stringContaining('default')],
    });
    await world.location('default');
    await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
    expect((await world.backup('late', {})).status?.phase).toBe('Completed');
  });
});

describe('A storage location', () => {
  it('tells on its resource and in its story that it became unavailable, and available again', async () => {
    const world = await createWorld();
    let broken = true;
    await world.start({
      openLocation: (location) =>
        broken ? Promise.reject(new Error('the bucket burns')) : world.openLocation(location),
    });
    const bad = await world.until(
      'BackupStorageLocation',
      'default',
      ({ status }) => status?.phase === 'Unavailable',
    );
    expect(bad.status?.message).toBe('BackupStorageLocation "default" is unavailable: the bucket burns');
    broken = false;
    await world.restart();
    const good = await world.until(
      'BackupStorageLocation',
      'default',
      ({ status }) => status?.phase === 'Available',
    );
    expect(good.status?.message).toBeUndefined();
    await world.idle();
    expect(await world.story('location', 'default')).toEqual([
      'Storage location registered: bucket bucket, ReadWrite.',
      'Storage location became unavailable: the bucket burns.',
      'Storage location became available.',
    ]);
  });

  it('is marked as the default when the server starts, if none is', async () => {
    const world = await createRunningWorld();
    const location = await world.resources.read(
      'BackupStorageLocation',
      'default',
      AbortSignal.timeout(5_000),
    );
    expect(location?.spec?.default).toBe(true);
  });

  it('is removed from the record when somebody deletes it', async () => {
    const world = await createRunningWorld();
    await world.remove('backupstoragelocations.velero.io', 'default', 'velero');
    await expect
      .poll(async () => (await world.story('location', 'default')).at(-1), { timeout: 5_000 })
      .toBe('Storage location removed.');
  });
});
