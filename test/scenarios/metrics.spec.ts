import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { configMap, namespaceOf, shop } from '../builders.js';
import { withFaults } from '../crash/faults.js';
import { NAMESPACE, type Outside } from './life.js';
import { seriesIn, serve, type Served } from './served.js';
import { createWorld, type World } from './world.js';

const SPEC = { includedNamespaces: ['shop'] };

const serveIn = async (world: World, over: Partial<Outside> = {}): Promise<Served> => {
  const served = await serve(world, over);
  await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  return served;
};

const schedule = (name: string) => ({
  apiVersion: 'velero.io/v1',
  kind: 'Schedule',
  metadata: { name, namespace: NAMESPACE },
  spec: { schedule: '0 0 1 1 *', template: SPEC, skipImmediately: true },
});

/** A backup as a schedule asks for it. */
const scheduled = async (world: World, name: string, by: string) => {
  const labels = { 'velero.io/schedule-name': by };
  await world.apply({
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name, namespace: NAMESPACE, labels },
    spec: SPEC,
  });
  return world.ended('Backup', name);
};

/** Series of operations; durations, times and sizes are looked at elsewhere. */
const counts = (series: Readonly<Record<string, number>>) =>
  Object.fromEntries(
    Object.entries(series).filter(
      ([name, value]) => value !== 0 && !/duration_seconds|timestamp|size_bytes/.test(name),
    ),
  );

