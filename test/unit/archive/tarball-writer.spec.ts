import { execFileSync, spawnSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openSpool } from '../../../src/archive/spool.js';
import { createTarballWriter, type ItemEntry } from '../../../src/archive/tarball-writer.js';
import { isFault } from '../../../src/faults.js';
import { collector, contents, MTIME, scan, scratchFolder } from './archives.js';

const scratch = scratchFolder();

const item = (name: string, more: Partial<ItemEntry> = {}): ItemEntry => ({
  groupResource: 'configmaps',
  version: 'v1',
  preferred: true,
  namespace: 'shop',
  name,
  json: Buffer.from(`{"kind":"ConfigMap","metadata":{"name":${JSON.stringify(name)}}}`),
  ...more,
});

const archiveOf = async (items: readonly ItemEntry[], level?: number): Promise<Buffer> => {
  const sink = collector();
  const tar = createTarballWriter({ sink, mtime: MTIME, ...(level === undefined ? {} : { level }) });
  for (const entry of items) await tar.addItem(entry);
  await tar.finish();
  return sink.bytes();
};

const hasTar = spawnSync('tar', ['--version']).status === 0;

const listed = (archive: Buffer, flags = 'tzf'): string[] => {
  const file = join(scratch, `${Math.random()}.tar.gz`);
  writeFileSync(file, archive);
  // Without quoting, so that names come out as they are.
  return execFileSync('tar', [`-${flags}`, file, '--quoting-style=literal'], { encoding: 'utf8' })
    .trim()
    .split('\n');
};

