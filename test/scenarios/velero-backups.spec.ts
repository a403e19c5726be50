import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import { createCluster, createRunningWorld, type World } from './world.js';

const FIXTURES = join(import.meta.dirname, '../fixtures/velero-1.18.2');

/** A bucket as Velero left it, and a cluster with the furniture of a real one, which knows nothing of it yet. */
const veleroBucket = async (...backups: readonly string[]): Promise<World> => {
  const store = createMemoryObjectStore();
  for (const backup of backups)
    for (const file of readdirSync(join(FIXTURES, backup)))
      await store.put(`backups/${backup}/${file}`, readFileSync(join(FIXTURES, backup, file)));
  const world = await createRunningWorld({ store, cluster: await createCluster({ controllers: true }) });
  for (const backup of backups) await world.ended('Backup', backup);
  return world;
};

type Lists = Readonly<Record<string, readonly string[]>>;

/** What Velero itself made of its own backup. */
const veleroList = (restore: string): Lists =>
  JSON.parse(
    gunzipSync(
      readFileSync(join(FIXTURES, 'restores', restore, `restore-${restore}-resource-list.json.gz`)),
    ).toString('utf8'),
  ) as Lists;

/** In order, and what is cluster-scoped without its outcome: Velero's cluster had those objects still, ours is another one. */
const comparable = (lists: Lists): Lists =>
  Object.fromEntries(
    Object.entries(lists).map(([kind, entries]) => [
      kind,
      entries.map((entry) => (entry.includes('/') ? entry : entry.replace(/\(.*/, ''))).sort(),
    ]),
  );

describe('A backup that Velero 1.18.2 made', () => {
  it.each([
    ['shop', 'Completed'],
    ['whole', 'Completed'],
    ['partial', 'PartiallyFailed'],
  ])('%s appears as it was, %s', async (name, phase) => {
    const world = await veleroBucket(name);
    const stored = JSON.parse(readFileSync(join(FIXTURES, name, 'velero-backup.json'), 'utf8')) as {
      status: object;
    };
    expect(await world.ended('Backup', name)).toMatchObject({ status: { ...stored.status, phase } });
  });

  it.each(['shop', 'whole'])(
    '%s is restored into a mapped namespace with what Velero restores from it',
    async (name) => {
      const world = await veleroBucket(name);
      const restore = await world.restore('shop-copy', {
        backupName: name,
        namespaceMapping: { shop: 'shop-copy' },
      });
      expect(restore.status?.phase).toBe('Completed');
      const ours = comparable((await world.json(world.layout.restoreResourceList('shop-copy'))) as Lists);
      if (name === 'shop') expect(ours).toEqual(comparable(veleroList('shop-copy')));
      const widget = (
        await world.cluster.get(
          {
            group: 'lifeboat.example',
            version: 'v1',
            resource: 'widgets',
            kind: 'Widget',
            singular: 'widget',
            shortNames: [],
            namespaced: true,
            verbs: ['get'],
          },
          { namespace: 'shop-copy', name: 'numbers' },
          { signal: AbortSignal.timeout(5_000) },
        )
      )?.toString('utf8');
      expect(widget).toContain('9007199254740993');
      expect((await world.find('configmaps', 'settings', 'shop-copy'))?.metadata.labels).toMatchObject({
        'velero.io/backup-name': name,
        'velero.io/restore-name': 'shop-copy',
      });
    },
  );

  it('partial is restored with what Velero restores from it, its claim to be bound anew', async () => {
    const world = await veleroBucket('partial');
    const restore = await world.restore('data-copy', {
      backupName: 'partial',
      namespaceMapping: { 'shop-data': 'data-copy' },
    });
    // Velero has one: the volume that comes back empty is ours.
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 2 });
    const ours = (await world.json(world.layout.restoreResourceList('data-copy'))) as Lists;
    expect(comparable(ours)).toEqual(comparable(veleroList('data-copy')));
    expect((await world.find('persistentvolumeclaims', 'data', 'data-copy'))?.['spec']).not.toHaveProperty(
      'volumeName',
    );
  });

  it('whose volume data was moved, but not by whom, has an error in place of an empty volume', async () => {
    const world = await veleroBucket('partial');
    const key = world.layout.volumeInfo('partial');
    const [info] = (await world.json(key)) as object[];
    await world.store.put(
      key,
      gzipSync(
        JSON.stringify([{ ...info, skipped: false, backupMethod: 'CSISnapshot', snapshotDataMoved: true }]),
      ),
    );
    await world.restore('data-copy', {
      backupName: 'partial',
      namespaceMapping: { 'shop-data': 'data-copy' },
    });
    const results = JSON.stringify(await world.json(world.layout.restoreResults('data-copy')));
    expect(results).toMatch(/its data was moved into object storage, but not by which DataUpload/);
    expect(await world.find('persistentvolumeclaims', 'data', 'data-copy')).toBeUndefined();
  });
});
