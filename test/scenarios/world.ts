import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { expect, onTestFinished } from 'vitest';
import { runCrds } from '../../src/cli/crds.js';
import {
  createMemoryCluster,
  type MemoryCluster,
  type MemoryClusterOptions,
} from '../../src/cluster/memory.js';
import { apiVersionOf, groupResource, type ResourceType } from '../../src/cluster/port.js';
import { readConfig, type GivenFlags } from '../../src/config.js';
import type { ControllerConfig } from '../../src/controllers/ports.js';
import type { Timers } from '../../src/controllers/queue.js';
import { createResources, type Resources } from '../../src/controllers/resources.js';
import { upcast } from '../../src/domain/events.js';
import { sentenceOf } from '../../src/domain/story.js';
import { streamOf } from '../../src/domain/streams.js';
import {
  VELERO_TYPES,
  type Backup,
  type BackupStorageLocationSpec,
  type Restore,
  type VeleroObjects,
} from '../../src/domain/velero.gen.js';
import { createMemoryEventStore } from '../../src/eventstore/memory.js';
import type { EventStore, Recorded } from '../../src/eventstore/port.js';
import { openSqliteEventStore } from '../../src/eventstore/sqlite.js';
import type { LocationOpener } from '../../src/locations.js';
import { silentLog, type Log } from '../../src/log.js';
import { openFilesystemStore } from '../../src/objectstore/filesystem.js';
import { createLayout, type Layout } from '../../src/objectstore/layout.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import type { ObjectStore } from '../../src/objectstore/port.js';
import { createMemoryProvider, type MemoryProvider } from '../../src/snapshotters/memory.js';
import { createMemoryRepositories, type MemoryRepositories } from '../../src/repositories/memory.js';
import type { KubeObject } from '../builders.js';
import { NAMESPACE, startLife, type Life, type Outside } from './life.js';
import { entriesOf } from './tarball.js';

/** The longest any single wait of a scenario may take. */
const PATIENCE_MS = 10_000;

export const soon = (): AbortSignal => AbortSignal.timeout(PATIENCE_MS);

export interface WorldOptions {
  readonly bucket?: 'memory' | 'filesystem';
  readonly events?: 'memory' | 'sqlite';
  readonly prefix?: string;
  readonly flags?: GivenFlags;
  readonly config?: Partial<ControllerConfig>;
  /** Default true: the location `default` is there from the start. */
  readonly location?: boolean;
  readonly cluster?: MemoryCluster;
  readonly store?: ObjectStore;
  readonly log?: Log;
  /** The server's; default: those of the process. */
  readonly clock?: () => Date;
  readonly timers?: Timers;
}

/** The kinds of which somebody waits for the end. */
type Ending = 'Backup' | 'Restore';
const TERMINAL = ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'];

