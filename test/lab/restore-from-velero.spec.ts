import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { application, BOAT_CRD, boatsServed, listsOf } from './fixture/app.js';
import { openBucket } from './fixture/bucket.js';
import { createAll, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { asWritten, objectsIn } from './fixture/compare.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli, type Said } from './fixture/velero.js';

const root = `metadata/acceptance-${RUN}`;
const name = `two-${RUN}`;
/** From and to; the source names look like other things: a word, and a number. */
const MAPPED = [
  [`abc${RUN}`, `def${RUN}`],
  [`123${RUN}`, `456${RUN}`],
] as const;

describe.skipIf(why !== '')(`A5: a backup of the real Velero in the hands of Lifeboat${why}`, () => {
  const tidy = createTidy();
  let here: LabCluster;
  let there: LabCluster;
  let home: Home;
  let lifeboat: Lifeboat;
  let cli: (...args: readonly string[]) => Promise<Said>;
  let original: Resource;
  let found: Resource;
  let restored: Said;

  beforeAll(async () => {
    [here, there] = await Promise.all([tidy.keep(openCluster('acc1')), tidy.keep(openCluster('acc2'))]);
    await tidy.keep(openBucket(here, root));
    await createAll(here, [BOAT_CRD]);
    await boatsServed(here);
    for (const [from] of MAPPED) await createAll(here, application(from));
    const velero = await tidy.keep(startVelero(here, `${root}/velero`));
    const namespaces = MAPPED.map(([from]) => from).join(',');
    const made = await velero.cli(
      'backup',
      'create',
      name,
      '--include-namespaces',
      namespaces,
      '--labels',
      'origin=velero',
      '--wait',
    );
    expect(made.text).toContain('Completed');
    original = (await here.get(pathOf(VELERO_NAMESPACE, 'backups', name)))!;
    await velero.close();
    await there.remove('/apis/apiextensions.k8s.io/v1/customresourcedefinitions/boats.lab.example');
    home = await tidy.keep(prepareHome(there, `lifeboat-${RUN}`, `${root}/velero`));
    lifeboat = await home.start();
    cli = veleroCli(there, home.namespace);
    found = await there.becomes(pathOf(home.namespace, 'backups', name), () => true, {
      explain: lifeboat.log,
    });
    const mappings = MAPPED.map((pair) => pair.join(':')).join(',');
    restored = await cli(
      'restore',
      'create',
      name,
      '--from-backup',
      name,
      '--namespace-mappings',
      mappings,
      '--wait',
    );
  });

  afterAll(tidy.closeAll);

  test('Lifeboat finds it in the bucket by itself and shows it as Velero did', () => {
    expect(found.status).toEqual(original.status);
    expect(found.spec).toEqual(original.spec);
    expect(found.metadata.labels).toEqual(original.metadata.labels);
  });

  test('the restore into other namespaces completes without an error', async () => {
    const restore = await there.get(pathOf(home.namespace, 'restores', name));
    expect(restored.text, lifeboat.log()).toContain('Restore completed with status: Completed');
    expect(restore?.status).toMatchObject({ phase: 'Completed' });
    expect(restore?.status?.errors ?? 0).toBe(0);
  });

  test.each(MAPPED)(
    'the objects of %s are in %s as they were, but for what a server sets and the two labels',
    async (from, to) => {
      await boatsServed(there);
      const originals = await objectsIn(here, listsOf(from));
      const copies = await objectsIn(there, listsOf(to));
      expect([...copies.keys()].sort()).toEqual([...originals.keys()].sort());
      for (const [key, object] of originals) {
        const copy = copies.get(key)!;
        expect({ key, ...copy.metadata.labels }).toMatchObject({
          'velero.io/backup-name': name,
          'velero.io/restore-name': name,
        });
        expect({ key, ...asWritten(copy) }).toEqual({ key, ...asWritten(object) });
      }
      expect(await there.get(`/api/v1/namespaces/${from}`)).toBeUndefined();
    },
  );

  test('"velero restore describe --details" and "logs" tell of the mapping and of every object', async () => {
    const described = await cli('restore', 'describe', name, '--details');
    expect(described).toMatchObject({ code: 0 });
    for (const [from, to] of MAPPED) {
      expect(described.text).toContain(`${from}=${to}`);
      expect(described.text).toContain(`${to}/settings(created)`);
    }
    expect(described.text).toMatch(/Phase: +Completed/);
    expect(described.text).not.toMatch(/error getting|<error/i);
    const logs = await cli('restore', 'logs', name);
    expect(logs).toMatchObject({ code: 0 });
    expect(logs.text.length).toBeGreaterThan(100);
  });

  test('a second restore of the same finds everything there already and changes nothing', async () => {
    const [[, to]] = MAPPED;
    const before = await objectsIn(there, listsOf(to));
    const again = await cli(
      'restore',
      'create',
      `${name}-again`,
      '--from-backup',
      name,
      '--namespace-mappings',
      MAPPED.map((pair) => pair.join(':')).join(','),
      '--wait',
    );
    expect(again.text).toContain('Restore completed with status: Completed');
    const after = await objectsIn(there, listsOf(to));
    for (const [key, object] of before) expect({ key, ...after.get(key) }).toEqual({ key, ...object });
  });
});
