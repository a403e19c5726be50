import { expect, onTestFinished, test } from 'vitest';
import { readCrds } from '../../src/cli/crds.js';
import { compareDefinitions } from '../../src/cli/install/definitions.js';
import { install } from '../../src/cli/install/install.js';
import { planInstall } from '../../src/cli/install/plan.js';
import { uninstall } from '../../src/cli/install/uninstall.js';
import { AGENTS as AGENTS_WORKLOAD, waitAvailable } from '../../src/cli/install/wait.js';
import { createMemoryCluster, type MemoryCluster } from '../../src/cluster/memory.js';
import { NAMESPACES } from '../../src/domain/known-kinds.js';
import { typeOfKind } from '../../src/cli/install/manifest.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import type { GivenInstallFlags } from '../../src/cli/install/flags.js';
import { createRunningWorld, createWorld, soon } from './world.js';

const FLAGS: GivenInstallFlags = {
  image: 'registry.example/lifeboat:1',
  'no-secret': 'true',
  provider: 'aws',
  bucket: 'backups',
};

/** An empty cluster, and an operator with the program in front of it. */
const standIn = () => {
  const cluster: MemoryCluster = createMemoryCluster();
  onTestFinished(() => cluster.close());
  const create = async (
    type: Parameters<typeof cluster.create>[0],
    namespace: string | undefined,
    object: object,
  ) => {
    const made = await cluster.create(type, namespace, JSON.stringify(object), { signal: soon() });
    if (!made.ok) expect.fail(made.message);
  };
  const velero = async (readyReplicas: number) => {
    await create(NAMESPACES, undefined, { metadata: { name: 'velero' } });
    await create(typeOfKind('Deployment'), 'velero', { metadata: { name: 'velero' }, spec: {} });
    const ref = { namespace: 'velero', name: 'velero' };
    const body = JSON.stringify({ status: { readyReplicas } });
    await cluster.replace(typeOfKind('Deployment'), ref, body, { signal: soon(), subresource: 'status' });
  };
  return {
    cluster,
    create,
    velero,
    install: async (flags: GivenInstallFlags = {}, force = false) => {
      const lines: string[] = [];
      const plan = await planInstall({ ...FLAGS, ...flags });
      await install(plan, { cluster, out: (line) => lines.push(line), force, signal: soon() });
      return lines;
    },
    uninstall: async (more: { readonly deleteNamespace?: boolean; readonly deleteCrds?: boolean } = {}) => {
      const lines: string[] = [];
      const rest = {
        deleteEventStore: false,
        deleteCrds: false,
        deleteNamespace: false,
        waitMs: 1_000,
        ...more,
      };
      await uninstall({
        cluster,
        namespace: 'velero',
        out: (line) => lines.push(line),
        signal: soon(),
        ...rest,
      });
      return lines;
    },
  };
};

test('installing twice changes nothing the second time', async () => {
  const { cluster, install: again } = standIn();
  const first = await again();
  expect(first).toContain('deployment.apps/lifeboat created');
  const size = cluster.size();
  const second = await again();
  expect(second.filter((line) => !line.endsWith(' unchanged'))).toEqual([]);
  expect(second).toHaveLength(first.length);
  expect(cluster.size()).toBe(size);
});

test('a newer image is an update of the Deployment and of nothing else', async () => {
  const at = standIn();
  await at.install();
  const changed = (await at.install({ image: 'registry.example/lifeboat:2' })).filter(
    (line) => !line.endsWith(' unchanged'),
  );
  expect(changed).toEqual(['deployment.apps/lifeboat updated']);
});

test('beside a running Velero nothing is touched, and the way out is told', async () => {
  const at = standIn();
  await at.velero(1);
  const size = at.cluster.size();
  await expect(at.install()).rejects.toThrow(/Velero is running.*scale deployment velero --replicas=0/);
  expect(at.cluster.size()).toBe(size);
});

test('a Velero that was scaled to zero is no obstacle, and its namespace stays as it is', async () => {
  const at = standIn();
  await at.velero(0);
  expect(await at.install()).toContain('namespace/velero exists');
  const namespace = await at.cluster.get(NAMESPACES, { name: 'velero' }, { signal: soon() });
  expect(namespace?.toString()).not.toContain('pod-security');
});

test('a location that says something else is not overwritten', async () => {
  const at = standIn();
  await at.velero(0);
  await at.install({ 'no-default-backup-location': 'true' });
  await at.create(VELERO_TYPES.BackupStorageLocation, 'velero', {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name: 'default' },
    spec: { provider: 'aws', objectStorage: { bucket: 'theirs' } },
  });
  await expect(at.install()).rejects.toThrow(
    /backupstoragelocation.velero.io\/default was refused \(Conflict\).*--force-conflicts/s,
  );
});

