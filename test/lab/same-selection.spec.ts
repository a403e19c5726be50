import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { application, BOAT_CRD, boatsServed } from './fixture/app.js';
import { entriesOf, openBucket, type Bucket } from './fixture/bucket.js';
import { createAll, hasEnded, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { asVeleroWrites } from './fixture/compare.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { oddities } from './fixture/oddities.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE } from './fixture/velero.js';

const root = `metadata/acceptance-${RUN}`;
const [a, b, odd] = [`sel-a-${RUN}`, `sel-b-${RUN}`, `sel-odd-${RUN}`];
const ours = `lifeboat-${RUN}`;

/** The two servers' own records change while they work, and leases are renewed all the time: nobody can compare those. */
const isRestless = (path: string): boolean =>
  /^resources\/([a-z]+\.velero\.io|leases\.coordination\.k8s\.io)\//.test(path);

const SELECTIONS: readonly (readonly [what: string, spec: object])[] = [
  ['nothing said', {}],
  ['every namespace by *', { includedNamespaces: ['*'] }],
  ['two namespaces', { includedNamespaces: [a, odd] }],
  ['all but one namespace', { excludedNamespaces: [b] }],
  ['namespaces by a pattern', { includedNamespaces: [`sel-*-${RUN}`], excludedNamespaces: ['sel-b*'] }],
  ['a pattern that fits nothing', { includedNamespaces: [`nobody-${RUN}-*`] }],
  ['all with cluster-scoped objects', { includeClusterResources: true }],
  ['namespaces with cluster-scoped objects', { includedNamespaces: [a, odd], includeClusterResources: true }],
  [
    'namespaces without cluster-scoped objects',
    { includedNamespaces: [a, odd], includeClusterResources: false },
  ],
  ['objects with a label', { labelSelector: { matchLabels: { app: 'web' } } }],
  [
    'objects with one of two labels',
    {
      orLabelSelectors: [
        { matchLabels: { app: 'other' } },
        { matchExpressions: [{ key: 'odd', operator: 'Exists' }] },
      ],
    },
  ],
  [
    'some kinds, by plural, short name and kind',
    { includedResources: ['configmaps', 'deploy', 'Pod', 'boats.lab.example'] },
  ],
  [
    'some kinds of some namespaces',
    { includedNamespaces: [a, odd], includedResources: ['persistentvolumeclaims', 'namespaces'] },
  ],
  [
    'all but some kinds',
    { includedNamespaces: [a, odd], excludedResources: ['secrets', 'persistentvolumes'] },
  ],
  ['no definitions', { includedNamespaces: [a], excludedResources: ['customresourcedefinitions'] }],
  [
    'kinds by scope',
    {
      includedNamespaceScopedResources: ['pods', 'persistentvolumeclaims'],
      includedClusterScopedResources: ['storageclasses'],
      includedNamespaces: [odd],
    },
  ],
  [
    'all kinds but some by scope',
    {
      includedNamespaces: [a, odd],
      excludedNamespaceScopedResources: ['configmaps'],
      excludedClusterScopedResources: ['clusterroles.rbac.authorization.k8s.io'],
    },
  ],
  ['all cluster-scoped kinds by scope', { includedClusterScopedResources: ['*'], includedNamespaces: [a] }],
];
const nameOf = (index: number): string => `sel-${RUN}-${index}`;

describe.skipIf(why !== '')(`A6: the same selection taken by Lifeboat and by the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let home: Home;
  let lifeboat: Lifeboat;

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    bucket = await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, ours, `${root}/lifeboat`));
    await createAll(cluster, [BOAT_CRD]);
    await boatsServed(cluster);
    await createAll(cluster, [...application(a), ...application(b)]);
    await oddities(cluster, odd);
    [lifeboat] = await Promise.all([home.start(), tidy.keep(startVelero(cluster, `${root}/velero`))]);
    for (const index of SELECTIONS.keys()) await ask(ours, index);
  });

  const ask = async (namespace: string, index: number) => {
    // Without volume data: both then take the objects alone, and Lifeboat has no warning that the data is missing.
    const spec = { ...SELECTIONS[index]![1], snapshotVolumes: false };
    const metadata = { name: nameOf(index), namespace };
    await cluster.create(pathOf(namespace, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata,
      spec,
    });
  };

  afterAll(tidy.closeAll);

  const contentsOf = async (
    who: 'lifeboat' | 'velero',
    name: string,
  ): Promise<ReadonlyMap<string, Buffer>> => {
    const entries = await entriesOf(await bucket.read(`${root}/${who}/backups/${name}/${name}.tar.gz`));
    expect(new Set(entries.map(({ path }) => path)).size).toBe(entries.length);
    return new Map(entries.filter(({ path }) => !isRestless(path)).map(({ path, bytes }) => [path, bytes]));
  };

  test.each(SELECTIONS.map(([what], index) => [what, index] as const))('%s', async (_what, index) => {
    const name = nameOf(index);
    await ask(VELERO_NAMESPACE, index); // one after the other: its queue is looked at once a minute
    const ended = (namespace: string, explain: () => string) =>
      cluster.becomes(pathOf(namespace, 'backups', name), hasEnded, { seconds: 120, explain });
    const [our, their] = await Promise.all([ended(ours, lifeboat.log), ended(VELERO_NAMESPACE, () => '')]);
    expect(our.status?.phase).toBe(their.status?.phase);
    expect(our.spec).toEqual(their.spec);
    expect({ errors: our.status?.errors, warnings: our.status?.warnings }).toEqual({
      errors: their.status?.errors,
      warnings: their.status?.warnings,
    });
    const [taken, wanted] = await Promise.all([contentsOf('lifeboat', name), contentsOf('velero', name)]);
    expect([...taken.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [path, bytes] of wanted)
      expect({
        path,
        json: path === 'metadata/version' ? taken.get(path)!.toString() : asVeleroWrites(taken.get(path)!),
      }).toEqual({ path, json: bytes.toString('utf8') });
  });

  test('the lists of resources name the same objects', async () => {
    for (const index of SELECTIONS.keys()) {
      const name = nameOf(index);
      const of = async (who: string) =>
        Object.entries(
          (await bucket.json(`${root}/${who}/backups/${name}/${name}-resource-list.json.gz`)) as Readonly<
            Record<string, string[]>
          >,
        ).filter(([kind]) => !/^(velero\.io|coordination\.k8s\.io)\//.test(kind));
      expect(await of('lifeboat')).toEqual(await of('velero'));
    }
  });
});
