import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { isFault } from '../../src/faults.js';
import { ALICE, requested, startWorld } from './api.js';

type World = Awaited<ReturnType<typeof startWorld>>;

const nested = (levels: number): string =>
  levels === 0 ? '{ name }' : `{ restores(first: 1) { nodes { backup ${nested(levels - 1)} } } }`;

const TOO_DEEP = `{ backup(name: "b") ${nested(4)} }`;
const TOO_MANY_ALIASES = `{ ${Array.from({ length: 31 }, (_, i) => `a${i}: viewer { name }`).join(' ')} }`;
const TOO_LONG = `{ viewer { ${'name '.repeat(2_000)} } }`;
const TOO_COSTLY = '{ backups(first: 100) { nodes { restores(first: 100) { nodes { id } } } } }';
// Each fragment spreads the next one twice: 2^20 fields from a few lines.
const DOUBLING = `query { backups(first: 1) { nodes { ...f0 } } } ${Array.from(
  { length: 20 },
  (_, i) =>
    `fragment f${i} on Backup { storageLocation { id } ${i < 19 ? `...f${i + 1} ... on Backup { ...f${i + 1} }` : ''} }`,
).join(' ')}`;

describe('an operation that asks for too much', () => {
  test.each([
    ['too deep', TOO_DEEP],
    ['too many aliases', TOO_MANY_ALIASES],
    ['too costly', TOO_COSTLY],
    ['fragments that double', DOUBLING],
  ])('%s: refused before anything runs', async (_what, query) => {
    const world = await startWorld();
    const answer = await world.ask(query);
    expect(answer).toMatchObject({
      status: 400,
      data: {},
      errors: [{ extensions: { code: 'LIMIT_EXCEEDED' } }],
    });
  });

  test('too long: refused while it is read', async () => {
    const world = await startWorld();
    expect(await world.ask(TOO_LONG)).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'GRAPHQL_PARSE_FAILED' } }],
    });
  });

  test('the same over WebSocket', async () => {
    const world = await startWorld();
    for (const query of [TOO_DEEP, TOO_MANY_ALIASES, TOO_COSTLY, TOO_LONG]) {
      const failed = world.subscribe(query).next();
      await expect(failed).rejects.toMatchObject([
        { extensions: { code: expect.stringMatching(/LIMIT_EXCEEDED|PARSE_FAILED/) as string } },
      ]);
    }
  });

  test('every answer says what it cost, pages counted in full', async () => {
    const world = await startWorld();
    const answer = await world.ask(
      'query ($n: Int) { backups(first: $n) { nodes { id storageLocation { id } } } }',
      { n: 50 },
    );
    expect(answer.extensions).toEqual({ cost: { requested: 1 + 50 * 2, maximum: 10_000 } });
  });

  test('a body of megabytes is not read', async () => {
    const world = await startWorld();
    const answer = await world.post(
      { query: '{ viewer { name } }', filler: 'x'.repeat(2 << 20) },
      { authorization: `Bearer ${ALICE}` },
    );
    expect(answer).toMatchObject({ status: 413, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
  });
});

describe('what goes wrong inside', () => {
  test('is masked, and logged under the correlation id that the caller is given', async () => {
    const world = await startWorld();
    world.views.close();
    const answer = await world.ask('{ backup(name: "b") { id } }', {}, ALICE, {
      'x-correlation-id': 'ticket-4711',
    });
    expect(answer.errors).toMatchObject([
      { extensions: { code: 'INTERNAL_SERVER_ERROR', correlationId: 'ticket-4711' } },
    ]);
    expect(answer.text).not.toMatch(/stack|database|\.ts:/i);
    expect(world.logged).toContainEqual(
      expect.objectContaining({
        level: 'error',
        fields: expect.objectContaining({ correlationId: 'ticket-4711' }) as object,
      }),
    );
  });

  test('a cluster that hangs does not hang the request', async () => {
    const world = await startWorld({
      deadlineMs: 100,
      cluster: (memory) => ({ ...memory, version: () => new Promise(() => undefined) }),
    });
    const answer = await world.ask('{ serverInfo { gitVersion } }');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'DEADLINE_EXCEEDED' } }]);
  });

  test('malformed JSON and unknown fields are the caller’s own and say so', async () => {
    const world = await startWorld();
    const broken = await world.post('{"query": ', { authorization: `Bearer ${ALICE}` });
    expect(broken).toMatchObject({ status: 400, errors: [{ extensions: { code: 'BAD_REQUEST' } }] });
    const unknown = await world.ask('{ nothing }');
    expect(unknown).toMatchObject({
      status: 400,
      errors: [{ extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }],
    });
    expect(broken.text + unknown.text).not.toMatch(/node_modules|stack/);
  });

  test('the token is in no log and in no answer', async () => {
    const world = await startWorld();
    const answer = await world.ask('{ viewer { name } }', {}, 'very-secret-token');
    expect(answer.text + JSON.stringify(world.logged)).not.toContain('very-secret-token');
  });
});

