import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DoctorDeps } from '../../src/cli/doctor/doctor.js';
import { createMemoryCluster } from '../../src/cluster/memory.js';
import { openSqliteEventStore } from '../../src/eventstore/sqlite.js';
import { Fault } from '../../src/faults.js';
import { createLayout } from '../../src/objectstore/layout.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import type { ObjectStore } from '../../src/objectstore/port.js';
import { diagnose, folderOf, linkedStore, serveLinks } from './diagnosis.js';
import { createWorld } from './world.js';

const keysOf = async (store: ObjectStore): Promise<readonly string[]> => {
  const keys: string[] = [];
  for await (const entry of store.list('')) if (entry.kind === 'object') keys.push(entry.key);
  return keys;
};

describe('The doctor', () => {
  it('finds nothing wrong with a cluster that is ready, and leaves nothing behind', async () => {
    const store = await linkedStore();
    const { code, said } = await diagnose(await createWorld(), { store });
    expect(said).not.toMatch(/^(warn|fail)/m);
    expect(said.split('\n').at(-1)).toBe('Lifeboat can work.');
    expect(code).toBe(0);
    expect(await keysOf(store)).toEqual([]);
  });

  it('names the definitions that are missing and how to make them', async () => {
    const cluster = createMemoryCluster();
    const { code, of, said } = await diagnose({ cluster });
    expect(code).toBe(1);
    expect(of('definitions')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('backups/v1') as string,
      remedy: expect.stringContaining('lifeboat crds --apply') as string,
    });
    expect(of('namespace')).toMatchObject({ verdict: 'fail', detail: '"velero" does not exist' });
    expect(said).toContain('kubectl create namespace velero');
  });

  it('warns of a definition that would drop fields', async () => {
    const world = await createWorld();
    const found = await world.find('customresourcedefinitions.apiextensions.k8s.io', 'backups.velero.io');
    const text = JSON.stringify(found).replace('"csiSnapshotTimeout":', '"csiSnapshotTimeoutOfOld":');
    const type = (await world.cluster.discover(AbortSignal.timeout(5_000))).resources.find(
      ({ resource }) => resource === 'customresourcedefinitions',
    );
    const signal = AbortSignal.timeout(5_000);
    const answer = await world.cluster.replace(type!, { name: 'backups.velero.io' }, text, { signal });
    expect(answer.ok).toBe(true);
    const { code, of } = await diagnose(world);
    expect(of('definitions')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('backups spec.csiSnapshotTimeout') as string,
    });
    expect(code).toBe(0);
  });

  it('names each right that is missing and what does not work without it', async () => {
    const world = await createWorld();
    // Reviews are answered by a cluster that knows of fewer rights than the world was made with.
    const cluster = {
      ...world.cluster,
      create: async (...call: Parameters<typeof world.cluster.create>) => {
        const [type, , body] = call;
        if (type.kind !== 'SelfSubjectAccessReview') return world.cluster.create(...call);
        const { spec } = JSON.parse(String(body)) as {
          spec: { resourceAttributes: { verb: string; resource: string; subresource?: string } };
        };
        const { verb, resource, subresource } = spec.resourceAttributes;
        const allowed = !(verb === 'list' && resource === '*') && subresource !== 'exec';
        return { ok: true as const, body: Buffer.from(JSON.stringify({ status: { allowed } })) };
      },
    };
    const { code, of } = await diagnose({ cluster: cluster });
    expect(code).toBe(1);
    expect(of('rights: backup')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringMatching(/^may not list \*\.\* everywhere: /) as string,
    });
    expect(of('rights: own resources')?.detail).toMatch(/^may not list \*\.velero\.io: /);
    expect(of('rights: hooks')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringMatching(/get pods\/exec everywhere, create pods\/exec everywhere/) as string,
    });
    expect(of('rights: restore')?.verdict).toBe('ok');
  });

  it('says that Velero runs, and how to stop it', async () => {
    const world = await createWorld();
    await world.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'velero', namespace: 'velero' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: {} },
      },
      status: { replicas: 1, readyReplicas: 1 },
    });
    expect((await diagnose(world)).of('Velero')).toMatchObject({
      verdict: 'fail',
      remedy: 'kubectl -n velero scale deployment velero --replicas=0',
    });
  });

  it('looks at the machine although no API server answers, and tells why none does', async () => {
    const world = await createWorld();
    const connect = () => {
      throw new Fault('LB_CONFIG', 'no cluster: /nowhere/kubeconfig cannot be read');
    };
    const { code, of } = await diagnose(world, { over: { connect } });
    expect(code).toBe(1);
    expect(of('API server')?.detail).toContain('/nowhere/kubeconfig');
    expect(of('cluster and locations')?.verdict).toBe('skip');
    expect(of('event store')?.verdict).toBe('ok');
    expect(of('scratch folder')).toBeDefined();
  });

  it('gives up waiting for an API server that is silent', async () => {
    const world = await createWorld();
    const cluster = { ...world.cluster, version: () => new Promise<never>(() => undefined) };
    const { of } = await diagnose({ cluster: cluster }, { deadlineMs: 50 });
    expect(of('API server')).toMatchObject({ verdict: 'fail', detail: 'no answer within 0.05 s' });
  });

  it.each([
    [4 * 60_000, 'warn', '240 s ahead of'],
    [-20 * 60_000, 'fail', '1200 s behind'],
  ])('measures the clock of the API server: %i ms', async (ahead, verdict, words) => {
    const { of } = await diagnose(await createWorld(), { over: { serverAhead: () => ahead } });
    expect(of('clock of the API server')).toMatchObject({
      verdict,
      detail: expect.stringContaining(words) as string,
    });
  });
});

