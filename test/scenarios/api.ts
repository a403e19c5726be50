import { onTestFinished } from 'vitest';
import { createClient, type Client } from 'graphql-ws';
import { WebSocket } from 'ws';
import { createMemoryCluster } from '../../src/cluster/memory.js';
import type { Rights } from '../../src/cluster/memory-reviews.js';
import type { ResourceType } from '../../src/cluster/port.js';
import type { JsonObject } from '../../src/domain/json.js';
import type { BackupEvent } from '../../src/domain/backup-facts.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import { createMemoryEventStore } from '../../src/eventstore/memory.js';
import type { Meta, NewEvent } from '../../src/eventstore/port.js';
import { createOperationFiles } from '../../src/operation-files.js';
import { createResources } from '../../src/controllers/resources.js';
import { createLayout } from '../../src/objectstore/layout.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import { cron } from '../../src/controllers/schedule/cron.js';
import { createIntake } from '../../src/graphql/intake.js';
import { startApi, type ApiDeps } from '../../src/graphql/server.js';
import { createProgressHub } from '../../src/projections/progress.js';
import { startRunner } from '../../src/projections/runner.js';
import { openViews } from '../../src/projections/views.js';

export const NAMESPACE = 'velero';
export const ALICE = 'alice-token';
export const MALLORY = 'mallory-token';

const namespaces: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'namespaces',
  kind: 'Namespace',
  singular: 'namespace',
  shortNames: [],
  namespaced: false,
  verbs: ['create'],
};

/** Alice may do everything with our kinds; Mallory nothing. */
const onlyAlice: Rights = (user) => user.user === 'alice';

export const soon = () => AbortSignal.timeout(10_000);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: JsonObject;
  readonly errors: readonly { message: string; path?: unknown; extensions: Record<string, unknown> }[];
  readonly extensions: Record<string, unknown>;
  readonly text: string;
}

const meta: Meta = {
  actor: { kind: 'SYSTEM', name: 'backup-controller', via: 'server' },
  correlationId: 'a-story-of-its-own',
  appVersion: 'test',
};

type WorldOptions = Partial<Omit<ApiDeps, 'cluster' | 'store' | 'views' | 'runner'>> & {
  readonly rights?: Rights;
  readonly tokens?: Record<string, { user: string; groups: string[] }>;
  /** Wraps the cluster, to break it. */
  readonly cluster?: (cluster: ReturnType<typeof createMemoryCluster>) => ApiDeps['cluster'];
  readonly store?: (store: ReturnType<typeof createMemoryEventStore>) => ApiDeps['store'];
};

