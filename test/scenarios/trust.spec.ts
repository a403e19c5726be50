import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { shop } from '../builders.js';
import { tarballOf } from '../unit/archive/archives.js';
import { createRunningWorld, type World } from './world.js';

const withBackup = async (): Promise<World> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  await world.backup('b1', { includedNamespaces: ['shop'] });
  await world.remove('namespaces', 'shop');
  return world;
};

/** Restores from contents that somebody put into the bucket; nothing of them may reach the cluster. */
const refuses = async (world: World, contents: Buffer, reason: RegExp): Promise<void> => {
  await world.store.put(world.layout.backupContents('b1'), contents);
  const before = world.cluster.size();
  const restore = await world.restore('r1', { backupName: 'b1' });
  expect(restore.status?.phase).toBe('Failed');
  expect(restore.status?.failureReason).toMatch(reason);
  expect(await world.find('namespaces', 'shop')).toBeUndefined();
  expect(world.cluster.size()).toBe(before + 1); // the Restore itself
};

const middle = (bytes: Buffer): number => Math.floor(bytes.length / 2);

describe('From a damaged archive nothing is restored:', () => {
  it.each<[string, (archive: Buffer) => Buffer]>([
    ['one cut off in the middle', (archive) => archive.subarray(0, middle(archive))],
    ['one that lost its last bytes', (archive) => archive.subarray(0, archive.length - 4)],
    [
      'one with a flipped byte',
      (archive) =>
        Buffer.concat([
          archive.subarray(0, middle(archive)),
          Buffer.from([(archive[middle(archive)] ?? 0) ^ 0xff]),
          archive.subarray(middle(archive) + 1),
        ]),
    ],
    ['an empty one', () => Buffer.alloc(0)],
    ['one that is no archive', () => Buffer.from('a letter, not an archive')],
    [
      'one whose tar is cut off but packed again',
      (archive) => gzipSync(gunzipSync(archive).subarray(0, 3_000)),
    ],
  ])('%s', async (_what, damage) => {
    const world = await withBackup();
    await refuses(world, damage(await world.bytes(world.layout.backupContents('b1'))), /archive is damaged/);
  });
});

const settings = JSON.stringify({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings', namespace: 'shop' },
});
const GOOD = [
  { name: 'metadata/version', body: '1.1.0\n' },
  { name: 'resources/configmaps/namespaces/shop/settings.json', body: settings },
];

describe('From a hostile archive nothing is restored:', () => {
  it.each([
    ['one with a path out of it', { name: 'resources/../../../etc/cron.d/evil', body: settings }],
    ['one with an absolute path', { name: '/etc/passwd', body: settings }],
    [
      'one with a symbolic link',
      {
        name: 'resources/configmaps/namespaces/shop/link.json',
        type: 'symlink' as const,
        linkname: '/etc/shadow',
      },
    ],
  ])('%s', async (_what, entry) => {
    const world = await withBackup();
    await refuses(world, await tarballOf([...GOOD, entry]), /holds something no backup may hold/);
  });

  it('a bomb', async () => {
    const world = await withBackup();
    const bomb = await tarballOf([
      ...GOOD,
      { name: 'resources/configmaps/namespaces/shop/bomb.json', body: Buffer.alloc(200 << 20) },
    ]);
    await refuses(world, bomb, /unpacks to more than is allowed/);
  });

  it('but one of the same make without any of that is restored', async () => {
    const world = await withBackup();
    await world.store.put(world.layout.backupContents('b1'), await tarballOf(GOOD));
    expect((await world.restore('r1', { backupName: 'b1' })).status?.phase).toBe('Completed');
    expect(await world.find('configmaps', 'settings', 'shop')).toBeDefined();
  });
});