describe('requests from a foreign page', () => {
  test('a form cannot post', async () => {
    const world = await startWorld();
    const answer = await world.post(JSON.stringify({ query: '{ viewer { name } }' }), {
      'content-type': 'text/plain',
      authorization: `Bearer ${ALICE}`,
    });
    expect(answer.status).toBe(400);
  });

  const statusFor = (world: World, headers: Record<string, string>): Promise<number | undefined> =>
    new Promise((resolve, reject) => {
      const url = new URL('/graphql', world.api.url);
      const call = request(
        url,
        { method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
        (response) => {
          response.resume();
          resolve(response.statusCode);
        },
      );
      call.on('error', reject);
      call.end(JSON.stringify({ query: '{ viewer { name } }' }));
    });

  test('with authentication off, foreign names and foreign origins are turned away', async () => {
    const world = await startWorld({ auth: 'none' });
    expect(await statusFor(world, {})).toBe(200);
    expect(await statusFor(world, { origin: 'http://localhost:5173' })).toBe(200);
    expect(await statusFor(world, { host: 'evil.example' })).toBe(403);
    expect(await statusFor(world, { origin: 'https://evil.example' })).toBe(403);
    const socket = new WebSocket(`${world.api.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws', {
      origin: 'https://evil.example',
    });
    const message = await new Promise((resolve) => socket.once('error', (error) => resolve(error.message)));
    expect(message).toMatch('403');
  });

  test('with authentication off everybody is anonymous and may do everything', async () => {
    const world = await startWorld({ auth: 'none' });
    const answer = await world.post({
      query: 'mutation { createBackup(input: {name: "x"}) { userErrors { code } } } ',
    });
    expect(answer.data).toEqual({ createBackup: { userErrors: [] } });
    expect((await world.post({ query: '{ viewer { name } serverInfo { authMode } }' })).data).toEqual({
      viewer: { name: 'anonymous' },
      serverInfo: { authMode: 'NONE' },
    });
    expect(world.logged).toContainEqual(expect.objectContaining({ level: 'warn' }));
  });

  test.each(['0.0.0.0', '::', '10.1.2.3'])('authentication cannot be off on %s', async (host) => {
    const failed: unknown = await startWorld({ auth: 'none', listen: { host, port: 0 } }).catch(
      (error: unknown) => error,
    );
    expect(isFault(failed, 'LB_CONFIG')).toBe(true);
  });
});

describe('a WebSocket', () => {
  const closing = (world: World, token: string): Promise<number> =>
    new Promise((resolve) => {
      world.connect(token, {
        lazy: false,
        on: { closed: (event) => resolve((event as { code: number }).code) },
        onNonLazyError: () => undefined,
      });
    });

  test.each(['', 'nobody'])('with the token "%s" is closed with 4403', async (token) => {
    const world = await startWorld();
    expect(await closing(world, token)).toBe(4403);
  });

  test('is closed with 4403 once its token has expired', async () => {
    let time = 0;
    const tokens = { [ALICE]: { user: 'alice', groups: [] } };
    const world = await startWorld({ tokens, now: () => new Date(time), recheckMs: 20 });
    await world.record('backup-velero.b', requested('u'));
    const closed = closing(world, ALICE);
    Reflect.deleteProperty(tokens, ALICE);
    time = 10_001;
    expect(await closed).toBe(4403);
  });

  test('elsewhere than at /graphql there is none', async () => {
    const world = await startWorld();
    const socket = new WebSocket(`${world.api.url.replace('http', 'ws')}/other`, 'graphql-transport-ws');
    expect(await new Promise((resolve) => socket.once('error', (error) => resolve(error.message)))).toMatch(
      '404',
    );
  });
});
