import { createServer } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { impersonationHeaders } from '../../../src/cluster/impersonation.js';
import { pauseBeforeNext, RETRY_TIMES } from '../../../src/cluster/retry.js';
import { answer, cut, cutInTheMiddle, hang, impatient, never, serve } from './api-server.js';

const ok = answer(200, { fine: true });
const get = { method: 'GET', path: '/api/v1/pods' } as const;
const create = { method: 'POST', path: '/api/v1/pods', body: '{}' } as const;

describe('a call that fails', () => {
  test.each([
    ['429', answer(429, '', { 'retry-after': '0.01' })],
    ['503', answer(503, '')],
    ['500', answer(500, 'etcd is away')],
    ['a cut connection', cut],
    ['a connection cut in the middle of the answer', cutInTheMiddle],
  ])('is tried again when it only reads: %s', async (_what, trouble) => {
    const server = await serve(trouble, trouble, ok);
    const { status, body } = await impatient(server.url).request({ ...get, signal: never() });
    expect([status, body.toString(), server.calls.length]).toEqual([200, '{"fine":true}', 3]);
  });

  test.each([
    ['429', answer(429, '', { 'retry-after': '0.01' })],
    ['503 with Retry-After', answer(503, '', { 'retry-after': '0.01' })],
  ])('is tried again as a write when it surely was not applied: %s', async (_what, trouble) => {
    const server = await serve(trouble, ok);
    expect((await impatient(server.url).request({ ...create, signal: never() })).status).toBe(200);
    expect(server.calls.map((call) => call.body)).toEqual(['{}', '{}']);
  });

  test('is not tried again as a write that may have been applied', async () => {
    const lost = await serve(cut);
    await expect(impatient(lost.url).request({ ...create, signal: never() })).rejects.toMatchObject({
      code: 'LB_CLUSTER_UNREACHABLE',
    });
    expect(lost.calls).toHaveLength(1);
    const broken = await serve(answer(503, ''));
    expect((await impatient(broken.url).request({ ...create, signal: never() })).status).toBe(503);
    expect(broken.calls).toHaveLength(1);
  });

  test('is tried again as a write whose repetition would be told', async () => {
    const server = await serve(cut, answer(409, 'exists'));
    const request = { ...create, repetition: 'repeatable', signal: never() } as const;
    expect((await impatient(server.url).request(request)).status).toBe(409);
    expect(server.calls).toHaveLength(2);
  });

  test('500 on a write is the answer', async () => {
    const server = await serve(answer(500, 'webhook'));
    const request = { ...create, repetition: 'repeatable', signal: never() } as const;
    expect((await impatient(server.url).request(request)).status).toBe(500);
    expect(server.calls).toHaveLength(1);
  });

  test('ends when the time for it is used up, with what came last', async () => {
    const server = await serve(answer(503, 'still away'));
    const { status } = await impatient(server.url, { budgetMs: 1_000 }).request({ ...get, signal: never() });
    expect(status).toBe(503);
    expect(server.calls.length).toBeGreaterThan(2);
  });

  test('does not wait for a Retry-After beyond its time', async () => {
    const server = await serve(answer(429, 'later', { 'retry-after': '3600' }));
    expect((await impatient(server.url).request({ ...get, signal: never() })).status).toBe(429);
    expect(server.calls).toHaveLength(1);
  });

  test('a server that hangs is left at the deadline', async () => {
    const server = await serve(hang, ok);
    const { status } = await impatient(server.url).request({ ...get, deadlineMs: 50, signal: never() });
    expect([status, server.calls.length]).toEqual([200, 2]);
  });

  test('a server that hangs for good is a fault that says how long was waited', async () => {
    const server = await serve(hang);
    const asked = impatient(server.url, { budgetMs: 1 }).request({ ...get, deadlineMs: 50, signal: never() });
    await expect(asked).rejects.toMatchObject({
      code: 'LB_CLUSTER_UNREACHABLE',
      detail: 'GET /api/v1/pods: no answer within 0.05 s',
    });
  });

  test('a write is held back until a server that is away comes back', async () => {
    const port = await freePort();
    const asked = impatient(new URL(`http://127.0.0.1:${port}`)).request({ ...create, signal: never() });
    const bodies: string[] = [];
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (bytes) => {
        bodies.push(bytes.toString());
        socket.end('HTTP/1.1 201 Created\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    expect((await asked).status).toBe(201);
    expect(bodies).toHaveLength(1);
    await new Promise((resolve) => server.close(resolve));
  });

  test('a server that stays away is a fault', async () => {
    const transport = impatient(new URL(`http://127.0.0.1:${await freePort()}`), { budgetMs: 30 });
    await expect(transport.request({ ...create, signal: never() })).rejects.toMatchObject({
      code: 'LB_CLUSTER_UNREACHABLE',
    });
  });
});

const freePort = async (): Promise<number> => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
};

describe('stopping', () => {
  test('a stop ends a call under way', async () => {
    const server = await serve(hang);
    const abort = new AbortController();
    const asked = impatient(server.url).request({ ...get, signal: abort.signal });
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });

  test('a stop ends the wait between two tries', async () => {
    const server = await serve(answer(429, '', { 'retry-after': '1' }));
    const abort = new AbortController();
    const asked = impatient(server.url).request({ ...get, signal: abort.signal });
    await vi.waitFor(() => expect(server.calls).toHaveLength(1));
    abort.abort();
    await expect(asked).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });

  test('many calls under one signal leave no listeners and no warning behind', async () => {
    const warned = vi.fn();
    process.once('warning', warned);
    const server = await serve(ok);
    const transport = impatient(server.url);
    const signal = never();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    await Promise.all(Array.from({ length: 40 }, () => transport.request({ ...get, signal })));
    expect([added.mock.calls.length, removed.mock.calls.length]).toEqual([40, 40]);
    process.removeListener('warning', warned);
    expect(warned).not.toHaveBeenCalled();
  });
});

describe('what goes over the wire', () => {
  test('path, query, token and content type', async () => {
    const server = await serve(ok);
    await impatient(new URL('/k8s/clusters/c-1/', server.url)).request({
      method: 'PATCH',
      path: '/api/v1/namespaces/a/pods/b',
      query: { labelSelector: 'a in (b, c)', limit: 5, continue: undefined },
      body: Buffer.from('{"é":1}'),
      contentType: 'application/merge-patch+json',
      signal: never(),
    });
    const [call] = server.calls;
    expect(call?.url.pathname).toBe('/k8s/clusters/c-1/api/v1/namespaces/a/pods/b');
    expect([...(call?.url.searchParams ?? [])]).toEqual([
      ['labelSelector', 'a in (b, c)'],
      ['limit', '5'],
    ]);
    expect(call?.body).toBe('{"é":1}');
    const headers = linesOf(call?.rawHeaders ?? []);
    expect(headers).toContainEqual(['authorization', 'Bearer secret-token']);
    expect(headers).toContainEqual(['content-type', 'application/merge-patch+json']);
  });

  test('every group to act in is a header line of its own', async () => {
    const server = await serve(ok);
    const as = {
      user: 'jürgen@example.com',
      groups: ['team,a', 'team-b'],
      uid: 'u-1',
      extra: { 'example.com/scopes': ['x', 'y'] },
    };
    await impatient(server.url).request({ ...get, as, signal: never() });
    const lines = linesOf(server.calls[0]?.rawHeaders ?? []).filter(([name]) =>
      name?.startsWith('Impersonate'),
    );
    expect(lines.map(([name, value = '']) => [name, Buffer.from(value, 'latin1').toString('utf8')])).toEqual([
      ['Impersonate-User', 'jürgen@example.com'],
      ['Impersonate-Group', 'team,a'],
      ['Impersonate-Group', 'team-b'],
      ['Impersonate-Uid', 'u-1'],
      ['Impersonate-Extra-example.com%2Fscopes', 'x'],
      ['Impersonate-Extra-example.com%2Fscopes', 'y'],
    ]);
  });

  test.each([
    { user: '', groups: ['system:masters'] },
    { user: 'a\r\nImpersonate-Group: system:masters', groups: [] },
  ])('a user that would let the call run with our own rights never leaves', async (as) => {
    const server = await serve(ok);
    await expect(impatient(server.url).request({ ...get, as, signal: never() })).rejects.toMatchObject({
      code: 'LB_CLUSTER_DENIED',
    });
    expect(server.calls).toEqual([]);
  });

  test('a percent sign in an extra key survives the decoding of the server', () => {
    const [, , name = ''] = impersonationHeaders({ user: 'u', groups: [], extra: { 'a%2fb é': ['v'] } });
    expect(decodeURIComponent(name.slice('Impersonate-Extra-'.length))).toBe('a%2fb é');
  });
});

const linesOf = (raw: readonly string[]): (string | undefined)[][] =>
  raw.flatMap((name, at) => (at % 2 === 0 ? [[name, raw[at + 1]]] : []));

describe('a stream', () => {
  test('hands on bytes as they come and ends with the server', async () => {
    const server = await serve((_call, response) => {
      response.write('one');
      response.end('two');
    });
    const stream = await impatient(server.url).stream({ ...get, idleMs: 1_000, signal: never() });
    let all = '';
    if (stream.chunks !== undefined) for await (const chunk of stream.chunks) all += chunk.toString();
    expect(all).toBe('onetwo');
  });

  test('that falls silent is given up', async () => {
    const server = await serve((_call, response) => response.write('one'));
    const stream = await impatient(server.url).stream({ ...get, idleMs: 60, signal: never() });
    const read = async () => {
      if (stream.chunks !== undefined)
        for await (const chunk of stream.chunks) expect(chunk.toString()).toBe('one');
    };
    await expect(read()).rejects.toMatchObject({ code: 'LB_CLUSTER_UNREACHABLE' });
  });

  test('that is refused comes as a whole answer', async () => {
    const server = await serve(answer(410, 'gone'));
    const stream = await impatient(server.url).stream({ ...get, idleMs: 60, signal: never() });
    expect(stream).toEqual({ status: 410, body: Buffer.from('gone') });
  });
});

test('an API server that is away for twenty seconds is survived', () => {
  const lost = { kind: 'lost', sent: false, hopeless: false } as const;
  let waited = 0;
  let tries = 0;
  for (; waited < 20_000; tries += 1) waited += pauseBeforeNext(lost, tries, 'once', RETRY_TIMES) ?? Infinity;
  expect(waited).toBeLessThan(RETRY_TIMES.budgetMs);
  expect(tries).toBeLessThan(200);
});
