import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { describeTree, growTree } from '../contract/repositories.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { copiedPod, isRunning, WAITING_IMAGE } from './fixture/copied-pod.js';
import { csiDisks } from './fixture/csi-disks.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { agentOn, openKubelet, type Kubelet } from './fixture/node-agent.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { veleroCli, type Said } from './fixture/velero.js';

const root = `metadata/fs-copies-${RUN}`;
const NAMESPACE = `lifeboat-${RUN}`;
const SHOP = `shop-${RUN}`;
const WEB = `/api/v1/namespaces/${SHOP}/pods/web`;
const NODE_LABEL = { 'suite.example/disks': 'here' };
const NIGHTLY = `nightly-${RUN}`;

const web = copiedPod({ nodeSelector: NODE_LABEL });

interface Listed {
  readonly source: { readonly path: string };
}

const withoutMark = (tree: readonly string[]) => tree.filter((line) => !line.startsWith('.velero'));

/** Server and agent are the real programs, as are velero's and kopia's; of the kubelet there is its folder. */
describe.skipIf(why !== '')(`copies of volumes, all the way by the programs${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let home: Home;
  let lifeboat: Lifeboat;
  let kubelet: Kubelet;
  const before: Record<string, readonly string[]> = {};

  const cli = (...order: readonly string[]): Promise<Said> => veleroCli(cluster, NAMESPACE)(...order);
  const held = async (): Promise<readonly string[]> => {
    const listed = JSON.parse(await kubelet.kopia('snapshot', 'list', '--all', '--json')) as
      readonly Listed[] | null;
    return (listed ?? []).map(({ source }) => source.path).sort();
  };
  const loseTheShop = async (): Promise<void> => {
    await cluster.remove(`/api/v1/namespaces/${SHOP}`);
    await until('the namespace to be gone', async () =>
      (await cluster.get(`/api/v1/namespaces/${SHOP}`)) ? undefined : true,
    );
  };

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('fscopies', { full: true }));
    kubelet = await tidy.keep(openKubelet(cluster));
    home = await tidy.keep(prepareHome(cluster, NAMESPACE, root));
    lifeboat = await home.start();
    const [node] = (await cluster.list('/api/v1/nodes')).map(({ metadata }) => metadata.name);
    if (node === undefined) throw new Error('the cluster has no node');
    await cluster.patch(`/api/v1/nodes/${node}`, { metadata: { labels: NODE_LABEL } });
    await cluster.create(`/api/v1/namespaces/${NAMESPACE}/configmaps`, WAITING_IMAGE);
    await cluster.create(`/api/v1/namespaces/${NAMESPACE}/pods`, agentOn(node));
    await cluster.becomes(`/api/v1/namespaces/${NAMESPACE}/pods/node-agent-${node}`, isRunning);
    kubelet.startAgent(node, NAMESPACE);

    await csiDisks(cluster).make(SHOP, { data: 'as it was' });
    await cluster.create(`/api/v1/namespaces/${SHOP}/pods`, web);
    const pod = await cluster.becomes(WEB, isRunning);
    const disk = await kubelet.mountClaim(pod, 'data');
    await growTree(disk, { files: 200, largeBytes: 2_000_000 });
    const cache = await kubelet.mountEmpty(pod, 'cache');
    await mkdir(join(cache, 'warm'));
    await writeFile(join(cache, 'warm', 'page'), 'computed');
    Object.assign(before, { data: await describeTree(disk), cache: await describeTree(cache) });
  });
  afterAll(tidy.closeAll);

  test('"velero backup create --default-volumes-to-fs-backup" copies every volume of a pod into the repository', async () => {
    const said = await cli(
      ...['backup', 'create', NIGHTLY, '--include-namespaces', SHOP],
      ...['--default-volumes-to-fs-backup', '--snapshot-volumes=false', '--wait'],
    );
    expect(said.code, said.text).toBe(0);
    const backup = await cluster.get(pathOf(NAMESPACE, 'backups', NIGHTLY));
    expect(backup?.status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    await kubelet.connectKopia(`${root}/kopia/${SHOP}/`);
    expect(await held()).toEqual([
      `snapshot-pod-volume/kopia/${SHOP}/web/cache`,
      `snapshot-pod-volume/kopia/${SHOP}/web/data`,
    ]);
  });

  test('behaviour 96: of a namespace that was lost the pod comes back, held until its volumes have the same files', async () => {
    await loseTheShop();
    const said = await cli('restore', 'create', `${NIGHTLY}-r`, '--from-backup', NIGHTLY);
    expect(said.code, said.text).toBe(0);
    const isPlaced = ({ spec }: Resource) => spec?.['nodeName'] !== undefined;
    const pod = await cluster.becomes(WEB, isPlaced, { explain: lifeboat.log });
    expect(pod.spec?.['initContainers']).toMatchObject([{ name: 'restore-wait' }]);
    const disk = await kubelet.mountClaim(pod, 'data');
    const cache = await kubelet.mountEmpty(pod, 'cache');
    await cluster.becomes(WEB, isRunning);
    expect((await cluster.get(pathOf(NAMESPACE, 'restores', `${NIGHTLY}-r`)))?.status?.phase).toBe(
      'InProgress',
    );
    await kubelet.startWaiting(pod);
    const restore = await cluster.becomes(pathOf(NAMESPACE, 'restores', `${NIGHTLY}-r`), hasEnded, {
      explain: lifeboat.log,
    });
    expect(restore.status, lifeboat.log()).toMatchObject({ phase: 'Completed' });
    for (const [volume, path] of Object.entries({ data: disk, cache })) {
      const after = await describeTree(path);
      expect(withoutMark(after), volume).toEqual(before[volume]);
      expect(after.join('\n'), volume).toContain(`.velero/${restore.metadata.uid}`);
    }
    const described = await cli('restore', 'describe', `${NIGHTLY}-r`, '--details');
    expect(described.text).toContain('kopia Restores:');
    expect(described.text).toMatch(new RegExp(`${SHOP}/web: cache .*, data`));
  });

  test('"velero backup delete" takes the copies out of the repository', async () => {
    const said = await cli('backup', 'delete', NIGHTLY, '--confirm');
    expect(said.code, said.text).toBe(0);
    await until(
      'the backup to be gone',
      async () =>
        (await cluster.get(pathOf(NAMESPACE, 'backups', NIGHTLY))) === undefined ? true : undefined,
      { explain: lifeboat.log },
    );
    expect(await held()).toEqual([]);
  });
});