describe('the archive a backup writes', () => {
  it.skipIf(!hasTar)(
    'is read by GNU tar, with the format version first and both copies of an item',
    async () => {
      const archive = await archiveOf([
        item('a'),
        item('system:x', { groupResource: 'clusterroles.rbac.authorization.k8s.io' }),
      ]);
      expect(listed(archive)).toEqual([
        'metadata/version',
        'resources/configmaps/namespaces/shop/a.json',
        'resources/configmaps/v1-preferredversion/namespaces/shop/a.json',
        'resources/clusterroles.rbac.authorization.k8s.io/namespaces/shop/system:x.json',
        'resources/clusterroles.rbac.authorization.k8s.io/v1-preferredversion/namespaces/shop/system:x.json',
      ]);
    },
  );

  it.skipIf(!hasTar)('carries long and non-ASCII names through GNU tar', async () => {
    const long = 'n'.repeat(250);
    const archive = await archiveOf([item(long), item('Grüße-日本語')]);
    const names = listed(archive);
    expect(names).toContain(`resources/configmaps/v1-preferredversion/namespaces/shop/${long}.json`);
    expect(names).toContain('resources/configmaps/namespaces/shop/Grüße-日本語.json');
  });

  it.skipIf(!hasTar)('has mode 0755, no owner and the given time on every entry', async () => {
    for (const line of listed(await archiveOf([item('a'), item('b'.repeat(240))]), 'tzvf')) {
      expect(line).toMatch(/^-rwxr-xr-x 0\/0 +\d+ 2026-05-04 \d\d:02 /);
    }
  });

  it('writes an item of a version that is not preferred once, under that version', async () => {
    const archive = gunzipSync(
      await archiveOf([item('a', { version: 'v1beta1', preferred: false })]),
    ).toString('latin1');
    expect(archive).toContain('resources/configmaps/v1beta1/namespaces/shop/a.json');
    expect(archive).not.toContain('resources/configmaps/namespaces/');
  });

  it('is the same bytes for the same items', async () => {
    const items = Array.from({ length: 50 }, (_, i) => item(`item-${i}`));
    expect((await archiveOf(items)).equals(await archiveOf(items))).toBe(true);
  });

  it('tells its size, hash and number of entries as they are', async () => {
    const spool = await openSpool(scratch);
    const tar = createTarballWriter({ sink: spool, mtime: MTIME });
    await tar.addItem(item('a'));
    await tar.addFile('metadata/extra', Buffer.from('x'));
    const finished = await tar.finish();
    const bytes = await spool.readAt(0, spool.bytes);
    expect(finished).toEqual({
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
      entries: 4,
    });
    await spool.dispose();
  });

  it('costs little for the second copy of an item that the compressor cannot shrink', async () => {
    // Random JSON: a copy is free only while the first lies in the same member and window.
    const noise = () => randomBytes(10_000).toString('hex');
    const items = Array.from({ length: 120 }, (_, i) => item(`n${i}`, { json: Buffer.from(`"${noise()}"`) }));
    const once = await archiveOf(items.map((entry) => ({ ...entry, preferred: false })));
    const twice = await archiveOf(items);
    expect(twice.length).toBeLessThan(once.length * 1.2);
  });

  it('keeps overlapping calls in their order and their bytes apart', async () => {
    const sink = collector();
    const tar = createTarballWriter({ sink, mtime: MTIME });
    const items = Array.from({ length: 300 }, (_, i) =>
      item(i % 7 === 0 ? `é${i}` : `n${i}`, { json: Buffer.alloc(9000 + i, `${i % 10}`) }),
    );
    await Promise.all(items.map((entry) => tar.addItem(entry)));
    await tar.finish();
    const archive = await scan(sink.bytes(), scratch);
    expect(archive.resources.get('configmaps')?.items.map(({ name }) => name)).toEqual(
      items.map(({ name }) => name),
    );
    const found = await contents(archive);
    for (const entry of items) expect(found.get(`configmaps|shop|${entry.name}`)).toBe(entry.json.toString());
    await archive.dispose();
  });

  it('carries an item larger than several blocks', async () => {
    const json = Buffer.alloc(5 << 20, 'abcdefgh');
    const archive = await scan(
      await archiveOf([item('small'), item('big', { json }), item('after')]),
      scratch,
    );
    const big = archive.resources.get('configmaps')?.items[1];
    expect(big && (await archive.read(big)).equals(json)).toBe(true);
    await archive.dispose();
  });

  it.each([['..'], ['a/b'], [''], ['x\0y'], ['..\\..\\x']])(
    'refuses an item named %j and goes on without it',
    async (name) => {
      const sink = collector();
      const tar = createTarballWriter({ sink, mtime: MTIME });
      await expect(tar.addItem(item(name, { namespace: name === '..' ? '..' : 'shop' }))).rejects.toSatisfy(
        (error) => isFault(error, 'LB_ARCHIVE_HOSTILE'),
      );
      await tar.addItem(item('good'));
      await tar.finish();
      const archive = await scan(sink.bytes(), scratch);
      expect([...(await contents(archive)).keys()]).toEqual(['configmaps|shop|good']);
      await archive.dispose();
    },
  );

  it('waits for a slow sink instead of filling the memory', async () => {
    let open: (() => void) | undefined;
    const sink = new Writable({ highWaterMark: 1, write: (_chunk, _encoding, done) => void (open = done) });
    const tar = createTarballWriter({ sink, mtime: MTIME, level: 1 });
    const json = Buffer.alloc(1 << 20, 'x');
    let added = 0;
    const adding = (async () => {
      for (; added < 100; added++) await tar.addItem(item(`n${added}`, { json }));
    })();
    while (!open) await new Promise((resume) => setImmediate(resume));
    for (let i = 0; i < 200; i++) await new Promise((resume) => setImmediate(resume));
    expect(added).toBeLessThan(8);
    tar.abort(new Error('enough'));
    await expect(adding).rejects.toThrow('enough');
  });

  it('fails with the error of a sink that breaks, and does not hang', async () => {
    const sink = new Writable({ write: (_chunk, _encoding, done) => done(new Error('disk on fire')) });
    const tar = createTarballWriter({ sink, mtime: MTIME });
    const all = (async () => {
      for (let i = 0; i < 50; i++) await tar.addItem(item(`n${i}`, { json: Buffer.alloc(1 << 20, 'x') }));
      await tar.finish();
    })();
    await expect(all).rejects.toThrow('disk on fire');
  });

  it('gives every item back as it was, whatever its name and size', async () => {
    const name = fc.oneof(
      fc.stringMatching(/^[a-z0-9][a-z0-9.:-]{0,200}$/),
      fc
        .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
        .filter((text) => !/[/\\\0]|^\.\.?$/.test(text) && Buffer.from(text).toString() === text),
    );
    const entry = fc.record({
      groupResource: fc.constantFrom(
        'pods',
        'deployments.apps',
        `${'x'.repeat(60)}.${'group.'.repeat(12)}io`,
      ),
      namespace: fc.option(fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,60}[a-z0-9]$/), { nil: '' }),
      name,
      json: fc.oneof(fc.uint8Array({ maxLength: 3000 }), fc.uint8Array({ minLength: 500, maxLength: 520 })),
    });
    const property = fc.asyncProperty(fc.array(entry, { maxLength: 25 }), async (entries) => {
      const expected = new Map<string, string>();
      const items = entries.map(({ namespace, json, ...rest }) => {
        expected.set(`${rest.groupResource}|${namespace}|${rest.name}`, Buffer.from(json).toString());
        return item(rest.name, {
          ...rest,
          json: Buffer.from(json),
          ...(namespace === '' ? {} : { namespace }),
        });
      });
      const clustered = items.map((one, i) => {
        const { namespace: _, ...cluster } = one;
        return entries[i]?.namespace === '' ? cluster : one;
      });
      const archive = await scan(await archiveOf(clustered, 1), scratch);
      expect(await contents(archive)).toEqual(expected);
      expect(archive.warnings).toEqual([]);
      await archive.dispose();
    });
    await fc.assert(property, { numRuns: 80 });
  });
});
