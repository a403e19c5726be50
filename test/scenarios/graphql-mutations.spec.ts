import { describe, expect, test } from 'vitest';
import type { Cluster, Impersonation } from '../../src/cluster/port.js';
import { at, listAt, objectAt, textAt } from '../../src/domain/json.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import { Fault } from '../../src/faults.js';
import { ALICE, aLocation, MALLORY, NAMESPACE, startWorld } from './api.js';

const CREATE = `mutation ($input: CreateBackupInput!) {
  createBackup(input: $input) {
    backup { id name uid phase spec { includedNamespaces } }
    position
    userErrors { code message field }
  }
}`;
const EVENTS = `query ($filter: EventFilter) {
  events(first: 100, filter: $filter) {
    nodes { id type stream actor { kind name via } correlationId causationId data summary }
  }
}`;

type World = Awaited<ReturnType<typeof startWorld>>;

const create = async (world: World, input: object, token = ALICE, headers: Record<string, string> = {}) => {
  const answer = await world.ask(CREATE, { input }, token, headers);
  return { ...answer, ...objectAt(answer.data, 'createBackup') };
};
const codes = (answer: object) => listAt(answer, 'userErrors').map((error) => textAt(error, 'code'));
const facts = async (world: World, filter: object = {}) =>
  listAt((await world.ask(EVENTS, { filter })).data, 'events', 'nodes');
const types = async (world: World, filter: object = {}) =>
  (await facts(world, filter)).map((fact) => textAt(fact, 'type'));

/** A cluster in which one call answers differently. */
const broken = (memory: Cluster, change: Partial<Cluster>): Cluster => ({ ...memory, ...change });

describe('asking for a backup', () => {
  test('creates the custom resource with the fields under their own names and shows the backup at once', async () => {
    const world = await startWorld();
    const spec = {
      includedNamespaces: ['shop'],
      ttl: '24h0m0s',
      snapshotVolumes: false,
      storageLocation: 'default',
      labelSelector: {
        matchLabels: [{ key: 'app', value: 'shop' }],
        matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }],
      },
      orderedResources: [{ key: 'pods', value: 'shop/a,shop/b' }],
      hooks: {
        resources: [
          { name: 'freeze', pre: [{ exec: { command: ['sync'], onError: 'CONTINUE', timeout: '5s' } }] },
        ],
      },
    };
    const answer = await create(world, { name: 'nightly', spec, labels: [{ key: 'team', value: 'shop' }] });
    expect(answer).toMatchObject({
      backup: { name: 'nightly', phase: 'NEW', spec: { includedNamespaces: ['shop'] } },
      userErrors: [],
    });
    expect(await world.resource(VELERO_TYPES.Backup, 'nightly')).toMatchObject({
      metadata: { labels: { team: 'shop' }, annotations: { 'lifeboat.io/requested-by': 'alice' } },
      spec: {
        includedNamespaces: ['shop'],
        ttl: '24h0m0s',
        snapshotVolumes: false,
        storageLocation: 'default',
        labelSelector: {
          matchLabels: { app: 'shop' },
          matchExpressions: [{ key: 'tier', operator: 'In', values: ['web'] }],
        },
        orderedResources: { pods: 'shop/a,shop/b' },
        hooks: {
          resources: [
            { name: 'freeze', pre: [{ exec: { command: ['sync'], onError: 'Continue', timeout: '5s' } }] },
          ],
        },
      },
    });
  });

  test('leaves three facts that name the caller, share the correlation id and are each caused by the first', async () => {
    const world = await startWorld();
    const answer = await create(world, { name: 'nightly' }, ALICE, { 'x-correlation-id': 'ticket-4711' });
    expect(answer.headers.get('x-correlation-id')).toBe('ticket-4711');
    const [received, asked, answered, ...more] = await facts(world);
    expect(more).toEqual([]);
    const everyOne = { actor: { kind: 'USER', name: 'alice', via: 'graphql' }, correlationId: 'ticket-4711' };
    expect(received).toMatchObject({ ...everyOne, type: 'MutationReceived', causationId: null });
    expect(asked).toMatchObject({
      ...everyOne,
      type: 'BackupRequested',
      causationId: textAt(received, 'id'),
    });
    expect(answered).toMatchObject({
      ...everyOne,
      type: 'MutationAnswered',
      causationId: textAt(received, 'id'),
      data: { answer: 'OK', target: 'velero/nightly' },
    });
    expect(textAt(received, 'stream')).toMatch(/^access-velero\.\d{4}-\d{2}-\d{2}$/);
  });

  test('a correlation id that could break a log line is replaced', async () => {
    const world = await startWorld();
    const answer = await world.ask('{ viewer { name } }', {}, ALICE, {
      'x-correlation-id': '{"evil": "line"}',
    });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('without a name each gets one of its own', async () => {
    const world = await startWorld();
    const names = await Promise.all(
      [1, 2, 3].map(async () => textAt(await create(world, {}), 'backup', 'name')),
    );
    for (const name of names) expect(name).toMatch(/^backup-\d{14}-[a-z0-9]{5}$/);
    expect(new Set(names).size).toBe(3);
  });

  test('the position of the answer can be waited for', async () => {
    const world = await startWorld();
    const { data } = await world.ask(CREATE, { input: { name: 'nightly' } });
    const atLeast = textAt(data, 'createBackup', 'position');
    const read = await world.ask('query ($p: Position) { backup(name: "nightly", atLeast: $p) { name } }', {
      p: atLeast,
    });
    expect(read.data).toEqual({ backup: { name: 'nightly' } });
  });
});

