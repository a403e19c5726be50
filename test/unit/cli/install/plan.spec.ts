import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { type GivenInstallFlags } from '../../../../src/cli/install/flags.js';
import { objectsOf } from '../../../../src/cli/install/objects.js';
import { planInstall } from '../../../../src/cli/install/plan.js';
import { printObjects } from '../../../../src/cli/install/print.js';

interface Printed {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: object;
  };
  readonly spec?: unknown;
  readonly [field: string]: unknown;
}

interface PodSpec {
  readonly serviceAccountName: string;
  readonly priorityClassName?: string;
  readonly containers: readonly [
    {
      readonly args: readonly string[];
      readonly env: readonly { readonly name: string; readonly value?: string }[];
      readonly resources: object;
      readonly volumeMounts: readonly { readonly name: string }[];
    },
  ];
  readonly volumes: readonly object[];
}

const SECRET = '[default]\naws_access_key_id=key\naws_secret_access_key=hidden-word\n';
const BARE: GivenInstallFlags = {
  image: 'registry.example/lifeboat:1',
  'no-secret': 'true',
  'no-default-backup-location': 'true',
};

describe('a plan made of the flags of install', () => {
  let folder = '';
  let secretFile = '';
  let certificates = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-plan-'));
    [secretFile, certificates] = [join(folder, 'cloud'), join(folder, 'ca.pem')];
    await writeFile(secretFile, SECRET);
    await writeFile(certificates, '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const printed = async (given: GivenInstallFlags, hideSecrets = false): Promise<readonly Printed[]> => {
    const { text } = await printObjects(objectsOf(await planInstall(given)), { format: 'yaml', hideSecrets });
    return parseAllDocuments(text).map((document) => document.toJS() as Printed);
  };
  const kindsOf = (objects: readonly Printed[]) =>
    objects.map(({ kind }) => kind).filter((kind) => kind !== 'CustomResourceDefinition');
  const one = (objects: readonly Printed[], kind: string): Printed =>
    objects.find((object) => object.kind === kind) ?? expect.fail(`no ${kind} is printed`);
  const podOf = (objects: readonly Printed[]) =>
    (
      one(objects, 'Deployment').spec as {
        readonly template: {
          readonly metadata: { readonly labels: object; readonly annotations: object };
          readonly spec: PodSpec;
        };
      }
    ).template;
  const full = (): GivenInstallFlags => ({
    image: 'registry.example/lifeboat:1',
    provider: 'aws',
    bucket: 'backups',
    prefix: 'a',
    'backup-location-config': 'region=eu-central-1,s3Url=https://s3.example?a=b',
    'secret-file': secretFile,
    cacert: certificates,
  });

  test('everything a server needs is printed, in an order in which it can be created', async () => {
    const objects = await printed(full());
    expect(objects.filter(({ kind }) => kind === 'CustomResourceDefinition')).toHaveLength(13);
    expect(objects.at(0)?.kind).toBe('CustomResourceDefinition');
    expect(kindsOf(objects)).toEqual([
      'Namespace',
      'ServiceAccount',
      'ClusterRole',
      'Role',
      'ClusterRoleBinding',
      'RoleBinding',
      'Secret',
      'BackupStorageLocation',
      'PersistentVolumeClaim',
      'Service',
      'Deployment',
    ]);
  });

  test('everything of ours bears the label by which uninstall knows it, and none the one by which velero finds its Deployment', async () => {
    for (const { kind, metadata } of await printed(full())) {
      if (kind === 'CustomResourceDefinition') expect(metadata.labels).toEqual({ component: 'velero' });
      else expect(metadata.labels).toMatchObject({ 'app.kubernetes.io/managed-by': 'lifeboat-install' });
      if (kind === 'Deployment') expect(metadata.labels).not.toHaveProperty('component');
    }
  });

  test('the location says what the flags say', async () => {
    expect(one(await printed(full()), 'BackupStorageLocation').spec).toEqual({
      default: true,
      provider: 'aws',
      objectStorage: {
        bucket: 'backups',
        prefix: 'a',
        caCert: Buffer.from('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n').toString(
          'base64',
        ),
      },
      config: { region: 'eu-central-1', s3Url: 'https://s3.example?a=b' },
    });
  });

  test('the Secret is in a dry run alone; a print to read names it and shows nothing of it', async () => {
    const secret = one(await printed(full()), 'Secret');
    expect(secret['data']).toEqual({ cloud: Buffer.from(SECRET).toString('base64') });
    const read = await printObjects(objectsOf(await planInstall(full())), {
      format: 'yaml',
      hideSecrets: true,
    });
    expect(`${read.text}${read.notes.join()}`).not.toContain(
      Buffer.from(SECRET).toString('base64').slice(0, 20),
    );
    expect(`${read.text}${read.notes.join()}`).not.toContain('hidden-word');
    expect(read.notes.join()).toContain('create secret generic cloud-credentials');
    expect(podOf(await printed(full(), true)).spec.volumes).toContainEqual({
      name: 'cloud-credentials',
      secret: { secretName: 'cloud-credentials' },
    });
  });

  test('as JSON it is one List of the same objects', async () => {
    const { text } = await printObjects(objectsOf(await planInstall(full())), {
      format: 'json',
      hideSecrets: false,
    });
    expect((JSON.parse(text) as { readonly kind: string; readonly items: readonly Printed[] }).items).toEqual(
      await printed(full()),
    );
  });

  test('each right stands below the reason for it', async () => {
    const { text } = await printObjects(objectsOf(await planInstall(BARE)), {
      format: 'yaml',
      hideSecrets: true,
    });
    const roles = text.split('---\n').filter((document) => /^kind: (Cluster)?Role$/m.test(document));
    expect(roles).toHaveLength(2);
    for (const role of roles) {
      const lines = role.split('\n');
      const rules = lines.flatMap((line, at) => (line.startsWith('  - apiGroups:') ? [lines[at - 1]] : []));
      expect(rules.length).toBeGreaterThan(0);
      for (const before of rules) expect(before).toMatch(/^ {2}# .{30,}/);
    }
  });

  test('the pod may write its disks alone, and gains no rights', async () => {
    const { spec } = podOf(await printed(BARE));
    expect(spec).toMatchObject({
      securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
    });
    expect(spec.containers[0]).toMatchObject({
      securityContext: {
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      },
      readinessProbe: { httpGet: { path: '/readyz' } },
      livenessProbe: { httpGet: { path: '/healthz' } },
    });
    expect(one(await printed(BARE), 'Deployment').spec).toMatchObject({
      replicas: 1,
      strategy: { type: 'Recreate' },
    });
    expect(podOf(await printed(BARE)).metadata.annotations).toMatchObject({
      'prometheus.io/port': '8085',
      'prometheus.io/scrape': 'true',
    });
  });

  test('for backups only no right to create anything but its own resources and snapshots is left, nor to act as anybody', async () => {
    const role = one(await printed({ ...BARE, rbac: 'backup-only' }), 'ClusterRole');
    const rules = role['rules'] as readonly {
      readonly verbs: readonly string[];
      readonly resources: readonly string[];
    }[];
    const creating = rules.filter(({ verbs }) => !verbs.every((verb) => ['get', 'list'].includes(verb)));
    expect(creating.flatMap(({ resources }) => resources)).toEqual([
      'pods/exec',
      'volumesnapshots',
      'volumesnapshotcontents',
      'volumegroupsnapshots',
      'volumegroupsnapshotcontents',
      'tokenreviews',
      'subjectaccessreviews',
    ]);
  });

  test('for backups only the Secret that opens the repositories can be made, in the namespace of the server alone', async () => {
    const objects = await printed({ ...BARE, rbac: 'backup-only' });
    const right = { apiGroups: [''], resources: ['secrets'], verbs: ['create'] };
    expect(one(objects, 'Role')['rules']).toContainEqual(right);
    expect(one(objects, 'ClusterRole')['rules']).not.toContainEqual(right);
  });

  test('callers that are named may be acted as, by name, with the groups everybody is in', async () => {
    const objects = await printed({
      ...BARE,
      rbac: 'backup-only',
      'api-callers': 'user:alice,group:team-a,serviceaccount:operator',
    });
    expect(one(objects, 'ClusterRole')['rules']).toEqual(
      expect.arrayContaining([
        { apiGroups: [''], resources: ['users'], verbs: ['impersonate'], resourceNames: ['alice'] },
        {
          apiGroups: [''],
          resources: ['groups'],
          verbs: ['impersonate'],
          resourceNames: [
            'team-a',
            'system:authenticated',
            'system:serviceaccounts',
            'system:serviceaccounts:velero',
          ],
        },
      ]),
    );
    expect(one(objects, 'Role')['rules']).toContainEqual({
      apiGroups: [''],
      resources: ['serviceaccounts'],
      verbs: ['impersonate'],
      resourceNames: ['operator'],
    });
  });

  test('two namespaces have two ClusterRoles', async () => {
    expect(one(await printed({ ...BARE, namespace: 'other' }), 'ClusterRole').metadata.name).toBe(
      'lifeboat-other',
    );
    expect(one(await printed(BARE), 'ClusterRole').metadata.name).toBe('lifeboat');
  });

  const argsOf = async (given: GivenInstallFlags) =>
    podOf(await printed({ ...BARE, ...given })).spec.containers[0].args;

  test.each<[string, GivenInstallFlags, (objects: readonly Printed[]) => unknown, unknown]>([
    [
      '--service-account-name',
      { 'service-account-name': 'mine' },
      (o) => [podOf(o).spec.serviceAccountName, kindsOf(o)],
      ['mine', ['Namespace', 'PersistentVolumeClaim', 'Service', 'Deployment']],
    ],
    [
      '--sa-annotations',
      { 'sa-annotations': 'eks.amazonaws.com/role-arn=arn:aws:iam::1:role/x' },
      (o) => one(o, 'ServiceAccount').metadata.annotations,
      { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/x' },
    ],
    [
      '--event-store-volume',
      { 'event-store-volume': 'emptyDir' },
      (o) => podOf(o).spec.volumes[1],
      { name: 'events', emptyDir: {} },
    ],
    [
      '--event-store-size',
      { 'event-store-size': '5Gi', 'event-store-storage-class': 'fast' },
      (o) => one(o, 'PersistentVolumeClaim').spec,
      {
        accessModes: ['ReadWriteOnce'],
        resources: { requests: { storage: '5Gi' } },
        storageClassName: 'fast',
      },
    ],
    [
      '--velero-pod-…',
      {
        'velero-pod-cpu-limit': '0',
        'velero-pod-mem-limit': '2Gi',
        'velero-pod-cpu-request': '0m',
        'velero-pod-mem-request': '0',
      },
      (o) => podOf(o).spec.containers[0].resources,
      { limits: { memory: '2Gi' } },
    ],
    [
      '--pod-labels',
      { 'pod-labels': 'team=a' },
      (o) => podOf(o).metadata.labels,
      { team: 'a', 'app.kubernetes.io/name': 'lifeboat', 'app.kubernetes.io/managed-by': 'lifeboat-install' },
    ],
    [
      '--server-priority-class-name',
      { 'server-priority-class-name': 'high' },
      (o) => podOf(o).spec.priorityClassName,
      'high',
    ],
    [
      '--timezone',
      { timezone: 'Europe/Berlin' },
      (o) => podOf(o).spec.containers[0].env.find(({ name }) => name === 'TZ')?.value,
      'Europe/Berlin',
    ],
  ])('%s is heeded', async (_flag, given, look, wanted) => {
    expect(look(await printed({ ...BARE, ...given }))).toEqual(wanted);
  });

  test('--use-existing-secret mounts it and makes none', async () => {
    const { 'no-secret': _none, ...rest } = BARE;
    const objects = await printed({ ...rest, 'use-existing-secret': 'mine' });
    expect(kindsOf(objects)).not.toContain('Secret');
    expect(podOf(objects).spec.volumes).toContainEqual({
      name: 'cloud-credentials',
      secret: { secretName: 'mine' },
    });
  });

  test('flags of the server go through to it, and Velero-s name for a timeout, too', async () => {
    expect(
      await argsOf({ 'concurrent-backups': '2', 'log-level': 'debug', 'pod-volume-operation-timeout': '1h' }),
    ).toEqual(
      expect.arrayContaining(['--concurrent-backups=2', '--log-level=debug', '--fs-backup-timeout=1h']),
    );
  });
});
