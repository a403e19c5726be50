import fc from 'fast-check';
import { describe, it } from 'vitest';
import type { Cluster } from '../../src/cluster/port.js';
import type { BackupSpec } from '../../src/domain/velero.gen.js';
import type { KubeObject } from '../builders.js';
import { itemsOf } from '../scenarios/tarball.js';
import { createCluster, createRunningWorld, soon, type World } from '../scenarios/world.js';
import { KINDS, smallCluster } from './arbitrary-cluster.js';
import { backupSpec, restoreSpec } from './arbitrary-specs.js';
import { expectedBackup } from './oracle-backup.js';
import { expectedRestore } from './oracle-restore.js';
import { COMPARING, compareAnswers, differenceOf } from './runs.js';
import { fullName, idOf } from './rules.js';
import type { Served, SmallCluster } from './small-cluster.js';

/** Everything there is, as the API tells it. */
const pictureOf = async (cluster: Cluster): Promise<SmallCluster> => {
  const { resources } = await cluster.discover(soon());
  // A kind that is served from the start and by a definition as well is told twice.
  const kinds = [...new Map(resources.map((kind) => [fullName(kind), kind])).values()];
  const objects: Served[] = [];
  for (const kind of kinds.filter(({ verbs }) => verbs.includes('list')))
    for await (const page of cluster.list(kind, { signal: soon() }))
      for (const item of page.items)
        objects.push({ kind, object: JSON.parse(item.toString('utf8')) as KubeObject });
  return { kinds, objects };
};

const idsOf = (objects: readonly Served[]): readonly string[] =>
  objects
    .filter(({ kind }) => kind.group !== 'velero.io')
    .map(({ kind, object: { metadata } }) => idOf(fullName(kind), metadata.namespace, metadata.name));

const CUSTOM = KINDS.filter(({ group }) => group === 'example.io');

/** The objects in an order in which a cluster takes them, and those that are ending as somebody's deletion leaves them. */
const populate = async (world: World, objects: readonly Served[]): Promise<void> => {
  const settled = objects.filter(({ kind }) => kind.group !== 'extensions');
  const places = ({ kind }: Served): number =>
    ['namespaces', 'customresourcedefinitions'].includes(kind.resource) ? 0 : 1;
  for (const { object } of [...settled].sort((a, b) => places(a) - places(b))) {
    const { deletionTimestamp: _ending, ...metadata } = object.metadata as KubeObject['metadata'] & {
      readonly deletionTimestamp?: string;
    };
    await world.apply({ ...object, metadata });
  }
  for (const { kind, object } of settled)
    if ('deletionTimestamp' in object.metadata)
      await world.remove(fullName(kind), object.metadata.name, object.metadata.namespace);
};

const newWorld = async (more: Parameters<typeof createRunningWorld>[0] = {}): Promise<World> =>
  createRunningWorld({
    cluster: await createCluster({ types: CUSTOM }),
    config: { clientPageSize: 2 },
    ...more,
  });

const answerOf = async (world: World, spec: BackupSpec) => {
  const { status } = await world.backup('b', spec);
  if (status?.phase === 'FailedValidation') return { refused: true } as const;
  const results = JSON.stringify(await world.json(world.layout.backupResults('b')));
  return {
    refused: false,
    items: await itemsOf(world, 'b'),
    missing: [...results.matchAll(/namespaces \\"([^"\\]*)\\" not found/g)]
      .map(([, name = '']) => name)
      .sort(),
    count: status?.progress?.itemsBackedUp ?? 0,
  } as const;
};

/** The archive's items as objects. */
const contentsOf = async (world: World, backup: string): Promise<readonly Served[]> => {
  const { resources } = await world.cluster.discover(soon());
  return [...(await world.archive(backup))].flatMap(([path, text]) => {
    const [, name] = /^resources\/([^/]+)\/(?:namespaces\/[^/]+|cluster)\/[^/]+\.json$/.exec(path) ?? [];
    const kind = resources.find((one) => fullName(one) === name);
    return kind ? [{ kind, object: JSON.parse(text) as KubeObject }] : [];
  });
};

const clusters = smallCluster.map(({ objects }) => objects);

describe('A whole server', () => {
  it('puts into a backup what the rules say', COMPARING, async () => {
    await compareAnswers(fc.tuple(backupSpec, clusters), 60, async (spec, objects) => {
      const world = await newWorld();
      try {
        await populate(world, objects);
        const found = await answerOf(world, spec);
        return differenceOf(expectedBackup(spec, await pictureOf(world.cluster)), found);
      } finally {
        await world.stop();
      }
    });
  });

  it('brings back from a backup what the rules say', COMPARING, async () => {
    await compareAnswers(fc.tuple(restoreSpec, clusters), 30, async (spec, objects) => {
      const source = await newWorld();
      await populate(source, objects);
      await source.backup('b', { includeClusterResources: true, excludedNamespaces: ['velero'] });
      const archived = await contentsOf(source, 'b');
      await source.stop();
      const target = await newWorld({ store: source.store });
      try {
        await target.ended('Backup', 'b');
        const before = await pictureOf(target.cluster);
        const expected = expectedRestore(spec, archived, before.kinds);
        fc.pre(expected.refused || !expected.ambiguous);
        const { status } = await target.restore('r', { backupName: 'b', ...spec });
        const present = idsOf(before.objects);
        const made = idsOf((await pictureOf(target.cluster)).objects).filter((id) => !present.includes(id));
        return differenceOf(
          expected.refused
            ? expected
            : { refused: false, items: expected.items.filter((id) => !present.includes(id)) },
          status?.phase === 'FailedValidation'
            ? { refused: true }
            : { refused: false, items: [...made].sort() },
        );
      } finally {
        await target.stop();
      }
    });
  });
});