describe('a request that cannot be carried out', () => {
  test.each([
    ['a name that Kubernetes would refuse', { name: 'Not_A_Name' }, 'INVALID', 'input.name'],
    ['a wrong duration', { spec: { ttl: 'soon' } }, 'INVALID', 'input.spec.ttl'],
    [
      'an unknown location',
      { spec: { storageLocation: 'nowhere' } },
      'NOT_FOUND',
      'input.spec.storageLocation',
    ],
    [
      'a star beside a name',
      { spec: { includedNamespaces: ['*', 'shop'] } },
      'INVALID',
      'input.spec.includedNamespaces',
    ],
    [
      'both kinds of label selectors',
      { spec: { labelSelector: {}, orLabelSelectors: [{}] } },
      'INVALID',
      'input.spec.orLabelSelectors',
    ],
    [
      'old filters mixed with new ones',
      { spec: { includedResources: ['pods'], includedClusterScopedResources: ['nodes'] } },
      'INVALID',
      'input.spec.includedClusterScopedResources',
    ],
    [
      'a label given twice',
      {
        labels: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
      'INVALID',
      'input.labels',
    ],
    [
      'a location that may only be read',
      { spec: { storageLocation: 'archive' } },
      'LOCATION_READ_ONLY',
      'input.spec.storageLocation',
    ],
    [
      'a location that does not answer',
      { spec: { storageLocation: 'broken' } },
      'LOCATION_UNAVAILABLE',
      'input.spec.storageLocation',
    ],
  ])(
    '%s: a user error with the path of the field, nothing created, the attempt on record',
    async (_what, input, code, field) => {
      const world = await startWorld();
      await world.put(
        VELERO_TYPES.BackupStorageLocation,
        NAMESPACE,
        aLocation('archive', { spec: { accessMode: 'ReadOnly' } }),
      );
      await world.put(
        VELERO_TYPES.BackupStorageLocation,
        NAMESPACE,
        aLocation('broken', { status: { phase: 'Unavailable' } }),
      );
      const before = world.memory.size();
      const answer = await create(world, { name: 'nightly', ...input });
      expect(answer).toMatchObject({ backup: null, errors: [] });
      const found = listAt(answer, 'userErrors').map((error) => ({
        code: textAt(error, 'code'),
        field: listAt(error, 'field').join('.'),
      }));
      expect(found).toContainEqual({ code, field });
      expect(world.memory.size()).toBe(before);
      expect(await types(world)).toEqual(['MutationReceived', 'MutationAnswered']);
      expect(textAt((await facts(world))[1], 'data', 'answer')).toContain(code);
    },
  );

  test('all problems come at once', async () => {
    const world = await startWorld();
    const answer = await create(world, { name: 'A!', spec: { ttl: 'x', storageLocation: 'nowhere' } });
    expect(codes(answer)).toEqual(['INVALID', 'INVALID', 'NOT_FOUND']);
  });

  test('a name that is taken', async () => {
    const world = await startWorld();
    await create(world, { name: 'nightly' });
    const again = await create(world, { name: 'nightly' });
    expect(listAt(again, 'userErrors')).toMatchObject([{ code: 'NAME_TAKEN', field: ['input', 'name'] }]);
    expect(await types(world, { stream: 'backup-velero.nightly' })).toEqual(['BackupRequested']);
  });

  test('somebody without the right is told so, and the attempt is on record', async () => {
    const world = await startWorld();
    const answer = await create(world, { name: 'nightly' }, MALLORY);
    expect(codes(answer)).toEqual(['FORBIDDEN']);
    expect(await world.resource(VELERO_TYPES.Backup, 'nightly')).toBeUndefined();
    expect((await facts(world)).map((fact) => textAt(fact, 'actor', 'name'))).toEqual(['mallory', 'mallory']);
  });

  test("the API server's own objections come with the path of the field", async () => {
    const world = await startWorld({
      cluster: (memory) =>
        broken(memory, {
          create: (type, ...rest) =>
            type.kind === 'Backup'
              ? Promise.resolve({
                  ok: false,
                  status: 422,
                  reason: 'Invalid',
                  message: 'Backup is invalid',
                  causes: [{ field: 'spec.hooks.resources[0].name', message: 'Required value' }],
                })
              : memory.create(type, ...rest),
        }),
    });
    expect(listAt(await create(world, { name: 'nightly' }), 'userErrors')).toEqual([
      {
        code: 'INVALID',
        message: 'Required value',
        field: ['input', 'spec', 'hooks', 'resources', '0', 'name'],
      },
    ]);
  });
});

describe('the same request again', () => {
  const input = { spec: { includedNamespaces: ['shop'] }, idempotencyKey: 'form-1' };

  test('gives the first answer under the same key, also when the server made the name', async () => {
    const world = await startWorld();
    const first = await create(world, input);
    const second = await create(world, input);
    expect(second).toMatchObject({ backup: at(first, 'backup'), userErrors: [] });
    expect(await types(world, { types: ['BackupRequested'] })).toHaveLength(1);
  });

  test('sent several times at once makes one backup', async () => {
    const world = await startWorld();
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => create(world, input)));
    expect(answers.flatMap(codes)).toEqual([]);
    expect(new Set(answers.map((answer) => textAt(answer, 'backup', 'id'))).size).toBe(1);
    expect(await types(world, { types: ['BackupRequested'] })).toHaveLength(1);
  });

  test('with other input under the same key is refused', async () => {
    const world = await startWorld();
    await create(world, input);
    const other = await create(world, { ...input, spec: { includedNamespaces: ['bank'] } });
    expect(listAt(other, 'userErrors')).toMatchObject([
      { code: 'IDEMPOTENCY_KEY_REUSED', field: ['input', 'idempotencyKey'] },
    ]);
  });

  test('finishes what a fault interrupted between the custom resource and the record', async () => {
    let failing = true;
    const world = await startWorld({
      store: (memory) => ({
        ...memory,
        append: (stream, ...rest) =>
          failing && stream.startsWith('backup-')
            ? Promise.reject(new Fault('LB_EVENTSTORE_UNREACHABLE', 'unplugged'))
            : memory.append(stream, ...rest),
      }),
    });
    const first = await create(world, input);
    expect(first.errors).toMatchObject([
      { extensions: { code: 'LB_EVENTSTORE_UNREACHABLE', retriable: true } },
    ]);
    const objects = world.memory.size();
    failing = false;
    expect(codes(await create(world, input))).toEqual([]);
    expect(world.memory.size()).toBe(objects);
    expect(await types(world, { types: ['BackupRequested'] })).toHaveLength(1);
    const answers = (await facts(world, { types: ['MutationAnswered'] })).map((fact) =>
      textAt(fact, 'data', 'answer'),
    );
    expect(answers).toEqual(['LB_EVENTSTORE_UNREACHABLE', 'OK']);
  });
});

