import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { isFault } from '../../../src/faults.js';
import { type ObjectStore } from '../../../src/objectstore/port.js';
import { s3Fault } from '../../../src/objectstore/s3-errors.js';
import { type S3StoreOptions } from '../../../src/objectstore/s3-client.js';
import { openS3Store } from '../../../src/objectstore/s3.js';

type Answer = (request: IncomingMessage, response: ServerResponse, count: number) => void;

const error = (response: ServerResponse, status: number, code: string, message = 'so it is') => {
  response.writeHead(status, { 'content-type': 'application/xml' });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
};

describe('an S3 server that misbehaves', () => {
  let server: Server;
  let store: ObjectStore;
  let requests: IncomingMessage[];

  const serve = async (answer: Answer, options: Partial<S3StoreOptions> = {}) => {
    requests = [];
    server = createServer((request, response) => {
      requests.push(request);
      request.resume();
      request.on('end', () => answer(request, response, requests.length));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    store = openS3Store({
      bucket: 'bucket',
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'AK', secretAccessKey: 'do-not-tell' },
      ...options,
    });
  };
  afterEach(() => {
    store.close();
    server.closeAllConnections();
    server.close();
  });

  const faultOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
    } catch (thrown) {
      expect(JSON.stringify(thrown) + String(thrown)).not.toContain('do-not-tell');
      return isFault(thrown) ? thrown.code : String(thrown);
    }
    return 'no fault';
  };
  const first = (entries: ReturnType<ObjectStore['list']>) => entries[Symbol.asyncIterator]().next();

  it.each([
    [403, 'InvalidAccessKeyId', 'LB_STORE_DENIED'],
    [403, 'SignatureDoesNotMatch', 'LB_STORE_DENIED'],
    [403, 'AccessDenied', 'LB_STORE_DENIED'],
    [400, 'ExpiredToken', 'LB_STORE_DENIED'],
    [404, 'NoSuchBucket', 'LB_STORE_BUCKET_MISSING'],
    [400, 'EntityTooLarge', 'LB_STORE_REFUSED'],
    [507, 'InsufficientStorage', 'LB_STORE_REFUSED'],
    [301, 'PermanentRedirect', 'LB_STORE_CONFIG'],
    [400, 'AuthorizationHeaderMalformed', 'LB_STORE_CONFIG'],
  ])('%i %s is %s, at once', async (status, code, fault) => {
    await serve((_, response) => error(response, status, code));
    expect(await faultOf(store.put('a', Buffer.from('x')))).toBe(fault);
    expect(requests).toHaveLength(1);
    expect(await faultOf(store.get('a'))).toBe(fault);
    expect(await faultOf(first(store.list('')))).toBe(fault);
  });

  it('that is busy is asked again, and then the put is stored', async () => {
    await serve((_, response, count) => {
      if (count < 3) error(response, 503, 'ServiceUnavailable');
      else response.writeHead(200, { etag: '"1"' }).end();
    });
    expect(await store.put('a', Buffer.from('x'))).toBe('stored');
    expect(requests).toHaveLength(3);
  });

  it.each(['SlowDown', 'InternalError'])(
    'that stays busy with %s is unreachable after the attempts',
    async (code) => {
      await serve((_, response) => error(response, 503, code), { maxAttempts: 2 });
      expect(await faultOf(store.get('a'))).toBe('LB_STORE_UNREACHABLE');
      expect(requests).toHaveLength(2);
    },
  );

  it('that nobody runs is unreachable', async () => {
    await serve((_, response) => response.end(), { endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    expect(await faultOf(store.get('a'))).toBe('LB_STORE_UNREACHABLE');
    expect(await faultOf(store.put('a', Buffer.from('x')))).toBe('LB_STORE_UNREACHABLE');
  });

  it('that never answers is unreachable after the deadline of a request', async () => {
    await serve(() => undefined, { timeouts: { requestMs: 100 }, maxAttempts: 1 });
    const start = Date.now();
    expect(await faultOf(store.head('a'))).toBe('LB_STORE_UNREACHABLE');
    expect(Date.now() - start).toBeLessThan(5000);
  });

  it('that never answers is unreachable after the deadline of the operation, however many attempts are left', async () => {
    await serve(() => undefined, { timeouts: { operationMs: 150 } });
    expect(await faultOf(store.put('a', Buffer.from('x')))).toBe('LB_STORE_UNREACHABLE');
    expect(await faultOf(first(store.list('')))).toBe('LB_STORE_UNREACHABLE');
  });

  it('that never answers is left when the caller stops', async () => {
    await serve(() => undefined);
    const stop = new AbortController();
    const work = faultOf(store.get('a', stop.signal));
    await expect.poll(() => requests.length).toBe(1);
    stop.abort();
    expect(await work).toBe('LB_ABORTED');
  });

  const half = (response: ServerResponse) => {
    response.writeHead(200, { 'content-length': '10' });
    response.write('12345');
  };

  it('that goes silent in the middle of an object fails the reader after the deadline', async () => {
    await serve((_, response) => half(response), { timeouts: { idleMs: 100 } });
    const found = await store.get('a');
    expect(await faultOf(text(found!.body))).toBe('LB_STORE_UNREACHABLE');
  });

  it('that hangs up in the middle of an object fails the reader, who never takes half for the whole', async () => {
    await serve((_, response) => {
      half(response);
      setImmediate(() => response.destroy());
    });
    const found = await store.get('a');
    expect(await faultOf(text(found!.body))).toBe('LB_STORE_UNREACHABLE');
  });

  it('that is in the middle of an object is left when the caller stops', async () => {
    await serve((_, response) => half(response));
    const stop = new AbortController();
    const found = await store.get('a', stop.signal);
    const reading = faultOf(text(found!.body));
    stop.abort();
    expect(await reading).toBe('LB_ABORTED');
  });

  it('that gives other bytes than it promised fails the reader', async () => {
    await serve((_, response) => {
      response.writeHead(200, { 'content-length': '5', 'x-amz-checksum-crc32': 'AAAAAA==' });
      response.end('12345');
    });
    const found = await store.get('a');
    expect(await faultOf(text(found!.body))).toBe('LB_STORE_UNREACHABLE');
  });

  it('with a 404 without a body is asked whether it is the bucket', async () => {
    await serve((request, response) => {
      if (request.method === 'HEAD') response.writeHead(404).end();
      else error(response, 404, 'NoSuchBucket');
    });
    expect(await faultOf(store.head('a'))).toBe('LB_STORE_BUCKET_MISSING');
  });

  it('that lets nobody list still says what is missing', async () => {
    await serve((request, response) => {
      if (request.method === 'HEAD') response.writeHead(404).end();
      else error(response, 403, 'AccessDenied');
    });
    expect(await store.head('a')).toBeUndefined();
  });

  it('without conditional writes is looked at first', async () => {
    let there = false;
    await serve((request, response) => {
      if (request.method === 'HEAD') response.writeHead(there ? 200 : 404, { 'content-length': '0' }).end();
      else if (request.method === 'GET') response.end('<ListBucketResult></ListBucketResult>');
      else if (request.headers['if-none-match']) error(response, 501, 'NotImplemented');
      else {
        there = true;
        response.writeHead(200, { etag: '"1"' }).end();
      }
    });
    expect(await store.put('a', Buffer.from('x'), { ifAbsent: true })).toBe('stored');
    expect(await store.put('a', Buffer.from('x'), { ifAbsent: true })).toBe('exists');
  });

  it('that stored a put and lost its own answer is not taken for another writer', async () => {
    let mark: string | undefined;
    await serve((request, response, count) => {
      const sent = request.headers['x-amz-meta-lifeboat-put'];
      if (count === 1) {
        mark = String(sent);
        error(response, 500, 'InternalError');
      } else if (request.method === 'PUT') error(response, 412, 'PreconditionFailed');
      else response.writeHead(200, { 'content-length': '1', 'x-amz-meta-lifeboat-put': mark }).end();
    });
    expect(await store.put('a', Buffer.from('x'), { ifAbsent: true })).toBe('stored');
    expect(await store.put('a', Buffer.from('x'), { ifAbsent: true })).toBe('exists');
  });

  it('that is handling another conditional put of the key is asked again', async () => {
    await serve((request, response, count) => {
      if (count === 1) error(response, 409, 'ConditionalRequestConflict');
      else if (request.method === 'HEAD') response.writeHead(404).end();
      else if (request.method === 'GET') response.end('<ListBucketResult></ListBucketResult>');
      else response.writeHead(200, { etag: '"1"' }).end();
    });
    expect(await store.put('a', Buffer.from('x'), { ifAbsent: true })).toBe('stored');
  });

  const parts: Answer = (request, response) => {
    if (request.method === 'POST')
      response.end('<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>');
    else response.writeHead(request.method === 'DELETE' ? 204 : 200, { etag: '"1"' }).end();
  };
  const lines = () => requests.map((request) => `${request.method ?? ''} ${request.url ?? ''}`);

  it('keeps no parts of an upload that is stopped', async () => {
    await serve(parts);
    const source = new PassThrough();
    const stop = new AbortController();
    const putting = faultOf(store.put('a', source, { signal: stop.signal }));
    source.write(Buffer.alloc(9 * 1024 * 1024));
    await expect.poll(() => lines().filter((line) => line.startsWith('PUT')).length).toBe(1);
    stop.abort();
    expect(await putting).toBe('LB_ABORTED');
    expect(lines().at(-1)).toMatch(/^DELETE .*uploadId=u1/);
  });

  it('keeps no parts of an upload of which it refuses one, and the silent source is ended', async () => {
    await serve((request, response, count) => {
      if (request.method === 'PUT') error(response, 403, 'AccessDenied');
      else parts(request, response, count);
    });
    const source = new PassThrough();
    source.write(Buffer.alloc(9 * 1024 * 1024));
    expect(await faultOf(store.put('a', source))).toBe('LB_STORE_DENIED');
    expect(source.destroyed).toBe(true);
    expect(lines().at(-1)).toMatch(/^DELETE .*uploadId=u1/);
  });

  it('whose pages never end ends the listing', async () => {
    const page =
      '<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>';
    await serve((_, response) => response.end(page));
    expect(await faultOf(first(store.list('')))).toBe('LB_STORE_REFUSED');
    expect(requests).toHaveLength(2);
  });

  it.each<[string, Partial<S3StoreOptions>, Record<string, string>]>([
    [
      'by the server',
      { encryption: { kind: 'managed', algorithm: 'AES256' } },
      { 'x-amz-server-side-encryption': 'AES256' },
    ],
    [
      'by KMS',
      { encryption: { kind: 'kms', keyId: 'key' } },
      { 'x-amz-server-side-encryption': 'aws:kms', 'x-amz-server-side-encryption-aws-kms-key-id': 'key' },
    ],
    [
      'with a key of the customer',
      { encryption: { kind: 'customer', key: Buffer.alloc(32, 7) } },
      {
        'x-amz-server-side-encryption-customer-algorithm': 'AES256',
        'x-amz-server-side-encryption-customer-key': Buffer.alloc(32, 7).toString('base64'),
      },
    ],
    ['with tags', { tagging: 'a=b&c=d' }, { 'x-amz-tagging': 'a=b&c=d' }],
    ['with SHA256', { checksumAlgorithm: 'SHA256' }, { 'x-amz-sdk-checksum-algorithm': 'SHA256' }],
  ])('is told how to keep an object: %s', async (_, options, headers) => {
    await serve((_request, response) => response.writeHead(200, { etag: '"1"' }).end(), options);
    await store.put('a', Buffer.from('x'));
    expect(requests[0]?.headers).toMatchObject(headers);
    expect(requests[0]?.headers['content-type']).toBe('application/octet-stream');
    expect(requests[0]?.headers).not.toHaveProperty('content-encoding');
  });

  it('of an old kind gets no checksums', async () => {
    await serve((_, response) => response.writeHead(200, { etag: '"1"' }).end(), {
      checksumAlgorithm: 'none',
    });
    await store.put('a', Buffer.from('x'));
    const names = Object.keys(requests[0]?.headers ?? {}).filter((name) => name.includes('checksum'));
    expect(names).toEqual([]);
  });

  it('gets the key of the customer for reading too', async () => {
    await serve((_, response) => response.end('x'), {
      encryption: { kind: 'customer', key: Buffer.alloc(32, 7) },
    });
    await store.head('a');
    const name = 'x-amz-server-side-encryption-customer-key';
    expect(requests[0]?.headers[name]).toBe(Buffer.alloc(32, 7).toString('base64'));
  });

  it('whose certificate nobody signed is a matter of the configuration', () => {
    const cause = Object.assign(new Error('self-signed certificate'), {
      code: 'DEPTH_ZERO_SELF_SIGNED_CERT',
    });
    const fault = s3Fault(cause, 'reading a');
    expect(fault.code).toBe('LB_STORE_CONFIG');
    expect(fault.detail).toContain('caCert');
  });
});