describe('The metrics of a server', () => {
  it('begin with the series Velero begins with, and nothing else of its own', async () => {
    const world = await createWorld();
    const served = await serveIn(world);
    const all = await served.scrape('velero_');
    const adHoc = [
      ...['attempt', 'success', 'partial_failure', 'failure', 'validation_failure', 'warning'],
      ...['deletion_attempt', 'deletion_success', 'deletion_failure'],
    ].map((what) => `velero_backup_${what}_total{schedule=""}`);
    const restores = ['attempt', 'success', 'partial_failure', 'failed', 'validation_failed'].map(
      (what) => `velero_restore_${what}_total{schedule=""}`,
    );
    const snapshots = ['attempt', 'success', 'failure'].flatMap((what) => [
      `velero_volume_snapshot_${what}_total{schedule=""}`,
      `velero_csi_snapshot_${what}_total{schedule="",backupName=""}`,
    ]);
    expect(Object.keys(all).sort()).toEqual(
      [
        ...adHoc,
        ...restores,
        ...snapshots,
        'velero_backup_total',
        'velero_restore_total',
        'velero_backup_items_total{schedule=""}',
        'velero_backup_items_errors{schedule=""}',
        'velero_backup_last_status{schedule=""}',
        'velero_backup_location_status_gauge{backup_location_name="default"}',
      ].sort(),
    );
    expect(counts(all)).toEqual({
      'velero_backup_last_status{schedule=""}': 1,
      'velero_backup_location_status_gauge{backup_location_name="default"}': 1,
    });
  });

  it('count backups and restores as they succeed, partly fail and are refused', async () => {
    const world = await createWorld();
    await world.apply(...shop());
    let denied = false;
    const over = withFaults(world, ({ verb, target }) =>
      denied && verb === 'list' && target === 'secrets'
        ? { side: 'before', code: 'LB_CLUSTER_DENIED' }
        : undefined,
    );
    const served = await serveIn(world, over);
    const good = await world.backup('good', SPEC);
    await world.restore('back', { backupName: 'good' });
    const afterGood = await served.scrape('velero_');
    expect(afterGood['velero_backup_last_successful_timestamp{schedule=""}']).toBe(
      Date.parse(good.status?.completionTimestamp ?? '') / 1000,
    );
    expect(afterGood['velero_backup_tarball_size_bytes{schedule=""}']).toBe(
      (await world.bytes(world.layout.backupContents('good'))).byteLength,
    );
    expect(afterGood['velero_backup_duration_seconds_count{schedule=""}']).toBe(1);
    expect(afterGood['velero_backup_duration_seconds_bucket{le="60",schedule=""}']).toBe(1);

    denied = true;
    expect((await world.backup('partly', SPEC)).status?.phase).toBe('PartiallyFailed');
    denied = false;
    const afterPartly = await served.scrape('velero_backup_');
    expect(afterPartly['velero_backup_last_status{schedule=""}']).toBe(0);
    expect(afterPartly['velero_backup_items_errors{schedule=""}']).toBe(1);

    await world.backup('refused', { storageLocation: 'nowhere' });
    await world.restore('refused', { backupName: 'nothing' });
    expect(counts(await served.scrape('velero_'))).toEqual({
      velero_backup_total: 3,
      'velero_backup_attempt_total{schedule=""}': 2,
      'velero_backup_success_total{schedule=""}': 1,
      'velero_backup_partial_failure_total{schedule=""}': 1,
      'velero_backup_validation_failure_total{schedule=""}': 1,
      'velero_backup_items_total{schedule=""}': afterPartly['velero_backup_items_total{schedule=""}'],
      'velero_backup_items_errors{schedule=""}': 1,
      'velero_backup_location_status_gauge{backup_location_name="default"}': 1,
      velero_restore_total: 2,
      'velero_restore_attempt_total{schedule=""}': 2,
      'velero_restore_success_total{schedule=""}': 1,
      'velero_restore_validation_failed_total{schedule=""}': 1,
    });
  });

  it('count a failed backup, and one with warnings', async () => {
    const world = await createWorld();
    await world.apply(...shop());
    const over = withFaults(world, ({ verb, target }) =>
      verb === 'put' && target.includes('/broken/') ? { side: 'before', code: 'LB_STORE_DENIED' } : undefined,
    );
    const served = await serveIn(world, over);
    const warned = await world.backup('warned', {
      ...SPEC,
      orderedResources: { configmaps: 'shop/not-there' },
    });
    expect(warned.status?.warnings).toBe(1);
    expect((await world.backup('broken', SPEC)).status?.phase).toBe('Failed');
    expect(await served.scrape('velero_backup_')).toMatchObject({
      'velero_backup_attempt_total{schedule=""}': 2,
      'velero_backup_success_total{schedule=""}': 1,
      'velero_backup_failure_total{schedule=""}': 1,
      'velero_backup_warning_total{schedule=""}': 1,
      'velero_backup_last_status{schedule=""}': 0,
      'velero_backup_duration_seconds_count{schedule=""}': 2,
    });
  });

  it('tell after a restart how the newest backups stand, and count anew', async () => {
    const world = await createWorld();
    await world.apply(...shop(), schedule('nightly'));
    const first = await serveIn(world);
    await scheduled(world, 'nightly-1', 'nightly');
    await world.backup('refused', { storageLocation: 'nowhere' });
    const before = await first.scrape('velero_backup_');
    await first.stop();
    const second = await serveIn(world);
    await expect
      .poll(() => second.scrape('velero_backup_attempt_total'), { timeout: 10_000 })
      .toHaveProperty(['velero_backup_attempt_total{schedule="nightly"}']);
    const after = await second.scrape('velero_backup_');
    const stands = [
      'velero_backup_total',
      'velero_backup_last_status{schedule=""}',
      'velero_backup_last_status{schedule="nightly"}',
      'velero_backup_last_successful_timestamp{schedule="nightly"}',
      'velero_backup_tarball_size_bytes{schedule="nightly"}',
      'velero_backup_items_total{schedule="nightly"}',
    ];
    for (const name of stands) expect([name, after[name]]).toEqual([name, before[name]]);
    expect(after['velero_backup_last_status{schedule=""}']).toBe(0);
    expect(after).toMatchObject({
      'velero_backup_attempt_total{schedule="nightly"}': 0,
      'velero_backup_success_total{schedule="nightly"}': 0,
      'velero_backup_validation_failure_total{schedule=""}': 0,
    });
  });

  it('say that a location cannot be used, and nothing of one that is gone', async () => {
    const world = await createWorld();
    await world.store.put('strange/file', Buffer.from('x'));
    const served = await serve(world);
    await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Unavailable');
    const gauge = 'velero_backup_location_status_gauge{backup_location_name="default"}';
    expect(await served.scrape('velero_backup_location')).toEqual({ [gauge]: 0 });
    await world.remove('backupstoragelocations.velero.io', 'default', NAMESPACE);
    await expect.poll(() => served.scrape('velero_backup_location'), { timeout: 10_000 }).toEqual({});
  });

  it('measure the outside, the queues and the API without a name of any backup', async () => {
    const world = await createWorld();
    await world.apply(...shop());
    const served = await serveIn(world);
    await world.backup('a-name-that-shows', SPEC);
    await fetch(`${served.server.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: '{ backups(first: 1) { nodes { name } } backup(name: "none") { name } }',
      }),
    });
    const own = await served.scrape('lifeboat_');
    const positive = [
      'lifeboat_build_info{version="test",node="' + process.versions.node + '"}',
      'lifeboat_cluster_request_duration_seconds_count{verb="list",result="2xx"}',
      'lifeboat_objectstore_request_duration_seconds_count{operation="put",outcome="ok"}',
      'lifeboat_objectstore_bytes_total{operation="put"}',
      'lifeboat_eventstore_append_duration_seconds_count{outcome="ok"}',
      'lifeboat_reconcile_duration_seconds_count{queue="Backup",outcome="ok"}',
      'lifeboat_queue_wait_seconds_count{queue="Backup"}',
      'lifeboat_api_request_duration_seconds_count{field="backups",outcome="ok"}',
      'lifeboat_items_total{kind="backup"}',
      'lifeboat_operations{kind="backup",phase="Completed"}',
      'lifeboat_facts_total{type="BackupFinished"}',
    ];
    expect(positive.filter((name) => !((own[name] ?? 0) > 0))).toEqual([]);
    expect(own['lifeboat_views_lag']).toBe(0);
    expect(own['lifeboat_queue_depth{queue="Backup"}']).toBe(0);
    expect(own['lifeboat_eventstore_position']).toBe(own['lifeboat_views_position']);
    expect(await served.text()).not.toContain('a-name-that-shows');
    expect(seriesIn(await served.text(), 'process_')).toHaveProperty('process_resident_memory_bytes');
  });

  it('stop the start with a way out when their address is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    onTestFinished(() => void other.close());
    const { port } = other.address() as AddressInfo;
    const world = await createWorld();
    await expect(serve(world, {}, { 'metrics-address': `127.0.0.1:${port}` })).rejects.toMatchObject({
      code: 'LB_CONFIG',
      detail: expect.stringMatching(/for metrics: .*EADDRINUSE.*--metrics-address/) as string,
    });
  });

  it.each(['off', ''])('are nowhere with the address "%s"', async (address) => {
    const served = await serve(await createWorld(), {}, { 'metrics-address': address });
    expect(served.server.metricsUrl).toBeUndefined();
  });
});

describe('The metrics of schedules', () => {
  it('begin with the schedule and end with it, for good, though its backups stay (Velero #10000)', async () => {
    const world = await createWorld();
    await world.apply(...shop(), namespaceOf('other'), configMap('other', 'c'), schedule('nightly'));
    const served = await serveIn(world);
    const ofNightly = async () =>
      Object.keys(await served.scrape('velero_')).filter((name) => name.includes('schedule="nightly"'));
    await expect
      .poll(ofNightly, { timeout: 10_000 })
      .toContain('velero_backup_attempt_total{schedule="nightly"}');
    expect(await served.scrape('velero_backup_')).toMatchObject({
      'velero_backup_attempt_total{schedule="nightly"}': 0,
      'velero_backup_last_status{schedule="nightly"}': 1,
    });
    await scheduled(world, 'nightly-1', 'nightly');
    await world.restore('from-nightly', { scheduleName: 'nightly' });
    expect(await served.scrape('velero_')).toMatchObject({
      'velero_backup_success_total{schedule="nightly"}': 1,
      'velero_restore_success_total{schedule="nightly"}': 1,
    });
    await world.remove('schedules.velero.io', 'nightly', NAMESPACE);
    await expect.poll(ofNightly, { timeout: 10_000 }).toEqual([]);
    await scheduled(world, 'nightly-late', 'nightly');
    expect(await ofNightly()).toEqual([]);
    await served.stop();
    const again = await serveIn(world);
    const names = Object.keys(await again.scrape('velero_'));
    expect(names.filter((name) => name.includes('nightly'))).toEqual([]);
    expect(await again.scrape('velero_backup_total')).toEqual({ velero_backup_total: 2 });
  });
});
