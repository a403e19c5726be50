import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readBounded } from '../../../src/archive/bounded.js';
import {
  decodeBackupItemOperations,
  decodeBackupMetadata,
  decodeBackupVolumeInfo,
  decodePodVolumeBackups,
  decodeResourceList,
  decodeResults,
  decodeVolumeSnapshots,
  encodeBackupMetadata,
  encodeItemOperations,
  encodePodVolumeBackups,
  encodeResourceList,
  encodeResults,
  encodeVolumeInfo,
  encodeVolumeSnapshots,
  parseResourceListEntry,
  resourceListEntry,
} from '../../../src/archive/sidecars.js';
import { isFault } from '../../../src/faults.js';

const text = async (file: Promise<Buffer>): Promise<string> => gunzipSync(await file).toString();
const gz = (json: string): Buffer => gzipSync(json);
const damaged = (error: unknown): boolean =>
  isFault(error, 'LB_BACKUP_FILE_DAMAGED') && error.message.includes('some-file');

describe('the files beside the archive', () => {
  it('are written the way Velero writes them when there is nothing to say', async () => {
    expect(await text(encodeResults({ errors: {}, warnings: {} }))).toBe('{"errors":{},"warnings":{}}\n');
    expect(await text(encodePodVolumeBackups([]))).toBe('null\n');
    expect(await text(encodeVolumeSnapshots([]))).toBe('null\n');
    expect(await text(encodeItemOperations([]))).toBe('[]\n');
    expect(await text(encodeVolumeInfo([]))).toBe('[]\n');
    expect(await text(encodeResourceList({}))).toBe('{}\n');
  });

  it('hold results by scope in the order of Velero, with empty scopes left out', async () => {
    const results = {
      errors: { namespaces: { b: ['2'], a: ['1'], none: [] }, cluster: [], velero: ['v <x>'] },
      warnings: { cluster: ['c'] },
    };
    expect(await text(encodeResults(results))).toBe(
      '{"errors":{"velero":["v \\u003cx\\u003e"],"namespaces":{"a":["1"],"b":["2"]}},"warnings":{"cluster":["c"]}}\n',
    );
  });

  it('hold the resource list sorted, from a map as from an object', async () => {
    const expected = '{"apps/v1/Deployment":["a/z","b/a"],"v1/Namespace":["a"]}\n';
    expect(
      await text(encodeResourceList({ 'v1/Namespace': ['a'], 'apps/v1/Deployment': ['b/a', 'a/z'] })),
    ).toBe(expected);
    expect(
      await text(
        encodeResourceList(
          new Map([
            ['v1/Namespace', ['a']],
            ['apps/v1/Deployment', ['b/a', 'a/z']],
          ]),
        ),
      ),
    ).toBe(expected);
  });

  it('name an item of a restore with its outcome, and can be taken apart again', () => {
    expect(resourceListEntry({ namespace: 'shop', name: 'web' }, 'created')).toBe('shop/web(created)');
    expect(resourceListEntry({ name: 'shop' })).toBe('shop');
    expect(parseResourceListEntry('shop/web(failed)')).toEqual({
      namespace: 'shop',
      name: 'web',
      outcome: 'failed',
    });
    expect(parseResourceListEntry('system:odd(name)')).toEqual({ name: 'system:odd(name)' });
  });

  it('are read when lists are null or missing, and keep fields nobody knows', async () => {
    expect(await decodeResults(gz('{"errors":{"velero":null,"namespaces":{"a":null}}}'), 'f')).toEqual({
      errors: {},
      warnings: {},
    });
    expect(await decodeResults(gz('null'), 'f')).toEqual({ errors: {}, warnings: {} });
    expect(await decodePodVolumeBackups(gz('null'), 'f')).toEqual([]);
    expect(await decodeVolumeSnapshots(gz('null\n'), 'f')).toEqual([]);
    expect(await decodeBackupItemOperations(gz('null'), 'f')).toEqual([]);
    expect(await decodeResourceList(gz('{"v1/Pod":null}'), 'f')).toEqual({ 'v1/Pod': [] });
    expect(await decodeBackupVolumeInfo(gz('[{"pvName":"pv","newer":{"x":1}}]'), 'f')).toEqual([
      { pvName: 'pv', newer: { x: 1 } },
    ]);
  });

  it('are a fault that names the file when they are cut, not gzip, not JSON or of another shape', async () => {
    const whole = gz(JSON.stringify([{ a: randomBytes(50).toString('hex') }]));
    for (let at = 0; at < whole.length; at++) {
      await expect(decodeBackupVolumeInfo(whole.subarray(0, at), 'some-file')).rejects.toSatisfy(damaged);
    }
    for (const bytes of [Buffer.from('plain'), gz('{"a":'), gz('{}'), gz('[1]'), gz('"x"')]) {
      await expect(decodeBackupVolumeInfo(bytes, 'some-file')).rejects.toSatisfy(damaged);
    }
    await expect(decodeResults(gz('[]'), 'some-file')).rejects.toSatisfy(damaged);
    await expect(decodeBackupItemOperations(gz('[{"spec":{}}]'), 'some-file')).rejects.toSatisfy(damaged);
  });

  it('are a fault when they unpack to more than is allowed', async () => {
    const member = gzipSync(Buffer.alloc(16 << 20, 0x20));
    const bomb = Buffer.concat(Array.from({ length: 17 }, () => member));
    await expect(decodeBackupVolumeInfo(bomb, 'some-file')).rejects.toSatisfy(damaged);
  });

  it('never show what is in a damaged file', async () => {
    const error: unknown = await decodeResults(gz('{"password": hunter2}'), 'some-file').catch(
      (e: unknown) => e,
    );
    expect(damaged(error)).toBe(true);
    expect(JSON.stringify([String(error), (error as Error).cause ?? null])).not.toContain('hunter2');
  });
});

