import { isDeepStrictEqual } from 'node:util';
import { expect, it } from 'vitest';
import { ensureRepository, type Ensured } from '../../src/controllers/repository/ensure.js';
import { serve } from './served.js';
import { createRunningWorld, soon, type World, type WorldOptions } from './world.js';

const ensured = (world: World, volumeNamespace = 'shop', location = 'default'): Promise<Ensured> =>
  ensureRepository(
    { ...world, config: { ...world.config, resourceTimeout: 8_000 } },
    { volumeNamespace, location },
    soon(),
  );

const repositoryOf = async (world: World, volumeNamespace = 'shop') => {
  const found = await ensured(world, volumeNamespace);
  if ('problem' in found) expect.fail(found.problem);
  return found.repository;
};

const configMap = (data: Readonly<Record<string, string>>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'repositories', namespace: 'velero' },
  data,
});

it('who needs a repository gets one that is ready, with the labels Velero finds it by; behaviour of one for each namespace', async () => {
  const world = await createRunningWorld();
  const repository = await repositoryOf(world);
  expect(repository.metadata.labels).toMatchObject({
    'velero.io/volume-namespace': 'shop',
    'velero.io/storage-location': 'default',
    'velero.io/repository-type': 'kopia',
  });
  expect(repository.spec).toMatchObject({ repositoryType: 'kopia', maintenanceFrequency: '1h0m0s' });
  expect(repository.status?.lastMaintenanceTime).toMatch(/Z$/);
  expect((await repositoryOf(world)).metadata.uid).toBe(repository.metadata.uid);
  expect((await repositoryOf(world, 'other')).metadata.uid).not.toBe(repository.metadata.uid);
});

it('two who need the same repository at once make one', async () => {
  const world = await createRunningWorld();
  await Promise.all([repositoryOf(world), repositoryOf(world), repositoryOf(world)]);
  expect(await world.resources.list('BackupRepository', soon())).toHaveLength(1);
});

it('a repository of a location that does not exist is not ready, and says why', async () => {
  const world = await createRunningWorld();
  expect(await ensured(world, 'shop', 'elsewhere')).toEqual({
    problem: expect.stringContaining('the storage location "elsewhere" does not exist') as string,
  });
});

it('a repository whose location comes to point elsewhere is made there as well', async () => {
  const world = await createRunningWorld();
  await repositoryOf(world);
  const seen: string[] = [];
  const ensure: World['repositories']['ensure'] = async (place, signal) => {
    seen.push(place.location.objectStorage.bucket);
    await world.repositories.ensure(place, signal);
  };
  await world.restart({ repositories: { ...world.repositories, ensure } });
  await world.idle();
  const changed = { spec: { objectStorage: { bucket: 'moved' } } };
  await world.resources.patch('BackupStorageLocation', 'default', changed, soon());
  await expect.poll(() => seen, { timeout: 8_000 }).toContain('moved');
});

const withSettings = async (data: Readonly<Record<string, string>>): Promise<World> => {
  const options: WorldOptions = { config: { backupRepositoryConfigMap: 'repositories' } };
  const world = await createRunningWorld(options);
  await world.apply(configMap(data));
  return world;
};

it('a new repository takes its settings from the ConfigMap of the server, as text', async () => {
  const world = await withSettings({ kopia: '{"cacheLimitMB": 700, "fullMaintenanceInterval": "fastGC"}' });
  expect((await repositoryOf(world)).spec?.repositoryConfig).toEqual({
    cacheLimitMB: '700',
    fullMaintenanceInterval: 'fastGC',
  });
});

it('settings that cannot be read make a repository not ready, and name the key', async () => {
  const world = await withSettings({ kopia: 'cacheLimitMB: 700' });
  expect(await ensured(world)).toEqual({
    problem: expect.stringContaining('the key "kopia" of the ConfigMap velero/repositories') as string,
  });
});

const overdue = { status: { lastMaintenanceTime: '2026-01-01T00:00:00Z' } };

it('a repository is maintained when that is due, and keeps the last three times', async () => {
  const world = await createRunningWorld();
  const { metadata } = await repositoryOf(world);
  for (let times = 1; times <= 4; times += 1) {
    await world.resources.patch('BackupRepository', metadata.name, overdue, soon());
    await world.until(
      'BackupRepository',
      metadata.name,
      ({ status }) => (status?.lastMaintenanceTime ?? '') > '2026-01-02',
    );
  }
  const { status } = await repositoryOf(world);
  expect(status?.recentMaintenance).toHaveLength(3);
  expect(status?.recentMaintenance?.every(({ result }) => result === 'Succeeded')).toBe(true);
});

it('upkeep that fails is told with its reason, and stays due', async () => {
  const world = await createRunningWorld();
  const { metadata } = await repositoryOf(world);
  const maintain = () => Promise.reject(new Error('the disk is full'));
  await world.restart({ repositories: { ...world.repositories, maintain } });
  await world.resources.patch('BackupRepository', metadata.name, overdue, soon());
  const { status } = await world.until(
    'BackupRepository',
    metadata.name,
    (repository) => repository.status?.recentMaintenance !== undefined,
  );
  expect(status?.recentMaintenance?.[0]).toMatchObject({ result: 'Failed', message: 'the disk is full' });
  expect(status?.lastMaintenanceTime).toBe('2026-01-01T00:00:00Z');
});

it('upkeep is counted by the name of the repository, with the time it took', async () => {
  const world = await createRunningWorld();
  const { metadata } = await repositoryOf(world);
  await world.stop();
  const ends: (() => Promise<void>)[] = [
    () => Promise.resolve(),
    () => Promise.reject(new Error('the disk is full')),
  ];
  const maintain = () => (ends.shift() ?? expect.fail('upkeep that nobody asked for'))();
  const { scrape } = await serve(world, { repositories: { ...world.repositories, maintain } });
  for (const results of [['Succeeded'], ['Succeeded', 'Failed']]) {
    await world.resources.patch('BackupRepository', metadata.name, overdue, soon());
    await world.until('BackupRepository', metadata.name, ({ status }) =>
      isDeepStrictEqual(
        status?.recentMaintenance?.map(({ result }) => result),
        results,
      ),
    );
  }
  const of = `{repository_name="${metadata.name}"}`;
  expect(await scrape('velero_repo_maintenance_')).toMatchObject({
    [`velero_repo_maintenance_success_total${of}`]: 1,
    [`velero_repo_maintenance_failure_total${of}`]: 1,
    [`velero_repo_maintenance_duration_seconds_count${of}`]: 2,
  });
});

it('the repositories of a location that may only be read are left alone', async () => {
  const world = await createRunningWorld();
  const { metadata } = await repositoryOf(world);
  const readOnly = { spec: { accessMode: 'ReadOnly' } };
  await world.resources.patch('BackupStorageLocation', 'default', readOnly, soon());
  await world.resources.patch('BackupRepository', metadata.name, overdue, soon());
  await world.idle();
  const { status } = await repositoryOf(world);
  expect(status?.recentMaintenance).toBeUndefined();
});
