import { expect, test, vi } from 'vitest';
import { type WatchEvent } from '../../../src/cluster/port.js';
import { readMetadata } from '../../../src/cluster/rawjson.js';
import { watchResource, type WatchOptions } from '../../../src/cluster/watch.js';
import {
  type Answer,
  answer,
  configMap,
  configMaps,
  cut,
  hang,
  impatient,
  listOf,
  type LocalServer,
  never,
  serve,
  status,
} from './api-server.js';

const quick = { firstBackoffMs: 1, maxBackoffMs: 5, shortMs: 0 };

const open = (server: LocalServer, options: Partial<WatchOptions> = {}) =>
  watchResource(impatient(server.url), configMaps, { signal: never(), times: quick, ...options })[
    Symbol.asyncIterator
  ]();

const told = (event: WatchEvent): string =>
  event.type === 'SYNCED'
    ? `SYNCED ${event.items.map((item) => readMetadata(item).name).join(',')}`
    : `${event.type} ${readMetadata(event.object).name}`;

/** The first `count` events; then the reader leaves. */
const take = async (reader: AsyncIterator<WatchEvent>, count: number): Promise<string[]> => {
  const all: string[] = [];
  while (all.length < count) {
    const step = await reader.next();
    if (step.done === true) break;
    all.push(told(step.value));
  }
  await reader.return?.();
  return all;
};

const line = (type: string, object: object): string => `${JSON.stringify({ type, object })}\n`;
const added = (name: string, version: string): string => line('ADDED', configMap(name, version));

/** Streams the text and ends, or stays open, or drops the connection. */
const stream =
  (text: string, then: 'end' | 'stay' | 'drop' = 'end'): Answer =>
  (_call, response, request) => {
    response.writeHead(200);
    response.write(text, () => {
      if (then === 'end') response.end();
      if (then === 'drop') request.socket.destroy();
    });
  };

const versions = (server: LocalServer): (string | null)[] =>
  server.calls.map((call) =>
    call.url.searchParams.has('watch') ? call.url.searchParams.get('resourceVersion') : null,
  );

test('the list comes first, then the changes from its version on', async () => {
  const server = await serve(
    answer(200, listOf(['a'])),
    stream(added('b', '11') + line('DELETED', configMap('a', '12')), 'stay'),
  );
  expect(await take(open(server, { namespace: 'shop', fieldSelector: 'metadata.name=x' }), 3)).toEqual([
    'SYNCED a',
    'ADDED b',
    'DELETED a',
  ]);
  const asked = server.calls[1]?.url;
  expect(asked?.pathname).toBe('/api/v1/namespaces/shop/configmaps');
  expect(Object.fromEntries(asked?.searchParams ?? [])).toMatchObject({
    watch: 'true',
    allowWatchBookmarks: 'true',
    resourceVersion: '10',
    fieldSelector: 'metadata.name=x',
  });
  expect(Number(asked?.searchParams.get('timeoutSeconds'))).toBeGreaterThanOrEqual(300);
});

test('an event keeps the bytes of its object, also when it comes in pieces', async () => {
  const object =
    '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"resourceVersion":"11"},"data":{"é":"🦊"}, "n":9007199254740993}';
  const bytes = Buffer.from(`{"type":"ADDED","object":${object}}\n`);
  const server = await serve(answer(200, listOf([])), (_call, response) => {
    const send = (at: number): void => {
      if (at < bytes.length) response.write(bytes.subarray(at, at + 7), () => setImmediate(send, at + 7));
    };
    send(0);
  });
  const reader = open(server);
  await reader.next();
  const { value } = (await reader.next()) as { value: WatchEvent & { object: Buffer } };
  expect(value.object.toString()).toBe(object);
  await reader.return?.();
});

test.each([
  ['ended in order', 'end' as const],
  ['dropped', 'drop' as const],
])('a connection that %s goes on after the last event, without a new list', async (_how, then) => {
  const server = await serve(
    answer(200, listOf([])),
    stream(added('a', '11'), then),
    stream(added('b', '12'), 'stay'),
  );
  expect(await take(open(server), 3)).toEqual(['SYNCED ', 'ADDED a', 'ADDED b']);
  expect(versions(server)).toEqual([null, '10', '11']);
});

