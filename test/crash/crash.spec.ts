import { describe, expect, it } from 'vitest';
import { createCluster, createWorld, type World } from '../scenarios/world.js';
import { shop } from '../builders.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import { startLife } from '../scenarios/life.js';
import { withCrash } from './crashes.js';
import type { Call } from './intercept.js';
import { cancelledBackupPlot, cancelledRestorePlot } from './cancel-plots.js';
import { hookedBackupPlot, hookedRestorePlot } from './hook-plots.js';
import { copyPlot, fillPlot } from './copy-plots.js';
import { dieEverywhere } from './everywhere.js';
import { backupPlot, locationPlot, mappingPlot, restorePlot } from './plots.js';
import { downloadPlot, movePlot } from './move-plots.js';
import { schedulePlot } from './schedule-plots.js';
import { groupPlot, groupRestorePlot, snapshotPlot, snapshotRestorePlot } from './snapshot-plots.js';

describe('Wherever the server dies,', () => {
  it(
    'a backup ends Completed, with one mark, and bucket, facts and resource agree',
    { timeout: 60_000 },
    () => dieEverywhere(backupPlot),
  );
  it('a restore ends Completed, and everything was made exactly once', { timeout: 60_000 }, () =>
    dieEverywhere(restorePlot),
  );
  it('a backup and its restore into another namespace end Completed', { timeout: 60_000 }, () =>
    dieEverywhere(mappingPlot),
  );
  it('a storage location becomes available, and the record says it once', { timeout: 60_000 }, () =>
    dieEverywhere(locationPlot),
  );
  it('a schedule makes one backup for its tick, never two and never none', { timeout: 60_000 }, () =>
    dieEverywhere(schedulePlot),
  );
  it(
    'a backup of pods with hooks ends Completed, and each pod was thawed last of all',
    { timeout: 60_000 },
    () => dieEverywhere(hookedBackupPlot),
  );
  it(
    'a backup of two volumes ends Completed, and the driver holds one snapshot of each',
    { timeout: 120_000 },
    () => dieEverywhere(snapshotPlot),
  );
  it(
    'a backup of a volume group ends Completed, and the driver holds one group with a snapshot of each volume',
    { timeout: 180_000 },
    () => dieEverywhere(groupPlot),
  );
  it(
    'a restore of two volumes ends Completed, and each was made once from its snapshot',
    { timeout: 120_000 },
    () => dieEverywhere(snapshotRestorePlot),
  );
  it(
    'a restore of a volume group ends Completed, and nothing is left that stood for the group',
    { timeout: 180_000 },
    () => dieEverywhere(groupRestorePlot),
  );
  it('a backup of copied volumes ends Completed, and one copy of each is left', { timeout: 120_000 }, () =>
    dieEverywhere(copyPlot),
  );
  it('a restore of copied volumes ends Completed, and each was asked for once', { timeout: 120_000 }, () =>
    dieEverywhere(fillPlot),
  );
  it(
    'a backup that moves the data of two volumes ends Completed, with one upload that counts for each',
    { timeout: 240_000 },
    () => dieEverywhere(movePlot),
  );
  it('a restore of moved data ends Completed, and each volume was filled once', { timeout: 240_000 }, () =>
    dieEverywhere(downloadPlot),
  );
  it(
    'a restore of pods with hooks ends Completed, and none ran again once it was recorded',
    { timeout: 60_000 },
    () => dieEverywhere(hookedRestorePlot),
  );
  it(
    'a backup that is cancelled ends as cancelled, thawed, with one wish and one end among its facts',
    { timeout: 60_000 },
    () => dieEverywhere(cancelledBackupPlot),
  );
  it('a restore that is cancelled ends as cancelled, and what it made stays', { timeout: 60_000 }, () =>
    dieEverywhere(cancelledRestorePlot),
  );
});

/** The server dies each time it is about to make a certain call; each life is followed by the next. */
const dieAgainAndAgain = async (world: World, times: number, at: (call: Call) => boolean): Promise<void> => {
  const buried: (() => void)[] = [];
  for (let i = 0; i < times; i += 1) {
    const crashing = withCrash(world, (call) => (at(call) ? 'before' : undefined));
    const life = startLife(crashing.outside, world.config, crashing.life);
    life.catch(() => undefined);
    await crashing.crashed;
    buried.push(crashing.bury);
  }
  await world.start();
  for (const bury of buried) bury();
};