describe('The doctor of storage locations', () => {
  it('warns when there is none', async () => {
    const { code, of } = await diagnose(await createWorld({ location: false }));
    expect(of('storage locations')?.verdict).toBe('warn');
    expect(code).toBe(0);
  });

  it('tells what is wrong with the settings, and goes on with the next location', async () => {
    const world = await createWorld();
    await world.location('broken', { provider: 'azure' });
    const good = await linkedStore();
    const openLocation: DoctorDeps['openLocation'] = () => (spec) =>
      spec.provider === 'azure'
        ? Promise.reject(new Fault('LB_STORE_CONFIG', 'spec.provider: "azure" is not supported'))
        : Promise.resolve({ store: good, layout: createLayout() });
    const { code, of } = await diagnose(world, { over: { openLocation } });
    expect(code).toBe(1);
    expect(of('location broken: settings')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('"azure" is not supported') as string,
    });
    expect(of('location default: delete')?.verdict).toBe('ok');
  });

  it('writes nothing where something else lives', async () => {
    const store = await linkedStore();
    await store.put('photos/cat', Buffer.from('x'));
    const { code, of } = await diagnose(await createWorld(), { store });
    expect(of('location default: access')?.detail).toContain('photos');
    expect(of('location default: write')).toBeUndefined();
    expect(await keysOf(store)).toEqual(['photos/cat']);
    expect(code).toBe(1);
  });

  it('writes nothing into one that is read-only, and still follows a link', async () => {
    const world = await createWorld({ location: false });
    await world.location('archive', { accessMode: 'ReadOnly' });
    const store = await linkedStore(10 * 60_000);
    const put = () => Promise.reject(new Error('it is read-only'));
    const { of } = await diagnose(world, { store: { ...store, put } });
    expect(of('location archive: write')?.verdict).toBe('skip');
    expect(of('location archive: link')?.verdict).toBe('ok');
    expect(of('location archive: clock')).toMatchObject({ verdict: 'fail' });
  });

  it('says that a storage may not be written, and takes nothing for written', async () => {
    const store = await linkedStore();
    const put = () => Promise.reject(new Fault('LB_STORE_DENIED', 'writing: AccessDenied'));
    const { code, of } = await diagnose(await createWorld(), { store: { ...store, put } });
    expect(of('location default: write')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('AccessDenied') as string,
    });
    expect(code).toBe(1);
  });

  it('finds a storage that ignores the condition of a write', async () => {
    const store = await linkedStore();
    const put: ObjectStore['put'] = (key, body) => store.put(key, body);
    const { code, of } = await diagnose(await createWorld(), { store: { ...store, put } });
    expect(of('location default: conditional write')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('If-None-Match is ignored') as string,
    });
    expect(code).toBe(1);
    expect(await keysOf(store)).toEqual([]);
  });

  it('warns of a storage for which one has to look before one writes', async () => {
    const store = await linkedStore();
    const put: ObjectStore['put'] = async (key, body, options) => {
      if (options?.ifAbsent && (await store.head(key))) return 'exists';
      return store.put(key, body);
    };
    const { code, of } = await diagnose(await createWorld(), { store: { ...store, put } });
    expect(of('location default: conditional write')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('believed to be first') as string,
    });
    expect(code).toBe(0);
  });

  it('says that links lead nowhere, or are refused, and never shows one', async () => {
    const store = createMemoryObjectStore({ presignBase: 'http://127.0.0.1:1/signature-of-a-link' });
    const nowhere = await diagnose(await createWorld(), { store });
    expect(nowhere.of('location default: link')).toMatchObject({ verdict: 'warn' });
    expect(nowhere.said).not.toContain('signature-of-a-link');
    const base = await serveLinks((_request, response) => void response.writeHead(403).end());
    const refusing = createMemoryObjectStore({ presignBase: base });
    const refused = await diagnose(await createWorld(), { store: refusing });
    expect(refused.of('location default: link')).toMatchObject({
      verdict: 'fail',
      detail: 'a download link answers 403 instead of 200',
    });
  });

  it('measures the clock of the storage', async () => {
    const store = await linkedStore();
    const head: ObjectStore['head'] = async (key, signal) => {
      const found = await store.head(key, signal);
      return found && { ...found, modified: new Date(found.modified.getTime() - 3_600_000) };
    };
    const { code, of } = await diagnose(await createWorld(), { store: { ...store, head } });
    expect(of('location default: clock')).toMatchObject({
      verdict: 'fail',
      detail: 'its clock is 3600 s behind ours',
    });
    expect(code).toBe(1);
  });
});

describe('The doctor of the event store', () => {
  const fileOf = async () => join(await folderOf(), 'events.db');

  it('makes no file that is not there, and opens one that is', async () => {
    const path = await fileOf();
    const before = await diagnose(await createWorld(), { eventStore: `sqlite://${path}` });
    expect(before.of('event store')?.detail).toContain('will be made at the first start');
    await openSqliteEventStore(path).close();
    const after = await diagnose(await createWorld(), { eventStore: `sqlite://${path}` });
    expect(after.of('event store')).toMatchObject({
      verdict: 'ok',
      detail: expect.stringContaining('can be opened and written') as string,
    });
  });

  it('warns of a memory store', async () => {
    const { code, of } = await diagnose(await createWorld(), { eventStore: 'memory:' });
    expect(of('event store')?.verdict).toBe('warn');
    expect(code).toBe(0);
  });
});