/** What one test sees: a cluster, a bucket, an event store, and a server that comes and goes. */
export interface World extends Outside {
  readonly cluster: MemoryCluster;
  readonly resources: Resources;
  /** Copies of volumes; they outlive the server. */
  readonly repositories: MemoryRepositories;
  readonly store: ObjectStore;
  readonly layout: Layout;
  /** Of disks: that of every volume snapshot location. */
  readonly provider: MemoryProvider;
  readonly config: ControllerConfig;
  /** Starts a server; `over` puts something between it and the outside. */
  start(over?: Partial<Outside>, config?: Partial<ControllerConfig>): Promise<Life>;
  stop(): Promise<void>;
  restart(over?: Partial<Outside>, config?: Partial<ControllerConfig>): Promise<Life>;
  /** Throws the facts away, as if the volume that held them was lost. The server has to be stopped. */
  loseEvents(): void;
  /** Creates objects one after the other; a status is written as its controller would. */
  apply(...objects: readonly KubeObject[]): Promise<void>;
  /** `kind` is `configmaps`, `deployments.apps`; undefined if there is no such object. */
  find(kind: string, name: string, namespace?: string): Promise<KubeObject | undefined>;
  /** All objects of a kind. */
  all(kind: string, namespace?: string): Promise<readonly KubeObject[]>;
  remove(kind: string, name: string, namespace?: string): Promise<void>;
  /** Takes the finalizers off an object, so that its deletion can end. */
  release(kind: string, name: string, namespace?: string): Promise<void>;
  location(name: string, spec?: Partial<BackupStorageLocationSpec>): Promise<void>;
  /** Asks for a backup, as `kubectl create` does. */
  request(kind: Ending, name: string, spec?: object): Promise<void>;
  /** Asks, and waits for the end. */
  backup(name: string, spec?: object): Promise<Backup>;
  restore(name: string, spec?: object): Promise<Restore>;
  /** Waits until the resource is as it should be, driven by its watch. */
  until<K extends keyof VeleroObjects>(
    kind: K,
    name: string,
    isSo: (resource: VeleroObjects[K]) => boolean,
  ): Promise<VeleroObjects[K]>;
  /** Waits for the end of an operation and until nothing is left to do for the server. */
  ended<K extends Ending>(kind: K, name: string): Promise<VeleroObjects[K]>;
  idle(): Promise<void>;
  /** Keys below a prefix, in order. */
  keys(prefix?: string): Promise<readonly string[]>;
  bytes(key: string): Promise<Buffer>;
  json(key: string): Promise<unknown>;
  /** Entries of a backup's archive by path. */
  archive(backup: string): Promise<ReadonlyMap<string, string>>;
  facts(kind: 'backup' | 'restore' | 'location' | 'schedule', name: string): Promise<readonly Recorded[]>;
  /** The facts as people read them. */
  story(kind: 'backup' | 'restore' | 'location' | 'schedule', name: string): Promise<readonly string[]>;
}

const parse = (bytes: Buffer): unknown => JSON.parse(bytes.toString('utf8'));

const scratchOf = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-world-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** The simulated cluster as an operator prepares it for Lifeboat. */
export const createCluster = async (options: MemoryClusterOptions = {}): Promise<MemoryCluster> => {
  const cluster = createMemoryCluster(options);
  const lines: string[] = [];
  const code = await runCrds({ apply: true, cluster, out: (text) => lines.push(text), signal: soon() });
  if (code !== 0) expect.fail(lines.join(''));
  return cluster;
};

const objectsOf = (cluster: MemoryCluster) => {
  let types: readonly ResourceType[] = [];
  const typeWhere = async (fits: (type: ResourceType) => boolean, what: string): Promise<ResourceType> => {
    const known = types.find(fits);
    if (known) return known;
    types = (await cluster.discover(soon())).resources;
    return types.find(fits) ?? expect.fail(`the cluster serves no ${what}`);
  };
  const typeOf = (kind: string) => typeWhere((type) => groupResource(type) === kind, kind);
  const refOf = (name: string, namespace: string | undefined) => ({
    name,
    ...(namespace !== undefined && { namespace }),
  });
  const create = async (object: KubeObject): Promise<void> => {
    const { apiVersion, kind, metadata } = object;
    const type = await typeWhere(
      (one) => apiVersionOf(one) === apiVersion && one.kind === kind,
      `${apiVersion} ${kind}`,
    );
    const created = await cluster.create(type, metadata.namespace, JSON.stringify(object), {
      signal: soon(),
    });
    if (!created.ok) expect.fail(`${kind} ${metadata.name}: ${created.message}`);
    const written = parse(created.body) as KubeObject;
    if (object['status'] === undefined || isDeepStrictEqual(object['status'], written['status'])) return;
    const body = JSON.stringify({ ...written, status: object['status'] });
    const answer = await cluster.replace(type, refOf(metadata.name, metadata.namespace), body, {
      signal: soon(),
      subresource: 'status',
    });
    if (!answer.ok) expect.fail(`status of ${kind} ${metadata.name}: ${answer.message}`);
  };
  return {
    apply: async (...objects: readonly KubeObject[]) => {
      for (const object of objects) await create(object);
    },
    find: async (kind: string, name: string, namespace?: string) => {
      const bytes = await cluster.get(await typeOf(kind), refOf(name, namespace), { signal: soon() });
      return bytes && (parse(bytes) as KubeObject);
    },
    all: async (kind: string, namespace?: string) => {
      const found: KubeObject[] = [];
      for await (const page of cluster.list(await typeOf(kind), {
        ...(namespace !== undefined && { namespace }),
        signal: soon(),
      }))
        found.push(...page.items.map((item) => parse(item) as KubeObject));
      return found;
    },
    remove: async (kind: string, name: string, namespace?: string) => {
      const answer = await cluster.delete(await typeOf(kind), refOf(name, namespace), { signal: soon() });
      if (!answer.ok) expect.fail(`deleting ${kind} ${name}: ${answer.message}`);
    },
    release: async (kind: string, name: string, namespace?: string) => {
      const patch = JSON.stringify({ metadata: { finalizers: null } });
      const type = await typeOf(kind);
      const answer = await cluster.patch(type, refOf(name, namespace), 'merge', patch, { signal: soon() });
      if (!answer.ok) expect.fail(`releasing ${kind} ${name}: ${answer.message}`);
    },
  };
};

