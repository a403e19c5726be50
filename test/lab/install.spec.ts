import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask, type Answer } from './fixture/api.js';
import { BOAT_CRD, boatsServed } from './fixture/app.js';
import { openBucket, type Bucket } from './fixture/bucket.js';
import {
  createAll,
  hasEnded,
  openCluster,
  pathOf,
  type LabCluster,
  type Resource,
} from './fixture/cluster.js';
import {
  afterBackup,
  afterRestore,
  beforeBackup,
  populate,
  saidIn,
  say,
  shell,
  type Place,
} from './fixture/hooked.js';
import { prepareHome, runProgram, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const root = `metadata/install-${RUN}`;
const server = `install-${RUN}`;
const app = `shop-${RUN}`;
const labels = { suite: RUN };
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const EVERYTHING = [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }];
const CREATE = `mutation ($input: CreateBackupInput!) { createBackup(input: $input) { backup { name } userErrors { code message } } }`;

/** Roles that grant what the server itself does not have, in all four forms, and one put together of others. */
const roles: readonly (readonly [path: string, object: object])[] = [
  [`${RBAC}/namespaces/${app}/roles`, { metadata: { name: 'mighty', labels }, rules: EVERYTHING }],
  [
    `${RBAC}/namespaces/${app}/rolebindings`,
    {
      metadata: { name: 'mighty', labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `mighty-${RUN}` }],
    },
  ],
  [`${RBAC}/clusterroles`, { metadata: { name: `mighty-${RUN}`, labels }, rules: EVERYTHING }],
  [
    `${RBAC}/clusterroles`,
    {
      metadata: { name: `joined-${RUN}`, labels },
      aggregationRule: { clusterRoleSelectors: [{ matchLabels: labels }] },
      rules: [],
    },
  ],
  [
    `${RBAC}/clusterrolebindings`,
    {
      metadata: { name: `mighty-${RUN}`, labels },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: `mighty-${RUN}` }],
    },
  ],
];
const restoredRoles = [
  `${RBAC}/namespaces/${app}-back/roles/mighty`,
  `${RBAC}/namespaces/${app}-back/rolebindings/mighty`,
  `${RBAC}/clusterroles/mighty-${RUN}`,
  `${RBAC}/clusterroles/joined-${RUN}`,
  `${RBAC}/clusterrolebindings/mighty-${RUN}`,
];

/** Which kinds of objects of a namespace were made by an installation. */
const madeKinds = (printed: string): readonly string[] =>
  printed
    .split('\n')
    .map((line) => /^([a-z.0-9]+)\/\S+ (created|updated|unchanged)$/.exec(line)?.[0] ?? '')
    .filter((line) => line !== '');

