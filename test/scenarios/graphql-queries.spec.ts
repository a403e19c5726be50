import { getIntrospectionQuery } from 'graphql';
import { describe, expect, test } from 'vitest';
import { at, listAt, textAt } from '../../src/domain/json.js';
import { ALICE, finished, MALLORY, requested, started, startWorld, stored } from './api.js';

type World = Awaited<ReturnType<typeof startWorld>>;

const PAGE = `query ($first: Int, $after: String, $last: Int, $before: String, $filter: BackupFilter, $orderBy: BackupOrder) {
  backups(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
    totalCount
    nodes { name }
    edges { cursor }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}`;

const names = (data: object) => listAt(data, 'backups', 'nodes').map((node) => textAt(node, 'name'));
const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T00:00:00Z`;

const fiveBackups = async (world: World) => {
  for (const n of [1, 2, 3, 4, 5])
    await world.record(`backup-velero.b${n}`, requested(`u${n}`, { storageLocation: 'default' }, day(n)));
};

describe('lists', () => {
  test('come newest first, and a cursor stays valid while backups are added', async () => {
    const world = await startWorld();
    await fiveBackups(world);
    const first = (await world.ask(PAGE, { first: 2 })).data;
    expect(names(first)).toEqual(['b5', 'b4']);
    expect(at(first, 'backups', 'totalCount')).toBe(5);
    expect(at(first, 'backups', 'pageInfo')).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    await world.record('backup-velero.b6', requested('u6', {}, day(6)));
    const second = (
      await world.ask(PAGE, { first: 2, after: textAt(first, 'backups', 'pageInfo', 'endCursor') })
    ).data;
    expect(names(second)).toEqual(['b3', 'b2']);
    const back = (
      await world.ask(PAGE, { last: 2, before: textAt(second, 'backups', 'pageInfo', 'startCursor') })
    ).data;
    expect(names(back)).toEqual(['b5', 'b4']);
    expect(at(back, 'backups', 'pageInfo', 'hasPreviousPage')).toBe(true);
  });

  test('can be ordered by name and narrowed by phase, location and text', async () => {
    const world = await startWorld();
    await fiveBackups(world);
    await world.record('backup-velero.b3', started, stored(1), finished);
    const orderBy = { field: 'NAME', direction: 'ASC' };
    expect(names((await world.ask(PAGE, { first: 3, orderBy })).data)).toEqual(['b1', 'b2', 'b3']);
    expect(names((await world.ask(PAGE, { filter: { phase: ['COMPLETED'] } })).data)).toEqual(['b3']);
    expect(names((await world.ask(PAGE, { filter: { storageLocation: 'elsewhere' } })).data)).toEqual([]);
    expect(names((await world.ask(PAGE, { filter: { nameContains: '5' } })).data)).toEqual(['b5']);
  });

  test.each([
    ['more than a page', { first: 101 }],
    ['less than nothing', { last: -1 }],
    ['both ends at once', { first: 1, last: 1 }],
    ['a cursor of nowhere', { after: 'bm93aGVyZQ' }],
  ])('refuse %s', async (_what, variables) => {
    const world = await startWorld();
    expect((await world.ask(PAGE, variables)).errors).toMatchObject([
      { extensions: { code: 'BAD_USER_INPUT' } },
    ]);
  });

  test('refuse a cursor of another order', async () => {
    const world = await startWorld();
    await fiveBackups(world);
    const after = textAt((await world.ask(PAGE, { first: 1 })).data, 'backups', 'pageInfo', 'endCursor');
    const answer = await world.ask(PAGE, { after, orderBy: { field: 'NAME', direction: 'ASC' } });
    expect(answer.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });
});

describe('single things', () => {
  test('are found again by their id', async () => {
    const world = await startWorld();
    await world.record('backup-velero.b', requested('u'));
    const found = await world.ask('{ backup(name: "b") { id events { nodes { id } } } }');
    const ids = [
      textAt(found.data, 'backup', 'id'),
      textAt(listAt(found.data, 'backup', 'events', 'nodes')[0], 'id'),
      'bm9uZQ',
    ];
    const query = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }';
    expect((await world.ask(query, { ids })).data).toEqual({
      nodes: [{ id: ids[0], __typename: 'Backup' }, { id: ids[1], __typename: 'Event' }, null],
    });
  });

  test('a finished backup shows its final counts', async () => {
    const world = await startWorld();
    await world.record('backup-velero.b', requested('u'), started, stored(7), finished);
    const query =
      '{ backup(name: "b") { phase warnings attempts progress { itemsDone totalItems bytesWritten } } }';
    expect((await world.ask(query)).data).toEqual({
      backup: {
        phase: 'COMPLETED',
        warnings: 1,
        attempts: 1,
        progress: { itemsDone: 7, totalItems: 7, bytesWritten: '4096' },
      },
    });
  });

  test('a finished backup tells how many hooks ran and failed, once there is something to tell', async () => {
    const world = await startWorld();
    const hooked = stored(7);
    const data = hooked.data as { readonly tally: object };
    const tally = { ...data.tally, hooksAttempted: 3, hooksFailed: 1 };
    await world.record('backup-velero.hooked', requested('u1'), started, {
      ...hooked,
      data: { ...data, tally },
    });
    await world.record('backup-velero.old', requested('u2'), started, hooked);
    const query =
      '{ hooked: backup(name: "hooked") { hooks { attempted failed } } old: backup(name: "old") { hooks { failed } } }';
    expect((await world.ask(query)).data).toEqual({
      hooked: { hooks: { attempted: 3, failed: 1 } },
      old: { hooks: null },
    });
  });

  test('what does not exist is null, not an error', async () => {
    const world = await startWorld();
    const answer = await world.ask(
      '{ backup(name: "no") { id } restore(name: "no") { id } backupStorageLocation(name: "no") { id } }',
    );
    expect(answer).toMatchObject({
      data: { backup: null, restore: null, backupStorageLocation: null },
      errors: [],
    });
  });

  test('a position that is not reached in time is an error that says so', async () => {
    const world = await startWorld({ reachMs: 50 });
    const answer = await world.ask('{ backup(name: "b", atLeast: "999") { id } }');
    expect(answer.errors).toMatchObject([{ extensions: { code: 'POSITION_NOT_REACHED' } }]);
  });

  test('the server says what it is and who is asking', async () => {
    const world = await startWorld();
    const answer = await world.ask(
      '{ viewer { kind name via } serverInfo { version gitVersion namespace eventStore authMode features } }',
    );
    expect(answer.data).toMatchObject({
      viewer: { kind: 'USER', name: 'alice', via: 'graphql' },
      serverInfo: {
        version: '0.0.0-test',
        namespace: 'velero',
        eventStore: 'MEMORY',
        authMode: 'TOKEN',
        features: ['EnableCSI'],
      },
    });
  });
});

describe('who may read', () => {
  test.each(['', 'Bearer ', 'Bearer nobody', 'Basic YTpi'])(
    '"%s" proves nothing: 401, and not even the schema is told',
    async (authorization) => {
      const world = await startWorld();
      const answer = await world.post({ query: '{ __schema { queryType { name } } }' }, { authorization });
      expect(answer).toMatchObject({
        status: 401,
        data: {},
        errors: [{ extensions: { code: 'UNAUTHENTICATED' } }],
      });
    },
  );

  test('with a token the schema can be read as tools read it', async () => {
    const world = await startWorld();
    const answer = await world.ask(getIntrospectionQuery({ descriptions: true, specifiedByUrl: true }));
    expect(answer.errors).toEqual([]);
  });

  test.each([
    '{ backup(name: "b") { id } }',
    '{ backups { nodes { id } } }',
    '{ restore(name: "r") { id } }',
    '{ restores { nodes { id } } }',
    '{ backupStorageLocation(name: "l") { id } }',
    '{ backupStorageLocations { nodes { id } } }',
    '{ events { nodes { id } } }',
    '{ events(filter: {stream: "backup-velero.b"}) { nodes { id } } }',
    '{ node(id: "QmFja3VwL3ZlbGVyby9i") { id } }',
  ])('%s needs a right', async (query) => {
    const world = await startWorld();
    await world.record('backup-velero.b', requested('u'));
    const answer = await world.ask(query, {}, MALLORY);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'FORBIDDEN' } }]);
    expect((await world.ask(query, {}, ALICE)).errors).toEqual([]);
  });

  test('a right to backups does not show what hangs on them', async () => {
    const world = await startWorld({ rights: (_user, _verb, type) => type.resource === 'backups' });
    await world.record('backup-velero.b', requested('u', { storageLocation: 'default' }));
    const answer = await world.ask('{ backup(name: "b") { name storageLocation { bucket } } }');
    expect(answer).toMatchObject({
      data: { backup: { name: 'b', storageLocation: null } },
      errors: [{ path: ['backup', 'storageLocation'], extensions: { code: 'FORBIDDEN' } }],
    });
  });

  test('the cluster is asked about a token once in ten seconds, and no later', async () => {
    let time = 0;
    const tokens = { [ALICE]: { user: 'alice', groups: [] } };
    const world = await startWorld({ tokens, now: () => new Date(time) });
    expect((await world.ask('{ viewer { name } }')).status).toBe(200);
    Reflect.deleteProperty(tokens, ALICE);
    time = 9_999;
    expect((await world.ask('{ viewer { name } }')).status).toBe(200);
    time = 10_001;
    expect((await world.ask('{ viewer { name } }')).status).toBe(401);
  });
});

describe('what is recorded', () => {
  test('can be asked by story, type, actor, cause and time, oldest first', async () => {
    const world = await startWorld();
    await world.record('backup-velero.a', requested('u1'), started);
    await world.record('backup-velero.b', requested('u2'));
    await world.ask('mutation { createBackup(input: {name: "c"}) { position } }', {}, ALICE, {
      'x-correlation-id': 'ticket-1',
    });
    const query =
      'query ($filter: EventFilter) { events(filter: $filter) { totalCount nodes { stream type } } }';
    const count = async (filter: object) =>
      at((await world.ask(query, { filter })).data, 'events', 'totalCount');
    expect(await count({})).toBe(6);
    expect(await count({ stream: 'backup-velero.a' })).toBe(2);
    expect(await count({ types: ['BackupRequested'] })).toBe(3);
    expect(await count({ actor: 'alice' })).toBe(3);
    expect(await count({ correlationId: 'ticket-1' })).toBe(3);
    expect(await count({ since: '2000-01-01T00:00:00Z' })).toBe(6);
    expect(await count({ until: '2000-01-01T00:00:00Z' })).toBe(0);
    const all = listAt((await world.ask(query, {})).data, 'events', 'nodes').map((node) =>
      textAt(node, 'type'),
    );
    expect(all.slice(0, 3)).toEqual(['BackupRequested', 'BackupStarted', 'BackupRequested']);
  });
});
