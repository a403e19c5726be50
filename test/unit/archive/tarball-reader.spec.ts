import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { IndexedItem } from '../../../src/archive/scanned-archive.js';
import { createTarballWriter } from '../../../src/archive/tarball-writer.js';
import { Fault, isFault, type FaultCode } from '../../../src/faults.js';
import { collector, contents, inChunks, MTIME, scan, scratchFolder, tarballOf, tarOf } from './archives.js';

const scratch = scratchFolder();

const PODS = 'resources/pods/namespaces/shop';

const sample = async (): Promise<Buffer> => {
  const sink = collector();
  const tar = createTarballWriter({ sink, mtime: MTIME });
  for (let i = 0; i < 12; i++) {
    const json = Buffer.from(JSON.stringify({ i, noise: randomBytes(200).toString('base64') }));
    await tar.addItem({
      groupResource: 'pods',
      version: 'v1',
      preferred: true,
      namespace: 'shop',
      name: `p${i}`,
      json,
    });
  }
  await tar.finish();
  return sink.bytes();
};

const codeOf = async (work: Promise<unknown>): Promise<FaultCode | 'no fault'> => {
  try {
    await work;
    return 'no fault';
  } catch (error) {
    if (isFault(error)) return error.code;
    throw error;
  }
};

describe('an archive somebody tampered with', () => {
  it.each([
    ['climbs out of the archive', { name: '../../etc/passwd' }],
    ['climbs out from the inside', { name: `${PODS}/../../../../x.json` }],
    ['is absolute', { name: '/etc/passwd' }],
    ['is absolute on Windows', { name: 'C:\\windows\\x' }],
    ['climbs out on Windows', { name: `${PODS}/..\\..\\x.json` }],
    ['has a folder with a backslash', { name: 'resources\\pods/x.json' }],
  ])('is refused when a path %s', async (_what, entry) => {
    expect(await codeOf(scan(await tarballOf([entry]), scratch))).toBe('LB_ARCHIVE_HOSTILE');
  });

  it('is refused when a path holds a NUL behind an innocent beginning', async () => {
    const archive = await tarballOf([{ name: 'x', pax: { path: `${PODS}/a.json\0/../../x` }, body: '{}' }]);
    expect(await codeOf(scan(archive, scratch))).toBe('LB_ARCHIVE_HOSTILE');
  });

  it.each(['symlink', 'link', 'character-device', 'block-device', 'fifo'] as const)(
    'is refused when it holds a %s',
    async (type) => {
      const archive = await tarballOf([{ name: `${PODS}/a.json`, type, linkname: '/etc/shadow' }]);
      expect(await codeOf(scan(archive, scratch))).toBe('LB_ARCHIVE_HOSTILE');
    },
  );

  it('is refused when it unpacks to more than is allowed', async () => {
    const archive = await tarballOf([{ name: `${PODS}/a.json`, body: Buffer.alloc(8 << 20) }]);
    expect(await codeOf(scan(archive, scratch, { maxBytes: 4 << 20 }))).toBe('LB_ARCHIVE_TOO_LARGE');
  });

  it('is refused when one entry is larger than is allowed, by its header and before its bytes come', async () => {
    const archive = await tarballOf([{ name: `${PODS}/a.json`, body: Buffer.alloc(2 << 20) }]);
    expect(await codeOf(scan(archive, scratch, { maxItemBytes: 1 << 20 }))).toBe('LB_ARCHIVE_TOO_LARGE');
  });

  it('is refused when it holds more entries than are allowed', async () => {
    const archive = await tarballOf(
      Array.from({ length: 200 }, (_, i) => ({ name: `${PODS}/${i}.json`, body: '{}' })),
    );
    expect(await codeOf(scan(archive, scratch, { maxEntries: 199 }))).toBe('LB_ARCHIVE_TOO_LARGE');
    expect(await codeOf(scan(archive, scratch, { maxEntries: 200 }).then((found) => found.dispose()))).toBe(
      'no fault',
    );
  });

  it('is refused when it is mostly air', async () => {
    // 128 MiB of zeros in 128 KiB of gzip, made of one member that is repeated.
    const zeros = gzipSync(Buffer.alloc(16 << 20));
    const bomb = Buffer.concat(Array.from({ length: 8 }, () => zeros));
    expect(await codeOf(scan(bomb, scratch, { maxRatio: 200 }))).toBe('LB_ARCHIVE_TOO_LARGE');
  });

  it('is refused when it stops anywhere', async () => {
    const archive = await sample();
    for (let at = 0; at < archive.length; at += Math.max(1, Math.floor(archive.length / 150))) {
      expect(await codeOf(scan(archive.subarray(0, at), scratch)), `cut at ${at}`).toBe('LB_ARCHIVE_DAMAGED');
    }
  });

  it('is refused when whole members are missing at its end, although what is left is a whole gzip file', async () => {
    const tar = gunzipSync(await sample());
    const cut = tar.subarray(0, tar.length - 1024);
    expect(await codeOf(scan(gzipSync(cut), scratch))).toBe('LB_ARCHIVE_DAMAGED');
    expect(await codeOf(scan(gzipSync(Buffer.concat([cut, Buffer.alloc(512)])), scratch))).toBe(
      'LB_ARCHIVE_DAMAGED',
    );
  });

  it('is refused, or means the same, when any bit of it is flipped', async () => {
    const archive = await sample();
    const intact = await scan(archive, scratch);
    const expected = await contents(intact);
    await intact.dispose();
    const header = Array.from({ length: 80 }, (_, i) => i);
    const spread = Array.from({ length: 250 }, (_, i) => Math.floor((i / 250) * archive.length * 8));
    for (const bit of [...header, ...spread]) {
      const flipped = Buffer.from(archive);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const found = await scan(flipped, scratch).catch((error: unknown) => error);
      if (isFault(found)) continue;
      // Time and system in the gzip header mean nothing; the contents may not differ.
      expect(bit, 'only the header of a member may change unnoticed').toBeLessThan(80);
      expect(await contents(found as Awaited<ReturnType<typeof scan>>)).toEqual(expected);
      await (found as Awaited<ReturnType<typeof scan>>).dispose();
    }
  });

  it.each([
    ['text', Buffer.from('garbage')],
    ['zeros and then text', Buffer.concat([Buffer.alloc(512), Buffer.from('garbage')])],
    ['half a member', gzipSync(Buffer.alloc(2000)).subarray(0, 15)],
    ['another archive', gzipSync(Buffer.from('x'.repeat(512)))],
  ])('is refused when there is %s behind it', async (_what, tail) => {
    expect(await codeOf(scan(Buffer.concat([await sample(), tail]), scratch))).toBe('LB_ARCHIVE_DAMAGED');
  });

  it('is refused when a second archive hides behind the end of the first', async () => {
    const both = Buffer.concat([
      await tarOf([{ name: `${PODS}/a.json`, body: '1' }]),
      await tarOf([{ name: `${PODS}/a.json`, body: '2' }]),
    ]);
    expect(await codeOf(scan(gzipSync(both), scratch))).toBe('LB_ARCHIVE_DAMAGED');
  });

  it.each([
    ['nothing at all', Buffer.alloc(0)],
    ['an empty gzip file', gzipSync(Buffer.alloc(0))],
    ['plain text', Buffer.from('this is not gzip')],
    ['gzip of something that is not tar', gzipSync(Buffer.from('hello '.repeat(1000)))],
    ['a lying PAX size', gzipSync(Buffer.from('path'))],
  ])('is refused when it is %s', async (_what, bytes) => {
    expect(await codeOf(scan(bytes, scratch))).toBe('LB_ARCHIVE_DAMAGED');
  });

  it('never hangs and never throws anything but a fault, whatever it is', async () => {
    const property = fc.asyncProperty(
      fc.uint8Array({ maxLength: 3000 }),
      fc.boolean(),
      async (bytes, zipped) => {
        const code = await codeOf(scan(zipped ? gzipSync(bytes) : bytes, scratch));
        expect(code).not.toBe('no fault');
      },
    );
    await fc.assert(property, { numRuns: 150 });
  });

  it('leaves no file in the scratch folder, refused or read', async () => {
    await codeOf(scan(Buffer.from('no'), scratch));
    const archive = await scan(await sample(), scratch);
    expect(readdirSync(scratch)).toEqual([]);
    await archive.dispose();
    expect(readdirSync(scratch)).toEqual([]);
  });
});