describe('velero-backup.json', () => {
  const backup = {
    metadata: { name: 'b' },
    kind: 'Backup',
    apiVersion: 'velero.io/v1',
    status: {},
    spec: { ttl: '1h0m0s' },
  } as const;

  it('starts with kind, apiVersion, metadata, spec and status and does not end with a line feed', () => {
    expect(encodeBackupMetadata(backup).toString()).toBe(
      '{\n  "kind": "Backup",\n  "apiVersion": "velero.io/v1",\n  "metadata": {\n    "name": "b"\n  },\n  "spec": {\n    "ttl": "1h0m0s"\n  },\n  "status": {}\n}',
    );
  });

  it('comes back as it was', () => {
    expect(decodeBackupMetadata(encodeBackupMetadata(backup), 'f')).toEqual(backup);
  });

  it.each([
    ['another kind', '{"kind":"Restore","apiVersion":"velero.io/v1","metadata":{"name":"b"}}'],
    ['another version', '{"kind":"Backup","apiVersion":"velero.io/v2","metadata":{"name":"b"}}'],
    ['no name', '{"kind":"Backup","apiVersion":"velero.io/v1","metadata":{}}'],
    ['half of it', '{"kind":"Backup","apiVersion":'],
    ['nothing', ''],
  ])('is a fault when it has %s', (_what, json) => {
    try {
      decodeBackupMetadata(Buffer.from(json), 'some-file');
      expect.unreachable();
    } catch (error) {
      expect(damaged(error)).toBe(true);
    }
  });
});

describe('reading a small file from the store', () => {
  it('gives its bytes', async () => {
    expect((await readBounded(Readable.from([Buffer.from('ab'), Buffer.from('c')]), 'f')).toString()).toBe(
      'abc',
    );
  });

  it('stops at the limit, at an abort and with the fault of the store', async () => {
    async function* endless() {
      for (;;) yield await Promise.resolve(Buffer.alloc(1 << 16));
    }
    await expect(readBounded(Readable.from(endless()), 'some-file', { maxBytes: 1 << 20 })).rejects.toSatisfy(
      damaged,
    );
    const stuck = new Readable({ read: () => undefined });
    await expect(readBounded(stuck, 'f', { signal: AbortSignal.timeout(10) })).rejects.toSatisfy((e) =>
      isFault(e, 'LB_ABORTED'),
    );
    const broken = new Readable({
      read() {
        this.destroy(new Error('reset'));
      },
    });
    await expect(readBounded(broken, 'f')).rejects.toSatisfy((e) => isFault(e, 'LB_STORE_UNREACHABLE'));
  });
});
