import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FIRST_PASSWORD } from '../../src/repositories/port.js';
import { describeTree, growTree } from '../contract/repositories.js';
import { openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { csiDisks } from './fixture/csi-disks.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const root = `metadata/agent-${RUN}`;
const NAMESPACE = `lifeboat-${RUN}`;
const SHOP = `shop-${RUN}`;
const GIB = 1024 ** 3;
const ENDED = ['Completed', 'Failed', 'Canceled'];
const WAIT = { seconds: 280 };

/** The agent as a plain process beside the kubelet whose folder it reads. */
const startAgent = (cluster: LabCluster, node: string, folder: string): ChildProcess => {
  const args = ['--import', 'tsx', 'src/cli/main.ts', 'node-agent', 'server'];
  const own = [`--kubelet-root=${join(folder, 'kubelet')}`, `--scratch-dir=${folder}`, '-n', NAMESPACE];
  return spawn(process.execPath, [...args, ...own, '--kubeconfig', cluster.kubeconfig], {
    env: {
      ...process.env,
      PATH: cluster.path,
      NODE_NAME: node,
      AWS_SHARED_CREDENTIALS_FILE: cluster.s3.credentialsFile,
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
};

describe.skipIf(why !== '')(`the node agent on a real cluster, with kopia and S3${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let lifeboat: Lifeboat;
  let folder: string;
  let agent: ChildProcess;
  let pod: Resource;
  let disk: string;

  /** The folder of a claim, and the symlink by which a kubelet would have it mounted. */
  const mount = async (claim: string, uid: string): Promise<string> => {
    const volume = await csiDisks(cluster).volumeOf(SHOP, claim);
    const { volumeHandle } = volume.spec?.['csi'] as { readonly volumeHandle: string };
    const path = join(dirname(cluster.kubeconfig), 'csi-data', volumeHandle);
    const plugin = join(folder, 'kubelet', 'pods', uid, 'volumes', 'kubernetes.io~csi', volume.metadata.name);
    await mkdir(plugin, { recursive: true });
    await symlink(path, join(plugin, 'mount'));
    return path;
  };
  const runPod = async (name: string, claim: string, init: object = {}): Promise<Resource> => {
    await cluster.create(`/api/v1/namespaces/${SHOP}/pods`, {
      metadata: { name },
      spec: {
        ...init,
        containers: [{ name: 'main', image: 'app:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }],
        volumes: [{ name: 'data', persistentVolumeClaim: { claimName: claim } }],
      },
    });
    return cluster.becomes(
      `/api/v1/namespaces/${SHOP}/pods/${name}`,
      ({ spec, status }) => spec?.['nodeName'] !== undefined && status?.phase === 'Running',
      WAIT,
    );
  };
  const copyOf = async (name: string): Promise<Resource> => {
    await cluster.create(pathOf(NAMESPACE, 'podvolumebackups'), {
      apiVersion: 'velero.io/v1',
      kind: 'PodVolumeBackup',
      metadata: { name, namespace: NAMESPACE, annotations: { 'velero.io/pvc-name': 'data' } },
      spec: {
        node: String(pod.spec?.['nodeName']),
        pod: { kind: 'Pod', namespace: SHOP, name: 'web', uid: pod.metadata.uid },
        volume: 'data',
        backupStorageLocation: 'default',
        repoIdentifier: '',
        uploaderType: 'kopia',
        tags: { backup: name },
      },
    });
    const path = pathOf(NAMESPACE, 'podvolumebackups', name);
    return cluster.becomes(path, ({ status }) => ENDED.includes(status?.phase ?? ''), WAIT);
  };
  /** The lab's own program on the repository, connected as any operator would. */
  const kopia = async (...order: readonly string[]): Promise<string> => {
    const config = join(folder, 'operator.config');
    const { accessKeyId, secretAccessKey } = cluster.s3;
    const env = {
      ...process.env,
      PATH: cluster.path,
      HOME: folder,
      KOPIA_PASSWORD: FIRST_PASSWORD,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
    };
    const { stdout } = await promisify(execFile)('kopia', [`--config-file=${config}`, ...order], { env });
    return stdout;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'lifeboat-agent-'));
    cluster = await tidy.keep(openCluster('agentlab', { full: true }));
    home = await tidy.keep(prepareHome(cluster, NAMESPACE, root));
    lifeboat = await home.start();
    await csiDisks(cluster).make(SHOP, { data: '', again: '' });
    pod = await runPod('web', 'data');
    disk = await mount('data', String(pod.metadata.uid));
    agent = startAgent(cluster, String(pod.spec?.['nodeName']), folder);
  });
  afterAll(async () => {
    agent.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    await tidy.closeAll();
  });

  test('10,000 files and 1 GiB are equal after a restore, and a second backup moves only what changed', async () => {
    await growTree(disk, { files: 10_000, largeBytes: 1_000 });
    const block = randomBytes(64 * 1024 * 1024);
    for (let at = 0; at < 16; at += 1) {
      block.writeUInt32BE(at, at * 4);
      await writeFile(join(disk, 'gibibyte'), block, { flag: 'a' });
    }
    const first = await copyOf('first');
    expect(first.status, lifeboat.log()).toMatchObject({ phase: 'Completed', path: disk });
    expect(Number(first.status?.['incrementalBytes'])).toBeGreaterThan(GIB * 0.99);

    await writeFile(join(disk, 'changed'), randomBytes(300_000));
    const second = await copyOf('second');
    expect(second.status).toMatchObject({ phase: 'Completed' });
    expect(Number(second.status?.['incrementalBytes'])).toBeGreaterThanOrEqual(299_000);
    expect(Number(second.status?.['incrementalBytes'])).toBeLessThan(320_000);

    const again = await runPod('again', 'again', {
      initContainers: [{ name: 'restore-wait', image: 'wait:1' }],
    });
    const target = await mount('again', String(again.metadata.uid));
    await cluster.patch(`/api/v1/namespaces/${SHOP}/pods/again/status`, {
      status: {
        initContainerStatuses: [
          {
            name: 'restore-wait',
            image: 'wait:1',
            imageID: '',
            ready: false,
            restartCount: 0,
            state: { running: { startedAt: '2026-01-01T00:00:00Z' } },
          },
        ],
      },
    });
    const otherAgent = startAgent(cluster, String(again.spec?.['nodeName']), folder);
    await cluster.create(pathOf(NAMESPACE, 'podvolumerestores'), {
      apiVersion: 'velero.io/v1',
      kind: 'PodVolumeRestore',
      metadata: { name: 'again', namespace: NAMESPACE, labels: { 'velero.io/restore-uid': 'a-restore' } },
      spec: {
        pod: { kind: 'Pod', namespace: SHOP, name: 'again', uid: again.metadata.uid },
        volume: 'data',
        backupStorageLocation: 'default',
        repoIdentifier: '',
        uploaderType: 'kopia',
        uploaderSettings: { WriteSparseFiles: 'true' },
        snapshotID: String(second.status?.['snapshotID']),
        sourceNamespace: SHOP,
      },
    });
    const path = pathOf(NAMESPACE, 'podvolumerestores', 'again');
    const restored = await cluster.becomes(path, ({ status }) => ENDED.includes(status?.phase ?? ''), WAIT);
    otherAgent.kill('SIGTERM');
    expect(restored.status).toMatchObject({ phase: 'Completed' });
    const [before, after] = await Promise.all([describeTree(disk), describeTree(target)]);
    expect(after.filter((line) => !line.startsWith('.velero'))).toEqual(before);
    expect(after.filter((line) => line.startsWith('.velero/')).join()).toContain('a-restore');
  });

  test('the repository lies where Velero has it, and the kopia program reads it', async () => {
    const { endpoint, bucket, region } = cluster.s3;
    await kopia(
      'repository',
      'connect',
      's3',
      `--bucket=${bucket}`,
      `--prefix=${root}/kopia/${SHOP}/`,
      `--endpoint=${new URL(endpoint).host}`,
      '--disable-tls',
      `--region=${region}`,
    );
    const listed = JSON.parse(await kopia('snapshot', 'list', '--all', '--json')) as readonly {
      readonly source: { readonly userName: string; readonly host: string; readonly path: string };
    }[];
    expect(listed).toHaveLength(2);
    expect(listed[0]?.source).toEqual({
      userName: 'default',
      host: 'default',
      path: `snapshot-pod-volume/kopia/${SHOP}/web/data`,
    });
  });

  test('a copy that is cancelled under way ends soon', async () => {
    await writeFile(join(disk, 'more'), randomBytes(512 * 1024 * 1024));
    const copying = copyOf('cancelled');
    const path = pathOf(NAMESPACE, 'podvolumebackups', 'cancelled');
    await until('the copy to be under way', async () =>
      (await cluster.get(path))?.status?.phase === 'InProgress' ? true : undefined,
    );
    await cluster.patch(path, { spec: { cancel: true } });
    expect((await copying).status).toMatchObject({ phase: 'Canceled' });
  });
});