describe('an archive with oddities', () => {
  it('is read, and what is not an item is ignored with a warning', async () => {
    const archive = await scan(
      await tarballOf([
        { name: 'resources/', type: 'directory' },
        { name: 'resources/pods/', type: 'directory' },
        { name: './resources/pods/namespaces/shop/./a.json', body: '{"a":1}' },
        { name: 'resources/pods/namespaces/shop/b.txt', body: 'x' },
        { name: 'resources/pods/strange/c.json', body: 'x' },
        { name: 'resources/pods/namespaces/shop/deeper/d.json', body: 'x' },
        { name: 'resources/pods/namespaces/shop/.json', body: 'x' },
        { name: 'README', body: 'x' },
        { name: 'resources/roles.rbac.authorization.k8s.io/namespaces/shop/a\\b.json', body: '{}' },
      ]),
      scratch,
    );
    expect([...(await contents(archive)).keys()]).toEqual([
      'pods|shop|a',
      'roles.rbac.authorization.k8s.io|shop|a\\b',
    ]);
    expect(archive.warnings).toHaveLength(5);
    expect(archive.formatVersion).toBeUndefined();
    await archive.dispose();
  });

  it('takes the last of two entries with one path, as unpacking would', async () => {
    const archive = await scan(
      await tarballOf([
        { name: `${PODS}/a.json`, body: '"first"' },
        { name: `${PODS}/b.json`, body: '"b"' },
        { name: `${PODS}/a.json`, body: '"last, and longer"' },
      ]),
      scratch,
    );
    expect(archive.resources.get('pods')?.items).toHaveLength(2);
    expect((await contents(archive)).get('pods|shop|a')).toBe('"last, and longer"');
    await archive.dispose();
  });

  it('says so when there is nothing to restore in it', async () => {
    const archive = await scan(await tarballOf([{ name: 'metadata/version', body: '1.1.0\n' }]), scratch);
    expect(archive).toMatchObject({ hasResources: false, formatVersion: '1.1.0', warnings: [] });
    expect(archive.resources.size).toBe(0);
    await archive.dispose();
  });

  it('bounds the warnings and counts the rest', async () => {
    const archive = await scan(
      await tarballOf(Array.from({ length: 1500 }, (_, i) => ({ name: `odd-${i}` }))),
      scratch,
    );
    expect(archive.warnings).toHaveLength(1001);
    expect(archive.warnings.at(-1)).toBe('… and 500 more');
    await archive.dispose();
  });

  it('tells the versions each resource was kept in', async () => {
    const archive = await scan(
      await tarballOf([
        { name: 'resources/cronjobs.batch/namespaces/shop/a.json', body: '{}' },
        { name: 'resources/cronjobs.batch/v1-preferredversion/namespaces/shop/a.json', body: '{}' },
        { name: 'resources/cronjobs.batch/v1beta1/namespaces/shop/a.json', body: '{}' },
      ]),
      scratch,
    );
    expect(archive.resources.get('cronjobs.batch')).toMatchObject({
      versions: ['v1', 'v1beta1'],
      preferredVersion: 'v1',
      items: [{ groupResource: 'cronjobs.batch', namespace: 'shop', name: 'a' }],
    });
    await archive.dispose();
  });

  const twoVersions = () =>
    tarballOf([
      { name: 'resources/cronjobs.batch/namespaces/shop/a.json', body: '"a in v1"' },
      { name: 'resources/cronjobs.batch/v1-preferredversion/namespaces/shop/a.json', body: '"a in v1"' },
      { name: 'resources/cronjobs.batch/v1beta1/namespaces/shop/a.json', body: '"a in v1beta1"' },
      { name: 'resources/cronjobs.batch/v1beta1/namespaces/shop/b.json', body: '"b in v1beta1"' },
      { name: 'resources/cronjobs.batch/v1beta1/cluster/a.json', body: '"cluster a"' },
    ]);

  it('keeps the items of each other version when told to, and those of the preferred one once', async () => {
    const archive = await scan(await twoVersions(), scratch, {}, undefined, { everyVersion: true });
    const found = archive.resources.get('cronjobs.batch');
    expect([...(found?.otherVersions.keys() ?? [])]).toEqual(['v1beta1']);
    const textsOf = (items: readonly IndexedItem[] = []) =>
      Promise.all(items.map(async (item) => (await archive.read(item)).toString()));
    expect(await textsOf(found?.items)).toEqual(['"a in v1"']);
    expect(await textsOf(found?.otherVersions.get('v1beta1'))).toEqual([
      '"a in v1beta1"',
      '"b in v1beta1"',
      '"cluster a"',
    ]);
    expect(archive.totals.items).toBe(1);
    await archive.dispose();
  });

  it('keeps no item of another version unless told to', async () => {
    const archive = await scan(await twoVersions(), scratch);
    expect(archive.resources.get('cronjobs.batch')?.otherVersions.size).toBe(0);
    await archive.dispose();
  });

  it('is read the same however the network cuts it', async () => {
    const bytes = await sample();
    const whole = await scan(bytes, scratch);
    const expected = await contents(whole);
    await whole.dispose();
    for (const size of [1, 7, 511, 513, 4096]) {
      const archive = await scan(inChunks(bytes, size), scratch);
      expect(await contents(archive)).toEqual(expected);
      await archive.dispose();
    }
  });
});

