import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { listAt } from '../../src/domain/json.js';
import { describeTree, growTree } from '../contract/repositories.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { copiedPod, isRunning, WAITING_IMAGE } from './fixture/copied-pod.js';
import { csiDisks } from './fixture/csi-disks.js';
import {
  freePort,
  kubeconfigOf,
  prepareHome,
  runProgram,
  type Home,
  type Lifeboat,
} from './fixture/lifeboat.js';
import { openKubelet, type Kubelet } from './fixture/node-agent.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { veleroCli, type Said } from './fixture/velero.js';

const root = `metadata/install-agents-${RUN}`;
const SERVER = `agents-${RUN}`;
const SHOP = `shop-${RUN}`;
const WEB = `/api/v1/namespaces/${SHOP}/pods/web`;
const DAEMONSET = `/apis/apps/v1/namespaces/${SERVER}/daemonsets/node-agent`;
const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const LIBRARY = `library-${RUN}`;
const MOVED = `moved-${RUN}`;
const NIGHTLY = `nightly-${RUN}`;

const web = copiedPod();

/** The pods of the DaemonSet are simulated ones; beside them run agents as plain processes, under its ServiceAccount. */
describe.skipIf(why !== '')(`agents that install brought, with no more than their rights${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let folder: string;
  let home: Home;
  let lifeboat: Lifeboat;
  let kubelet: Kubelet;
  let nodes: readonly string[];
  let metrics: string;
  const before: Record<string, readonly string[]> = {};

  const install = (...flags: readonly string[]) =>
    runProgram(
      cluster,
      ...['install', '--apply', '-n', SERVER, '--image', 'registry.example/lifeboat:1'],
      ...['--secret-file', cluster.s3.credentialsFile, '--timeout', '60s'],
      ...['--provider', 'aws', '--bucket', cluster.s3.bucket, '--prefix', root],
      '--backup-location-config',
      `region=${cluster.s3.region},s3Url=${cluster.s3.endpoint},s3ForcePathStyle=true`,
      ...flags,
    );
  const tokenOf = async (account: string): Promise<string> => {
    const order = ['--kubeconfig', cluster.kubeconfig, '-n', SERVER, 'create', 'token', account];
    const { stdout } = await promisify(execFile)('kubectl', order, {
      env: { PATH: cluster.path, HOME: tmpdir() },
    });
    return stdout.trim();
  };
  const cli = (...order: readonly string[]): Promise<Said> => veleroCli(cluster, SERVER)(...order);
  const held = async (): Promise<readonly string[]> => {
    const listed = JSON.parse(await kubelet.kopia('snapshot', 'list', '--all', '--json')) as
      readonly { readonly source: { readonly path: string } }[] | null;
    return (listed ?? []).map(({ source }) => source.path).sort();
  };
  /** What the DaemonSet leaves its pods of root's powers; somebody who is not root has none of them to lose. */
  const powersOf = async (): Promise<readonly string[] | undefined> => {
    const { template } = (await cluster.get(DAEMONSET))?.spec as { readonly template: unknown };
    const container = listAt(template, 'spec', 'containers')[0];
    const powers = listAt(container, 'securityContext', 'capabilities', 'add').map(String);
    expect(powers).toContain('DAC_OVERRIDE');
    return process.getuid?.() === 0 ? powers : undefined;
  };
  const startAgents = async (): Promise<void> => {
    const powers = await powersOf();
    const kubeconfig = join(folder, 'agents.kubeconfig');
    await writeFile(kubeconfig, kubeconfigOf(cluster, cluster.server, await tokenOf('lifeboat-node-agent')));
    for (const node of nodes) {
      const metricsAddress = `127.0.0.1:${await freePort()}`;
      kubelet.startAgent(node, SERVER, { kubeconfig, metricsAddress, ...(powers && { powers }) });
      const answers = async () =>
        (await fetch(`http://${metricsAddress}/readyz`).catch(() => undefined))?.ok === true
          ? true
          : undefined;
      await until(`the agent of ${node} to be ready`, answers);
      metrics = `http://${metricsAddress}/metrics`;
    }
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-agents-'));
    await tidy.keep({ close: () => rm(folder, { recursive: true, force: true }) });
    cluster = await tidy.keep(openCluster('instagents', { full: true }));
    kubelet = await tidy.keep(openKubelet(cluster));
    nodes = (await cluster.list('/api/v1/nodes')).map(({ metadata }) => metadata.name);
  });
  afterAll(tidy.closeAll);

  test('an agent comes up on every node, in a namespace that lets it in, and a second time nothing is to do', async () => {
    const said = await install('--use-node-agent', '--node-agent-pod-cpu-request', '10m');
    expect(said).toContain('daemonset.apps/node-agent created');
    expect(said).toContain(`agents run on ${nodes.length} nodes`);
    expect(said).toContain('pod security standard "privileged"');
    const pods = (await cluster.list(`/api/v1/namespaces/${SERVER}/pods`)).filter(
      ({ metadata }) => metadata.labels?.['role'] === 'node-agent',
    );
    expect(pods.map(({ spec }) => spec?.['nodeName']).sort()).toEqual([...nodes].sort());
    const again = await install('--use-node-agent', '--node-agent-pod-cpu-request', '10m');
    expect(again.split('\n').filter((line) => / (created|updated)$/.test(line))).toEqual([]);
  });

  test('the pod of the server would be let in by the strictest standard, too', async () => {
    const deployment = await cluster.get(`/apis/apps/v1/namespaces/${SERVER}/deployments/lifeboat`);
    const { template } = deployment?.spec as { readonly template: { readonly spec: object } };
    const strict = `strict-${RUN}`;
    await cluster.create('/api/v1/namespaces', {
      metadata: { name: strict, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
    });
    const pod = (spec: object) => ({
      metadata: { name: 'tried' },
      spec: { ...spec, serviceAccountName: 'default' },
    });
    await cluster.create(`/api/v1/namespaces/${strict}/pods`, pod(template.spec));
    const agent = (await cluster.get(DAEMONSET))?.spec as typeof deployment & {
      readonly template: typeof template;
    };
    await expect(
      cluster.create(`/api/v1/namespaces/${strict}/pods`, {
        ...pod(agent.template.spec),
        metadata: { name: 'agent' },
      }),
    ).rejects.toThrow(/hostPath/);
    await cluster.remove(`/api/v1/namespaces/${strict}`);
  });

  test('installed without agents they are not forgotten in silence', async () => {
    await expect(install()).rejects.toThrow(/give --use-node-agent again.*delete daemonset node-agent/);
  });

  test('with exactly these rights, and no other power of root than the DaemonSet leaves them, they copy volumes, and the repository has them', async () => {
    home = await tidy.keep(prepareHome(cluster, SERVER, root));
    lifeboat = await home.start({ token: await tokenOf('lifeboat') });
    await cluster.create(`/api/v1/namespaces/${SERVER}/configmaps`, WAITING_IMAGE);
    await csiDisks(cluster).make(SHOP, { data: 'as it was' });
    await cluster.create(`/api/v1/namespaces/${SHOP}/pods`, web);
    const pod = await cluster.becomes(WEB, isRunning);
    const disk = await kubelet.mountClaim(pod, 'data');
    await growTree(disk, { files: 200, largeBytes: 2_000_000 });
    const cache = await kubelet.mountEmpty(pod, 'cache');
    await mkdir(join(cache, 'warm'));
    await writeFile(join(cache, 'warm', 'page'), 'computed');
    Object.assign(before, { data: await describeTree(disk), cache: await describeTree(cache) });
    await startAgents();
    const said = await cli(
      ...['backup', 'create', NIGHTLY, '--include-namespaces', SHOP],
      ...['--default-volumes-to-fs-backup', '--snapshot-volumes=false', '--wait'],
    );
    expect(said.code, said.text).toBe(0);
    const backup = await cluster.get(pathOf(SERVER, 'backups', NIGHTLY));
    expect(backup?.status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    await kubelet.connectKopia(`${root}/kopia/${SHOP}/`);
    expect(await held()).toEqual([
      `snapshot-pod-volume/kopia/${SHOP}/web/cache`,
      `snapshot-pod-volume/kopia/${SHOP}/web/data`,
    ]);
  });

  test('with exactly these rights they fill the volumes of a restored pod', async () => {
    await cluster.remove(`/api/v1/namespaces/${SHOP}`);
    await until('the namespace to be gone', async () =>
      (await cluster.get(`/api/v1/namespaces/${SHOP}`)) ? undefined : true,
    );
    const said = await cli('restore', 'create', `${NIGHTLY}-r`, '--from-backup', NIGHTLY);
    expect(said.code, said.text).toBe(0);
    const isPlaced = ({ spec }: Resource) => spec?.['nodeName'] !== undefined;
    const pod = await cluster.becomes(WEB, isPlaced, { explain: lifeboat.log });
    const disk = await kubelet.mountClaim(pod, 'data');
    const cache = await kubelet.mountEmpty(pod, 'cache');
    await cluster.becomes(WEB, isRunning);
    await kubelet.startWaiting(pod);
    const restore = await cluster.becomes(pathOf(SERVER, 'restores', `${NIGHTLY}-r`), hasEnded, {
      explain: lifeboat.log,
    });
    expect(restore.status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    for (const [volume, path] of Object.entries({ data: disk, cache }))
      expect(
        (await describeTree(path)).filter((line) => !line.startsWith('.velero')),
        volume,
      ).toEqual(before[volume]);
  });

  test('with exactly these rights they move the data of snapshots into the bucket, and bring it back', async () => {
    const disks = csiDisks(cluster);
    kubelet.mountAll();
    await disks.make(LIBRARY, { books: 'all of them' });
    const backup = await cli(
      ...['backup', 'create', MOVED, '--include-namespaces', LIBRARY],
      ...['--snapshot-move-data', '--wait'],
    );
    expect(backup.code, backup.text).toBe(0);
    const ended = await cluster.get(pathOf(SERVER, 'backups', MOVED));
    expect(ended?.status, lifeboat.log()).toMatchObject({
      phase: 'Completed',
      backupItemOperationsCompleted: 1,
    });
    await cluster.remove(`/api/v1/namespaces/${LIBRARY}`);
    await until('the namespace to be gone', async () =>
      (await cluster.get(`/api/v1/namespaces/${LIBRARY}`)) ? undefined : true,
    );
    const restore = await cli('restore', 'create', MOVED, '--from-backup', MOVED, '--wait');
    expect(restore.code, restore.text).toBe(0);
    expect((await cluster.get(pathOf(SERVER, 'restores', MOVED)))?.status, lifeboat.log()).toMatchObject({
      phase: 'Completed',
      restoreItemOperationsCompleted: 1,
    });
    expect(await disks.read(LIBRARY, 'books')).toBe('all of them');
  });

  test('an agent tells on its port what became of its copies', async () => {
    const text = await (await fetch(metrics)).text();
    expect(text).toMatch(/^podVolume_pod_volume_backup_dequeue_count\{node="[^"]+"\} \d/m);
    expect(text).toMatch(/^lifeboat_agent_copies_open\{kind="PodVolumeBackup"\} 0$/m);
  });

  test('with its own rights an agent may not do what is the business of others', async () => {
    const kubeconfig = join(folder, 'agents.kubeconfig');
    const may = async (...order: readonly string[]): Promise<string> => {
      const { stdout } = await promisify(execFile)(
        'kubectl',
        ['--kubeconfig', kubeconfig, 'auth', 'can-i', ...order],
        { env: { PATH: cluster.path, HOME: tmpdir() } },
      ).catch((error: unknown) => error as { readonly stdout: string });
      return stdout.trim();
    };
    expect(await may('get', 'secrets', '-n', SERVER)).toBe('yes');
    expect(await may('get', 'secrets', '-n', SHOP)).toBe('no');
    expect(await may('create', 'pods', '-n', SHOP)).toBe('no');
    expect(await may('delete', 'persistentvolumes')).toBe('no');
    expect(await may('create', 'backups.velero.io', '-n', SERVER)).toBe('no');
  });

  test('uninstalled, the agents are gone with their rights', async () => {
    await lifeboat.stop();
    const said = await runProgram(cluster, 'uninstall', '--confirm', '-n', SERVER);
    expect(said).toContain('daemonset.apps/node-agent deleted');
    expect(await cluster.get(DAEMONSET)).toBeUndefined();
    for (const path of [
      `${RBAC}/clusterroles/lifeboat-node-agent-${SERVER}`,
      `${RBAC}/clusterrolebindings/lifeboat-node-agent-${SERVER}`,
      `/api/v1/namespaces/${SERVER}/serviceaccounts/lifeboat-node-agent`,
    ])
      expect(await cluster.get(path), path).toBeUndefined();
  });

  test('a DaemonSet of Velero is not taken over, and no namespace that others keep strict is loosened', async () => {
    const labels = { name: 'node-agent' };
    await cluster.create(`/apis/apps/v1/namespaces/${SERVER}/daemonsets`, {
      metadata: { name: 'node-agent', labels: { component: 'velero' } },
      spec: {
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: 'node-agent', image: 'velero/velero:v1.18.2' }] },
        },
      },
    });
    await expect(install('--use-node-agent')).rejects.toThrow(/not make.*delete daemonset node-agent/);
    await cluster.remove(DAEMONSET);
    await cluster.patch(`/api/v1/namespaces/${SERVER}`, {
      metadata: {
        labels: {
          'app.kubernetes.io/managed-by': 'somebody',
          'pod-security.kubernetes.io/enforce': 'baseline',
        },
      },
    });
    await expect(install('--use-node-agent')).rejects.toThrow(/kubectl label namespace.*enforce=privileged/);
  });
});
