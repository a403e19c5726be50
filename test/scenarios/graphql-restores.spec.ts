import { describe, expect, test } from 'vitest';
import { at, listAt, objectAt, textAt } from '../../src/domain/json.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import { finished, NAMESPACE, requested, started, startWorld, stored } from './api.js';

const RESTORE = `mutation ($input: CreateRestoreInput!) {
  createRestore(input: $input) {
    restore { name phase backup { name } spec { namespaceMapping { from to } } }
    position
    userErrors { code message field }
  }
}`;

type World = Awaited<ReturnType<typeof startWorld>>;

const codes = (answer: object) => listAt(answer, 'userErrors').map((error) => textAt(error, 'code'));

const aFinishedBackup = (world: World, name: string) =>
  world.record(
    `backup-${NAMESPACE}.${name}`,
    requested(`uid-of-${name}`, { storageLocation: 'default' }),
    started,
    stored(5),
    finished,
  );

describe('asking for a restore', () => {
  const ask = async (world: World, input: object) =>
    objectAt((await world.ask(RESTORE, { input })).data, 'createRestore');

  test('creates the custom resource, named after the backup and the time', async () => {
    const world = await startWorld({ now: () => new Date('2026-01-31T02:03:04Z') });
    await aFinishedBackup(world, 'nightly');
    const spec = {
      backupName: 'nightly',
      namespaceMapping: [{ from: 'shop', to: 'shop-copy' }],
      existingResourcePolicy: 'update',
    };
    const answer = await ask(world, { spec });
    expect(answer).toMatchObject({
      restore: {
        name: 'nightly-20260131020304',
        phase: 'NEW',
        backup: { name: 'nightly' },
        spec: { namespaceMapping: [{ from: 'shop', to: 'shop-copy' }] },
      },
      userErrors: [],
    });
    expect(await world.resource(VELERO_TYPES.Restore, 'nightly-20260131020304')).toMatchObject({
      spec: {
        backupName: 'nightly',
        namespaceMapping: { shop: 'shop-copy' },
        existingResourcePolicy: 'update',
      },
    });
    const second = await ask(world, { spec });
    expect(textAt(second, 'restore', 'name')).toBe('nightly-20260131020305');
  });

  test.each([
    ['an unknown backup', { backupName: 'gone' }, 'NOT_FOUND', 'input.spec.backupName'],
    ['neither backup nor schedule', {}, 'INVALID', 'input.spec.backupName'],
    [
      'both backup and schedule',
      { backupName: 'nightly', scheduleName: 'daily' },
      'INVALID',
      'input.spec.backupName',
    ],
    ['a schedule without backups', { scheduleName: 'daily' }, 'NOT_FOUND', 'input.spec.scheduleName'],
    [
      'an unknown policy',
      { backupName: 'nightly', existingResourcePolicy: 'merge' },
      'INVALID',
      'input.spec.existingResourcePolicy',
    ],
    [
      'a namespace mapped twice',
      {
        backupName: 'nightly',
        namespaceMapping: [
          { from: 'a', to: 'b' },
          { from: 'a', to: 'c' },
        ],
      },
      'INVALID',
      'input.spec.namespaceMapping',
    ],
  ])('%s: a user error with the path of the field', async (_what, spec, code, field) => {
    const world = await startWorld();
    await aFinishedBackup(world, 'nightly');
    const answer = await ask(world, { spec });
    const [error] = listAt(answer, 'userErrors');
    expect({
      restore: at(answer, 'restore'),
      code: textAt(error, 'code'),
      field: listAt(error, 'field').join('.'),
    }).toEqual({
      restore: null,
      code,
      field,
    });
  });

  test('a backup that exists only as a custom resource so far can be restored from', async () => {
    const world = await startWorld();
    await world.put(VELERO_TYPES.Backup, NAMESPACE, {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'fresh', namespace: NAMESPACE },
      spec: { storageLocation: 'default' },
    });
    expect(codes(await ask(world, { name: 'r', spec: { backupName: 'fresh' } }))).toEqual([]);
  });
});
