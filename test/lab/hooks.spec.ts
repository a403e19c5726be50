import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { storyOf } from './fixture/api.js';
import { BACKUP_HOOK_CASES, type BackupHookCase, type BackupOutcome } from './fixture/backup-hook-cases.js';
import { entriesOf, openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import {
  afterBackup,
  beforeBackup,
  populate,
  saidIn,
  say,
  settle,
  shell,
  type Place,
} from './fixture/hooked.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import {
  RESTORE_HOOK_CASES,
  type RestoreHookCase,
  type RestoreOutcome,
} from './fixture/restore-hook-cases.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

type Who = 'lifeboat' | 'velero';

const root = `metadata/hooks-${RUN}`;
const SERVERS: Readonly<Record<Who, string>> = { lifeboat: `lifeboat-${RUN}`, velero: VELERO_NAMESPACE };
const BOTH: readonly Who[] = ['lifeboat', 'velero'];

describe.skipIf(why !== '')(`hooks on nodes that run them, beside the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let home: Home;
  let lifeboat: Lifeboat;
  let folder: string;

  const placeOf = (who: Who, name: string): Place => ({
    namespace: `${name}-${RUN}-${who.slice(0, 1)}`,
    folder: join(folder, who, name),
  });
  const targetOf = ({ namespace }: Place): string => `${namespace}-r`;

  const ask = (who: Who, plural: 'backups' | 'restores', name: string, spec: object) =>
    cluster.create(pathOf(SERVERS[who], plural), {
      apiVersion: 'velero.io/v1',
      kind: plural === 'backups' ? 'Backup' : 'Restore',
      metadata: { name, namespace: SERVERS[who] },
      spec,
    });
  const ended = (who: Who, plural: 'backups' | 'restores', name: string): Promise<Resource> =>
    cluster.becomes(pathOf(SERVERS[who], plural, name), hasEnded, { explain: lifeboat.log });

  const countsOf = ({ status }: Resource) => {
    const { hooksAttempted = 0, hooksFailed = 0 } = (status?.['hookStatus'] ?? {}) as Partial<BackupOutcome>;
    const { phase = '', errors = 0, warnings = 0 } = status ?? {};
    return { phase, errors, warnings, hooksAttempted, hooksFailed };
  };

  /** Without volume data: both then take the objects alone, and Lifeboat has no warning that the data is missing. */
  const backupSpec = (place: Place, { hooks, spec }: Partial<BackupHookCase> = {}) => ({
    includedNamespaces: [place.namespace],
    snapshotVolumes: false,
    ...spec?.(place),
    ...(hooks && { hooks: { resources: hooks(place) } }),
  });

  const archivedPods = async (who: Who, name: string): Promise<readonly string[]> => {
    const entries = await entriesOf(await bucket.read(`${root}/${who}/backups/${name}/${name}.tar.gz`));
    return entries
      .map(({ path }) => /^resources\/pods\/namespaces\/[^/]+\/(.+)\.json$/.exec(path)?.[1])
      .filter((pod) => pod !== undefined)
      .sort();
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-hooks-'));
    await tidy.keep({ close: () => rm(folder, { recursive: true, force: true }) });
    cluster = await tidy.keep(openCluster('hooks', { full: true }));
    bucket = await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, SERVERS.lifeboat, `${root}/lifeboat`));
    [lifeboat] = await Promise.all([home.start(), tidy.keep(startVelero(cluster, `${root}/velero`))]);
  });

  afterAll(tidy.closeAll);

  describe('of a backup', () => {
    beforeAll(async () => {
      const making = BACKUP_HOOK_CASES.flatMap(({ pods }, index) =>
        BOTH.map(async (who) => {
          const place = placeOf(who, `hb-${index}`);
          await populate(cluster, place, pods(place));
        }),
      );
      await Promise.all(making);
    });

    test.each(BACKUP_HOOK_CASES.map((one, index) => [one.what, one, index] as const))(
      '%s',
      async (_what, one, index) => {
        const { outcome, velero } = one;
        const name = `hb-${index}`;
        const outcomeOf = async (who: Who): Promise<BackupOutcome> => {
          const place = placeOf(who, name);
          await ask(who, 'backups', name, backupSpec(place, one));
          const counts = countsOf(await ended(who, 'backups', name));
          return { ...counts, pods: await archivedPods(who, name), said: await saidIn(place) };
        };
        const [ours, theirs] = await Promise.all(BOTH.map(outcomeOf));
        expect({ ours, theirs }, lifeboat.log()).toEqual({
          ours: outcome,
          theirs: { ...outcome, ...velero },
        });
      },
    );
  });

  describe('of a restore', () => {
    const CASES = RESTORE_HOOK_CASES.map((one, index) => ({ ...one, name: `hr-${index}` }));
    type Named = (typeof CASES)[number];

    const restoreSpec = (place: Place, hooks: RestoreHookCase['hooks']) => ({
      backupName: 'pods',
      includedNamespaces: [place.namespace],
      includedResources: ['pods'],
      namespaceMapping: { [place.namespace]: targetOf(place) },
      ...(hooks && { hooks: { resources: hooks(place, targetOf(place)) } }),
    });

    const asksFor =
      (who: Who) =>
      ({ velero }: Named): boolean =>
        who === 'lifeboat' || velero !== 'never ends';

    const prepare = async (who: Who) => {
      const places = CASES.map(({ name }) => placeOf(who, name));
      await Promise.all(
        CASES.map(async ({ pods }, i) => {
          await populate(cluster, places[i]!, pods(places[i]!));
          await settle(cluster, targetOf(places[i]!));
        }),
      );
      const includedNamespaces = places.map(({ namespace }) => namespace);
      await ask(who, 'backups', 'pods', { includedNamespaces, snapshotVolumes: false });
      await ended(who, 'backups', 'pods');
      // All at once: the real one brings restores to their end only every few seconds.
      for (const { name, hooks } of CASES.filter(asksFor(who)))
        await ask(who, 'restores', name, restoreSpec(placeOf(who, name), hooks));
    };
    beforeAll(async () => {
      await Promise.all(BOTH.map(prepare));
    });

    const initsOf = async (place: Place): Promise<readonly string[]> => {
      const pods = await cluster.list(`/api/v1/namespaces/${targetOf(place)}/pods`);
      return pods.flatMap(({ spec }) =>
        ((spec?.['initContainers'] ?? []) as readonly { name: string; command?: readonly string[] }[]).map(
          ({ name, command = [] }) => [name, ...command].join(' '),
        ),
      );
    };

    const outcomeOf = async (who: Who, name: string): Promise<RestoreOutcome> => {
      const counts = countsOf(await ended(who, 'restores', name));
      const place = placeOf(who, name);
      const [said, inits] = await Promise.all([saidIn(place), initsOf(place)]);
      // The real one may run a hook that failed once more, if its pod changes meanwhile.
      return { ...counts, inits, said: who === 'velero' ? [...new Set(said)].sort() : [...said].sort() };
    };

    test.each(CASES.map((one) => [one.what, one] as const))('%s', async (_what, one) => {
      const { name, outcome, velero } = one;
      expect(await outcomeOf('lifeboat', name), lifeboat.log()).toEqual(outcome);
      if (velero === 'never ends') return;
      expect(await outcomeOf('velero', name)).toEqual({ ...outcome, ...velero });
    });
  });

  test('a server that is killed while a pod is frozen thaws it first, and makes the backup', async () => {
    const place = placeOf('lifeboat', 'hk');
    const free = join(place.folder, 'free');
    const freeze = shell(say(place, 'froze'), `test -e ${free} || exec sleep 40`);
    const annotations = {
      ...beforeBackup(freeze, { timeout: '1m' }),
      ...afterBackup(shell(say(place, 'thawed'))),
    };
    await populate(cluster, place, [{ name: 'db', annotations }]);
    await ask('lifeboat', 'backups', 'hk', backupSpec(place));
    await until('the pod to be frozen', async () => (await saidIn(place)).length === 1 || undefined);
    await lifeboat.kill();
    await writeFile(free, '');
    lifeboat = await home.start();
    const backup = await ended('lifeboat', 'backups', 'hk');
    expect(countsOf(backup)).toMatchObject({ phase: 'Completed', errors: 0, hooksAttempted: 2 });
    expect(await saidIn(place)).toEqual(['froze', 'thawed', 'froze', 'thawed']);
    expect(await archivedPods('lifeboat', 'hk')).toEqual(['db']);
    expect(await storyOf(lifeboat.url, `backup-${SERVERS.lifeboat}.hk`)).toEqual([
      'BackupRequested',
      'BackupStarted',
      'BackupPostHooksOwed',
      'BackupPostHooksSettled',
      'BackupInterrupted',
      'BackupStarted',
      'BackupPostHooksOwed',
      'BackupPostHooksSettled',
      'BackupContentsStored',
      'BackupFinished',
    ]);
  });
});