test('a second default location is refused', async () => {
  const at = standIn();
  await at.velero(0);
  await at.install({ 'no-default-backup-location': 'true' });
  await at.create(VELERO_TYPES.BackupStorageLocation, 'velero', {
    apiVersion: 'velero.io/v1',
    kind: 'BackupStorageLocation',
    metadata: { name: 'main' },
    spec: { provider: 'aws', default: true, objectStorage: { bucket: 'theirs' } },
  });
  await expect(at.install()).rejects.toThrow(
    /"main" is the default already; keep it with --no-default-backup-location/,
  );
});

test('a Secret that is said to exist and does not is told before anything is made', async () => {
  const { 'no-secret': _none, ...flags } = FLAGS;
  const at = standIn();
  const plan = await planInstall({ ...flags, 'use-existing-secret': 'mine' });
  const run = install(plan, { cluster: at.cluster, out: () => undefined, force: false, signal: soon() });
  await expect(run).rejects.toThrow(/no such Secret with a key "cloud"/);
});

test('a server that does not come up is told with what keeps it', async () => {
  const at = standIn();
  const plan = await planInstall(FLAGS);
  const run = install(plan, {
    cluster: at.cluster,
    out: () => undefined,
    force: false,
    waitMs: 1,
    signal: soon(),
  });
  await expect(run).rejects.toThrow(/everything is applied, but the server was not available.*describe pods/);
});

test('definitions of an older version are completed, those of a newer one stay', async () => {
  const [{ object }] = (await readCrds()) as unknown as [{ object: object }];
  const changed = (change: (fields: Record<string, unknown>) => void): object => {
    const copy = structuredClone(object) as {
      spec: { versions: [{ schema: { openAPIV3Schema: { properties: Record<string, unknown> } } }] };
    };
    change(copy.spec.versions[0].schema.openAPIV3Schema.properties);
    return copy;
  };
  const more = (fields: Record<string, unknown>) => {
    fields['more'] = { type: 'string' };
  };
  const fewer = (fields: Record<string, unknown>) => {
    delete fields['status'];
  };
  expect([
    compareDefinitions(object, undefined),
    compareDefinitions(object, object),
    compareDefinitions(object, changed(fewer)),
    compareDefinitions(object, changed(more)),
    compareDefinitions(
      object,
      changed((fields) => {
        more(fields);
        fewer(fields);
      }),
    ),
  ]).toEqual(['absent', 'equal', 'older', 'newer', 'different']);
});

test('uninstalled, the server and its rights are gone; what others made under its names, and the custom resources, stay', async () => {
  const at = standIn();
  await at.velero(0);
  await at.install();
  await at.create(typeOfKind('Secret'), 'velero', { metadata: { name: 'cloud-credentials' }, data: {} });
  const lines = await at.uninstall();
  expect(lines).toContain('deployment.apps/lifeboat deleted');
  expect(lines).toContain('clusterrole.rbac.authorization.k8s.io/lifeboat deleted');
  expect(lines).toContain('secret/cloud-credentials stays: it was not made by lifeboat install');
  const location = { namespace: 'velero', name: 'default' };
  expect(
    await at.cluster.get(VELERO_TYPES.BackupStorageLocation, location, { signal: soon() }),
  ).toBeDefined();
  expect((await at.uninstall()).filter((line) => line.endsWith(' deleted'))).toEqual([]);
});

test('uninstalled with its namespace, a restore with a finalizer does not hold it', async () => {
  const at = standIn();
  await at.install();
  await at.create(VELERO_TYPES.Restore, 'velero', {
    apiVersion: 'velero.io/v1',
    kind: 'Restore',
    metadata: { name: 'one', finalizers: ['restores.velero.io/external-resources-finalizer'] },
    spec: { backupName: 'one' },
  });
  const lines = await at.uninstall({ deleteNamespace: true, deleteCrds: true });
  expect(lines.join('\n')).toContain(
    'finalizers taken off, so that nothing waits for a server that is gone: 1',
  );
  expect(await at.cluster.get(NAMESPACES, { name: 'velero' }, { signal: soon() })).toBeUndefined();
});

test('a namespace that somebody else made is not deleted, nor anything before it', async () => {
  const at = standIn();
  await at.velero(0);
  await at.install();
  await expect(at.uninstall({ deleteNamespace: true })).rejects.toThrow(/was not made by lifeboat install/);
  expect(
    await at.cluster.get(
      typeOfKind('Deployment'),
      { namespace: 'velero', name: 'lifeboat' },
      { signal: soon() },
    ),
  ).toBeDefined();
});

test('definitions that another namespace uses are not deleted', async () => {
  const at = standIn();
  await at.install();
  await at.create(NAMESPACES, undefined, { metadata: { name: 'other' } });
  await at.create(VELERO_TYPES.Backup, 'other', {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: { name: 'theirs' },
    spec: {},
  });
  await expect(at.uninstall({ deleteCrds: true })).rejects.toThrow(/namespace other holds as well/);
});

const AGENTS: GivenInstallFlags = { 'use-node-agent': 'true' };
const AGENT_REF = { namespace: 'velero', name: 'node-agent' };

