/** A restore as the server makes one, without the server: preparation, validation, and an archive applied to an empty cluster. */
import { Writable } from 'node:stream';
import { createOperationLog } from '../../src/archive/oplog.js';
import type { IndexedItem, ScannedArchive, ScannedResource } from '../../src/archive/scanned-archive.js';
import { writableSink } from '../../src/archive/spool.js';
import { createMemoryCluster } from '../../src/cluster/memory.js';
import { applyArchive } from '../../src/controllers/restore/apply.js';
import { archiveLookup, loadTypes, type RestoreContext } from '../../src/controllers/restore/context.js';
import { createNamespaceKeeper } from '../../src/controllers/restore/namespaces.js';
import { createOutcomes } from '../../src/controllers/restore/outcomes.js';
import type { NativeVolumes } from '../../src/controllers/restore/native-volumes.js';
import { createVolumePlan } from '../../src/controllers/restore/volumes.js';
import { RESTORE_ITEM_ACTIONS } from '../../src/domain/restore-actions/index.js';
import { prepareRestore } from '../../src/domain/prepare-restore.js';
import { kindResolver } from '../../src/domain/resource-kinds.js';
import { DEFAULT_PRIORITIES } from '../../src/domain/restore-order.js';
import { restoreSelection } from '../../src/domain/restore-selection.js';
import { validateRestore } from '../../src/domain/validate-restore.js';
import type { RestoreSpec } from '../../src/domain/velero.gen.js';
import { KINDS } from './arbitrary-cluster.js';
import { fullName, idOf } from './rules.js';
import type { Served } from './small-cluster.js';

const noSnapshots: NativeVolumes = {
  knows: () => false,
  restore: (volume) => Promise.resolve(volume),
  giveUp: () => Promise.resolve(undefined),
  nameNow: (name) => name,
  entries: () => [],
};

/** Kinds that the simulated cluster does not bring along. */
const MORE_TYPES = KINDS.filter(({ group }) => ['example.io', 'extensions'].includes(group));

/** What `scanArchive` would tell of an archive with these items; files have tests of their own. */
const archiveOf = (objects: readonly Served[]): ScannedArchive => {
  const json = new Map<IndexedItem, Buffer>();
  const byKind = new Map<string, { readonly versions: readonly string[]; readonly items: IndexedItem[] }>();
  objects.forEach(({ kind, object }, i) => {
    const { name, namespace } = object.metadata;
    const bytes = Buffer.from(JSON.stringify(object));
    const place = { groupResource: fullName(kind), name, offset: i, length: bytes.length };
    const item = namespace === undefined ? place : { ...place, namespace };
    json.set(item, bytes);
    const known = byKind.get(place.groupResource);
    if (known) known.items.push(item);
    else byKind.set(place.groupResource, { versions: [kind.version], items: [item] });
  });
  const resources = new Map(
    [...byKind].map(([kind, found]): [string, ScannedResource] => [
      kind,
      { ...found, otherVersions: new Map() },
    ]),
  );
  const bytesOf = (item: IndexedItem): Buffer => json.get(item) ?? Buffer.from('null');
  return {
    hasResources: objects.length > 0,
    resources,
    totals: { archiveBytes: 0, tarBytes: 0, entries: objects.length, items: objects.length },
    read: (item) => Promise.resolve(bytesOf(item)),
    async *readMany(items) {
      await Promise.resolve();
      for (const item of items) yield { item, json: bytesOf(item) };
    },
    warnings: [],
    dispose: () => Promise.resolve(),
  };
};

const silentOperationLog = () =>
  createOperationLog({
    kind: 'restore',
    key: 'velero/r',
    level: 'error',
    format: 'text',
    sink: writableSink(new Writable({ write: (_chunk, _encoding, done) => done() })),
    now: () => new Date(0),
  });

/** `kind|namespace|name` of an entry of the resource list, with what became of it if that is not `created`. */
const idsOf = (byKind: ReadonlyMap<string, readonly string[]>): readonly string[] =>
  [...byKind].flatMap(([kind, entries]) => {
    const slash = kind.lastIndexOf('/');
    const type = KINDS.find(
      ({ group, version, kind: word }) =>
        (group === '' ? version : `${group}/${version}`) === kind.slice(0, slash) &&
        word === kind.slice(slash + 1),
    );
    return entries.flatMap((entry) => {
      const [, namespace, name = '', outcome = ''] = /^(?:(.+)\/)?(.+)\((\w+)\)$/.exec(entry) ?? [];
      const id = idOf(type ? fullName(type) : kind, namespace, name);
      if (outcome === 'skipped') return [];
      return [outcome === 'created' ? id : `${id} ${outcome}`];
    });
  });

/** Also how many objects the cluster has more than before. */
type Answer =
  | { readonly refused: true }
  | { readonly refused: false; readonly items: readonly string[]; readonly count: number };

const isRefused = (spec: RestoreSpec): boolean =>
  validateRestore({
    spec,
    backup: { found: true, name: 'b', phase: 'Completed' },
    location: { found: true, name: 'default', chosenByServer: false, phase: 'Available' },
  }).length > 0;

export const selectedRestore = async (asked: RestoreSpec, objects: readonly Served[]): Promise<Answer> => {
  const given: RestoreSpec = { ...asked, backupName: 'b' };
  if (isRefused(given)) return { refused: true };
  const spec = prepareRestore(given, { itemOperationTimeoutMs: 14_400_000 });
  const cluster = createMemoryCluster({ types: MORE_TYPES });
  const before = cluster.size();
  const { signal } = new AbortController();
  const log = silentOperationLog();
  const archive = archiveOf(objects);
  const find = archiveLookup(archive);
  const types = await loadTypes(cluster, signal);
  const outcomes = createOutcomes(log);
  const context: RestoreContext = {
    cluster,
    spec,
    archive,
    types,
    outcomes,
    log,
    signal,
    selection: restoreSelection(spec, kindResolver(types.kinds)),
    labels: { backupLabel: 'b', restoreLabel: 'r' },
    namespaces: createNamespaceKeeper({ cluster, archive, find, outcomes, terminatingTimeout: 0, signal }),
    volumes: createVolumePlan({ volumeInfo: [], copies: [] }, spec, noSnapshots),
    managedFields: 'never',
    startedAt: '2026-01-01T00:00:00Z',
    handled: new Set(),
    serviceAccountsOf: () => Promise.resolve([]),
    onProgress: () => undefined,
    restoresStatus: () => ({ restores: false }),
    handOver: () => Promise.resolve(undefined),
    fills: {
      volumesOf: () => [],
      made: (_pod, _original, then) => then(),
      claims: new Set(),
      done: () => Promise.resolve([]),
      stop: () => undefined,
    },
    pods: {
      made: () => undefined,
      done: () => Promise.resolve({ hooksAttempted: 0, hooksFailed: 0 }),
      stop: () => Promise.resolve(),
    },
    groupStubs: { action: { name: 'none', appliesTo: () => false, execute: () => ({}) }, count: () => 0 },
    actionData: () => Promise.resolve({}),
    actions: RESTORE_ITEM_ACTIONS,
    modifiers: [],
    resourceTimeout: 1_000,
  };
  await applyArchive(context, find, {
    priorities: DEFAULT_PRIORITIES,
    concurrency: 4,
  });
  const { errors } = log.results;
  const told = [
    ...(errors.velero ?? []),
    ...(errors.cluster ?? []),
    ...Object.values(errors.namespaces ?? {}).flat(),
  ];
  return {
    refused: false,
    items: [...idsOf(outcomes.byKind), ...told].sort(),
    count: cluster.size() - before,
  };
};
