import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ballast } from './fixture/app.js';
import { createAll, hasEnded, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { prepareHome, type Home } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

const app = `metered-${RUN}`;
const namespace = `metrics-${RUN}`;
const root = `metadata/acceptance-${RUN}`;
const VELERO_METRICS = 'http://127.0.0.1:8085/metrics';

type Series = ReadonlyMap<string, number>;

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
};

/** Labels in the order of the alphabet, since each program writes them in its own. */
const keyOf = (written: string): string => {
  const [, name = '', labels = ''] = /^(\w+)(?:\{(.*)\})?$/.exec(written) ?? [];
  return `${name}{${labels
    .split(/,(?=\w+=)/)
    .sort()
    .join(',')}}`;
};

const readMetrics = async (url: string): Promise<{ series: Series; types: ReadonlyMap<string, string> }> => {
  const lines = (await (await fetch(url)).text()).split('\n').filter((line) => line.includes('velero_'));
  const types = lines.flatMap((line) => {
    const [, name = '', type = ''] = /^# TYPE (\S+) (\S+)/.exec(line) ?? [];
    return name === '' ? [] : [[name, type] as const];
  });
  const series = lines
    .filter((line) => !line.startsWith('#'))
    .map(
      (line) =>
        [keyOf(line.slice(0, line.lastIndexOf(' '))), Number(line.slice(line.lastIndexOf(' ') + 1))] as const,
    );
  return { series: new Map(series), types: new Map(types) };
};

/** Durations, moments and sizes are each program's own; a series for each backup is a difference on purpose. */
const comparable = (series: Series): Readonly<Record<string, number | string>> =>
  Object.fromEntries(
    [...series]
      .filter(
        ([name]) =>
          !/csi_snapshot_\w+\{backupName="."/.test(name) && !/csi_snapshot_\w+\{backupName="[^"]/.test(name),
      )
      .map(
        ([name, value]) =>
          [name, /_sum\{|_bucket\{|timestamp|size_bytes/.test(name) ? 'its own' : value] as const,
      )
      .sort(([a], [b]) => a.localeCompare(b)),
  );

const REFUSED = 'velero_restore_validation_failed_total{schedule=""}';

/** The real server may meet a restore that it has just refused once more, by a cache that is behind, and then counts it again. */
const countedOnce = (series: Series): Series => {
  const repeats = (series.get(REFUSED) ?? 1) - 1;
  return new Map(
    [...series].map(([name, value]) =>
      [REFUSED, 'velero_restore_attempt_total{schedule=""}'].includes(name)
        ? [name, value - repeats]
        : [name, value],
    ),
  );
};

describe.skipIf(why !== '')(`What Prometheus reads of Velero and of Lifeboat${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let lifeboatMetrics = '';

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster(`metrics-${RUN}`));
    const place = ['/api/v1/namespaces', { metadata: { name: app } }] as const;
    await createAll(cluster, [place, ...ballast(app, 6, 100)]);
    await tidy.keep(startVelero(cluster, `${root}/velero`));
    home = await tidy.keep(prepareHome(cluster, namespace, `${root}/lifeboat`));
    const address = `127.0.0.1:${await freePort()}`;
    lifeboatMetrics = `http://${address}/metrics`;
    await home.start({ flags: ['--metrics-address', address] });
  });
  afterAll(() => tidy.closeAll());

  /** The same in both namespaces, each up to its end. */
  const both = async (plural: string, name: string, spec: object, labels: object = {}) => {
    const kind = { backups: 'Backup', restores: 'Restore', schedules: 'Schedule' }[plural];
    for (const where of [VELERO_NAMESPACE, namespace]) {
      const metadata = { name, namespace: where, labels };
      await cluster.create(pathOf(where, plural), { apiVersion: 'velero.io/v1', kind, metadata, spec });
      if (plural !== 'schedules') await cluster.becomes(pathOf(where, plural, name), hasEnded);
    }
  };

  /** Both, once Velero has looked at how many there are: it does so once a minute. */
  const read = async (backups: number, restores: number) => {
    const velero = await until('Velero to count what there is', async () => {
      const found = await readMetrics(VELERO_METRICS);
      const counted =
        found.series.get('velero_backup_total{}') === backups &&
        found.series.get('velero_restore_total{}') === restores;
      return counted ? found : undefined;
    });
    return { velero, lifeboat: await readMetrics(lifeboatMetrics) };
  };

  test('is the same before anything happened', async () => {
    const { velero, lifeboat } = await read(0, 0);
    expect(comparable(lifeboat.series)).toEqual(comparable(velero.series));
    for (const [name, type] of velero.types) expect([name, lifeboat.types.get(name)]).toEqual([name, type]);
  });

  test('is the same after backups and restores that went well, were warned and were refused', async () => {
    const spec = { includedNamespaces: [app] };
    const labels = { 'velero.io/schedule-name': 'rarely' };
    await both('schedules', 'rarely', { schedule: '0 0 1 1 *', skipImmediately: true, template: spec });
    await both('backups', 'good', spec);
    await both('backups', 'warned', { ...spec, orderedResources: { configmaps: `${app}/none` } });
    await both('backups', 'refused', { storageLocation: 'nowhere' });
    await both('backups', 'rarely-1', spec, labels);
    await both('restores', 'back', { backupName: 'good' });
    await both('restores', 'from-schedule', { scheduleName: 'rarely' });
    await both('restores', 'refused', { backupName: 'nothing' });
    const { velero, lifeboat } = await read(4, 3);
    expect(lifeboat.series.get('velero_backup_success_total{schedule="rarely"}')).toBe(1);
    expect(comparable(lifeboat.series)).toEqual(comparable(countedOnce(velero.series)));
    for (const [name, type] of velero.types) expect([name, lifeboat.types.get(name)]).toEqual([name, type]);
  });

  test('is the same after a schedule was deleted, but for the time that Velero does not forget', async () => {
    for (const where of [VELERO_NAMESPACE, namespace])
      await cluster.remove(pathOf(where, 'schedules', 'rarely'));
    const ofRarely = (series: Series) =>
      [...series.keys()].filter((name) => name.includes('schedule="rarely"'));
    await until('both to forget the schedule', async () => {
      const { series } = await readMetrics(lifeboatMetrics);
      const there = (await readMetrics(VELERO_METRICS)).series;
      const fewer = ofRarely(there).filter((name) => !/timestamp|csi/.test(name));
      return fewer.length === 0 && ofRarely(series).length === 0 ? true : undefined;
    });
    const left = 'velero_backup_last_successful_timestamp{schedule="rarely"}';
    // It comes back when Velero looks at its backups again, which it does once a minute.
    const look = async () => ((await readMetrics(VELERO_METRICS)).series.has(left) ? true : undefined);
    await until('Velero to tell of a schedule that is gone', look);
    const { velero, lifeboat } = await read(4, 3);
    const without = new Map([...velero.series].filter(([name]) => name !== left));
    expect(comparable(lifeboat.series)).toEqual(comparable(countedOnce(without)));
  });
});
