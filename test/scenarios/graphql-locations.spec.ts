import { describe, expect, test } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/domain/json.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import { ALICE, MALLORY, NAMESPACE, startWorld } from './api.js';

const LOCATION =
  'backupStorageLocation { name provider bucket prefix accessMode default phase lastSyncedAt passedOver { name } backups(first: 5) { totalCount } events(first: 5) { nodes { type actor { kind name } } } }';
const mutation = (name: string, fields: string) => {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${type}!) { ${name}(input: $input) { ${fields} position userErrors { code message field } } }`;
};
const CREATE = mutation('createBackupStorageLocation', LOCATION);
const UPDATE = mutation('updateBackupStorageLocation', LOCATION);
const DELETE = mutation('deleteBackupStorageLocation', 'deletedName');

type World = Awaited<ReturnType<typeof startWorld>>;

const run = async (world: World, query: string, input: object, token = ALICE) => {
  const { data } = await world.ask(query, { input }, token);
  return objectAt(data, Object.keys(data)[0] ?? '');
};
const errorsOf = (answer: object) =>
  listAt(answer, 'userErrors').map((error) => [textAt(error, 'code'), listAt(error, 'field').join('.')]);
const resourceOf = (world: World, name: string) => world.resource(VELERO_TYPES.BackupStorageLocation, name);
const SPEC = {
  provider: 'aws',
  objectStorage: { bucket: 'b', prefix: 'p' },
  config: [{ key: 'region', value: 'eu-west-1' }],
  credential: { name: 'cloud', key: 'credentials' },
};
const backupIn = (name: string, storageLocation: string, phase: string) => ({
  apiVersion: 'velero.io/v1',
  kind: 'Backup',
  metadata: { name, namespace: NAMESPACE },
  spec: { storageLocation },
  status: { phase },
});
const addBackup = (world: World, ...args: Parameters<typeof backupIn>) =>
  world.put(VELERO_TYPES.Backup, NAMESPACE, backupIn(...args));

describe('asking for a storage location', () => {
  test('creates the custom resource as asked, and its story begins with who asked', async () => {
    const world = await startWorld();
    const answer = await run(world, CREATE, { name: 'second', spec: { ...SPEC, accessMode: 'READ_ONLY' } });
    expect(answer).toMatchObject({
      userErrors: [],
      backupStorageLocation: {
        name: 'second',
        bucket: 'b',
        prefix: 'p',
        accessMode: 'READ_ONLY',
        phase: 'UNKNOWN',
        passedOver: [],
        backups: { totalCount: 0 },
        events: { nodes: [{ type: 'LocationRegistered', actor: { kind: 'USER', name: 'alice' } }] },
      },
    });
    expect(objectAt(await resourceOf(world, 'second'), 'spec')).toEqual({
      ...SPEC,
      config: { region: 'eu-west-1' },
      accessMode: 'ReadOnly',
    });
  });

  test.each<[string, object, string]>([
    ['a provider that is not built in', { provider: 'gcp' }, 'input.spec.provider'],
    ['a bucket with a path', { objectStorage: { bucket: 'a/b' } }, 'input.spec.objectStorage.bucket'],
    ['an unknown setting', { config: [{ key: 's3url', value: 'http://x' }] }, 'input.spec.config.s3url'],
    [
      'a setting that is neither true nor false',
      { config: [{ key: 's3ForcePathStyle', value: 'yes' }] },
      'input.spec.config.s3ForcePathStyle',
    ],
    [
      'an address without http',
      { config: [{ key: 'publicUrl', value: 'x' }] },
      'input.spec.config.publicUrl',
    ],
    [
      'a setting given twice',
      {
        config: [
          { key: 'region', value: 'a' },
          { key: 'region', value: 'b' },
        ],
      },
      'input.spec.config',
    ],
    ['a period that is none', { backupSyncPeriod: 'often' }, 'input.spec.backupSyncPeriod'],
    ['a Secret without a key', { credential: { name: 'cloud', key: '' } }, 'input.spec.credential'],
  ])('with %s is refused with its field, and nothing is made', async (_what, wrong, field) => {
    const world = await startWorld();
    const answer = await run(world, CREATE, { name: 'second', spec: { ...SPEC, ...wrong } });
    expect(errorsOf(answer)).toEqual([['INVALID', field]]);
    expect(answer).toMatchObject({ backupStorageLocation: null });
    expect(await resourceOf(world, 'second')).toBeUndefined();
  });

  test('without provider and bucket says both', async () => {
    const world = await startWorld();
    expect(errorsOf(await run(world, CREATE, { name: 'second', spec: {} }))).toEqual([
      ['INVALID', 'input.spec.provider'],
      ['INVALID', 'input.spec.objectStorage'],
    ]);
  });

  test('twice under one key makes one; with other input, or a name that is taken, it is refused', async () => {
    const world = await startWorld();
    const input = { name: 'second', spec: SPEC, idempotencyKey: 'k' };
    await run(world, CREATE, input);
    expect(errorsOf(await run(world, CREATE, input))).toEqual([]);
    const other = { ...input, spec: { ...SPEC, accessMode: 'READ_ONLY' } };
    expect(errorsOf(await run(world, CREATE, other))).toEqual([
      ['IDEMPOTENCY_KEY_REUSED', 'input.idempotencyKey'],
    ]);
    expect(errorsOf(await run(world, CREATE, { name: 'second', spec: SPEC }))).toEqual([
      ['NAME_TAKEN', 'input.name'],
    ]);
  });

  test('is refused to who may not', async () => {
    const world = await startWorld();
    for (const [query, input] of [
      [CREATE, { name: 'second', spec: SPEC }],
      [UPDATE, { name: 'second', spec: {} }],
      [DELETE, { name: 'second' }],
    ] as const) {
      const { data } = await world.ask(query.replace(LOCATION, ''), { input }, MALLORY);
      expect(errorsOf(objectAt(data, Object.keys(data)[0] ?? '')).map(([code]) => code)).toEqual([
        'FORBIDDEN',
      ]);
    }
  });
});

describe('changing a storage location', () => {
  const withSecond = async () => {
    const world = await startWorld();
    await run(world, CREATE, { name: 'second', spec: { ...SPEC, default: true } });
    return world;
  };

  test('keeps what is left out, takes away what is null, and is a fact of the caller', async () => {
    const world = await withSecond();
    const spec = {
      accessMode: 'READ_ONLY',
      objectStorage: { prefix: null },
      config: [{ key: 's3Url', value: 'http://s3' }],
      credential: null,
    };
    const answer = await run(world, UPDATE, { name: 'second', spec });
    expect(answer).toMatchObject({
      userErrors: [],
      backupStorageLocation: {
        prefix: '',
        accessMode: 'READ_ONLY',
        events: { nodes: [{}, { type: 'LocationChanged', actor: { name: 'alice' } }] },
      },
    });
    expect(objectAt(await resourceOf(world, 'second'), 'spec')).toEqual({
      provider: 'aws',
      objectStorage: { bucket: 'b' },
      config: { s3Url: 'http://s3' },
      accessMode: 'ReadOnly',
      default: true,
    });
  });

  test('to be the default makes the others step back', async () => {
    const world = await withSecond();
    await run(world, CREATE, { name: 'third', spec: SPEC });
    const answer = await run(world, UPDATE, { name: 'third', spec: { default: true } });
    expect(answer).toMatchObject({ userErrors: [], backupStorageLocation: { default: true } });
    expect(objectAt(await resourceOf(world, 'second'), 'spec')).toMatchObject({ default: false });
  });

  test('into one that cannot work is refused, with the field', async () => {
    const world = await withSecond();
    const spec = { config: [{ key: 'path', value: '/x' }] };
    expect(errorsOf(await run(world, UPDATE, { name: 'second', spec }))).toEqual([
      ['INVALID', 'input.spec.config.path'],
    ]);
    expect(errorsOf(await run(world, UPDATE, { name: 'nobody', spec }))).toEqual([
      ['NOT_FOUND', 'input.name'],
    ]);
  });

  test('twice under one key changes it once', async () => {
    const world = await withSecond();
    const input = { name: 'second', spec: { accessMode: 'READ_ONLY' }, idempotencyKey: 'k' };
    await run(world, UPDATE, input);
    await run(world, UPDATE, { name: 'second', spec: { accessMode: 'READ_WRITE' } });
    expect(await run(world, UPDATE, input)).toMatchObject({
      userErrors: [],
      backupStorageLocation: { accessMode: 'READ_WRITE' },
    });
  });
});

describe('taking a storage location away', () => {
  test('takes its backups out of the cluster, and no others, as velero backup-location delete does', async () => {
    const world = await startWorld();
    await run(world, CREATE, { name: 'second', spec: SPEC });
    await addBackup(world, 'theirs', 'second', 'Completed');
    await addBackup(world, 'ours', 'default', 'Completed');
    const answer = await run(world, DELETE, { name: 'second', idempotencyKey: 'k' });
    expect(answer).toMatchObject({ deletedName: 'second', userErrors: [] });
    expect(await resourceOf(world, 'second')).toBeUndefined();
    expect(await world.resource(VELERO_TYPES.Backup, 'theirs')).toBeUndefined();
    expect(await world.resource(VELERO_TYPES.Backup, 'ours')).toBeDefined();
    expect(errorsOf(await run(world, DELETE, { name: 'second', idempotencyKey: 'k' }))).toEqual([]);
    expect(errorsOf(await run(world, DELETE, { name: 'second' }))).toEqual([['NOT_FOUND', 'input.name']]);
    const { data } = await world.ask(
      '{ events(first: 100, filter: {types: ["LocationRemoved"]}) { nodes { actor { name } } } }',
      {},
    );
    expect(listAt(data, 'events', 'nodes')).toEqual([{ actor: { name: 'alice' } }]);
  });

  test('is refused while a backup runs there', async () => {
    const world = await startWorld();
    await run(world, CREATE, { name: 'second', spec: SPEC });
    await addBackup(world, 'running', 'second', 'InProgress');
    expect(errorsOf(await run(world, DELETE, { name: 'second' }))).toEqual([['WRONG_PHASE', 'input.name']]);
    expect(await resourceOf(world, 'second')).toBeDefined();
  });

  test('is ended by a repetition if it was cut short after the location itself', async () => {
    const world = await startWorld();
    await addBackup(world, 'left', 'second', 'Completed');
    expect(await run(world, DELETE, { name: 'second' })).toMatchObject({
      deletedName: 'second',
      userErrors: [],
    });
    expect(await world.resource(VELERO_TYPES.Backup, 'left')).toBeUndefined();
  });
});
