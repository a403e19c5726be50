import { describe, expect, test } from 'vitest';
import { encodeResourceList, encodeResults, encodeVolumeInfo } from '../../src/archive/sidecars.js';
import { listAt, objectAt, textAt } from '../../src/domain/json.js';
import type { RestoreEvent } from '../../src/domain/restore-facts.js';
import { Fault } from '../../src/faults.js';
import { ALICE, finished, MALLORY, requested, started, startWorld, stored } from './api.js';

type World = Awaited<ReturnType<typeof startWorld>>;

const at = '2026-01-01T00:00:00Z';
const prepared = { spec: { storageLocation: 'default' }, labels: {}, annotations: {}, expiresAt: at };
const begun = { ...started, data: { attempt: 1, prepared, at } };

const CONTENTS = `query ($after: String, $first: Int, $filter: BackupItemFilter) {
  backup(name: "nightly") { contents(first: $first, after: $after, filter: $filter) {
    nodes { kind group version namespace name } totalCount pageInfo { hasNextPage endCursor }
  } }
}`;

/** A backup that has ended, with its list of objects in the bucket. */
const withContents = async (world: World, list: Record<string, string[]>) => {
  await world.record('backup-velero.nightly', requested('u1', prepared.spec), begun, stored(3), finished);
  await world.bucket.put(world.layout.resourceList('nightly'), await encodeResourceList(list));
};

const contents = async (world: World, variables: object = {}) =>
  objectAt((await world.ask(CONTENTS, variables)).data, 'backup', 'contents');
const names = (connection: object) => listAt(connection, 'nodes').map((node) => textAt(node, 'name'));

