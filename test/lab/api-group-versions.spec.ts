import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { entriesOf, openBucket, type Bucket } from './fixture/bucket.js';
import {
  createAll,
  hasEnded,
  openCluster,
  pathOf,
  type LabCluster,
  type Resource,
} from './fixture/cluster.js';
import { asVeleroWrites, asWritten, objectsIn } from './fixture/compare.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

const root = `metadata/acceptance-${RUN}`;
const FEATURES = 'EnableAPIGroupVersions';
const group = `g${RUN}.example`;
const crd = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions`;
const [fleet, ours] = [`ver-${RUN}`, `lifeboat-${RUN}`];

const definition = (served: readonly string[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `yachts.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { plural: 'yachts', singular: 'yacht', kind: 'Yacht', listKind: 'YachtList' },
    versions: ['v2', 'v1', 'v1beta1'].map((name) => ({
      name,
      served: served.includes(name),
      storage: name === 'v1',
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
});

const yacht = (name: string) => ({
  apiVersion: `${group}/v2`,
  kind: 'Yacht',
  metadata: { name, labels: { app: 'fleet' } },
  spec: { seats: 9007199254740991, ratio: 0.1, text: '<&>' },
});

const objects = (namespace: string): readonly (readonly [string, object])[] => [
  ['/api/v1/namespaces', { metadata: { name: namespace } }],
  [`/apis/${group}/v2/namespaces/${namespace}/yachts`, yacht('one')],
  [`/apis/${group}/v2/namespaces/${namespace}/yachts`, yacht('two')],
  [`/api/v1/namespaces/${namespace}/configmaps`, { metadata: { name: 'settings' }, data: { a: 'b' } }],
  [
    `/apis/autoscaling/v2/namespaces/${namespace}/horizontalpodautoscalers`,
    {
      metadata: { name: 'web' },
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    },
  ],
];

/** The two servers' own records change while they work. */
const isRestless = (path: string): boolean =>
  /^resources\/([a-z]+\.velero\.io|leases\.coordination\.k8s\.io)\//.test(path);
/** Which of their two groups events come in with is a matter of chance with the feature: Velero's discovery has no order then. */
const isEvent = (path: string): boolean => /^resources\/events(\.events\.k8s\.io)?\//.test(path);

const SELECTIONS: Readonly<Record<string, object>> = {
  everything: {},
  'one namespace': { includedNamespaces: [fleet] },
  'one kind by label': { includedResources: ['yachts'], labelSelector: { matchLabels: { app: 'fleet' } } },
};
const backupOf = (what: string): string => `${what.replaceAll(' ', '-')}-${RUN}`;

interface Sides {
  readonly lifeboat: string;
  readonly velero: string;
}
const SIDES: Sides = { lifeboat: ours, velero: VELERO_NAMESPACE };

describe.skipIf(why !== '')(
  `Every version of a kind, by Lifeboat and by the real Velero with EnableAPIGroupVersions${why}`,
  () => {
    const tidy = createTidy();
    let cluster: LabCluster;
    let bucket: Bucket;
    let home: Home;
    let lifeboat: Lifeboat;

    /** Asks one server and waits for the end. */
    const done = async (side: keyof Sides, kind: 'Backup' | 'Restore', name: string, spec: object) => {
      const path = pathOf(SIDES[side], `${kind.toLowerCase()}s`);
      const metadata = { name, namespace: SIDES[side] };
      await cluster.create(path, { apiVersion: 'velero.io/v1', kind, metadata, spec });
      const explain = () => (side === 'lifeboat' ? lifeboat.log() : '');
      return cluster.becomes(`${path}/${name}`, hasEnded, { explain });
    };

    const both = async <T>(work: (side: keyof Sides) => Promise<T>) => ({
      our: await work('lifeboat'),
      their: await work('velero'),
    });

    const backups: Record<string, { readonly our: Resource; readonly their: Resource }> = {};

    /** Serves the kind in these versions only, and waits until the API server says so. */
    const serve = async (...versions: readonly string[]) => {
      await cluster.patch(`${crd}/yachts.${group}`, { spec: definition(versions).spec });
      await until('the other versions to be served', async () => {
        const found = await cluster.get(`/apis/${group}`).catch(() => undefined);
        const shown = (found?.['versions'] as readonly { readonly version: string }[] | undefined) ?? [];
        return shown.map(({ version }) => version).join() === versions.join() ? true : undefined;
      });
    };

    beforeAll(async () => {
      cluster = await tidy.keep(openCluster('acc1'));
      bucket = await tidy.keep(openBucket(cluster, root));
      home = await tidy.keep(prepareHome(cluster, ours, `${root}/lifeboat`));
      await tidy.keep({ close: () => cluster.remove(`${crd}/yachts.${group}`) });
      await cluster.create(crd, definition([]));
      await serve('v2', 'v1', 'v1beta1');
      await until('the new kind to take objects', async () =>
        (await cluster.get(`/apis/${group}/v2/yachts`).catch(() => undefined)) ? true : undefined,
      );
      await createAll(cluster, objects(fleet));
      lifeboat = await home.start({ flags: ['--features', FEATURES] });
      const velero = await tidy.keep(startVelero(cluster, `${root}/velero`, { features: FEATURES }));
      for (const [what, spec] of Object.entries(SELECTIONS))
        backups[what] = await both((side) =>
          done(side, 'Backup', backupOf(what), { ...spec, snapshotVolumes: false }),
        );
      await velero.close();
      // Elsewhere, or later: the version that was preferred is not served any more. A server that starts then knows no other.
      await serve('v1', 'v1beta1');
      await tidy.keep(startVelero(cluster, `${root}/velero`, { features: FEATURES }));
      await cluster.becomes(pathOf(VELERO_NAMESPACE, 'backups', backupOf('one namespace')), () => true);
    });

    afterAll(tidy.closeAll);

    const contentsOf = async (side: keyof Sides, name: string): Promise<ReadonlyMap<string, Buffer>> => {
      const entries = await entriesOf(await bucket.read(`${root}/${side}/backups/${name}/${name}.tar.gz`));
      expect(new Set(entries.map(({ path }) => path)).size).toBe(entries.length);
      return new Map(
        entries
          .filter(({ path }) => !isRestless(path) && !isEvent(path))
          .map(({ path, bytes }) => [path, bytes]),
      );
    };
    const listOf = async (side: keyof Sides, key: string) =>
      Object.entries((await bucket.json(`${root}/${side}/${key}`)) as Record<string, readonly string[]>)
        .filter(([kind]) => !/^(velero\.io|coordination\.k8s\.io)\/|\/Event$/.test(kind))
        .map(([kind, entries]) => [kind, [...entries].sort()]);

    test.each(Object.keys(SELECTIONS))(
      'a backup of %s has the same paths and the same bytes',
      async (what) => {
        const { our, their } = backups[what]!;
        expect([our.status?.phase, their.status?.phase]).toEqual(['Completed', 'Completed']);
        const { our: taken, their: wanted } = await both((side) => contentsOf(side, backupOf(what)));
        expect([...taken.keys()].sort()).toEqual([...wanted.keys()].sort());
        expect([...taken.keys()]).toEqual(
          expect.arrayContaining(
            ['', 'v2-preferredversion/', 'v1/', 'v1beta1/'].map(
              (folder) => `resources/yachts.${group}/${folder}namespaces/${fleet}/one.json`,
            ),
          ),
        );
        for (const [path, bytes] of wanted)
          expect({
            path,
            json:
              path === 'metadata/version' ? taken.get(path)!.toString() : asVeleroWrites(taken.get(path)!),
          }).toEqual({ path, json: bytes.toString('utf8') });
      },
    );

    test.each(Object.keys(SELECTIONS))('a backup of %s lists the same objects', async (what) => {
      const name = backupOf(what);
      const lists = await both((side) => listOf(side, `backups/${name}/${name}-resource-list.json.gz`));
      expect(lists.our).toEqual(lists.their);
    });

    test('a backup counts an object once for each version', () => {
      const { our, their } = backups['one namespace']!;
      expect(our.status?.progress).toEqual(their.status?.progress);
      expect(our.status?.progress?.itemsBackedUp).toBe(2 * 3 + 2 + 1 + 1 + 1);
    });

    /** Restores the namespace into one of another name, by each server from its own backup. */
    const restored = async (what: string) => {
      const name = `${what}-${RUN}`;
      return both(async (side) => {
        const target = `ver-${what}-${side}-${RUN}`;
        const restore = await done(side, 'Restore', name, {
          backupName: backupOf('one namespace'),
          includedNamespaces: [fleet],
          namespaceMapping: { [fleet]: target },
        });
        const list = await listOf(side, `restores/${name}/restore-${name}-resource-list.json.gz`);
        const made = await objectsIn(
          cluster,
          objects(target)
            .slice(1)
            .map(([path]) => path.replace('/v2/namespaces', '/v1/namespaces')),
        );
        return {
          status: { phase: restore.status?.phase, errors: restore.status?.errors ?? 0 },
          list: JSON.stringify(list).replaceAll(target, 'target'),
          objects: [...made].map(([key, object]) => [key, asWritten(object)]),
        };
      });
    };

    /** In which version Lifeboat wrote: the API server notes it. Velero puts what it noted at the backup in its place. */
    const writtenIn = async (what: string) => {
      const target = `ver-${what}-lifeboat-${RUN}`;
      const made = await cluster.get(`/apis/${group}/v1/namespaces/${target}/yachts/one`);
      const { managedFields = [] } = made!.metadata as {
        readonly managedFields?: readonly { readonly apiVersion: string }[];
      };
      return managedFields.map(({ apiVersion }) => apiVersion);
    };

    test('131. a restore where another version is preferred takes the files of that version', async () => {
      const { our, their } = await restored('other');
      expect(our).toEqual(their);
      expect(our.status).toEqual({ phase: 'Completed', errors: 0 });
      expect(our.list).toContain(`"${group}/v1/Yacht",["target/one(created)","target/two(created)"]`);
      expect(await writtenIn('other')).toEqual([`${group}/v1`]);
    });

    test('a restore takes the version that the operator wants most', async () => {
      const priorities = `not a line\nyachts.${group} = v9, v1beta1, v1\n`;
      for (const namespace of Object.values(SIDES) as string[]) {
        const path = `/api/v1/namespaces/${namespace}/configmaps`;
        await cluster.remove(`${path}/enableapigroupversions`);
        await cluster.create(path, {
          metadata: { name: 'enableapigroupversions' },
          data: { restoreResourcesVersionPriority: priorities },
        });
        await tidy.keep({ close: () => cluster.remove(`${path}/enableapigroupversions`) });
      }
      const { our, their } = await restored('wanted');
      expect(our).toEqual(their);
      expect(our.list).toContain(`"${group}/v1beta1/Yacht",["target/one(created)","target/two(created)"]`);
      expect(await writtenIn('wanted')).toEqual([`${group}/v1beta1`]);
    });
  },
);
