import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createTarballWriter } from '../../src/archive/tarball-writer.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import type { ObjectStore } from '../../src/objectstore/port.js';
import { configMap, namespaceOf, type KubeObject } from '../builders.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, soon, type World } from './world.js';

const FEATURE = { flags: { features: 'EnableAPIGroupVersions' } };
const YACHTS = 'yachts.shop.example';

/** Defines `Yacht` of `shop.example`, any content, in these versions; the first one is stored. */
const yachtDefinition = (...versions: readonly string[]): KubeObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: YACHTS },
  spec: {
    group: 'shop.example',
    scope: 'Namespaced',
    names: { plural: 'yachts', singular: 'yacht', kind: 'Yacht', listKind: 'YachtList' },
    versions: versions.map((name, index) => ({
      name,
      served: true,
      storage: index === 0,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
});

const yacht = (name: string, version = 'v2'): KubeObject => ({
  apiVersion: `shop.example/${version}`,
  kind: 'Yacht',
  metadata: { name, namespace: 'shop' },
  spec: { seats: 12 },
});

const shopWithYachts = async (options: Parameters<typeof createRunningWorld>[0]): Promise<World> => {
  const world = await createRunningWorld(options);
  await world.apply(yachtDefinition('v1', 'v2', 'v2beta1'), namespaceOf('shop'), yacht('one'), yacht('two'));
  await world.apply(configMap('shop', 'settings'));
  return world;
};

const pathsOf = async (world: World, backup: string): Promise<readonly string[]> =>
  [...(await world.archive(backup)).keys()].filter((path) => path.startsWith(`resources/${YACHTS}/`)).sort();

const inBoth = (folder: string) =>
  ['one', 'two'].map((name) => `resources/${YACHTS}/${folder}namespaces/shop/${name}.json`);

describe('A backup of a kind that is served in several versions', () => {
  it('behaviour 31: holds the unversioned files and those of the preferred version', async () => {
    const world = await shopWithYachts({});
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(await pathsOf(world, 'b1')).toEqual([...inBoth(''), ...inBoth('v2-preferredversion/')]);
    expect(backup.status?.progress).toMatchObject({ itemsBackedUp: 5, totalItems: 5 });
  });

  it('holds every other version in a folder of its own, with EnableAPIGroupVersions', async () => {
    const world = await shopWithYachts(FEATURE);
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    expect(backup.status?.phase).toBe('Completed');
    expect(await pathsOf(world, 'b1')).toEqual(
      [...inBoth(''), ...inBoth('v1/'), ...inBoth('v2-preferredversion/'), ...inBoth('v2beta1/')].sort(),
    );
    const archive = await world.archive('b1');
    for (const [folder, version] of [
      ['', 'v2'],
      ['v1/', 'v1'],
      ['v2beta1/', 'v2beta1'],
    ] as const)
      expect(
        JSON.parse(archive.get(`resources/${YACHTS}/${folder}namespaces/shop/one.json`) ?? '{}'),
      ).toMatchObject({ apiVersion: `shop.example/${version}`, spec: { seats: 12 } });
  });

  it('counts and lists an object once for each version, with EnableAPIGroupVersions', async () => {
    const world = await shopWithYachts(FEATURE);
    const backup = await world.backup('b1', { includedNamespaces: ['shop'] });
    const yachts = ['shop/one', 'shop/two'];
    expect(await world.json(world.layout.resourceList('b1'))).toEqual({
      'apiextensions.k8s.io/v1/CustomResourceDefinition': [YACHTS],
      'shop.example/v1/Yacht': yachts,
      'shop.example/v2/Yacht': yachts,
      'shop.example/v2beta1/Yacht': yachts,
      'v1/ConfigMap': ['shop/settings'],
      'v1/Namespace': ['shop'],
    });
    expect(backup.status?.progress).toMatchObject({ itemsBackedUp: 9, totalItems: 9 });
  });
});

/** A bucket with a backup in which every versioned file tells in its spec which one it is. */
const markedBackup = async (alter: (path: string) => boolean = () => true): Promise<ObjectStore> => {
  const store = createMemoryObjectStore();
  const world = await shopWithYachts({ ...FEATURE, store });
  await world.backup('b1', { includedNamespaces: ['shop'] });
  const sink = new PassThrough();
  const bytes = buffer(sink);
  const tar = createTarballWriter({ sink, mtime: new Date(0) });
  for (const [path, text] of await world.archive('b1')) {
    if (path === 'metadata/version' || !alter(path)) continue;
    const file = path.split('/')[2] ?? '';
    await tar.addFile(
      path,
      Buffer.from(path.includes(YACHTS) ? text.replace('"seats":', `"file":"${file}","seats":`) : text),
    );
  }
  await tar.finish();
  await store.put(world.layout.backupContents('b1'), await bytes);
  await world.stop();
  return store;
};

/** Restores the backup of that bucket where yachts are served in these versions; answers the files that were taken, and the log. */
const restoredWhere = async (
  store: ObjectStore,
  served: readonly string[],
  options: { readonly priorities?: string; readonly feature?: boolean } = {},
) => {
  const world = await createRunningWorld({ store, ...(options.feature !== false && FEATURE) });
  if (served.length > 0) await world.apply(yachtDefinition(...served));
  if (options.priorities !== undefined)
    await world.apply(
      configMap(NAMESPACE, 'enableapigroupversions', { restoreResourcesVersionPriority: options.priorities }),
    );
  await world.ended('Backup', 'b1');
  const restore = await world.restore('r1', { backupName: 'b1' });
  const taken = (await world.all(YACHTS, 'shop')).map(({ metadata, spec }) => [
    metadata.name,
    (spec as { readonly file: string }).file,
  ]);
  const lists = (await world.json(world.layout.restoreResourceList('r1'))) as Record<
    string,
    readonly string[]
  >;
  return {
    restore,
    taken: Object.fromEntries(taken) as Readonly<Record<string, string>>,
    kinds: Object.keys(lists).filter((kind) => kind.endsWith('/Yacht')),
    log: gunzipSync(await world.bytes(world.layout.restoreLog('r1'))).toString('utf8'),
  };
};

const both = (file: string) => ({ one: file, two: file });

describe('A restore of a kind that was archived in several versions, with EnableAPIGroupVersions', () => {
  it('behaviour 131: takes the files of the version that this cluster prefers', async () => {
    const { restore, taken, kinds } = await restoredWhere(await markedBackup(), ['v1', 'v1beta1']);
    expect(restore.status?.errors ?? 0).toBe(0);
    expect(taken).toEqual(both('v1'));
    expect(kinds).toEqual(['shop.example/v1/Yacht']);
  });

  it('takes the files of the version preferred at the backup where this cluster prefers one it does not hold', async () => {
    const { taken, kinds } = await restoredWhere(await markedBackup(), ['v1', 'v2', 'v3']);
    expect(taken).toEqual(both('namespaces'));
    expect(kinds).toEqual(['shop.example/v2/Yacht']);
  });

  it('takes those of a version in common where neither side’s preferred one will do', async () => {
    const { taken } = await restoredWhere(await markedBackup(), ['v2beta1', 'v3']);
    expect(taken).toEqual(both('v2beta1'));
  });

  it('takes the unversioned files of a kind that the backup itself brings along', async () => {
    const { restore, taken } = await restoredWhere(await markedBackup(), []);
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(taken).toEqual(both('namespaces'));
  });

  it('takes the version the operator wants; a line that cannot be read is told in the log and changes nothing', async () => {
    const { restore, taken, log } = await restoredWhere(await markedBackup(), ['v1', 'v2', 'v2beta1'], {
      priorities: `nonsense\n${YACHTS} = v9, v2beta1, v1\n`,
    });
    expect(taken).toEqual(both('v2beta1'));
    expect(log).toMatch(/level=warning .*enableapigroupversions.*line 1 .*nonsense/);
    expect(restore.status?.errors ?? 0).toBe(0);
  });

  it('takes an object that lies in the preferred version only from there', async () => {
    const store = await markedBackup((path) => path !== `resources/${YACHTS}/v1/namespaces/shop/two.json`);
    const { taken } = await restoredWhere(store, ['v1', 'v2'], { priorities: `${YACHTS}=v1` });
    expect(taken).toEqual({ one: 'v1', two: 'namespaces' });
  });

  it('is a restore as any other without the feature: of the unversioned files', async () => {
    const { taken } = await restoredWhere(await markedBackup(), ['v1', 'v2'], {
      priorities: `${YACHTS}=v1`,
      feature: false,
    });
    expect(taken).toEqual(both('namespaces'));
  });

  it('is such a restore of a backup in a format that knew no versions', async () => {
    const store = await markedBackup();
    const key = 'backups/b1/velero-backup.json';
    const found = await store.get(key, soon());
    const metadata = found ? (await buffer(found.body)).toString('utf8') : '';
    expect(metadata).toContain('"formatVersion": "1.1.0"');
    await store.put(key, Buffer.from(metadata.replace('"formatVersion": "1.1.0"', '"formatVersion": "1"')));
    const { taken } = await restoredWhere(store, ['v1', 'v2'], { priorities: `${YACHTS}=v1` });
    expect(taken).toEqual(both('namespaces'));
  });
});