describe('what is inside a backup', () => {
  test('is listed with kind, group, version, namespace and name', async () => {
    const world = await startWorld();
    await withContents(world, { 'apps/v1/Deployment': ['shop/web'], 'v1/Namespace': ['shop'] });
    expect(await contents(world)).toMatchObject({
      nodes: [
        { kind: 'Deployment', group: 'apps', version: 'v1', namespace: 'shop', name: 'web' },
        { kind: 'Namespace', group: '', version: 'v1', namespace: null, name: 'shop' },
      ],
      totalCount: 2,
      pageInfo: { hasNextPage: false },
    });
  });

  test('is read page by page, each object once', async () => {
    const world = await startWorld();
    const list = Array.from({ length: 7 }, (_, i) => `shop/c${i}`);
    await withContents(world, { 'v1/ConfigMap': list, 'v1/Secret': ['shop/s'] });
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 4; page += 1) {
      const found: object = await contents(world, { first: 3, after });
      seen.push(...names(found));
      after = textAt(found, 'pageInfo', 'endCursor');
      if (page < 2) expect(found).toMatchObject({ pageInfo: { hasNextPage: true }, totalCount: 8 });
      else if (page === 2) expect(found).toMatchObject({ pageInfo: { hasNextPage: false } });
      else expect(names(found)).toEqual([]);
      if (page === 2) break;
    }
    expect(seen).toEqual(['c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 's']);
  });

  test.each([
    [{ kind: 'Secret' }, ['key', 'key']],
    [{ namespace: 'shop' }, ['cart', 'key']],
    [{ namespace: '' }, ['shop']],
    [{ name: 'key', namespace: 'stall' }, ['key']],
    [{ nameContains: 'ar' }, ['cart']],
    [{ group: 'apps' }, []],
  ])('can be asked for by %j', async (filter, wanted) => {
    const world = await startWorld();
    await withContents(world, {
      'v1/ConfigMap': ['shop/cart'],
      'v1/Namespace': ['shop'],
      'v1/Secret': ['shop/key', 'stall/key'],
    });
    expect(names(await contents(world, { filter }))).toEqual(wanted);
  });

  test('is nothing while it runs, and where there is no list', async () => {
    const world = await startWorld();
    await world.record('backup-velero.nightly', requested('u1', prepared.spec), begun);
    expect(await contents(world)).toMatchObject({ nodes: [], totalCount: 0 });
    await world.record('backup-velero.nightly', stored(1), finished);
    expect(await contents(world)).toMatchObject({ nodes: [], totalCount: 0 });
  });

  test('with a cursor of another list is a malformed request', async () => {
    const world = await startWorld();
    await withContents(world, { 'v1/ConfigMap': ['shop/cart'] });
    for (const after of ['nonsense', Buffer.from('["Pod","","v1","a","b"]').toString('base64url')]) {
      const { errors } = await world.ask(CONTENTS, { after });
      expect(errors[0]?.extensions['code']).toBe('BAD_USER_INPUT');
    }
  });

  test('that cannot be read is a fault of the storage, not of the whole answer', async () => {
    const world = await startWorld();
    await withContents(world, {});
    await world.bucket.put(world.layout.resourceList('nightly'), Buffer.from('broken'));
    const { errors } = await world.ask(CONTENTS);
    expect(errors[0]?.extensions['code']).toBe('LB_BACKUP_FILE_DAMAGED');
    expect(new Fault('LB_BACKUP_FILE_DAMAGED', '').retriable).toBe(false);
  });
});

describe('what a backup met', () => {
  test('is told by scope, as in its results file', async () => {
    const world = await startWorld();
    await withContents(world, {});
    const results = { errors: { namespaces: { shop: ['no'] } }, warnings: { velero: ['w'], cluster: ['c'] } };
    await world.bucket.put(world.layout.backupResults('nightly'), await encodeResults(results));
    const scopes = '{ velero cluster namespaces { namespace messages } }';
    const { data } = await world.ask(
      `{ backup(name: "nightly") { results { warnings ${scopes} errors ${scopes} } } }`,
    );
    expect(objectAt(data, 'backup', 'results')).toEqual({
      warnings: { velero: ['w'], cluster: ['c'], namespaces: [] },
      errors: { velero: [], cluster: [], namespaces: [{ namespace: 'shop', messages: ['no'] }] },
    });
  });

  test('is null where there is no such file', async () => {
    const world = await startWorld();
    await withContents(world, {});
    const { data } = await world.ask('{ backup(name: "nightly") { results { errors { velero } } } }');
    expect(data).toEqual({ backup: { results: null } });
  });
});

describe('what became of the volumes', () => {
  const claim = (name: string) => ({ pvcNamespace: 'shop', pvcName: name, pvName: `pv-${name}` });
  const handled = { snapshotDataMoved: false, preserveLocalSnapshot: true, skipped: false };
  const FIELDS = `claimNamespace claimName persistentVolume pod { namespace name volume } method result skippedReason
    dataMoved handle driver size startedAt completedAt`;
  const nothing = {
    claimNamespace: null,
    claimName: null,
    persistentVolume: null,
    pod: null,
    method: null,
    result: null,
    skippedReason: null,
    dataMoved: false,
    handle: null,
    driver: null,
    size: null,
    startedAt: null,
    completedAt: null,
  };
  const volumes = async (world: World, args = '') => {
    const { data, errors } = await world.ask(
      `{ backup(name: "nightly") { volumes${args} { nodes { ${FIELDS} } totalCount pageInfo { endCursor } } } }`,
    );
    return { found: objectAt(data, 'backup', 'volumes'), errors };
  };

  const withVolumes = async (world: World) => {
    await withContents(world, {});
    const csi = { driver: 'hostpath.csi.k8s.io', vscName: 'c', ReadyToUse: true };
    const file = await encodeVolumeInfo([
      {
        ...claim('moved'),
        ...handled,
        backupMethod: 'CSISnapshot',
        snapshotDataMoved: true,
        result: 'failed',
        csiSnapshotInfo: { ...csi, snapshotHandle: 'unknown', size: 0 },
        snapshotDataMovementInfo: {
          dataMover: 'velero',
          uploaderType: 'kopia',
          snapshotHandle: 'k1',
          operationID: 'du-1',
          size: 7,
          Phase: 'Failed',
        },
      },
      {
        ...claim('cut'),
        ...handled,
        backupMethod: 'CSISnapshot',
        result: 'succeeded',
        startTimestamp: '2026-01-01T00:00:00Z',
        completionTimestamp: '2026-01-01T00:00:09Z',
        csiSnapshotInfo: { ...csi, snapshotHandle: 's1', size: 5_368_709_120 },
      },
      { ...claim('left'), ...handled, skipped: true, skippedReason: 'csiSnapshot: no driver;' },
      {
        ...handled,
        backupMethod: 'PodVolumeBackup',
        pvbInfo: {
          uploaderType: 'kopia',
          volumeName: 'cache',
          podName: 'web',
          podNamespace: 'shop',
          snapshotHandle: 'k2',
          size: 3,
          Phase: 'Completed',
        },
      },
    ]);
    await world.bucket.put(world.layout.download('BackupVolumeInfos', 'nightly'), file);
  };

  test('is listed by claim, whatever kept their data', async () => {
    const world = await startWorld();
    await withVolumes(world);
    const { found } = await volumes(world);
    expect(found).toMatchObject({ totalCount: 4 });
    expect(listAt(found, 'nodes')).toEqual([
      {
        ...nothing,
        pod: { namespace: 'shop', name: 'web', volume: 'cache' },
        method: 'POD_VOLUME',
        handle: 'k2',
        size: '3',
      },
      {
        ...nothing,
        claimNamespace: 'shop',
        claimName: 'cut',
        persistentVolume: 'pv-cut',
        method: 'CSI_SNAPSHOT',
        result: 'SUCCEEDED',
        handle: 's1',
        driver: 'hostpath.csi.k8s.io',
        size: '5368709120',
        startedAt: '2026-01-01T00:00:00Z',
        completedAt: '2026-01-01T00:00:09Z',
      },
      {
        ...nothing,
        claimNamespace: 'shop',
        claimName: 'left',
        persistentVolume: 'pv-left',
        skippedReason: 'csiSnapshot: no driver;',
      },
      {
        ...nothing,
        claimNamespace: 'shop',
        claimName: 'moved',
        persistentVolume: 'pv-moved',
        method: 'CSI_SNAPSHOT',
        result: 'FAILED',
        dataMoved: true,
        handle: 'k1',
        driver: 'hostpath.csi.k8s.io',
        size: '7',
      },
    ]);
  });

  test('is read page by page', async () => {
    const world = await startWorld();
    await withVolumes(world);
    const { found: first } = await volumes(world, '(first: 2)');
    const { found: rest } = await volumes(world, `(after: "${textAt(first, 'pageInfo', 'endCursor')}")`);
    expect(listAt(rest, 'nodes').map((node) => textAt(node, 'claimName'))).toEqual(['left', 'moved']);
  });

  test('is told as far as it can be read where others wrote the file', async () => {
    const world = await startWorld();
    await withContents(world, {});
    const strange = [
      { pvcName: 7, backupMethod: 'Magnet', csiSnapshotInfo: 'none', result: 1, size: 1.5 },
      {},
    ];
    const file = await encodeVolumeInfo(strange as never);
    await world.bucket.put(world.layout.download('BackupVolumeInfos', 'nightly'), file);
    const { found, errors } = await volumes(world);
    expect(errors).toEqual([]);
    expect(listAt(found, 'nodes')).toEqual([nothing, nothing]);
  });

  test('is nothing where there is no such file', async () => {
    const world = await startWorld();
    await withContents(world, {});
    expect((await volumes(world)).found).toMatchObject({ nodes: [], totalCount: 0 });
  });
});

describe('what a restore handled', () => {
  test('is listed with what became of each object', async () => {
    const world = await startWorld();
    await withContents(world, {});
    const spec = { backupName: 'nightly' };
    const tally = { items: 2, created: 1, updated: 0, skipped: 0, failed: 1, warnings: 0, errors: 1 };
    const facts: RestoreEvent[] = [
      { type: 'RestoreRequested', v: 1, data: { uid: 'u2', spec, labels: {}, at } },
      { type: 'RestoreStarted', v: 1, data: { attempt: 1, spec, at } },
      { type: 'RestoreItemsApplied', v: 1, data: { attempt: 1, tally, at } },
      { type: 'RestoreFinished', v: 1, data: { outcome: 'PartiallyFailed', at } },
    ];
    await world.record('restore-velero.again', ...facts);
    const list = { 'v1/ConfigMap': ['shop/a(created)', 'shop/b(failed)'] };
    await world.bucket.put(world.layout.restoreResourceList('again'), await encodeResourceList(list));
    const ask = (filter: string) =>
      world.ask(`{ restore(name: "again") { contents${filter} { nodes { name outcome } totalCount } } }`);
    expect(objectAt((await ask('')).data, 'restore', 'contents', 'nodes', '0')).toBeDefined();
    expect((await ask('')).data).toMatchObject({
      restore: {
        contents: {
          nodes: [
            { name: 'a', outcome: 'CREATED' },
            { name: 'b', outcome: 'FAILED' },
          ],
        },
      },
    });
    expect((await ask('(filter: { outcome: [FAILED] })')).data).toMatchObject({
      restore: { contents: { nodes: [{ name: 'b' }], totalCount: 1 } },
    });
  });
});

describe('a link to a file', () => {
  const LINK = `mutation ($input: CreateDownloadUrlInput!) {
    createDownloadUrl(input: $input) { url expiresAt userErrors { code field } }
  }`;
  const link = async (world: World, input: object, token = ALICE) =>
    objectAt((await world.ask(LINK, { input }, token)).data, 'createDownloadUrl');

  test('is made, expires, and is a fact without its address', async () => {
    const world = await startWorld();
    await withContents(world, {});
    const made = await link(world, { kind: 'BACKUP_LOG', name: 'nightly' });
    expect(textAt(made, 'url')).toContain('backups/nightly/nightly-logs.gz');
    expect(Date.parse(textAt(made, 'expiresAt')) - Date.now()).toBeGreaterThan(590_000);
    const day = new Date().toISOString().slice(0, 10);
    const facts = await world.store.read(`access-velero.${day}`);
    expect(facts.map(({ type }) => type)).toEqual([
      'MutationReceived',
      'DownloadLinkMade',
      'MutationAnswered',
    ]);
    expect(facts[1]).toMatchObject({
      data: { file: 'BackupLog', target: 'velero/nightly', expiresAt: textAt(made, 'expiresAt') },
      meta: { actor: { name: 'alice' } },
    });
    expect(JSON.stringify(facts.map(({ data }) => data))).not.toContain('nightly-logs.gz');
  });

  test.each([
    ['an unknown backup', { kind: 'BACKUP_LOG', name: 'nowhere' }, ALICE, 'NOT_FOUND'],
    ['an unknown restore', { kind: 'RESTORE_LOG', name: 'nightly' }, ALICE, 'NOT_FOUND'],
    ['somebody without the right', { kind: 'BACKUP_LOG', name: 'nightly' }, MALLORY, 'FORBIDDEN'],
  ])('is not made for %s', async (_what, input, token, code) => {
    const world = await startWorld();
    await withContents(world, {});
    const made = await link(world, input, token);
    expect(made).toMatchObject({ url: null, expiresAt: null, userErrors: [{ code }] });
  });

  test('is not made for a backup that has no place yet', async () => {
    const world = await startWorld();
    await world.record('backup-velero.nightly', requested('u1'));
    expect(await link(world, { kind: 'BACKUP_LOG', name: 'nightly' })).toMatchObject({
      url: null,
      userErrors: [{ code: 'WRONG_PHASE' }],
    });
  });
});