describe('acting as the caller', () => {
  test('creates as the user of the token, with groups, and so that the API server decides', async () => {
    const acted: (Impersonation | undefined)[] = [];
    const world = await startWorld({
      cluster: (memory) =>
        broken(memory, {
          create: (type, namespace, body, options) => {
            if (type.kind === 'Backup') acted.push(options.as);
            return memory.create(type, namespace, body, options);
          },
        }),
    });
    await create(world, { name: 'nightly' });
    expect(acted).toMatchObject([{ user: 'alice', groups: ['operators'] }]);
  });

  test('a right that the API server takes back in between is FORBIDDEN too', async () => {
    let asked = 0;
    // The review says yes, the write says no: as with an admission rule the review knows nothing of.
    const world = await startWorld({ rights: (_user, verb) => verb !== 'create' || asked++ === 0 });
    expect(codes(await create(world, { name: 'nightly' }))).toEqual(['FORBIDDEN']);
    expect(await types(world)).toEqual(['MutationReceived', 'MutationAnswered']);
  });

  test('while a request is between resource and record, the controller is told to keep off', async () => {
    const busy: boolean[] = [];
    const stream = 'backup-velero.nightly';
    const world: World = await startWorld({
      cluster: (memory) =>
        broken(memory, {
          create: (type, ...rest) => {
            if (type.kind === 'Backup') busy.push(world.intake.busy(stream));
            return memory.create(type, ...rest);
          },
        }),
    });
    await create(world, { name: 'nightly' });
    expect([...busy, world.intake.busy(stream)]).toEqual([true, false]);
  });
});
