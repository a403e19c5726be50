import { describe, expect, test } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/domain/json.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import { ALICE, finished, MALLORY, requested, started, startWorld, stored } from './api.js';
import { NAMESPACE } from './life.js';

type World = Awaited<ReturnType<typeof startWorld>>;

const CANCEL = `mutation ($input: CancelBackupInput!) {
  cancelBackup(input: $input) { backup { name phase cancelRequestedAt failureReason } position userErrors { code field message } }
}`;
const CANCEL_RESTORE = `mutation ($input: CancelRestoreInput!) {
  cancelRestore(input: $input) { restore { name phase } position userErrors { code field } }
}`;

const cancel = async (world: World, input: object, token = ALICE) => {
  const { data } = await world.ask(CANCEL, { input }, token);
  return objectAt(data, 'cancelBackup');
};
const codes = (payload: object) => listAt(payload, 'userErrors').map((error) => textAt(error, 'code'));

/** A backup as the controller has taken it in, and as far as these facts tell. */
const withBackup = async (world: World, ...facts: readonly { type: string; v: number; data: object }[]) => {
  await world.put(VELERO_TYPES.Backup, NAMESPACE, {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name: 'nightly', namespace: NAMESPACE },
    spec: {},
  });
  const uid = textAt(await world.resource(VELERO_TYPES.Backup, 'nightly'), 'metadata', 'uid');
  await world.record('backup-velero.nightly', requested(uid), ...facts);
};

const factsOf = async (world: World) => world.store.read('backup-velero.nightly');

describe('cancelling a backup', () => {
  test('that runs is recorded with who asked, and written on the resource for the controller', async () => {
    const world = await startWorld();
    await withBackup(world, started);
    const payload = await cancel(world, { name: 'nightly' });
    expect(payload).toMatchObject({
      backup: { name: 'nightly', phase: 'IN_PROGRESS', cancelRequestedAt: expect.any(String) as string },
      userErrors: [],
    });
    expect(await world.resource(VELERO_TYPES.Backup, 'nightly')).toMatchObject({
      metadata: {
        annotations: { 'lifeboat.io/cancel': 'true', 'lifeboat.io/cancel-requested-by': 'alice' },
      },
    });
    expect((await factsOf(world)).at(-1)).toMatchObject({
      type: 'BackupCancelRequested',
      meta: { actor: { kind: 'USER', name: 'alice', via: 'graphql' } },
    });
  });

  test('that has not begun ends it at once', async () => {
    const world = await startWorld();
    await withBackup(world);
    expect(await cancel(world, { name: 'nightly' })).toMatchObject({
      backup: { phase: 'FAILED', failureReason: 'cancelled before it started' },
    });
  });

  test('twice under one key is once, and under the same key for another backup is refused', async () => {
    const world = await startWorld();
    await withBackup(world, started);
    const input = { name: 'nightly', idempotencyKey: 'k1' };
    await cancel(world, input);
    expect(codes(await cancel(world, input))).toEqual([]);
    expect(codes(await cancel(world, { ...input, name: 'other' }))).toEqual(['IDEMPOTENCY_KEY_REUSED']);
    const types = (await factsOf(world)).map(({ type }) => type);
    expect(types.filter((type) => type === 'BackupCancelRequested').length).toBe(1);
  });

  test.each([
    ['whose contents are stored', [started, stored(1)]],
    ['that has ended', [started, stored(1), finished]],
  ])('%s comes too late, and leaves the resource alone', async (_what, facts) => {
    const world = await startWorld();
    await withBackup(world, ...facts);
    const payload = await cancel(world, { name: 'nightly' });
    expect(listAt(payload, 'userErrors')).toMatchObject([{ code: 'WRONG_PHASE', field: ['input', 'name'] }]);
    const resource = await world.resource(VELERO_TYPES.Backup, 'nightly');
    expect(objectAt(resource, 'metadata', 'annotations')).toEqual({});
  });

  test('that does not exist, or by somebody without the right to patch it, is refused and in the audit', async () => {
    const world = await startWorld();
    expect(codes(await cancel(world, { name: 'nowhere' }))).toEqual(['NOT_FOUND']);
    await withBackup(world, started);
    expect(codes(await cancel(world, { name: 'nightly' }, MALLORY))).toEqual(['FORBIDDEN']);
    const day = new Date().toISOString().slice(0, 10);
    const answers = (await world.store.read(`access-velero.${day}`))
      .filter(({ type }) => type === 'MutationAnswered')
      .map(({ data }) => textAt(data, 'answer'));
    expect(answers).toEqual(['NOT_FOUND', 'FORBIDDEN']);
    expect((await factsOf(world)).at(-1)?.type).toBe('BackupStarted');
  });

  test('that the controller has not taken in yet is written on the resource for it', async () => {
    const world = await startWorld();
    await world.put(VELERO_TYPES.Restore, NAMESPACE, {
      apiVersion: 'velero.io/v1',
      kind: 'Restore',
      metadata: { name: 'again', namespace: NAMESPACE },
      spec: { backupName: 'b1' },
    });
    const { data } = await world.ask(CANCEL_RESTORE, { input: { name: 'again' } });
    expect(codes(objectAt(data, 'cancelRestore'))).toEqual([]);
    expect(await world.resource(VELERO_TYPES.Restore, 'again')).toMatchObject({
      metadata: { annotations: { 'lifeboat.io/cancel': 'true' } },
    });
  });
});
