import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { locationOf, prepareHome, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli, type Said } from './fixture/velero.js';

const app = `app-${RUN}`;
const root = `metadata/deletion-${RUN}`;
const OURS = `lifeboat-${RUN}`;
const LONG = `long-${'n'.repeat(70)}`;
const SERVERS = [
  { who: 'Lifeboat', namespace: OURS, prefix: `${root}/lifeboat` },
  { who: 'Velero', namespace: VELERO_NAMESPACE, prefix: `${root}/velero` },
] as const;
type Server = (typeof SERVERS)[number];

const UNDELETABLE = [
  ['in-reading', 'reading'],
  ['in-broken', 'broken'],
  ['in-nowhere', 'nowhere'],
] as const;

const PAST = '2020-01-01T00:00:00Z';

/** What is compared of a request or a backup: what people and scripts look at. */
const shown = ({ metadata, status }: Resource, uids: ReadonlyMap<string, string>) => ({
  labels: Object.fromEntries(
    Object.entries(metadata.labels ?? {}).map(([key, value]) => [key, uids.get(value) ?? value]),
  ),
  phase: status?.phase,
  errors: status?.['errors'],
});

describe.skipIf(why !== '')(`deletion, by Lifeboat and beside it by the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let lifeboat: Lifeboat;

  const cliOf = ({ namespace }: Server) => veleroCli(cluster, namespace);
  const both = <T>(work: (server: Server) => Promise<T>): Promise<readonly T[]> =>
    Promise.all(SERVERS.map(work));
  const gone = (path: string) =>
    until(`${path} to be gone`, async () => ((await cluster.get(path)) ? undefined : true), {
      explain: () => lifeboat.log(),
    });
  const emptied = (prefix: string) =>
    until(`${prefix} to be empty`, async () => ((await bucket.keys(prefix)).length === 0 ? true : undefined));

  /** A backup that ended long ago without files, in any location. */
  const putFailed = async (server: Server, name: string, location: string, status: object = {}) => {
    await cluster.create(pathOf(server.namespace, 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name, namespace: server.namespace },
      spec: { storageLocation: location },
      status: { phase: 'Failed', ...status },
    });
  };

  const ask = async (server: Server, name: string, backupName: string, labels: object = {}) => {
    await cluster.create(pathOf(server.namespace, 'deletebackuprequests'), {
      apiVersion: 'velero.io/v1',
      kind: 'DeleteBackupRequest',
      metadata: { name, namespace: server.namespace, labels },
      spec: { backupName },
    });
  };

  const answered = async (server: Server, name: string) => {
    const found = await cluster.becomes(
      pathOf(server.namespace, 'deletebackuprequests', name),
      ({ status }) => status?.phase === 'Processed',
      { explain: () => lifeboat.log() },
    );
    return shown(found, new Map());
  };

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('del1'));
    bucket = await tidy.keep(openBucket(cluster, root));
    const home = await tidy.keep(prepareHome(cluster, OURS, `${root}/lifeboat`));
    await cluster.create('/api/v1/namespaces', { metadata: { name: VELERO_NAMESPACE } });
    await cluster.create('/api/v1/namespaces', { metadata: { name: app } });
    await cluster.create(`/api/v1/namespaces/${app}/configmaps`, { metadata: { name: 'settings' } });
    for (const { namespace, prefix } of SERVERS) {
      const path = pathOf(namespace, 'backupstoragelocations');
      for (const name of ['reading', 'broken']) await cluster.remove(`${path}/${name}`);
      for (const kind of ['deletebackuprequests', 'backups'])
        for (const { metadata } of await cluster.list(pathOf(namespace, kind)))
          await cluster.remove(pathOf(namespace, kind, metadata.name));
      await cluster.create(
        path,
        locationOf(cluster, namespace, `${prefix}-reading`, {
          name: 'reading',
          spec: { accessMode: 'ReadOnly' },
        }),
      );
      await cluster.create(
        path,
        locationOf(cluster, namespace, `${prefix}-broken`, {
          name: 'broken',
          spec: { objectStorage: { bucket: `no-such-bucket-${RUN}` } },
        }),
      );
    }
    [lifeboat] = await Promise.all([
      home.start({ flags: ['--store-validation-frequency', '5s'] }),
      tidy.keep(startVelero(cluster, `${root}/velero`, { flags: ['--garbage-collection-frequency', '5s'] })),
    ]);
    await both(async ({ namespace }) => {
      for (const [name, phase] of [
        ['reading', 'Available'],
        ['broken', 'Unavailable'],
      ] as const)
        await cluster.becomes(
          pathOf(namespace, 'backupstoragelocations', name),
          ({ status }) => status?.phase === phase,
        );
    });
  });

  afterAll(tidy.closeAll);

  /** Long before it is asked for: Velero looks where it is told, and it is told a moment later than the API server knows. */
  beforeAll(async () => {
    for (const [name, location] of UNDELETABLE) await both((server) => putFailed(server, name, location));
  });

  const ended = (server: Server, kind: 'backups' | 'restores', name: string) =>
    cluster.becomes(pathOf(server.namespace, kind, name), hasEnded, {
      explain: () => lifeboat.log(),
    });

  const backUp = async (server: Server, name: string, ...flags: readonly string[]): Promise<Said> => {
    const said = await cliOf(server)('backup', 'create', name, '--include-namespaces', app, ...flags);
    expect((await ended(server, 'backups', name)).status?.phase).toBe('Completed');
    return said;
  };

  /**
   * By the program. The real server takes a backup that ended a moment ago for one that runs, and refuses; whoever meets that asks again.
   */
  const deleteByCli = async (server: Server, backup: string): Promise<Said> => {
    const requests = pathOf(server.namespace, 'deletebackuprequests');
    const said = await cliOf(server)('backup', 'delete', backup, '--confirm');
    const refusal = await until('the deletion to end', async () => {
      if (!(await cluster.get(pathOf(server.namespace, 'backups', backup)))) return 'none';
      const ours = (await cluster.list(requests)).filter(({ spec }) => spec?.['backupName'] === backup);
      return ours.find(({ status }) => JSON.stringify(status?.['errors'] ?? '').includes('in progress'));
    });
    if (refusal === 'none') return said;
    await cluster.remove(`${requests}/${refusal.metadata.name}`);
    return deleteByCli(server, backup);
  };

  const restoreTwice = async (server: Server, backup: string) => {
    for (const name of [`${backup}-r1`, `${backup}-r2`]) {
      await cliOf(server)('restore', 'create', name, '--from-backup', backup);
      const restore = await ended(server, 'restores', name);
      expect(restore.metadata['finalizers' as keyof typeof restore.metadata]).toEqual([
        'restores.velero.io/external-resources-finalizer',
      ]);
    }
  };

  const nothingIsLeft = async ({ namespace, prefix }: Server, backup: string) => {
    await gone(pathOf(namespace, 'backups', backup));
    for (const restore of [`${backup}-r1`, `${backup}-r2`])
      await gone(pathOf(namespace, 'restores', restore));
    await until('the requests to be gone', async () =>
      (await cluster.list(pathOf(namespace, 'deletebackuprequests'))).some(
        ({ spec }) => spec?.['backupName'] === backup,
      )
        ? undefined
        : true,
    );
    for (const kind of ['backups', 'restores']) await emptied(`${prefix}/${kind}/${backup}`);
    expect(await cluster.get(`/api/v1/namespaces/${app}/configmaps/settings`)).toBeDefined();
  };

  test('"velero backup delete" takes the backup, its two restores, their files and the request', async () => {
    const said = await both(async (server) => {
      await backUp(server, 'one');
      await restoreTwice(server, 'one');
      const answer = await deleteByCli(server, 'one');
      await nothingIsLeft(server, 'one');
      return answer;
    });
    expect(said[0]).toEqual(said[1]);
  });

  test('acceptance 3: a backup that is kept for a minute goes by itself, with its restores, and the record tells it', async () => {
    await both(async (server) => {
      await backUp(server, 'brief', '--ttl', '1m');
      await restoreTwice(server, 'brief');
      await nothingIsLeft(server, 'brief');
    });
    const answer = await fetch(`${lifeboat.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        query: `{ events(first: 50, filter: { stream: "backup-${OURS}.brief" }) { nodes { summary actor { kind name } } } }`,
      }),
    });
    const { data } = (await answer.json()) as {
      readonly data: { readonly events: { readonly nodes: readonly { readonly summary: string }[] } };
    };
    expect(data.events.nodes.slice(-5)).toMatchObject([
      {
        summary: 'Deletion began, since the backup has expired.',
        actor: { kind: 'SYSTEM', name: 'expiry' },
      },
      { summary: 'No volume data of the backup is left.' },
      { summary: 'No restore of the backup is left.' },
      { summary: 'No file of the backup is left in object storage.' },
      { summary: 'Backup deleted.' },
    ]);
  });

  test('"velero restore delete" takes the restore and its files, and leaves what it restored', async () => {
    await both(async (server) => {
      const { namespace, prefix } = server;
      await backUp(server, 'two');
      await restoreTwice(server, 'two');
      await cliOf(server)('restore', 'delete', 'two-r1', '--confirm');
      await gone(pathOf(namespace, 'restores', 'two-r1'));
      expect(await bucket.keys(`${prefix}/restores/two-r1/`)).toEqual([]);
      expect((await bucket.keys(`${prefix}/restores/two-r2/`)).length).toBeGreaterThan(0);
    });
  });

  test('a name that is too long for a label is found by the CLI and deleted', async () => {
    await both(async (server) => {
      await backUp(server, LONG);
      await deleteByCli(server, LONG);
      await nothingIsLeft(server, LONG);
    });
  });

  test.each([
    ['no name', 'refused-nameless', ''],
    ['a name that nothing has', 'refused-unknown', 'no-such-backup'],
    ['a backup in a location that may only be read', 'refused-reading', 'in-reading'],
    ['a backup in a location that does not answer', 'refused-broken', 'in-broken'],
    ['a backup in a location that is gone', 'refused-nowhere', 'in-nowhere'],
  ])('a request with %s is answered with the same error', async (_what, request, backup) => {
    const [ours, theirs] = await both(async (server) => {
      await ask(server, request, backup);
      return answered(server, request);
    });
    expect(ours).toEqual(theirs);
    expect(ours?.errors).toHaveLength(1);
    for (const { namespace } of backup.startsWith('in-') ? SERVERS : []) {
      const kept = await cluster.get(pathOf(namespace, 'backups', backup));
      expect(kept?.status?.phase).toBe('Failed');
    }
  });

  test('a new request takes the former ones about the same backup away', async () => {
    await both(async (server) => {
      const labels = { 'velero.io/backup-name': 'no-such-other' };
      await ask(server, 'former', 'no-such-other', labels);
      await answered(server, 'former');
      await ask(server, 'latter', 'no-such-other', labels);
      await answered(server, 'latter');
      await gone(pathOf(server.namespace, 'deletebackuprequests', 'former'));
    });
  });

  test.each([
    ['may only be read', 'expired-reading', 'reading', 'BSLReadOnly'],
    ['is gone', 'expired-nowhere', 'nowhere', 'BSLNotFound'],
  ])(
    'an expired backup in a location that %s stays, with the label that says so',
    async (_what, name, location, label) => {
      const found = await both(async (server) => {
        await putFailed(server, name, location, { expiration: PAST });
        const kept = await cluster.becomes(
          pathOf(server.namespace, 'backups', name),
          ({ metadata }) => metadata.labels?.['velero.io/gc-failure'] !== undefined,
        );
        return shown(kept, new Map());
      });
      expect(found[0]).toEqual(found[1]);
      expect(found[0]?.labels).toEqual({ 'velero.io/gc-failure': label });
    },
  );

  test('a backup that failed since its name was taken: Velero takes the files of the other one with it, Lifeboat leaves them', async () => {
    const left = await both(async (server) => {
      const { namespace, prefix } = server;
      await backUp(server, 'taken');
      const path = pathOf(namespace, 'backups', 'taken');
      // Sync brings the resource back within seconds: the other one has to be faster.
      await until('another backup of the name', async () => {
        await cluster.remove(path);
        await cluster.create(pathOf(namespace, 'backups'), {
          apiVersion: 'velero.io/v1',
          kind: 'Backup',
          metadata: { name: 'taken', namespace },
          spec: { includedNamespaces: [app], storageLocation: 'default' },
        });
        const { status } = await cluster.becomes(path, hasEnded);
        return status?.phase === 'Completed' ? undefined : true;
      });
      await cliOf(server)('backup', 'delete', 'taken', '--confirm');
      await until('the request to be gone', async () =>
        (await cluster.list(pathOf(namespace, 'deletebackuprequests'))).some(
          ({ spec }) => spec?.['backupName'] === 'taken',
        )
          ? undefined
          : true,
      );
      return (await bucket.keys(`${prefix}/backups/taken/`)).length > 0;
    });
    expect(left).toEqual([true, false]);
  });
});