describe.skipIf(why !== '')(
  `an installation in a real cluster, and a server with no more than its rights${why}`,
  () => {
    const tidy = createTidy();
    let cluster: LabCluster;
    let bucket: Bucket;
    let folder: string;
    let home: Home;
    let lifeboat: Lifeboat;
    let place: Place;

    const install = (...flags: readonly string[]) =>
      runProgram(
        cluster,
        ...['install', '--apply', '-n', server, '--image', 'registry.example/lifeboat:1'],
        ...['--secret-file', cluster.s3.credentialsFile, '--timeout', '60s'],
        ...['--provider', 'aws', '--bucket', cluster.s3.bucket, '--prefix', `${root}/backups`],
        '--backup-location-config',
        `region=${cluster.s3.region},s3Url=${cluster.s3.endpoint},s3ForcePathStyle=true`,
        ...flags,
      );
    const tokenOf = async (account: string): Promise<string> => {
      const order = ['--kubeconfig', cluster.kubeconfig, '-n', server, 'create', 'token', account];
      const { stdout } = await promisify(execFile)('kubectl', order, {
        env: { PATH: cluster.path, HOME: tmpdir() },
      });
      return stdout.trim();
    };
    /** A server that is nobody but the installed ServiceAccount. */
    const startInstalled = async () => {
      lifeboat = await home.start({ auth: 'kubernetes', token: await tokenOf('lifeboat') });
    };
    const run = async (plural: 'backups' | 'restores', name: string, spec: object): Promise<Resource> => {
      await cluster.create(pathOf(server, plural), {
        apiVersion: 'velero.io/v1',
        kind: plural === 'backups' ? 'Backup' : 'Restore',
        metadata: { name, namespace: server },
        spec,
      });
      return cluster.becomes(pathOf(server, plural, name), hasEnded, { explain: lifeboat.log });
    };
    const backup = (name: string) =>
      run('backups', name, {
        includedNamespaces: [app],
        includeClusterResources: true,
        labelSelector: { matchLabels: labels },
        snapshotVolumes: false,
      });
    const createdBy = async (account: string, name: string): Promise<Answer> =>
      ask(
        lifeboat.url,
        CREATE,
        { input: { name, spec: { includedNamespaces: [app], snapshotVolumes: false } } },
        await tokenOf(account),
      );
    const codesOf = ({ data, errors }: Answer): readonly (string | undefined)[] => [
      ...(errors ?? []).map(({ extensions }) => extensions?.code),
      ...(
        (data?.['createBackup'] as { userErrors: readonly { code: string }[] } | null | undefined)
          ?.userErrors ?? []
      ).map(({ code }) => code),
    ];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'lifeboat-install-'));
      await tidy.keep({ close: () => rm(folder, { recursive: true, force: true }) });
      cluster = await tidy.keep(openCluster('install', { full: true }));
      bucket = await tidy.keep(openBucket(cluster, root));
      await createAll(cluster, [BOAT_CRD]);
      await boatsServed(cluster);
      place = { namespace: app, folder: join(folder, 'said') };
      await populate(cluster, place, [
        {
          name: 'db',
          labels,
          annotations: {
            ...beforeBackup(shell(say(place, 'froze'))),
            ...afterBackup(shell(say(place, 'thawed'))),
            ...afterRestore(shell(say(place, 'warmed'))),
          },
        },
      ]);
      await createAll(cluster, [
        ...roles,
        [
          `/apis/lab.example/v1/namespaces/${app}/boats`,
          {
            apiVersion: 'lab.example/v1',
            kind: 'Boat',
            metadata: { name: 'one', labels },
            spec: { seats: 4 },
          },
        ],
        [
          `/apis/apps/v1/namespaces/${app}/deployments`,
          {
            metadata: { name: 'web', labels },
            spec: {
              replicas: 0,
              selector: { matchLabels: { app: 'web' } },
              template: {
                metadata: { labels: { app: 'web' } },
                spec: { containers: [{ name: 'main', image: 'registry.example/app:1' }] },
              },
            },
          },
        ],
      ]);
    });

    afterAll(tidy.closeAll);

    test('applies everything, waits until the server is available, and finds nothing to do the second time', async () => {
      const first = await install();
      expect(madeKinds(first).map((line) => line.split(' ')[1])).toEqual(Array(11).fill('created'));
      expect(first).toContain('Lifeboat runs in namespace');
      const second = madeKinds(await install());
      expect(second).toHaveLength(11);
      expect(second.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
    });

    test('its pod keeps the strictest pod security standard, and its disk is bound', async () => {
      const namespace = await cluster.get(`/api/v1/namespaces/${server}`);
      expect(namespace?.metadata.labels).toMatchObject({
        'pod-security.kubernetes.io/enforce': 'restricted',
      });
      const deployment = await cluster.get(`/apis/apps/v1/namespaces/${server}/deployments/lifeboat`);
      expect(deployment?.status).toMatchObject({ availableReplicas: 1 });
      const claim = await cluster.get(`/api/v1/namespaces/${server}/persistentvolumeclaims/lifeboat-events`);
      expect(claim?.status?.phase).toBe('Bound');
    });

    test('what others changed since is refused by name, and taken over only by force', async () => {
      const path = `/apis/apps/v1/namespaces/${server}/deployments/lifeboat`;
      await cluster.patch(path, { spec: { replicas: 0 } });
      await expect(install('--no-wait')).rejects.toThrow(/spec\.replicas[^]*--force-conflicts/);
      expect((await install('--force-conflicts')).split('\n')).toContain('deployment.apps/lifeboat updated');
    });

    test('with exactly these rights a backup takes everything and runs its hooks', async () => {
      home = await tidy.keep(prepareHome(cluster, server, `${root}/backups`));
      await startInstalled();
      const { status } = await backup('one');
      expect(status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
      expect([status?.errors ?? 0, status?.warnings ?? 0]).toEqual([0, 0]);
      expect(await saidIn(place)).toEqual(['froze', 'thawed']);
    });

    test('with exactly these rights a restore brings it back: roles mightier than the server, custom kinds, status, hooks', async () => {
      for (const path of [
        `${RBAC}/clusterroles/mighty-${RUN}`,
        `${RBAC}/clusterroles/joined-${RUN}`,
        `${RBAC}/clusterrolebindings/mighty-${RUN}`,
      ])
        await cluster.remove(path);
      const { status } = await run('restores', 'one', {
        backupName: 'one',
        namespaceMapping: { [app]: `${app}-back` },
        restoreStatus: { includedResources: ['deployments'] },
      });
      expect(status, `${JSON.stringify(status)}\n${lifeboat.log()}`).toMatchObject({ phase: 'Completed' });
      expect(status?.errors ?? 0).toBe(0);
      for (const path of restoredRoles) expect(await cluster.get(path), path).toBeDefined();
      expect(await cluster.get(`/apis/lab.example/v1/namespaces/${app}-back/boats/one`)).toBeDefined();
      expect(await saidIn(place)).toEqual(['froze', 'thawed', 'warmed']);
    });

    test('with exactly these rights the API acts as its callers: a ServiceAccount with rights makes a backup, one without none', async () => {
      await createAll(cluster, [
        [`/api/v1/namespaces/${server}/serviceaccounts`, { metadata: { name: 'operator' } }],
        [`/api/v1/namespaces/${server}/serviceaccounts`, { metadata: { name: 'guest' } }],
        [`/api/v1/namespaces/${server}/serviceaccounts`, { metadata: { name: 'stranger' } }],
        [
          `${RBAC}/namespaces/${server}/roles`,
          {
            metadata: { name: 'operators' },
            rules: [
              {
                apiGroups: ['velero.io'],
                resources: ['backups', 'backupstoragelocations'],
                verbs: ['get', 'list', 'watch', 'create'],
              },
            ],
          },
        ],
        [
          `${RBAC}/namespaces/${server}/rolebindings`,
          {
            metadata: { name: 'operators' },
            roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'operators' },
            subjects: ['operator', 'stranger'].map((name) => ({
              kind: 'ServiceAccount',
              name,
              namespace: server,
            })),
          },
        ],
      ]);
      expect(codesOf(await createdBy('guest', 'by-guest'))).toEqual(['FORBIDDEN']);
      const made = await createdBy('operator', 'by-operator');
      expect(codesOf(made), JSON.stringify(made)).toEqual([]);
      const done = await cluster.becomes(pathOf(server, 'backups', 'by-operator'), hasEnded, {
        explain: lifeboat.log,
      });
      expect(done.status?.phase).toBe('Completed');
      expect(done.metadata.annotations?.['lifeboat.io/requested-by']).toBe(
        `system:serviceaccount:${server}:operator`,
      );
    });

    test('installed again for backups only, it gives the greater rights back', async () => {
      const printed = await install('--rbac', 'backup-only', '--api-callers', 'serviceaccount:operator');
      expect(madeKinds(printed).filter((line) => !line.endsWith(' unchanged'))).toEqual([
        `clusterrole.rbac.authorization.k8s.io/lifeboat-${server} updated`,
        'role.rbac.authorization.k8s.io/lifeboat updated',
      ]);
      await lifeboat.stop();
      await startInstalled();
    });

    test('for backups only: a backup takes everything and runs its hooks', async () => {
      const { status } = await backup('two');
      expect(status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
      expect(status?.errors ?? 0).toBe(0);
      expect((await saidIn(place)).slice(-2)).toEqual(['froze', 'thawed']);
    });

    test('for backups only: a restore is refused before anything is tried, with the way out', async () => {
      const { status } = await run('restores', 'two', {
        backupName: 'two',
        namespaceMapping: { [app]: `${app}-two` },
      });
      expect(status?.phase).toBe('FailedValidation');
      expect(status?.validationErrors?.join()).toMatch(/no right to create objects.*--rbac full/);
      expect(await cluster.get(`/api/v1/namespaces/${app}-two`)).toBeUndefined();
    });

    test('for backups only: the API acts as the callers that were named, and as nobody else', async () => {
      const made = await createdBy('operator', 'by-operator-too');
      expect(codesOf(made), JSON.stringify(made)).toEqual([]);
      const answer = await createdBy('stranger', 'by-stranger');
      expect(codesOf(answer), JSON.stringify(answer)).toEqual(['FORBIDDEN']);
      expect(JSON.stringify(answer)).toContain('impersonate');
      expect(await cluster.get(pathOf(server, 'backups', 'by-stranger'))).toBeUndefined();
    });

    test('a Velero that runs in the namespace is refused, and one that was scaled to zero is not', async () => {
      const path = `/apis/apps/v1/namespaces/${server}/deployments`;
      const selector = { deploy: 'velero' };
      const securityContext = {
        runAsNonRoot: true,
        runAsUser: 1000,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        seccompProfile: { type: 'RuntimeDefault' },
      };
      await cluster.create(path, {
        metadata: { name: 'velero' },
        spec: {
          replicas: 1,
          selector: { matchLabels: selector },
          template: {
            metadata: { labels: selector },
            spec: { containers: [{ name: 'velero', image: 'velero/velero:v1.18.2', securityContext }] },
          },
        },
      });
      await cluster.becomes(`${path}/velero`, ({ status }) => status?.['readyReplicas'] === 1);
      await expect(install('--no-wait')).rejects.toThrow(
        /Velero is running.*scale deployment velero --replicas=0/,
      );
      await cluster.patch(`${path}/velero`, { spec: { replicas: 0 } });
      await cluster.becomes(`${path}/velero`, ({ status }) => status?.['readyReplicas'] === undefined);
      await install('--no-wait', '--force-conflicts');
      await cluster.remove(`${path}/velero`);
    });

    test('uninstalled with everything, it leaves the bucket and nothing else', async () => {
      await lifeboat.stop();
      await cluster.patch(pathOf(server, 'restores', 'one'), {
        metadata: { finalizers: ['restores.velero.io/external-resources-finalizer'] },
      });
      const before = await bucket.keys(`${root}/`);
      await runProgram(
        cluster,
        'uninstall',
        '--confirm',
        '-n',
        server,
        '--delete-namespace',
        '--delete-crds',
      );
      expect(await bucket.keys(`${root}/`)).toEqual(before);
      expect(before.length).toBeGreaterThan(4);
      expect(await cluster.get(`/api/v1/namespaces/${server}`)).toBeUndefined();
      const left = [
        ...(await cluster.list('/apis/apiextensions.k8s.io/v1/customresourcedefinitions')).filter(
          ({ metadata }) => metadata.name.endsWith('.velero.io'),
        ),
        ...(await cluster.list(`${RBAC}/clusterroles`)).filter(({ metadata }) =>
          metadata.name.startsWith('lifeboat'),
        ),
        ...(await cluster.list(`${RBAC}/clusterrolebindings`)).filter(({ metadata }) =>
          metadata.name.startsWith('lifeboat'),
        ),
      ];
      expect(left.map(({ metadata }) => metadata.name)).toEqual([]);
      const volumes = await until('the disk of the event store to go', async () => {
        const found = JSON.stringify(await cluster.list('/api/v1/persistentvolumes'));
        return found.includes(`"namespace":"${server}"`) ? undefined : found;
      });
      expect(volumes).toBeDefined();
    });
  },
);
