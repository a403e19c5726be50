import { describe, expect, test } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/domain/json.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import { ALICE, aLocation, MALLORY, NAMESPACE, startWorld } from './api.js';

const DELETE_BACKUP = `mutation ($input: DeleteBackupInput!) {
  deleteBackup(input: $input) { backup { name phase } position userErrors { code message field } }
}`;
const DELETE_RESTORE = `mutation ($input: DeleteRestoreInput!) {
  deleteRestore(input: $input) { restore { name phase } position userErrors { code message field } }
}`;

type World = Awaited<ReturnType<typeof startWorld>>;
const now = '2026-01-02T10:00:00Z';
const spec = { storageLocation: 'place' };

const codes = (answer: object) => listAt(answer, 'userErrors').map((error) => textAt(error, 'code'));

const putLocation = (world: World, more: object = {}, status: object = {}) =>
  world.put(VELERO_TYPES.BackupStorageLocation, NAMESPACE, aLocation('place', { spec: more, status }));

const withBackup = async (...facts: readonly { type: string; v: number; data: object }[]) => {
  const world = await startWorld();
  await world.put(VELERO_TYPES.Backup, NAMESPACE, {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name: 'b1', namespace: NAMESPACE },
    spec,
  });
  const uid = textAt(await world.resource(VELERO_TYPES.Backup, 'b1'), 'metadata', 'uid');
  await world.record(
    `backup-${NAMESPACE}.b1`,
    { type: 'BackupRequested', v: 1, data: { uid, spec, labels: {}, at: now } },
    ...facts,
  );
  return world;
};

const prepared = { spec, labels: {}, annotations: {}, expiresAt: now };
const started = { type: 'BackupStarted', v: 1, data: { attempt: 1, prepared, at: now } };
const finished = { type: 'BackupFinished', v: 1, data: { outcome: 'Failed', reason: 'no', at: now } };

const deleteBackup = async (world: World, input: object, token = ALICE) =>
  objectAt((await world.ask(DELETE_BACKUP, { input }, token)).data, 'deleteBackup');

describe('asking for the deletion of a backup', () => {
  test('makes the request as the caller, says DELETING at once, and keeps the caller in the record', async () => {
    const world = await withBackup(started, finished);
    await putLocation(world);
    const answer = await deleteBackup(world, { name: 'b1' });
    expect(answer).toMatchObject({ backup: { name: 'b1', phase: 'DELETING' }, userErrors: [] });
    const fact = (await world.store.read(`backup-${NAMESPACE}.b1`)).at(-1);
    expect(fact).toMatchObject({
      type: 'BackupDeletionStarted',
      data: { because: 'Asked' },
      meta: { actor: { kind: 'USER', name: 'alice', via: 'graphql' } },
    });
    const { request } = fact?.data as { readonly request: { readonly name: string; readonly uid: string } };
    expect(await world.resource(VELERO_TYPES.DeleteBackupRequest, request.name)).toMatchObject({
      metadata: { uid: request.uid, annotations: { 'lifeboat.io/requested-by': 'alice' } },
      spec: { backupName: 'b1' },
    });
  });

  test('with the same key gives the same answer, and one deletion', async () => {
    const world = await withBackup(started, finished);
    await putLocation(world);
    for (let time = 0; time < 2; time += 1)
      expect(codes(await deleteBackup(world, { name: 'b1', idempotencyKey: 'k' }))).toEqual([]);
    const facts = await world.store.read(`backup-${NAMESPACE}.b1`);
    expect(facts.filter(({ type }) => type === 'BackupDeletionStarted')).toHaveLength(1);
    expect(codes(await deleteBackup(world, { name: 'b2', idempotencyKey: 'k' }))).toEqual([
      'IDEMPOTENCY_KEY_REUSED',
    ]);
  });

  test('that nobody has is NOT_FOUND, and without the right FORBIDDEN', async () => {
    const world = await withBackup(started, finished);
    expect(codes(await deleteBackup(world, { name: 'never-was' }))).toEqual(['NOT_FOUND']);
    expect(codes(await deleteBackup(world, { name: 'b1' }, MALLORY))).toEqual(['FORBIDDEN']);
  });

  test('that runs, or is being deleted, is WRONG_PHASE', async () => {
    const running = await withBackup(started);
    await putLocation(running);
    expect(codes(await deleteBackup(running, { name: 'b1' }))).toEqual(['WRONG_PHASE']);
    const deleting = await withBackup(started, finished);
    await putLocation(deleting);
    await deleteBackup(deleting, { name: 'b1' });
    expect(codes(await deleteBackup(deleting, { name: 'b1' }))).toEqual(['WRONG_PHASE']);
  });

  test.each([
    ['LOCATION_READ_ONLY', { accessMode: 'ReadOnly' }, { phase: 'Available' }],
    ['LOCATION_UNAVAILABLE', {}, { phase: 'Unavailable' }],
  ])('is %s where the location says so, and no request is made', async (code, more, status) => {
    const world = await withBackup(started, finished);
    await putLocation(world, more, status);
    expect(codes(await deleteBackup(world, { name: 'b1' }))).toEqual([code]);
    expect((await world.store.read(`backup-${NAMESPACE}.b1`)).at(-1)?.type).toBe('BackupFinished');
  });
});

describe('asking for the deletion of a restore', () => {
  test('deletes the resource as the caller; its controller does the rest', async () => {
    const world = await startWorld();
    await world.put(VELERO_TYPES.Restore, NAMESPACE, {
      apiVersion: 'velero.io/v1',
      kind: 'Restore',
      metadata: {
        name: 'r1',
        namespace: NAMESPACE,
        finalizers: ['restores.velero.io/external-resources-finalizer'],
      },
      spec: { backupName: 'b1' },
    });
    const ask = async (name: string, token = ALICE) =>
      objectAt((await world.ask(DELETE_RESTORE, { input: { name } }, token)).data, 'deleteRestore');
    expect(codes(await ask('r1', MALLORY))).toEqual(['FORBIDDEN']);
    expect(codes(await ask('never-was'))).toEqual(['NOT_FOUND']);
    expect(codes(await ask('r1'))).toEqual([]);
    expect(
      textAt(await world.resource(VELERO_TYPES.Restore, 'r1'), 'metadata', 'deletionTimestamp'),
    ).not.toBe('');
  });
});
