import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeTree, growTree } from '../contract/repositories.js';
import { openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { csiDisks } from './fixture/csi-disks.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { openKubelet, type Kubelet } from './fixture/node-agent.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

const root = `metadata/agent-${RUN}`;
const NAMESPACE = `lifeboat-${RUN}`;
const SHOP = `shop-${RUN}`;
const GIB = 1024 ** 3;
const ENDED = ['Completed', 'Failed', 'Canceled'];
const WAIT = { seconds: 280 };

describe.skipIf(why !== '')(`the node agent on a real cluster, with kopia and S3${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let lifeboat: Lifeboat;
  let kubelet: Kubelet;
  let pod: Resource;
  let disk: string;

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
  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('agentlab', { full: true }));
    kubelet = await tidy.keep(openKubelet(cluster));
    home = await tidy.keep(prepareHome(cluster, NAMESPACE, root));
    lifeboat = await home.start();
    await csiDisks(cluster).make(SHOP, { data: '', again: '' });
    pod = await runPod('web', 'data');
    disk = await kubelet.mountClaim(pod, 'data');
    kubelet.startAgent(String(pod.spec?.['nodeName']), NAMESPACE);
  });
  afterAll(tidy.closeAll);

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
    const target = await kubelet.mountClaim(again, 'again');
    await kubelet.startWaiting(again);
    // Two agents for one node would each fill the volume, one over the other.
    const [here, there] = [pod, again].map(({ spec }) => String(spec?.['nodeName']));
    const otherAgent = here === there ? undefined : kubelet.startAgent(String(there), NAMESPACE);
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
    await otherAgent?.close();
    expect(restored.status).toMatchObject({ phase: 'Completed' });
    const [before, after] = await Promise.all([describeTree(disk), describeTree(target)]);
    expect(after.filter((line) => !line.startsWith('.velero'))).toEqual(before);
    expect(after.filter((line) => line.startsWith('.velero/')).join()).toContain('a-restore');
  });

  test('the repository lies where Velero has it, and the kopia program reads it', async () => {
    await kubelet.connectKopia(`${root}/kopia/${SHOP}/`);
    const listed = JSON.parse(await kubelet.kopia('snapshot', 'list', '--all', '--json')) as readonly {
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
