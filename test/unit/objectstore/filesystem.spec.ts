import { mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesystemFault } from '../../../src/objectstore/filesystem-errors.js';
import { openFilesystemStore } from '../../../src/objectstore/filesystem.js';
import { compareKeys } from '../../../src/objectstore/keys.js';
import { objectStoreContract } from '../../contract/objectstore.js';

const freshFolder = () => mkdtemp(join(tmpdir(), 'lifeboat-store-'));

objectStoreContract('filesystem', async () => {
  const root = await freshFolder();
  return {
    store: openFilesystemStore({ root }),
    prefix: 'contract/',
    cleanUp: () => rm(root, { recursive: true }),
  };
});

describe('a folder as a bucket', () => {
  let root: string;
  beforeAll(async () => {
    root = await freshFolder();
  });
  afterAll(() => rm(root, { recursive: true }));

  const fresh = async (name: string) => {
    const folder = join(root, name);
    await mkdir(folder);
    return { folder, store: openFilesystemStore({ root: folder }) };
  };
  const keysOf = async (store: ReturnType<typeof openFilesystemStore>) => {
    const keys: string[] = [];
    for await (const entry of store.list('')) if (entry.kind === 'object') keys.push(entry.key);
    return keys;
  };

  it('holds Velero keys as plain paths, so that any tool can copy them', async () => {
    const { folder, store } = await fresh('plain');
    await store.put('backups/b1/b1-logs.gz', Buffer.from('log'));
    expect(await readFile(join(folder, 'backups/b1/b1-logs.gz'), 'utf8')).toBe('log');
    await mkdir(join(folder, 'backups/copied'));
    await writeFile(join(folder, 'backups/copied/velero-backup.json'), '{}');
    expect(await keysOf(store)).toEqual(['backups/b1/b1-logs.gz', 'backups/copied/velero-backup.json']);
  });

  it('that is missing is a missing bucket for every operation, and no operation makes it', async () => {
    const missing = join(root, 'not-mounted');
    const store = openFilesystemStore({ root: missing });
    const code = { code: 'LB_STORE_BUCKET_MISSING' };
    await expect(store.put('a', Buffer.from('x'))).rejects.toMatchObject(code);
    await expect(store.get('a')).rejects.toMatchObject(code);
    await expect(store.head('a')).rejects.toMatchObject(code);
    await expect(store.delete('a')).rejects.toMatchObject(code);
    await expect(keysOf(store)).rejects.toMatchObject(code);
    expect(await readdir(root)).not.toContain('not-mounted');
  });

  it('that is a file is a missing bucket', async () => {
    await writeFile(join(root, 'file'), '');
    const store = openFilesystemStore({ root: join(root, 'file') });
    await expect(store.head('a')).rejects.toMatchObject({ code: 'LB_STORE_BUCKET_MISSING' });
  });

  it('forgets what a writer left that died long ago, and keeps what is being written', async () => {
    const { folder, store } = await fresh('sweep');
    await store.put('a', Buffer.from('x'));
    const scratch = join(folder, '.lifeboat', 'tmp');
    await writeFile(join(scratch, 'dead'), 'half');
    await writeFile(join(scratch, 'alive'), 'half');
    const longAgo = new Date(Date.now() - 3 * 24 * 3600 * 1000);
    await utimes(join(scratch, 'dead'), longAgo, longAgo);
    await openFilesystemStore({ root: folder }).put('b', Buffer.from('x'));
    expect(await readdir(scratch)).toEqual(['alive']);
    expect(await keysOf(store)).toEqual(['a', 'b']);
  });

  it('leaves no unfinished file behind, whatever way a put ends', async () => {
    const { folder, store } = await fresh('clean');
    await store.put('a', Buffer.from('1'));
    await store.put('a', Buffer.from('2'), { ifAbsent: true });
    await store.put('b', Readable.from(['x']), { ifAbsent: true });
    const failing = new PassThrough();
    const putting = store.put('c', failing);
    failing.write('half');
    failing.destroy(new Error('broken'));
    await expect(putting).rejects.toThrow('broken');
    await expect(store.put('a/below', Buffer.from('x'))).rejects.toMatchObject({ code: 'LB_STORE_REFUSED' });
    expect(await readdir(join(folder, '.lifeboat', 'tmp'))).toEqual([]);
  });

  it('says so when two keys cannot both be files', async () => {
    const { store } = await fresh('conflict');
    await store.put('dir/inside', Buffer.from('x'));
    const refused = { code: 'LB_STORE_REFUSED' };
    await expect(store.put('dir', Buffer.from('x'))).rejects.toMatchObject(refused);
    await expect(store.put('dir', Buffer.from('x'), { ifAbsent: true })).rejects.toMatchObject(refused);
    await expect(store.put('dir/inside/deeper', Buffer.from('x'))).rejects.toMatchObject(refused);
    expect(await keysOf(store)).toEqual(['dir/inside']);
  });

  it('follows no link out of the bucket', async () => {
    const { folder, store } = await fresh('links');
    await writeFile(join(root, 'outside'), 'secret');
    await symlink(join(root, 'outside'), join(folder, 'link'));
    expect(await store.get('link')).toBeUndefined();
    expect(await store.head('link')).toBeUndefined();
    expect(await keysOf(store)).toEqual([]);
  });

  it('lets a key have the name of the private folder', async () => {
    const { store } = await fresh('private');
    await store.put('.lifeboat/tmp/x', Buffer.from('mine'));
    expect(await keysOf(store)).toEqual(['.lifeboat/tmp/x']);
    expect(await text((await store.get('.lifeboat/tmp/x'))!.body)).toBe('mine');
  });

  it('shows no file that no key would find again', async () => {
    const { folder, store } = await fresh('foreign');
    await writeFile(join(folder, '100%'), 'x');
    await mkdir(join(folder, 'short%+'));
    await writeFile(join(folder, 'short%+', 'rest'), 'x');
    await writeFile(join(folder, 'good'), 'x');
    expect(await keysOf(store)).toEqual(['good']);
  });

  it('keeps every set of keys apart and lists it in byte order', async () => {
    const { folder } = await fresh('property');
    const segment = fc
      .string({
        unit: fc.constantFrom('a', 'B', '.', '%', '+', '2', '5', 'E', '-', 'ü', '🚢', 'n'.repeat(130)),
        minLength: 1,
      })
      .filter((s) => s !== '.' && s !== '..');
    const key = fc
      .array(segment, { minLength: 1, maxLength: 3 })
      .map((segments) => segments.join('/'))
      .filter((k) => Buffer.byteLength(k) <= 1024);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 8 }), async (keys) => {
        const free = keys.filter((k) => !keys.some((other) => other.startsWith(`${k}/`)));
        const own = join(folder, String(run++));
        await mkdir(own);
        const store = openFilesystemStore({ root: own });
        for (const k of free) await store.put(k, Buffer.from(k));
        expect(await keysOf(store)).toEqual([...free].sort(compareKeys));
        for (const k of free) expect(await text((await store.get(k))!.body)).toBe(k);
      }),
      { numRuns: 40 },
    );
  }, 20_000);

  it('survives many writers of neighbours that come and go with their folder', async () => {
    const { store } = await fresh('busy');
    const worker = async (id: number) => {
      for (let i = 0; i < 20; i++) {
        expect(await store.put(`dir/deep/${id}`, Buffer.from('x'), { ifAbsent: i % 2 === 0 })).toBe('stored');
        await store.delete(`dir/deep/${id}`);
      }
    };
    await Promise.all(Array.from({ length: 6 }, (_, id) => worker(id)));
    expect(await keysOf(store)).toEqual([]);
  });

  it('gives the links that its owner signs, and says so when nobody does', async () => {
    const store = openFilesystemStore({ root, sign: (key, seconds) => `http://here/${key}?for=${seconds}` });
    expect(await store.presign('a/b', 600)).toBe('http://here/a/b?for=600');
    await expect(store.presign('../etc/passwd', 600)).rejects.toMatchObject({ code: 'LB_STORE_REFUSED' });
    await expect(openFilesystemStore({ root }).presign('a', 1)).rejects.toMatchObject({
      code: 'LB_STORE_CONFIG',
    });
  });

  it.each([
    ['EACCES', 'LB_STORE_DENIED'],
    ['EROFS', 'LB_STORE_DENIED'],
    ['ENOSPC', 'LB_STORE_REFUSED'],
    ['EDQUOT', 'LB_STORE_REFUSED'],
    ['EIO', 'LB_STORE_UNREACHABLE'],
    ['ESTALE', 'LB_STORE_UNREACHABLE'],
    ['EMFILE', 'LB_STORE_UNREACHABLE'],
    ['EWHATEVER', 'LB_STORE_REFUSED'],
  ])('means by %s: %s', (code, fault) => {
    const cause = Object.assign(new Error('x'), { code });
    expect(filesystemFault(cause, 'writing a')).toMatchObject({ code: fault, cause });
  });
});