const putting =
  (suffix: string) =>
  ({ verb, target }: Call): boolean =>
    verb === 'put' && target.endsWith(suffix);

const readyFor = async (options: Parameters<typeof createWorld>[0] = {}): Promise<World> => {
  const world = await createWorld(options);
  await world.start();
  await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  await world.apply(...shop());
  return world;
};

describe('A server that dies again and again', () => {
  it('makes the backup in the attempt that it survives', async () => {
    const world = await readyFor();
    await world.stop();
    await world.request('Backup', 'b1', { includedNamespaces: ['shop'] });
    await dieAgainAndAgain(world, 2, putting('b1.tar.gz'));
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status?.phase).toBe('Completed');
    expect((await world.story('backup', 'b1')).slice(1)).toEqual([
      expect.stringContaining('Collecting of the contents began'),
      'Attempt 1 was interrupted: the server stopped while it ran.',
      'Collecting began again from the start, attempt 2.',
      'Attempt 2 was interrupted: the server stopped while it ran.',
      'Collecting began again from the start, attempt 3.',
      expect.stringContaining('Contents stored'),
      'Backup ended Completed.',
    ]);
  });

  it('gives the backup up after three interruptions, and says so', async () => {
    const world = await readyFor();
    await world.stop();
    await world.request('Backup', 'b1', { includedNamespaces: ['shop'] });
    await dieAgainAndAgain(world, 3, putting('b1.tar.gz'));
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringMatching(/^interrupted 3 times, given up/) as string,
    });
    expect(await world.keys()).not.toContain(world.layout.backupMetadata('b1'));
  });

  it('gives a restore up after three interruptions, and says so', async () => {
    const world = await readyFor();
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.remove('namespaces', 'shop');
    await world.stop();
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await dieAgainAndAgain(world, 3, putting('restore-r1-results.gz'));
    const restore = await world.ended('Restore', 'r1');
    expect(restore.status).toMatchObject({
      phase: 'Failed',
      failureReason: expect.stringMatching(/^interrupted 3 times, given up/) as string,
    });
  });

  it('behaviour 39: fails what it finds running, in Velero’s words, under the policy fail', async () => {
    const world = await readyFor({ config: { onInterruption: 'fail' } });
    await world.backup('b0', { includedNamespaces: ['shop'] });
    await world.stop();
    await world.request('Backup', 'b1', { includedNamespaces: ['shop'] });
    await dieAgainAndAgain(world, 1, putting('b1.tar.gz'));
    const backup = await world.ended('Backup', 'b1');
    expect(backup.status).toMatchObject({
      phase: 'Failed',
      completionTimestamp: expect.any(String) as string,
      failureReason:
        'found a backup with status "InProgress" during the server starting, mark it as "Failed"',
    });
    await world.stop();
    await world.request('Restore', 'r1', { backupName: 'b0' });
    await dieAgainAndAgain(world, 1, putting('restore-r1-results.gz'));
    const restore = await world.ended('Restore', 'r1');
    expect(restore.status).toMatchObject({
      phase: 'Failed',
      failureReason:
        'found a restore with status "InProgress" during the server starting, mark it as "Failed"',
    });
  });

  it('finds its own objects though the API server’s clock is an hour behind', async () => {
    const cluster = await createCluster({ now: () => new Date(Date.now() - 3_600_000) });
    const world = await readyFor({ cluster, store: createMemoryObjectStore() });
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.remove('namespaces', 'shop');
    await world.stop();
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await dieAgainAndAgain(world, 1, putting('restore-r1-results.gz'));
    const restore = await world.ended('Restore', 'r1');
    expect(restore.status?.phase).toBe('Completed');
    expect((await world.story('restore', 'r1')).at(-2)).toMatch(
      /^Items applied: 6 created, 0 updated, 0 left alone/,
    );
  });
});
