import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configMap, namespaceOf, secret, widget, widgetDefinition, type KubeObject } from '../builders.js';
import { createRunningWorld, soon, type World } from './world.js';

const WIDGETS = {
  group: 'shop.example',
  version: 'v1',
  resource: 'widgets',
  kind: 'Widget',
  singular: 'widget',
  shortNames: [],
  namespaced: true,
  verbs: ['create', 'get'],
};

const textOf = async (world: World, name: string): Promise<string> =>
  (await world.cluster.get(WIDGETS, { namespace: 'shop', name }, { signal: soon() }))?.toString('utf8') ??
  expect.fail(`${name} is gone`);

/** The spec as it is written, digit for digit. */
const specText = (json: string): string => /"spec":(\{.*\})/s.exec(json)?.[1] ?? expect.fail(json);

/** As bytes, since no JavaScript object could hold these numbers. */
const SPEC =
  '{"z":9007199254740993,"a":-9223372036854775808,"m":18446744073709551615,"f":1.10,"e":1e21,"t":"<&> \\u2028 ü 漢 🛟 \\u0001","nested":{"y":null,"b":[],"c":{}}}';

describe('From backup over loss to restore', () => {
  it('every number, key order and character survives, byte for byte in the archive and in the cluster', async () => {
    const world = await createRunningWorld();
    await world.apply(widgetDefinition(), namespaceOf('shop'));
    const created = await world.cluster.create(
      WIDGETS,
      'shop',
      `{"apiVersion":"shop.example/v1","kind":"Widget","metadata":{"name":"odd"},"spec":${SPEC}}`,
      { signal: soon() },
    );
    expect(created.ok).toBe(true);
    const before = await textOf(world, 'odd');
    await world.backup('b1', { includedNamespaces: ['shop'] });
    expect((await world.archive('b1')).get('resources/widgets.shop.example/namespaces/shop/odd.json')).toBe(
      before,
    );
    await world.remove('namespaces', 'shop');
    expect((await world.restore('r1', { backupName: 'b1' })).status).toMatchObject({ phase: 'Completed' });
    expect(specText(await textOf(world, 'odd'))).toBe(specText(before));
  });

  it.each([
    ['as long as a name can be', 'n'.repeat(253)],
    ['with dots', 'a.b.c'],
    ['with a digit first', '0-0'],
    ['that looks like a path of the archive', 'v1-preferredversion'],
    ['that looks like a folder of the archive', 'namespaces'],
    ['that ends like a file', 'settings.json'],
    ['of an object’s prototype', 'constructor'],
  ])('an object with a name %s survives', async (_what, name) => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'), configMap('shop', name, { a: 'b' }));
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.remove('namespaces', 'shop');
    expect((await world.restore('r1', { backupName: 'b1' })).status).toMatchObject({ phase: 'Completed' });
    expect((await world.find('configmaps', name, 'shop'))?.['data']).toEqual({ a: 'b' });
  });
});

const names = fc
  .stringMatching(/^[a-z0-9]([a-z0-9.-]{0,20}[a-z0-9])?$/)
  .filter((name) => !/\.\.|\.-|-\./.test(name));
const keys = fc.stringMatching(/^[A-Za-z0-9._-]{1,20}$/);
const labels = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,10}$/),
  fc.stringMatching(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,10}[A-Za-z0-9])?)?$/),
  { maxKeys: 3 },
);
const base64 = fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64'));
const values = fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__'));

/** A random small cluster: some namespaces, and objects of three kinds in them. */
const clusters = fc.record({
  namespaces: fc.uniqueArray(
    fc.stringMatching(/^[a-z]{1,8}$/).map((name) => `ns-${name}`),
    { minLength: 1, maxLength: 3 },
  ),
  objects: fc.uniqueArray(
    fc.oneof(
      fc.record({
        kind: fc.constant('configmaps' as const),
        where: fc.nat(2),
        name: names,
        labels,
        data: fc.dictionary(keys, fc.string({ unit: 'grapheme', maxLength: 20 }), { noNullPrototype: true }),
      }),
      fc.record({
        kind: fc.constant('secrets' as const),
        where: fc.nat(2),
        name: names,
        labels: fc.constant({}),
        data: fc.dictionary(keys, base64, { noNullPrototype: true }),
      }),
      fc.record({
        kind: fc.constant('widgets.shop.example' as const),
        where: fc.nat(2),
        name: names,
        labels: fc.constant({}),
        data: fc.dictionary(fc.stringMatching(/^[a-z]{1,10}$/), values, { noNullPrototype: true }),
      }),
    ),
    { maxLength: 12, selector: ({ kind, where, name }) => `${kind}/${where}/${name}` },
  ),
});

type Case = typeof clusters extends fc.Arbitrary<infer C> ? C : never;

const objectsOf = ({ namespaces, objects }: Case): readonly KubeObject[] => {
  const made = new Map<string, KubeObject>();
  for (const { kind, where, name, labels: own, data } of objects) {
    const namespace = namespaces[where % namespaces.length] ?? '';
    const object =
      kind === 'configmaps'
        ? configMap(namespace, name, data, own)
        : kind === 'secrets'
          ? secret(namespace, name, data)
          : widget(namespace, name, data);
    made.set(`${kind}/${namespace}/${name}`, object);
  }
  return [...made.values()];
};

const KINDS = ['configmaps', 'secrets', 'widgets.shop.example'];

/** All objects, without what a cluster gives and what a restore adds. */
const normalised = async (world: World, namespaces: readonly string[]): Promise<readonly unknown[]> => {
  const lists = await Promise.all(
    namespaces.flatMap((namespace) => KINDS.map((kind) => world.all(kind, namespace))),
  );
  return lists.flat().map(({ metadata: { name, namespace, labels: all = {} }, ...object }) => {
    const { 'velero.io/backup-name': _backup, 'velero.io/restore-name': _restore, ...own } = all;
    return { ...object, metadata: { name, namespace, labels: own } };
  });
};

describe('Any small cluster', () => {
  it('is the same after backup, loss and restore', { timeout: 30_000 }, async () => {
    const world = await createRunningWorld();
    await world.apply(widgetDefinition());
    let run = 0;
    await fc.assert(
      fc.asyncProperty(clusters, async (sample) => {
        run += 1;
        await world.apply(...sample.namespaces.map((name) => namespaceOf(name)), ...objectsOf(sample));
        const before = await normalised(world, sample.namespaces);
        expect((await world.backup(`b${run}`, { includedNamespaces: sample.namespaces })).status?.phase).toBe(
          'Completed',
        );
        for (const name of sample.namespaces) await world.remove('namespaces', name);
        const restore = await world.restore(`r${run}`, { backupName: `b${run}` });
        expect(restore.status).toMatchObject({ phase: 'Completed' });
        expect(restore.status?.warnings).toBeUndefined();
        expect(await normalised(world, sample.namespaces)).toEqual(before);
        // An empty namespace is not restored: Velero makes namespaces only for what goes into them.
        for (const { metadata } of await world.all('namespaces'))
          if (metadata.name.startsWith('ns-')) await world.remove('namespaces', metadata.name);
      }),
      { numRuns: 40 },
    );
  });
});
