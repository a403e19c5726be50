import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { prepareHome, type Home } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli, type Said } from './fixture/velero.js';

const root = `metadata/schedules-${RUN}`;
/** The real server looks once a minute, and makes none at creation. */
const PATIENCE = { seconds: 300 };

const ORDER = [
  'schedule',
  'create',
  'often',
  '--schedule=@every 1m',
  '--include-namespaces=default',
  '--ttl=1h',
  '--labels=team=web',
  '--use-owner-references-in-backup=true',
];

/** What tells of the moment or of the server's own home. */
const stripped = ({ metadata, spec }: Resource) => {
  const { name, labels, annotations } = metadata;
  const { ownerReferences = [] } = metadata as { readonly ownerReferences?: readonly object[] };
  return {
    name: name.replace(/\d{14}$/, '<tick>'),
    labels,
    annotations,
    owners: ownerReferences.map((owner) => ({ ...owner, uid: '<uid>' })),
    spec,
  };
};

describe.skipIf(why !== '')(`Schedules beside the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let ours: (...args: readonly string[]) => Promise<Said>;
  let theirs: (...args: readonly string[]) => Promise<Said>;

  const backupOf = (namespace: string, schedule: string) =>
    until(
      `a backup of ${schedule} in ${namespace}`,
      async () =>
        (await cluster.list(pathOf(namespace, 'backups'))).find(
          ({ metadata, status }) =>
            metadata.labels?.['velero.io/schedule-name'] === schedule &&
            /^(Completed|PartiallyFailed)$/.test(status?.phase ?? ''),
        ),
      PATIENCE,
    );
  const scheduleIn = async (namespace: string, name: string) =>
    (await cluster.get(pathOf(namespace, 'schedules', name))) ?? expect.fail(`no ${name} in ${namespace}`);

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('sched1'));
    home = await tidy.keep(prepareHome(cluster, `lifeboat-${RUN}`, `${root}/lifeboat`));
    const [, velero] = await Promise.all([home.start(), tidy.keep(startVelero(cluster, `${root}/velero`))]);
    ours = veleroCli(cluster, home.namespace);
    theirs = velero.cli;
    for (const cli of [ours, theirs]) expect(await cli(...ORDER)).toMatchObject({ code: 0 });
  });

  afterAll(tidy.closeAll);

  test('a backup of a schedule has the labels, annotations, owner and spec that Velero gives it', async () => {
    const [mine, real] = await Promise.all([
      backupOf(home.namespace, 'often'),
      backupOf(VELERO_NAMESPACE, 'often'),
    ]);
    expect(stripped(mine)).toEqual(stripped(real));
  });

  test('the schedule shows what Velero shows', async () => {
    const [mine, real] = await Promise.all([
      scheduleIn(home.namespace, 'often'),
      scheduleIn(VELERO_NAMESPACE, 'often'),
    ]);
    expect(mine.spec).toEqual(real.spec);
    expect(Object.keys(mine.status ?? {}).sort()).toEqual(Object.keys(real.status ?? {}).sort());
    expect(mine.status?.phase).toBe(real.status?.phase);
  });

  test('the velero program gets, describes, pauses, unpauses and deletes it, and makes a backup from it', async () => {
    expect((await ours('schedule', 'get', 'often')).text).toMatch(/often +Enabled .*@every 1m +1h0m0s/);
    expect((await ours('schedule', 'describe', 'often')).text).toContain('Phase:  Enabled');
    expect((await ours('schedule', 'pause', 'often')).code).toBe(0);
    expect((await scheduleIn(home.namespace, 'often')).spec).toMatchObject({ paused: true });
    expect((await ours('schedule', 'unpause', 'often', '--skip-immediately=true')).code).toBe(0);
    await cluster.becomes(
      pathOf(home.namespace, 'schedules', 'often'),
      ({ spec, status }) => spec?.['skipImmediately'] === false && status?.['lastSkipped'] !== undefined,
    );
    // By a name of its own: the name it gets otherwise has the second in it, and a tick of that second has it already.
    const made = await ours('backup', 'create', 'by-hand', '--from-schedule', 'often', '--wait');
    expect(made.text).toContain('Backup completed with status: ');
    expect((await ours('schedule', 'delete', 'often', '--confirm')).code).toBe(0);
    await until('the schedule to be gone', async () =>
      (await cluster.get(pathOf(home.namespace, 'schedules', 'often'))) ? undefined : true,
    );
  });

  test('a line that is none is refused by both, with the same beginning', async () => {
    const order = ['schedule', 'create', 'bad', '--schedule=0 0 3 * * *'];
    await Promise.all([ours(...order), theirs(...order)]);
    const refusal = async (namespace: string) =>
      (
        await until(
          `a refusal in ${namespace}`,
          async () => {
            const found = await cluster.get(pathOf(namespace, 'schedules', 'bad'));
            return found?.status?.phase === 'FailedValidation' ? found : undefined;
          },
          PATIENCE,
        )
      ).status?.validationErrors?.[0] ?? '';
    const [mine, real] = [await refusal(home.namespace), await refusal(VELERO_NAMESPACE)];
    expect(mine.slice(0, 18)).toBe(real.slice(0, 18));
  });
});