/** The whole API on adapters in memory, listening on a real port. Everything is closed when the test ends. */
export const startWorld = async (options: WorldOptions = {}) => {
  const tokens = options.tokens ?? {
    [ALICE]: { user: 'alice', groups: ['operators'] },
    [MALLORY]: { user: 'mallory', groups: [] },
  };
  const memory = createMemoryCluster({
    types: Object.values(VELERO_TYPES),
    tokens,
    rights: options.rights ?? onlyAlice,
  });
  const cluster = options.cluster?.(memory) ?? memory;
  const memoryStore = createMemoryEventStore();
  const store = options.store?.(memoryStore) ?? memoryStore;
  const views = openViews(':memory:');
  const stop = new AbortController();
  const logged: { level: string; fields: object; message: string }[] = [];
  const note = (level: string) => (fields: object, message: string) =>
    void logged.push({ level, fields, message });
  const log = { info: note('info'), warn: note('warn'), error: note('error') };
  const runner = startRunner({ store, views, signal: stop.signal, log });
  const progress = createProgressHub();
  const intake = createIntake();
  const put = async (type: ResourceType, namespace: string | undefined, object: object) => {
    const written = await memory.create(type, namespace, JSON.stringify(object), { signal: soon() });
    if (!written.ok) throw new Error(written.message);
  };
  await put(namespaces, undefined, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } });
  await put(VELERO_TYPES.BackupStorageLocation, NAMESPACE, aLocation('default'));

  const bucket = createMemoryObjectStore();
  const layout = createLayout();
  const { rights: _r, tokens: _t, cluster: _c, store: _s, ...overrides } = options;
  const api = await startApi({
    listen: { host: '127.0.0.1', port: 0 },
    auth: 'token',
    namespace: NAMESPACE,
    appVersion: '0.0.0-test',
    cluster,
    store,
    views,
    runner,
    progress,
    intake,
    files: createOperationFiles(
      createResources(cluster, NAMESPACE),
      () => Promise.resolve({ store: { ...bucket, close: () => undefined }, layout }),
      () => new Date(),
    ),
    cron,
    defaultBackupStorageLocation: 'default',
    eventStoreKind: 'MEMORY',
    features: ['EnableCSI'],
    now: () => new Date(),
    log,
    ...overrides,
  });
  const clients: Client[] = [];
  onTestFinished(async () => {
    for (const client of clients) await client.dispose();
    await api.close();
    stop.abort();
    await runner.done;
    views.close();
    await memoryStore.close();
    await memory.close();
  });

  const post = async (body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(`${api.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed = JSON.parse(text) as Partial<Answer>;
    return {
      status: response.status,
      headers: response.headers,
      data: parsed.data ?? {},
      errors: parsed.errors ?? [],
      extensions: parsed.extensions ?? {},
      text,
    };
  };
  const ask = (query: string, variables: object = {}, token = ALICE, headers: Record<string, string> = {}) =>
    post({ query, variables }, { authorization: `Bearer ${token}`, ...headers });

  const connect = (token: string = ALICE, extra: Partial<Parameters<typeof createClient>[0]> = {}) => {
    const client = createClient({
      url: `${api.url.replace('http', 'ws')}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      lazy: true,
      connectionParams: { authorization: `Bearer ${token}` },
      ...extra,
    });
    clients.push(client);
    return client;
  };
  const subscribe = (query: string, variables: Record<string, unknown> = {}, client = connect()) =>
    client.iterate<JsonObject>({ query, variables });

  let made = 0;
  /** Appends facts as a controller would. */
  const record = async (stream: string, ...events: readonly { type: string; v: number; data: object }[]) => {
    const revision = (await store.read(stream)).at(-1)?.revision ?? 'none';
    const facts: NewEvent[] = events.map((event) => ({
      ...event,
      id: `00000000-0000-4000-8000-${String(made++).padStart(12, '0')}`,
      meta,
    }));
    const result = await store.append(stream, revision, facts);
    if (!result.ok) throw new Error('somebody else wrote to the stream');
    await runner.reached(result.position, soon());
    return result.position;
  };

  const resource = async (type: ResourceType, name: string) => {
    const found = await memory.get(type, { namespace: NAMESPACE, name }, { signal: soon() });
    return found && (JSON.parse(found.toString()) as JsonObject);
  };

  return {
    api,
    ask,
    post,
    connect,
    subscribe,
    record,
    resource,
    put,
    store,
    views,
    runner,
    progress,
    intake,
    memory,
    bucket,
    layout,
    logged,
  };
};

export const aLocation = (name: string, more: { spec?: object; status?: object } = {}) => ({
  apiVersion: 'velero.io/v1',
  kind: 'BackupStorageLocation',
  metadata: { name, namespace: NAMESPACE },
  spec: { provider: 'aws', objectStorage: { bucket: 'backups' }, ...more.spec },
  status: { phase: 'Available', ...more.status },
});

const at = '2026-01-01T00:00:00Z';

export const requested = (uid: string, spec: object = {}, when = at): BackupEvent => ({
  type: 'BackupRequested',
  v: 1,
  data: { uid, spec, labels: {}, at: when },
});

export const started: BackupEvent = {
  type: 'BackupStarted',
  v: 1,
  data: {
    attempt: 1,
    prepared: { spec: {}, labels: {}, annotations: {}, expiresAt: '2026-02-01T00:00:00Z' },
    at,
  },
};

export const stored = (items: number): BackupEvent => ({
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt: 1, tally: { items, warnings: 1, errors: 0 }, bytes: 4096, sha256: 'f00', at },
});

export const finished: BackupEvent = { type: 'BackupFinished', v: 1, data: { outcome: 'Completed', at } };
