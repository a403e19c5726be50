import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, FACT, factsOf, read, type Answer, type Fact } from './fixture/api.js';
import { application, BOAT_CRD, boatsServed } from './fixture/app.js';
import { openBucket } from './fixture/bucket.js';
import { createAll, openCluster, pathOf, type LabCluster } from './fixture/cluster.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const root = `metadata/acceptance-${RUN}`;
const app = `graph-${RUN}`;
const CREATE_BACKUP = `mutation ($input: CreateBackupInput!) {
  createBackup(input: $input) { backup { name phase } position userErrors { code message field } }
}`;
const CREATE_RESTORE = `mutation ($input: CreateRestoreInput!) {
  createRestore(input: $input) { restore { name phase } position userErrors { code message field } }
}`;
const BACKUP_PROGRESS = `subscription ($name: String!, $atLeast: Position) {
  backupProgress(name: $name, atLeast: $atLeast) { phase progress { itemsDone totalItems bytesWritten } errors warnings completedAt attempts }
}`;
const RESTORE_PROGRESS = `subscription ($name: String!, $atLeast: Position) {
  restoreProgress(name: $name, atLeast: $atLeast) { phase progress { itemsDone totalItems } errors warnings itemsCreated itemsUpdated itemsSkipped itemsFailed completedAt }
}`;
const EVENTS = `subscription ($after: Position, $filter: EventFilter) { events(after: $after, filter: $filter) { ${FACT} } }`;
const BACKUP_ORDER = ['NEW', 'QUEUED', 'READY_TO_START', 'IN_PROGRESS', 'FINALIZING', 'COMPLETED'];
const RESTORE_ORDER = ['NEW', 'IN_PROGRESS', 'FINALIZING', 'COMPLETED'];

interface Payload {
  readonly position: string;
  readonly userErrors: readonly {
    readonly code: string;
    readonly message: string;
    readonly field: readonly string[] | null;
  }[];
}
interface Sight {
  readonly phase: string;
  readonly progress: { readonly itemsDone: number; readonly totalItems: number | null } | null;
  readonly errors: number;
  readonly completedAt: string | null;
}

const payloadOf = ({ data, errors }: Answer, mutation: string): Payload => {
  const payload = data?.[mutation];
  if (payload === null || payload === undefined) throw new Error(JSON.stringify(errors));
  return payload as Payload;
};
const codesOf = ({ errors = [] }: Answer) => errors.map(({ extensions }) => extensions?.code);

const isInOrder = (phases: readonly string[], order: readonly string[]): boolean =>
  phases.every(
    (phase, i) => order.includes(phase) && (i === 0 || order.indexOf(phase) >= order.indexOf(phases[i - 1]!)),
  );

