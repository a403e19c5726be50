import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ObjectStore } from '../../../src/objectstore/port.js';
import { type S3StoreOptions } from '../../../src/objectstore/s3-client.js';
import { openS3Store } from '../../../src/objectstore/s3.js';
import { objectStoreContract } from '../../contract/objectstore.js';

const endpoint = process.env.LIFEBOAT_TEST_S3_ENDPOINT;

const bucket = process.env.LIFEBOAT_TEST_S3_BUCKET ?? 'lifeboat-contract';

/** Makes the bucket if it is not there; one that is already ours or cannot be made is taken as it is. */
const makeBucket = async (): Promise<void> => {
  const client = new S3Client({ forcePathStyle: true, ...(endpoint !== undefined && { endpoint }) });
  await client.send(new CreateBucketCommand({ Bucket: bucket })).catch(() => undefined);
  client.destroy();
};

/** The bucket is for this suite alone and is emptied of what it wrote; credentials come from AWS_*. */
const open = (options: Partial<S3StoreOptions> = {}): ObjectStore =>
  openS3Store({
    bucket,
    forcePathStyle: true,
    ...(endpoint !== undefined && { endpoint }),
    ...options,
  });

const empty = async (store: ObjectStore, prefix: string) => {
  for await (const entry of store.list(prefix)) if (entry.kind === 'object') await store.delete(entry.key);
};

describe.skipIf(!endpoint)(
  'a real S3 server (set LIFEBOAT_TEST_S3_ENDPOINT, LIFEBOAT_TEST_S3_BUCKET and AWS_*)',
  () => {
    beforeAll(makeBucket);

    objectStoreContract('s3', () => {
      const store = open();
      const prefix = `contract-${randomUUID()}/`;
      return Promise.resolve({
        store,
        prefix,
        // Gateways that keep objects as files have it from their file system; S3 itself has no such limit.
        longestName: 255,
        cleanUp: async () => {
          await empty(store, prefix);
          store.close();
        },
      });
    });

    describe('of its own', () => {
      const prefix = `own-${randomUUID()}/`;
      let store: ObjectStore;
      beforeAll(() => {
        store = open();
      });
      afterAll(async () => {
        await empty(store, prefix);
        store.close();
      });

      it('a link gives the object to anyone, as bytes that no client unpacks, and 404 for what is missing', async () => {
        const bytes = Buffer.from([0x1f, 0x8b, 1, 2, 3]);
        await store.put(`${prefix}a b/ü+%.gz`, bytes);
        const answer = await fetch(await store.presign(`${prefix}a b/ü+%.gz`, 60));
        expect(answer.status).toBe(200);
        expect(answer.headers.get('content-type')).toBe('application/octet-stream');
        expect(answer.headers.get('content-encoding')).toBeNull();
        expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes);
        expect((await fetch(await store.presign(`${prefix}missing`, 60))).status).toBe(404);
      });

      it('a link begins with the public address while everything else goes to the endpoint', async () => {
        const other = open({ publicUrl: 'http://public.example:9000' });
        await other.put(`${prefix}public`, Buffer.from('x'));
        expect(await other.presign(`${prefix}public`, 60)).toMatch(
          /^http:\/\/public\.example:9000\/.*X-Amz-Expires=60/,
        );
        other.close();
      });

      it('a bucket that does not exist is told apart from a missing object', async () => {
        const other = open({ bucket: `missing-${randomUUID()}` });
        const code = { code: 'LB_STORE_BUCKET_MISSING' };
        await expect(other.head('a')).rejects.toMatchObject(code);
        await expect(other.get('a')).rejects.toMatchObject(code);
        await expect(other.put('a', Buffer.from('x'))).rejects.toMatchObject(code);
        await expect(other.delete('a')).rejects.toMatchObject(code);
        await expect(other.list('')[Symbol.asyncIterator]().next()).rejects.toMatchObject(code);
        other.close();
      });

      it.each([
        ['a key id nobody knows', { accessKeyId: 'nobody', secretAccessKey: 'x' }],
        [
          'a wrong secret',
          { accessKeyId: process.env.AWS_ACCESS_KEY_ID ?? 'unset', secretAccessKey: 'wrong-secret-value' },
        ],
      ])('%s is a refusal that repeats no secret', async (_, credentials) => {
        const other = open({ credentials });
        const error: unknown = await other.put('a', Buffer.from('x')).catch((e: unknown) => e);
        expect(error).toMatchObject({ code: 'LB_STORE_DENIED' });
        expect(String(error)).not.toContain('wrong-secret-value');
        const works = [
          () => other.get('a'),
          () => other.head('a'),
          () => other.delete('a'),
          () => other.list('')[Symbol.asyncIterator]().next(),
          () => other.put('a', Buffer.from('x'), { ifAbsent: true }),
        ];
        for (const work of works) await expect(work()).rejects.toMatchObject({ code: 'LB_STORE_DENIED' });
        other.close();
      });

      it.each(['CRC32', 'CRC32C', 'SHA1', 'SHA256', 'none'] as const)(
        'checksum %s works for one request and for parts',
        async (checksumAlgorithm) => {
          const other = open({ checksumAlgorithm });
          for (const size of [10, 9 * 1024 * 1024]) {
            const key = `${prefix}sum-${checksumAlgorithm}-${size}`;
            expect(await other.put(key, Buffer.alloc(size, 'z'))).toBe('stored');
            const found = await other.get(key);
            let read = 0;
            for await (const chunk of found!.body) read += (chunk as Buffer).length;
            expect(read).toBe(size);
          }
          other.close();
        },
      );
    });
  },
);
