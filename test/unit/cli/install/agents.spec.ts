import { describe, expect, test } from 'vitest';
import { type GivenInstallFlags } from '../../../../src/cli/install/flags.js';
import { agentNotes, objectsOf } from '../../../../src/cli/install/objects.js';
import { planInstall } from '../../../../src/cli/install/plan.js';
import { printObjects } from '../../../../src/cli/install/print.js';
import { INSTALL_DEFAULTS } from '../../../../src/cli/install/flags.js';

const BARE: GivenInstallFlags = {
  image: 'registry.example/lifeboat:1',
  'no-secret': 'true',
  'no-default-backup-location': 'true',
};
const WITH_AGENTS: GivenInstallFlags = { ...BARE, 'use-node-agent': 'true' };

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}
interface Pod {
  readonly metadata: { readonly labels: Readonly<Record<string, string>>; readonly annotations: object };
  readonly spec: {
    readonly serviceAccountName: string;
    readonly priorityClassName?: string;
    readonly securityContext: object;
    readonly containers: readonly [
      {
        readonly args: readonly string[];
        readonly env: readonly { readonly name: string }[];
        readonly resources: object;
        readonly securityContext: object;
        readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
      },
    ];
    readonly volumes: readonly { readonly name: string }[];
  };
}

const made = async (given: GivenInstallFlags) =>
  objectsOf(await planInstall(given)).map(({ manifest }) => manifest);

const agents = async (given: GivenInstallFlags = WITH_AGENTS) => {
  const objects = await made(given);
  const found = objects.find(({ kind }) => kind === 'DaemonSet') ?? expect.fail('there is no DaemonSet');
  const spec = found['spec'] as {
    readonly selector: object;
    readonly updateStrategy: object;
    readonly template: Pod;
  };
  const [container] = spec.template.spec.containers;
  return { ...spec, metadata: found.metadata, pod: spec.template, container };
};

const rulesOf = async (given: GivenInstallFlags): Promise<readonly Rule[]> =>
  (await made(given))
    .filter(({ kind, metadata }) => kind.endsWith('Role') && metadata.name.includes('node-agent'))
    .flatMap((role) => role['rules'] as readonly Rule[]);