const bucketOf = (store: ObjectStore, layout: Layout) => {
  const bytes = async (key: string): Promise<Buffer> => {
    const found = await store.get(key, soon());
    if (!found) expect.fail(`${key} is not in the bucket`);
    const chunks: Buffer[] = [];
    for await (const chunk of found.body as AsyncIterable<Buffer>) chunks.push(chunk);
    return Buffer.concat(chunks);
  };
  return {
    bytes,
    json: async (key: string): Promise<unknown> => {
      const content = await bytes(key);
      return parse(key.endsWith('.json') ? content : gunzipSync(content));
    },
    keys: async (prefix = '') => {
      const keys: string[] = [];
      for await (const entry of store.list(prefix, { signal: soon() }))
        if (entry.kind === 'object') keys.push(entry.key);
      return keys;
    },
    archive: async (backup: string) => entriesOf(await bytes(layout.backupContents(backup))),
  };
};

/** Re-reads a resource at each of its changes until it is as it should be; says what it was like when it never was. */
const untilSo = async <K extends keyof VeleroObjects>(
  cluster: MemoryCluster,
  wanted: { readonly kind: K; readonly name: string; readonly isSo: (resource: VeleroObjects[K]) => boolean },
): Promise<VeleroObjects[K]> => {
  const { kind, name, isSo } = wanted;
  const watching = new AbortController();
  let last: VeleroObjects[K] | undefined;
  const signal = AbortSignal.any([watching.signal, soon()]);
  try {
    for await (const event of cluster.watch(VELERO_TYPES[kind], {
      namespace: NAMESPACE,
      fieldSelector: `metadata.name=${name}`,
      signal,
    })) {
      const objects = event.type === 'SYNCED' ? event.items : event.type === 'DELETED' ? [] : [event.object];
      for (const bytes of objects) {
        last = parse(bytes) as VeleroObjects[K];
        if (isSo(last)) return last;
      }
    }
  } finally {
    watching.abort();
  }
  return expect.fail(`waited in vain for ${kind} ${name}; it is ${JSON.stringify(last, undefined, 2)}`);
};

export const locationSpec = (spec: Partial<BackupStorageLocationSpec> = {}): BackupStorageLocationSpec => ({
  provider: 'aws',
  objectStorage: { bucket: 'bucket' },
  ...spec,
});

const velero = (kind: string, name: string, spec: object): KubeObject => ({
  apiVersion: 'velero.io/v1',
  kind,
  metadata: { name, namespace: NAMESPACE },
  spec,
});

const configOf = (options: WorldOptions, scratch: string): ControllerConfig => ({
  ...readConfig({ namespace: NAMESPACE, ...options.flags }, {}).controllers,
  scratch,
  ...options.config,
});