test('a bookmark is not told but moves the place to go on from', async () => {
  const bookmark = line('BOOKMARK', { metadata: { resourceVersion: '99' } });
  const server = await serve(answer(200, listOf([])), stream(bookmark), stream(added('a', '100'), 'stay'));
  expect(await take(open(server), 2)).toEqual(['SYNCED ', 'ADDED a']);
  expect(versions(server)).toEqual([null, '10', '99']);
});

test.each([
  ['as an answer', answer(410, status(410, 'Expired'))],
  ['as an event', stream(line('ERROR', status(410, 'Expired')), 'stay')],
])('a version the server has forgotten leads to a new list: 410 %s', async (_how, gone) => {
  const server = await serve(
    answer(200, listOf(['a'])),
    gone,
    answer(200, listOf(['b'], { resourceVersion: '50' })),
    stream(added('c', '51'), 'stay'),
  );
  expect(await take(open(server), 3)).toEqual(['SYNCED a', 'SYNCED b', 'ADDED c']);
  expect(versions(server)).toEqual([null, '10', null, '50']);
});

test.each([
  ['an error event of another kind', stream(line('ERROR', status(500, 'InternalError')), 'stay')],
  ['a refusal', answer(403, status(403, 'Forbidden'))],
  ['a cut connection', cut],
  ['nonsense', stream('<html>\n', 'stay')],
  ['an unknown event', stream(line('SHOUT', configMap('x')), 'stay')],
])('%s is told to whoever listens for trouble and survived', async (_what, trouble) => {
  const server = await serve(answer(200, listOf([])), trouble, trouble, stream(added('a', '11'), 'stay'));
  const onTrouble = vi.fn();
  expect(await take(open(server, { onTrouble }), 2)).toEqual(['SYNCED ', 'ADDED a']);
  expect(onTrouble).toHaveBeenCalledTimes(2);
  expect(versions(server)).toEqual([null, '10', '10', '10']);
});

test('a first list that fails is tried again', async () => {
  const server = await serve(
    answer(404, status(404, 'NotFound')),
    answer(403, status(403, 'Forbidden')),
    answer(200, listOf(['a'])),
    hang,
  );
  expect(await take(open(server), 1)).toEqual(['SYNCED a']);
});

test('a connection that has fallen silent is left and replaced', async () => {
  const times = { ...quick, serverSeconds: 0, graceMs: 60 };
  const server = await serve(
    answer(200, listOf([])),
    stream(added('a', '11'), 'stay'),
    stream(added('b', '12'), 'stay'),
  );
  expect(await take(open(server, { times }), 3)).toEqual(['SYNCED ', 'ADDED a', 'ADDED b']);
});

test('a server that ends every watch at once is not asked in a tight loop', async () => {
  const server = await serve(answer(200, listOf([])), stream(''));
  const abort = new AbortController();
  const onTrouble = vi.fn(() => {
    if (onTrouble.mock.calls.length === 4) abort.abort();
  });
  const times = { ...quick, shortMs: 1_000 };
  expect(await take(open(server, { signal: abort.signal, onTrouble, times }), 5)).toEqual(['SYNCED ']);
  expect(onTrouble).toHaveBeenCalledTimes(4);
});

test('a stop ends the watch without an error', async () => {
  const server = await serve(answer(200, listOf([])), stream('', 'stay'));
  const abort = new AbortController();
  const reader = open(server, { signal: abort.signal });
  await reader.next();
  const waiting = reader.next();
  await vi.waitFor(() => expect(server.calls).toHaveLength(2));
  abort.abort();
  expect(await waiting).toEqual({ done: true, value: undefined });
});

test('a reader that leaves a quiet watch closes its connection', async () => {
  const closed = vi.fn();
  const server = await serve(answer(200, listOf([])), (_call, response) => {
    response.on('close', closed);
    response.flushHeaders();
  });
  const reader = open(server);
  await reader.next();
  const waiting = reader.next();
  await vi.waitFor(() => expect(server.calls).toHaveLength(2));
  await reader.return?.();
  expect((await waiting).done).toBe(true);
  await vi.waitFor(() => expect(closed).toHaveBeenCalledOnce());
});