describe('agents on nodes', () => {
  test('are there when they are asked for, and nothing of them otherwise', async () => {
    const [without, having] = [await made(BARE), await made(WITH_AGENTS)];
    const titles = (objects: typeof having) =>
      objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    const more = titles(having).filter((title) => !titles(without).includes(title));
    expect(more).toEqual([
      'ServiceAccount lifeboat-node-agent',
      'ClusterRole lifeboat-node-agent',
      'Role lifeboat-node-agent',
      'ClusterRoleBinding lifeboat-node-agent',
      'RoleBinding lifeboat-node-agent',
      'DaemonSet node-agent',
    ]);
    expect(titles(without).join()).not.toContain('node-agent');
  });

  test('bear the names and labels by which Velero, its program and our server find agents', async () => {
    const { metadata, selector, pod } = await agents();
    expect(metadata.name).toBe('node-agent');
    expect(selector).toEqual({ matchLabels: { name: 'node-agent' } });
    expect(pod.metadata.labels).toMatchObject({ role: 'node-agent', name: 'node-agent' });
  });

  test('are no pods that the Service of the API would send callers to', async () => {
    const objects = await made(WITH_AGENTS);
    const service = objects.find(({ kind }) => kind === 'Service');
    const { selector } = service?.['spec'] as { readonly selector: Readonly<Record<string, string>> };
    const { labels } = (await agents()).pod.metadata;
    expect(Object.entries(selector).every(([key, value]) => labels[key] === value)).toBe(false);
  });

  test('have of the powers of root those over files, and of the node the folder of pods', async () => {
    const { container, pod } = await agents();
    expect(container.securityContext).toEqual({
      runAsUser: 0,
      readOnlyRootFilesystem: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'], add: ['CHOWN', 'DAC_OVERRIDE', 'FOWNER', 'FSETID'] },
    });
    expect(pod.spec.volumes).toEqual([
      { name: 'scratch', emptyDir: {} },
      { name: 'host-pods', hostPath: { path: '/var/lib/kubelet/pods', type: 'Directory' } },
    ]);
    expect(container.volumeMounts).toContainEqual({
      name: 'host-pods',
      mountPath: '/var/lib/kubelet/pods',
      mountPropagation: 'HostToContainer',
    });
  });

  test('are all of root where that is asked for', async () => {
    const { container } = await agents({ ...WITH_AGENTS, 'privileged-node-agent': 'true' });
    expect(container.securityContext).toEqual({
      runAsUser: 0,
      readOnlyRootFilesystem: true,
      privileged: true,
    });
  });

  test('are replaced one after the other, so that no node ever has two', async () => {
    expect((await agents()).updateStrategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxSurge: 0, maxUnavailable: 1 },
    });
  });

  test('are told their node, and are asked on the port of their metrics how they are', async () => {
    const { container } = await agents();
    expect(container.env.slice(0, 2)).toEqual([
      { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
      { name: 'VELERO_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
    ]);
    expect(container).toMatchObject({
      ports: [{ name: 'metrics', containerPort: 8085 }],
      livenessProbe: { httpGet: { path: '/healthz', port: 'metrics' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'metrics' } },
    });
    expect(container.args).toContain('--metrics-address=:8085');
  });

  test('take what the flags of Velero say of them', async () => {
    const { container, pod } = await agents({
      ...WITH_AGENTS,
      'node-agent-pod-cpu-request': '100m',
      'node-agent-pod-mem-limit': '2Gi',
      'node-agent-configmap': 'settings',
      'hosting-pod-image': 'registry.example/pause:3',
      'node-agent-priority-class-name': 'high',
      'kubelet-root-dir': '/srv/kubelet/',
      'pod-labels': 'team=a,name=taken',
      'pod-annotations': 'note=b',
    });
    expect(container.resources).toEqual({ requests: { cpu: '100m' }, limits: { memory: '2Gi' } });
    expect(container.args).toEqual([
      'node-agent',
      '--metrics-address=:8085',
      '--kubelet-root=/srv/kubelet',
      '--node-agent-configmap=settings',
      '--hosting-pod-image=registry.example/pause:3',
    ]);
    expect(pod.spec).toMatchObject({ priorityClassName: 'high' });
    expect(pod.spec.volumes).toContainEqual({
      name: 'host-pods',
      hostPath: { path: '/srv/kubelet/pods', type: 'Directory' },
    });
    expect(pod.metadata.labels).toMatchObject({ team: 'a', name: 'node-agent' });
    expect(pod.metadata.annotations).toMatchObject({ note: 'b', 'prometheus.io/port': '8085' });
  });

  test('are told what the server is told that holds for both, and nothing else of it', async () => {
    const { container } = await agents({
      ...WITH_AGENTS,
      'log-level': 'debug',
      kopia: '/opt/kopia',
      'default-backup-ttl': '1h',
    });
    expect(container.args.slice(3)).toEqual(['--log-level=debug', '--kopia=/opt/kopia']);
  });

  test('have by default no requests and no limits, as with Velero', async () => {
    expect((await agents()).container.resources).toEqual({});
    expect(INSTALL_DEFAULTS['kubelet-root-dir']).toBe('/var/lib/kubelet');
  });

  test('get the credentials that the server gets, and where a cloud gives them, the same annotations', async () => {
    const { 'no-secret': _none, ...rest } = WITH_AGENTS;
    const { container, pod } = await agents({ ...rest, 'use-existing-secret': 'mine' });
    expect(container.env).toContainEqual({
      name: 'AWS_SHARED_CREDENTIALS_FILE',
      value: '/credentials/cloud',
    });
    expect(pod.spec.volumes).toContainEqual({ name: 'cloud-credentials', secret: { secretName: 'mine' } });
    const accounts = (await made({ ...WITH_AGENTS, 'sa-annotations': 'role=backups' })).filter(
      ({ kind }) => kind === 'ServiceAccount',
    );
    expect(accounts.map(({ metadata }) => metadata.annotations)).toEqual([
      { role: 'backups' },
      { role: 'backups' },
    ]);
  });

  test('may not create, change or delete anything that is not about volumes, nor act as anybody', async () => {
    const rules = await rulesOf(WITH_AGENTS);
    expect(rules.flatMap(({ apiGroups }) => apiGroups)).not.toContain('*');
    expect(rules.flatMap(({ resources, verbs }) => [...resources, ...verbs])).not.toContain('*');
    const changing = rules.filter(({ verbs }) =>
      verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)),
    );
    expect([...new Set(changing.flatMap(({ resources }) => resources))].sort()).toEqual([
      'backuprepositories',
      'datadownloads',
      'datauploads',
      'persistentvolumeclaims',
      'persistentvolumes',
      'pods',
      'podvolumebackups',
      'podvolumerestores',
      'volumesnapshotcontents',
      'volumesnapshots',
    ]);
    const verbs = new Set(rules.flatMap((rule) => rule.verbs));
    for (const mighty of ['impersonate', 'escalate', 'bind', 'update', 'deletecollection'])
      expect(verbs).not.toContain(mighty);
  });

  test('read Secrets in their own namespace alone', async () => {
    const objects = await made(WITH_AGENTS);
    const wide = objects.find(({ kind, metadata }) => kind === 'ClusterRole' && /agent/.test(metadata.name));
    expect(JSON.stringify(wide)).not.toContain('secrets');
  });

  test('have each right below its reason', async () => {
    const { text } = await printObjects(objectsOf(await planInstall(WITH_AGENTS)), {
      format: 'yaml',
      hideSecrets: true,
    });
    const roles = text
      .split('---\n')
      .filter(
        (document) => /^kind: (Cluster)?Role$/m.test(document) && document.includes('lifeboat-node-agent'),
      );
    expect(roles).toHaveLength(2);
    for (const lines of roles.map((role) => role.split('\n')))
      for (const [at, line] of lines.entries())
        if (line.startsWith('  - apiGroups:')) expect(lines[at - 1]).toMatch(/^ {2}# .{30,}/);
  });

  test('of two namespaces have roles of different names in the cluster', async () => {
    const names = (await made({ ...WITH_AGENTS, namespace: 'second' }))
      .filter(({ kind }) => kind === 'ClusterRole')
      .map(({ metadata }) => metadata.name);
    expect(names).toEqual(['lifeboat-second', 'lifeboat-node-agent-second']);
  });

  test.each<[string, GivenInstallFlags, readonly string[]]>([
    ['that both use', { 'service-account-name': 'theirs' }, []],
    [
      'of their own',
      { 'node-agent-service-account-name': 'theirs' },
      ['ServiceAccount lifeboat', 'ClusterRole lifeboat'],
    ],
  ])('use an account that is there already, %s', async (_what, given, kept) => {
    const objects = await made({ ...WITH_AGENTS, ...given });
    const titles = objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    expect((await agents({ ...WITH_AGENTS, ...given })).pod.spec.serviceAccountName).toBe('theirs');
    expect(titles).not.toContain('ServiceAccount lifeboat-node-agent');
    expect(titles.filter((title) => /^(ServiceAccount|ClusterRole) /.test(title))).toEqual(kept);
  });

  test('need a namespace that lets folders of the node in, which is said; the server alone keeps the strictest', async () => {
    const standardOf = async (given: GivenInstallFlags) =>
      (await made(given)).find(({ kind }) => kind === 'Namespace')?.metadata.labels;
    expect(await standardOf(WITH_AGENTS)).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'privileged',
    });
    expect(await standardOf(BARE)).toMatchObject({ 'pod-security.kubernetes.io/enforce': 'restricted' });
    expect(agentNotes(await planInstall(WITH_AGENTS)).join()).toMatch(/standard "privileged"/);
    expect(agentNotes(await planInstall(BARE))).toEqual([]);
  });

  test.each<[string, GivenInstallFlags, RegExp]>([
    [
      'a flag about them without them',
      { ...BARE, 'node-agent-configmap': 'settings' },
      /--node-agent-configmap is about agents: give --use-node-agent/,
    ],
    [
      'a folder that is not absolute',
      { ...WITH_AGENTS, 'kubelet-root-dir': 'var/lib/kubelet' },
      /--kubelet-root-dir is "var\/lib\/kubelet"; write the absolute path/,
    ],
    ['all of the node', { ...WITH_AGENTS, 'kubelet-root-dir': '/' }, /--kubelet-root-dir is ""/],
    ['a folder that leads back', { ...WITH_AGENTS, 'kubelet-root-dir': '/var/..' }, /--kubelet-root-dir/],
    [
      'an amount that is none',
      { ...WITH_AGENTS, 'node-agent-pod-cpu-limit': 'much' },
      /--node-agent-pod-cpu-limit is "much"/,
    ],
  ])('are refused with %s', async (_what, given, message) => {
    await expect(planInstall(given)).rejects.toThrow(message);
  });
});