describe('reading that is interrupted', () => {
  it('ends with LB_ABORTED when the work is stopped while the archive comes', async () => {
    const stop = new AbortController();
    async function* endless(): AsyncGenerator<Buffer> {
      yield (await sample()).subarray(0, 100);
      stop.abort();
      await new Promise(() => undefined);
    }
    expect(await codeOf(scan(Readable.from(endless()), scratch, {}, stop.signal))).toBe('LB_ABORTED');
  });

  it('keeps the fault of the store and does not take it for damage', async () => {
    const failing = (error: Error): Readable =>
      new Readable({
        read() {
          this.push(gzipSync('x').subarray(0, 5));
          this.destroy(error);
        },
      });
    expect(await codeOf(scan(failing(new Fault('LB_STORE_DENIED', 'no')), scratch))).toBe('LB_STORE_DENIED');
    expect(await codeOf(scan(failing(new Error('ECONNRESET')), scratch))).toBe('LB_STORE_UNREACHABLE');
  });

  it('stops giving items when the signal aborts', async () => {
    const archive = await scan(await sample(), scratch);
    const stop = new AbortController();
    const items = archive.resources.get('pods')?.items ?? [];
    const all = (async () => {
      for await (const { item } of archive.readMany(items, stop.signal)) if (item.name === 'p3') stop.abort();
    })();
    expect(await codeOf(all)).toBe('LB_ABORTED');
    await archive.dispose();
  });

  it('gives items in the order of the file, however they are asked for', async () => {
    const archive = await scan(await sample(), scratch);
    const items = archive.resources.get('pods')?.items ?? [];
    const order: string[] = [];
    for await (const { item, json } of archive.readMany([...items].reverse(), AbortSignal.timeout(5000))) {
      order.push(item.name);
      expect(json.equals(await archive.read(item))).toBe(true);
    }
    expect(order).toEqual(items.map(({ name }) => name));
    await archive.dispose();
  });
});