test('agents that are added later loosen the namespace that install made, and say so', async () => {
  const at = standIn();
  await at.install();
  const lines = await at.install(AGENTS);
  expect(lines).toContain('namespace/velero updated');
  expect(lines).toContain('daemonset.apps/node-agent created');
  expect(lines.join()).toMatch(/need the pod security standard "privileged" in namespace velero/);
  const namespace = await at.cluster.get(NAMESPACES, { name: 'velero' }, { signal: soon() });
  expect(namespace?.toString()).toContain('"pod-security.kubernetes.io/enforce":"privileged"');
});

test('an installation that forgets its agents changes nothing', async () => {
  const at = standIn();
  await at.install(AGENTS);
  const size = at.cluster.size();
  await expect(at.install({ image: 'registry.example/lifeboat:2' })).rejects.toThrow(
    /give --use-node-agent again to keep them/,
  );
  expect(at.cluster.size()).toBe(size);
});

test('a DaemonSet of agents that others made is neither taken over nor taken out', async () => {
  const at = standIn();
  await at.velero(0);
  await at.create(typeOfKind('DaemonSet'), 'velero', { metadata: { name: 'node-agent' }, spec: {} });
  await expect(at.install(AGENTS)).rejects.toThrow(
    /two agents on one node would both do every copy.*delete daemonset node-agent/,
  );
  expect(await at.install()).toContain('deployment.apps/lifeboat created');
  expect(await at.uninstall()).toContain(
    'daemonset.apps/node-agent stays: it was not made by lifeboat install',
  );
});

test('a namespace that others made keeps its pod security, and is named where agents could not live in it', async () => {
  const at = standIn();
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  await at.create(NAMESPACES, undefined, { metadata: { name: 'velero', labels } });
  await expect(at.install(AGENTS)).rejects.toThrow(/lets in no pods with folders.*enforce=privileged/);
  expect(await at.install()).toContain('namespace/velero exists');
});

test('settings of agents that are said to exist and do not are told before anything is made', async () => {
  const at = standIn();
  const size = at.cluster.size();
  await expect(at.install({ ...AGENTS, 'node-agent-configmap': 'mine' })).rejects.toThrow(
    /--node-agent-configmap is "mine", but namespace "velero" has no such ConfigMap/,
  );
  expect(at.cluster.size()).toBe(size);
});

test('uninstalled, agents and their rights are gone', async () => {
  const at = standIn();
  await at.install(AGENTS);
  const lines = await at.uninstall();
  for (const gone of [
    'daemonset.apps/node-agent',
    'clusterrole.rbac.authorization.k8s.io/lifeboat-node-agent',
    'role.rbac.authorization.k8s.io/lifeboat-node-agent',
    'serviceaccount/lifeboat-node-agent',
  ])
    expect(lines).toContain(`${gone} deleted`);
  expect(await at.cluster.get(typeOfKind('DaemonSet'), AGENT_REF, { signal: soon() })).toBeUndefined();
});

test('agents that do not come up on every node are told with what to look at', async () => {
  const at = standIn();
  const wait = waitAvailable(at.cluster, 'velero', AGENTS_WORKLOAD, 1, soon());
  await expect(wait).rejects.toThrow(/not every node had its agent.*describe daemonset node-agent/);
});

test('a server that may create nothing refuses a restore before it tries, and says what to do', async () => {
  const world = await createWorld();
  const { cluster } = world;
  const denied = Buffer.from(JSON.stringify({ status: { allowed: false } }));
  await world.start({
    cluster: {
      ...cluster,
      create: (type, ...rest) =>
        type.kind === 'SelfSubjectAccessReview'
          ? Promise.resolve({ ok: true, body: denied })
          : cluster.create(type, ...rest),
    },
  });
  await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  await world.backup('one');
  const restore = await world.restore('one', { backupName: 'one' });
  expect(restore.status).toMatchObject({ phase: 'FailedValidation' });
  expect(restore.status?.validationErrors?.join()).toMatch(/no right to create objects.*--rbac full/);
});

test('a server with the right to create in the namespace that is restored goes on', async () => {
  const world = await createRunningWorld();
  await world.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } });
  await world.backup('one', { includedNamespaces: ['shop'] });
  await world.stop();
  const { cluster } = world;
  const answer = (allowed: boolean) =>
    Promise.resolve({ ok: true as const, body: Buffer.from(JSON.stringify({ status: { allowed } })) });
  await world.start({
    cluster: {
      ...cluster,
      create: (type, namespace, body, options) =>
        type.kind === 'SelfSubjectAccessReview'
          ? answer(body.toString().includes('"namespace":"shop"'))
          : cluster.create(type, namespace, body, options),
    },
  });
  const restore = await world.restore('one', { backupName: 'one', includedNamespaces: ['shop'] });
  expect(restore.status?.phase).toBe('Completed');
});
