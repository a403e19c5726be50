import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodePodVolumeBackups } from '../../src/archive/sidecars.js';
import { Fault } from '../../src/faults.js';
import { shop } from '../builders.js';
import { ask, deleteBackup, errorsOf } from './deleting.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, soon, type World } from './world.js';

/** Two backups, and a copy of a volume for each; their ids. */
const withCopies = async (): Promise<{ readonly world: World; readonly copies: readonly string[] }> => {
  const world = await createRunningWorld();
  await world.apply(...shop());
  const location = (await world.resources.read('BackupStorageLocation', 'default', soon()))?.spec;
  const place = { location: location ?? expect.fail('no location'), volumeNamespace: 'shop' };
  const folder = join(world.config.scratch, 'volume');
  await mkdir(folder);
  await writeFile(join(folder, 'file'), 'contents');
  await world.repositories.ensure(place, soon());
  const copies: string[] = [];
  for (const name of ['b1', 'b2']) {
    await world.backup(name, { includedNamespaces: ['shop'] });
    const request = { folder, requester: 'snapshot-pod-volume', source: 'shop/web/data', tags: {} } as const;
    const { snapshotId } = await world.repositories.copy(place, request, soon());
    copies.push(snapshotId);
    const file = await encodePodVolumeBackups([
      {
        metadata: { name: `${name}-copy` },
        spec: { uploaderType: 'kopia', pod: { namespace: 'shop', name: 'web' } },
        status: { snapshotID: snapshotId },
      },
    ]);
    await world.store.put(world.layout.podVolumeBackups(name), file);
  }
  return { world, copies };
};

it('the copies of volumes go with their backup, and those of another stay', async () => {
  const { world, copies } = await withCopies();
  await deleteBackup(world, 'b1');
  expect(world.repositories.copiesOf('shop')).toEqual([copies[1]]);
});

it('copies that cannot be forgotten keep the backup, and are named with the reason', async () => {
  const { world, copies } = await withCopies();
  const forget = () => Promise.reject(new Fault('LB_REPOSITORY_PASSWORD', 'the Secret holds another one'));
  await world.restart({ repositories: { ...world.repositories, forget } });
  await ask(world, 'b1');
  const errors = await errorsOf(world);
  expect(errors.join()).toContain(copies[0]);
  expect(errors.join()).toContain('the Secret holds another one');
  expect(await world.find('backups.velero.io', 'b1', NAMESPACE)).toBeDefined();
});
