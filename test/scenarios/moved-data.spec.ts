import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/faults.js';
import { deleteBackup } from './deleting.js';
import { isWaiting, MOVING, nothingLeft, stageMove, type Stage } from './moving.js';
import { soon } from './world.js';

/** How far the upload of each claim is. */
const phases = async ({ world }: Stage): Promise<Readonly<Record<string, string | undefined>>> =>
  Object.fromEntries(
    (await world.resources.list('DataUpload', soon())).map(({ spec, status }) => [
      spec?.sourcePVC ?? '',
      status?.phase,
    ]),
  );

const held = ({ world }: Stage): readonly string[] => world.repositories.copiesOf('shop');

/** A backup that waits: the data of `db` is in the bucket, that of `wal` is on its way. */
const halfMoved = async (): Promise<Stage> => {
  const staged = await stageMove(['db', 'wal'], (claim) => (claim === 'db' ? 'done' : 'held'), {
    copies: true,
  });
  const { world, mover } = staged;
  await world.request('Backup', 'b1', MOVING);
  await mover.holds(1);
  await world.until('Backup', 'b1', isWaiting);
  await expect.poll(() => phases(staged)).toEqual({ db: 'Completed', wal: 'InProgress' });
  expect(held(staged)).toHaveLength(1);
  return staged;
};

const cancel = { metadata: { annotations: { 'lifeboat.io/cancel': 'true' } } };

describe('Moved data that no backup holds', () => {
  it('is forgotten by the repository when the backup is cancelled, and its upload goes', async () => {
    const staged = await halfMoved();
    const { world } = staged;
    await world.resources.patch('Backup', 'b1', cancel, soon());
    await world.ended('Backup', 'b1');
    await expect.poll(() => held(staged)).toEqual([]);
    await expect.poll(() => phases(staged)).toEqual({ wal: 'Canceled' });
    await nothingLeft(staged);
  });

  it('keeps its upload where it cannot be forgotten, and holds nobody up', async () => {
    const staged = await halfMoved();
    const { world } = staged;
    const forget = () => Promise.reject(new Fault('LB_REPOSITORY_PASSWORD', 'the Secret holds another one'));
    await world.restart({ repositories: { ...world.repositories, forget } });
    await world.resources.patch('Backup', 'b1', cancel, soon());
    await world.ended('Backup', 'b1');
    await nothingLeft(staged);
    expect(await phases(staged)).toEqual({ db: 'Completed', wal: 'Canceled' });
  });
});

describe('Moved data of a backup', () => {
  it('goes with the backup', async () => {
    const staged = await stageMove(['db', 'wal'], undefined, { copies: true });
    const { world } = staged;
    await world.backup('b1', MOVING);
    expect(held(staged)).toHaveLength(2);
    await deleteBackup(world, 'b1');
    expect(held(staged)).toEqual([]);
    await nothingLeft(staged);
  });
});