describe.skipIf(why !== '')(`A7: backup and restore by GraphQL alone${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let guarded: Home;
  let lifeboat: Lifeboat;
  let behindGuard: Lifeboat;
  const patience = () => AbortSignal.timeout(90_000);

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('acc1'));
    await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, `graphql-${RUN}`, `${root}/open`));
    guarded = await tidy.keep(prepareHome(cluster, `guarded-${RUN}`, `${root}/guarded`));
    await createAll(cluster, [BOAT_CRD]);
    await boatsServed(cluster);
    await createAll(cluster, application(app));
    [lifeboat, behindGuard] = await Promise.all([home.start(), guarded.start({ auth: 'kubernetes' })]);
  });

  afterAll(tidy.closeAll);

  test('a backup is asked for and followed to its end: phases in order, the last message has the final counts', async () => {
    const made = payloadOf(
      await ask(lifeboat.url, CREATE_BACKUP, {
        input: {
          name: 'one',
          spec: { includedNamespaces: [app] },
          labels: [{ key: 'made-by', value: 'graphql' }],
        },
      }),
      'createBackup',
    );
    expect(made.userErrors).toEqual([]);
    const seen = await read<Sight>(
      lifeboat.url,
      BACKUP_PROGRESS,
      { name: 'one', atLeast: made.position },
      patience(),
    );
    expect(
      isInOrder(
        seen.map(({ phase }) => phase),
        BACKUP_ORDER,
      ),
      JSON.stringify(seen),
    ).toBe(true);
    expect(seen.at(-1)).toMatchObject({
      phase: 'COMPLETED',
      progress: { itemsDone: 12, totalItems: 12 },
      errors: 0,
      warnings: 0,
      attempts: 1,
    });
    expect(seen.at(-1)?.completedAt).toBeTruthy();
    expect(seen.filter(({ phase }) => phase === 'COMPLETED')).toHaveLength(1);
  });

  test('kubectl and the velero program see it as any other backup', async () => {
    const resource = await cluster.get(pathOf(home.namespace, 'backups', 'one'));
    expect(resource).toMatchObject({
      status: { phase: 'Completed' },
      metadata: { labels: { 'made-by': 'graphql' } },
    });
  });

  test('a restore is asked for and followed the same way', async () => {
    const input = {
      name: 'back',
      spec: { backupName: 'one', namespaceMapping: [{ from: app, to: `${app}-back` }] },
    };
    const made = payloadOf(await ask(lifeboat.url, CREATE_RESTORE, { input }), 'createRestore');
    expect(made.userErrors).toEqual([]);
    const seen = await read<Sight>(
      lifeboat.url,
      RESTORE_PROGRESS,
      { name: 'back', atLeast: made.position },
      patience(),
    );
    expect(
      isInOrder(
        seen.map(({ phase }) => phase),
        RESTORE_ORDER,
      ),
      JSON.stringify(seen),
    ).toBe(true);
    expect(seen.at(-1)).toMatchObject({ phase: 'COMPLETED', errors: 0, itemsUpdated: 0, itemsFailed: 0 });
    const { progress } = seen.at(-1)!;
    expect(progress?.itemsDone).toBe(progress?.totalItems);
    expect(await cluster.get(`/api/v1/namespaces/${app}-back/configmaps/settings`)).toBeDefined();
  });

  test('every fact of both tells who, by what request, after what and in one sentence', async () => {
    for (const stream of [`backup-${home.namespace}.one`, `restore-${home.namespace}.back`]) {
      const facts = await factsOf(lifeboat.url, { stream });
      expect(facts.map(({ type }) => type.replace(/^(Backup|Restore)/, ''))).toEqual([
        'Requested',
        'Started',
        stream.startsWith('b') ? 'ContentsStored' : 'ItemsApplied',
        'Finished',
      ]);
      expect(facts[0]?.actor).toMatchObject({ kind: 'USER', via: 'graphql' });
      expect(new Set(facts.map(({ correlationId }) => correlationId)).size).toBe(1);
      expect(facts.map(({ revision }) => revision)).toEqual([0, 1, 2, 3]);
      for (const fact of facts) {
        expect(fact.actor.name).toBeTruthy();
        expect(fact.causationId, fact.type).toBeTruthy();
        expect(fact.summary).toMatch(/^[A-Z].{9,}\.$/);
        expect(Number.isNaN(Date.parse(fact.recordedAt))).toBe(false);
      }
      const whole = await factsOf(lifeboat.url, { correlationId: facts[0]!.correlationId });
      expect(whole.map(({ type }) => type)).toEqual(
        expect.arrayContaining(['MutationReceived', 'MutationAnswered', ...facts.map(({ type }) => type)]),
      );
    }
  });

  test('the stream of facts can be left and taken up again, with no gap and no repeat', async () => {
    const start = (await ask(lifeboat.url, '{ serverInfo { position } }')).data?.['serverInfo'] as {
      readonly position: string;
    };
    const filter = { stream: `backup-${home.namespace}.two` };
    const listen = async (after: string, until: (fact: Fact) => boolean) => {
      const enough = new AbortController();
      const signal = AbortSignal.any([enough.signal, patience()]);
      return read<Fact>(lifeboat.url, EVENTS, { after, filter }, signal, (fact) => {
        if (until(fact)) enough.abort();
      });
    };
    const listening = listen(start.position, ({ type }) => type === 'BackupStarted');
    await ask(lifeboat.url, CREATE_BACKUP, { input: { name: 'two', spec: { includedNamespaces: [app] } } });
    const first = (await listening).slice(0, 2);
    const second = await listen(first.at(-1)!.position, ({ type }) => type === 'BackupFinished');
    expect([...first, ...second].map(({ type }) => type)).toEqual([
      'BackupRequested',
      'BackupStarted',
      'BackupContentsStored',
      'BackupFinished',
    ]);
  });

  test('what cannot be done is refused in words for people and codes for programs, and the next request is served', async () => {
    const refusalOf = async (mutation: string, text: string, input: object) =>
      payloadOf(await ask(lifeboat.url, text, { input }), mutation).userErrors.map(({ code }) => code);
    expect(await refusalOf('createBackup', CREATE_BACKUP, { name: 'one' })).toEqual(['NAME_TAKEN']);
    expect(
      await refusalOf('createBackup', CREATE_BACKUP, { name: 'x', spec: { storageLocation: 'nowhere' } }),
    ).toEqual(['NOT_FOUND']);
    expect(
      await refusalOf('createBackup', CREATE_BACKUP, { name: 'x', spec: { includedNamespaces: ['*', app] } }),
    ).toEqual(['INVALID']);
    expect(await refusalOf('createBackup', CREATE_BACKUP, { name: 'x', spec: { ttl: 'soon' } })).toEqual([
      'INVALID',
    ]);
    expect(await refusalOf('createRestore', CREATE_RESTORE, { spec: { backupName: 'nothing' } })).toEqual([
      'NOT_FOUND',
    ]);
    expect(await refusalOf('createBackup', CREATE_BACKUP, { name: 'b'.repeat(254) })).toEqual(['INVALID']);
    expect((await ask(lifeboat.url, '{ viewer { name } }')).errors).toBeUndefined();
  });

  const alice = 'labusertoken';
  const asAlice = (query: string, variables: object = {}) => ask(behindGuard.url, query, variables, alice);
  const request = { input: { name: 'hers', spec: { includedNamespaces: [app] } } };

  test('behind authentication nobody is served without a token, or with a wrong one', async () => {
    expect(codesOf(await ask(behindGuard.url, '{ viewer { name } }'))).toEqual(['UNAUTHENTICATED']);
    expect(codesOf(await ask(behindGuard.url, '{ viewer { name } }', {}, 'nonsense'))).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect(codesOf(await ask(behindGuard.url, CREATE_BACKUP, request))).toEqual(['UNAUTHENTICATED']);
    await expect(read(behindGuard.url, BACKUP_PROGRESS, { name: 'hers' }, patience())).rejects.toBeDefined();
  });

  test('alice, who may do nothing in the cluster, may do nothing here', async () => {
    expect((await asAlice('{ viewer { name kind } }')).data).toEqual({
      viewer: { name: 'alice', kind: 'USER' },
    });
    expect(codesOf(await asAlice('{ backups { totalCount } }'))).toEqual(['FORBIDDEN']);
    const answer = await asAlice(CREATE_BACKUP, request);
    expect([
      ...codesOf(answer),
      ...(answer.data?.['createBackup']
        ? payloadOf(answer, 'createBackup').userErrors.map(({ code }) => code)
        : []),
    ]).toEqual(['FORBIDDEN']);
    expect(await cluster.get(pathOf(guarded.namespace, 'backups', 'hers'))).toBeUndefined();
  });

  test('once the cluster lets her group make backups she makes one here, and the record names her', async () => {
    const rbac = `/apis/rbac.authorization.k8s.io/v1/namespaces/${guarded.namespace}`;
    const resources = ['backups', 'restores', 'backupstoragelocations'];
    await createAll(cluster, [
      [
        `${rbac}/roles`,
        {
          metadata: { name: 'makers' },
          rules: [{ apiGroups: ['velero.io'], resources, verbs: ['get', 'list', 'watch', 'create'] }],
        },
      ],
      [
        `${rbac}/rolebindings`,
        {
          metadata: { name: 'makers' },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'makers' },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'team-a' }],
        },
      ],
    ]);
    // What she may not do is remembered for some seconds.
    await until('her new rights to count', async () =>
      (await asAlice('{ backups { totalCount } }')).errors ? undefined : true,
    );
    const made = await until('her backup to be accepted', async () => {
      const answer = await asAlice(CREATE_BACKUP, request);
      const payload = answer.data?.['createBackup'] as Payload | undefined;
      return payload?.userErrors.length === 0 ? payload : undefined;
    });
    expect(made.position).toBeTruthy();
    const done = await cluster.becomes(
      pathOf(guarded.namespace, 'backups', 'hers'),
      ({ status }) => status?.phase === 'Completed',
      { explain: behindGuard.log },
    );
    expect(JSON.stringify(done.metadata)).not.toContain(alice);
    const { data } = await asAlice(
      `{ backup(name: "hers") { events { nodes { type actor { kind name via } } } } }`,
    );
    const { events } = data?.['backup'] as { readonly events: { readonly nodes: readonly object[] } };
    expect(events.nodes[0]).toEqual({
      type: 'BackupRequested',
      actor: { kind: 'USER', name: 'alice', via: 'graphql' },
    });
  });
});