const filesystemIn = async (folder: string): Promise<ObjectStore> => {
  const root = join(folder, 'bucket');
  await mkdir(root);
  return openFilesystemStore({ root });
};

const openEvents = (kind: 'memory' | 'sqlite', folder: string): EventStore =>
  kind === 'memory' ? createMemoryEventStore() : openSqliteEventStore(join(folder, 'events.db'));

/** Everything outside of the server, and the server itself as often as a test wants one. */
export const createWorld = async (options: WorldOptions = {}): Promise<World> => {
  const scratch = await scratchOf();
  const cluster = options.cluster ?? (await createCluster());
  const store =
    options.store ??
    (options.bucket === 'filesystem' ? await filesystemIn(scratch) : createMemoryObjectStore());
  const layout = createLayout(options.prefix);
  const config = configOf(options, scratch);
  const openLocation: LocationOpener = () =>
    Promise.resolve({ store: { ...store, close: () => undefined }, layout });
  const log = options.log ?? silentLog();
  const repositories = createMemoryRepositories(join(scratch, 'repositories'));
  const time = {
    ...(options.clock && { clock: options.clock }),
    ...(options.timers && { timers: options.timers }),
  };
  const provider = createMemoryProvider();
  const openSnapshotter = () => Promise.resolve(provider.open());
  let events = openEvents(options.events ?? 'memory', scratch);
  let life: Life | undefined;
  onTestFinished(async () => {
    await life?.stop();
    await events.close();
  });
  const objects = objectsOf(cluster);
  await objects.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  const stop = async () => {
    await life?.stop();
    life = undefined;
  };
  const start: World['start'] = async (over = {}, changes = {}) => {
    life = await startLife(
      { cluster, events, openLocation, openSnapshotter, repositories, log, ...time, ...over },
      { ...config, ...changes },
    );
    return life;
  };
  const idle = async () => life?.settled();
  const until: World['until'] = (kind, name, isSo) => untilSo(cluster, { kind, name, isSo });
  const ended = async <K extends Ending>(kind: K, name: string): Promise<VeleroObjects[K]> => {
    await until<Ending>(kind, name, ({ status }) => TERMINAL.includes(status?.phase ?? ''));
    await idle();
    return (
      (await createResources(cluster, NAMESPACE).read(kind, name, soon())) ??
      expect.fail(`${kind} ${name} is gone`)
    );
  };
  const request: World['request'] = (kind, name, spec = {}) => objects.apply(velero(kind, name, spec));
  const facts: World['facts'] = (kind, name) =>
    events.read(streamOf(kind, { namespace: NAMESPACE, name }), soon());
  const world: World = {
    ...objects,
    ...bucketOf(store, layout),
    cluster,
    store,
    layout,
    config,
    provider,
    openLocation,
    openSnapshotter,
    repositories,
    log,
    ...time,
    until,
    ended,
    request,
    facts,
    start,
    stop,
    idle,
    resources: createResources(cluster, NAMESPACE),
    get events() {
      return events;
    },
    restart: async (over, changes) => {
      await stop();
      return start(over, changes);
    },
    loseEvents: () => {
      events = createMemoryEventStore();
    },
    location: (name, spec) => objects.apply(velero('BackupStorageLocation', name, locationSpec(spec))),
    backup: async (name, spec) => {
      await request('Backup', name, spec);
      return ended('Backup', name);
    },
    restore: async (name, spec) => {
      await request('Restore', name, spec);
      return ended('Restore', name);
    },
    story: async (kind, name) =>
      (await facts(kind, name)).map((fact) => sentenceOf(upcast(fact) ?? expect.fail(fact.type))),
  };
  if (options.location !== false) await world.location('default');
  return world;
};

/** A world with a running server whose location is available. */
export const createRunningWorld = async (options: WorldOptions = {}): Promise<World> => {
  const world = await createWorld(options);
  await world.start();
  if (options.location !== false)
    await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  return world;
};
