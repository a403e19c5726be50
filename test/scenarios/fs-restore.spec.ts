import { describe, expect, it } from 'vitest';
import { gzipSync } from 'node:zlib';
import { namespaceOf, type KubeObject } from '../builders.js';
import { csiDisk } from './csi-driver.js';
import { agentPod, claimed, empty, mounting, playAgents, type PlayedAgent } from './node-agent.js';
import { createCluster, createRunningWorld, soon, type World, type WorldOptions } from './world.js';

const ALL = { includedNamespaces: ['shop'], defaultVolumesToFsBackup: true };
const COPY = { backupName: 'b1', namespaceMapping: { shop: 'copy' } };

/** A Deployment of the server, by which its image is known. */
const server: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'lifeboat', namespace: 'velero' },
  spec: {
    selector: { matchLabels: { app: 'lifeboat' } },
    template: {
      metadata: { labels: { app: 'lifeboat' } },
      spec: { containers: [{ name: 'lifeboat', image: 'registry.example/lifeboat:1' }] },
    },
  },
};

const settings = (data: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {
    name: 'waits',
    namespace: 'velero',
    labels: { 'velero.io/plugin-config': '', 'velero.io/pod-volume-restore': 'RestoreItemAction' },
  },
  data,
});

interface Stage {
  readonly world: World;
  readonly agent: PlayedAgent;
}

/** A pod with a claim and a folder, both copied. Restored pods get a node as the scheduler gives it. */
const backedUp = async (
  more: {
    readonly conduct?: Parameters<typeof playAgents>[1];
    readonly node?: string;
    readonly options?: WorldOptions;
    readonly objects?: readonly KubeObject[];
  } = {},
): Promise<Stage> => {
  const cluster = await createCluster();
  const world = await createRunningWorld({ ...more.options, cluster });
  const agent = playAgents(cluster, more.conduct, more.node ?? 'n1');
  await world.apply(agentPod('n1'), server, namespaceOf('shop'), ...csiDisk('shop', 'db'));
  await world.apply(mounting('web', [claimed('data', 'db'), empty('tmp')]), ...(more.objects ?? []));
  expect((await world.backup('b1', ALL)).status?.phase).toBe('Completed');
  return { world, agent };
};

const initContainers = async (
  world: World,
  namespace = 'copy',
): Promise<readonly Record<string, unknown>[]> => {
  const pod = await world.find('pods', 'web', namespace);
  return (pod?.['spec'] as { initContainers?: readonly Record<string, unknown>[] }).initContainers ?? [];
};
const errorsOf = async (world: World, restore = 'r1'): Promise<string> =>
  JSON.stringify(await world.json(world.layout.restoreResults(restore)));

describe('A restore of copied volumes', () => {
  it('behaviour 96: holds the pod until each of its volumes has its data, and ends then', async () => {
    const { world, agent } = await backedUp({
      conduct: (_volume, kind) => (kind === 'PodVolumeRestore' ? 'held' : 'done'),
    });
    await world.request('Restore', 'r1', COPY);
    await agent.holds(2);
    const waiting = await world.resources.read('Restore', 'r1', soon());
    expect(waiting?.status?.phase).toBe('InProgress');
    expect((await initContainers(world))[0]).toMatchObject({
      name: 'restore-wait',
      image: 'registry.example/lifeboat:1',
      command: ['/velero-restore-helper'],
      args: [waiting?.metadata.uid],
      resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { cpu: '100m', memory: '128Mi' } },
      securityContext: { runAsUser: 1000, runAsNonRoot: true, allowPrivilegeEscalation: false },
      volumeMounts: [
        { name: 'data', mountPath: '/restores/data' },
        { name: 'tmp', mountPath: '/restores/tmp' },
      ],
    });
    await agent.release();
    const restore = await world.ended('Restore', 'r1');
    expect(restore.status).toMatchObject({ phase: 'Completed' });
    expect(restore.status).not.toHaveProperty('warnings');
    const pod = await world.find('pods', 'web', 'copy');
    const claim = await world.find('persistentvolumeclaims', 'db', 'copy');
    const asked = await world.resources.list('PodVolumeRestore', soon());
    expect(asked.find(({ spec }) => spec?.volume === 'data')).toMatchObject({
      metadata: {
        labels: {
          'velero.io/restore-name': 'r1',
          'velero.io/restore-uid': restore.metadata.uid,
          'velero.io/pod-uid': pod?.metadata.uid,
          'velero.io/pvc-uid': claim?.metadata.uid,
        },
        ownerReferences: [{ kind: 'Restore', name: 'r1', controller: true }],
      },
      spec: {
        pod: { kind: 'Pod', namespace: 'copy', name: 'web', uid: pod?.metadata.uid },
        sourceNamespace: 'shop',
        backupStorageLocation: 'default',
        repoIdentifier: '',
        uploaderType: 'kopia',
        snapshotID: [...agent.held].find(([, volume]) => volume === 'data')?.[0],
        snapshotSize: 7,
      },
    });
    expect(await world.json(world.layout.restoreVolumeInfo('r1'))).toMatchObject([
      {
        pvcName: 'db',
        pvcNamespace: 'copy',
        restoreMethod: 'PodVolumeRestore',
        pvrInfo: { volumeName: 'data', podName: 'web', podNamespace: 'copy', Phase: '' },
      },
      { restoreMethod: 'PodVolumeRestore', pvrInfo: { volumeName: 'tmp' } },
    ]);
    expect(await world.story('restore', 'r1')).toContain(
      'Volume data of the restored pod copy/web has its data back: 0.0 KiB.',
    );
  });

  it('makes the claim anew, without the old volume', async () => {
    const { world } = await backedUp();
    await world.restore('r1', COPY);
    expect((await world.find('persistentvolumeclaims', 'db', 'copy'))?.['spec']).not.toMatchObject({
      volumeName: 'pv-db',
    });
  });

  it('has an error for a volume that is not filled, and the other volumes all the same', async () => {
    const { world } = await backedUp({
      conduct: (volume, kind) => (kind === 'PodVolumeRestore' && volume === 'tmp' ? 'broken' : 'done'),
    });
    const restore = await world.restore('r1', COPY);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await errorsOf(world)).toContain(
      '"velero":["volume tmp of pod copy/web does not have its data back: the disk is on fire"]',
    );
    expect(await world.story('restore', 'r1')).toEqual(
      expect.arrayContaining([
        'Volume data of the restored pod copy/web has its data back: 0.0 KiB.',
        'Volume tmp of the restored pod copy/web does not have its data back: the disk is on fire.',
      ]),
    );
  });

  it('cancels what is not filled in time', async () => {
    const { world } = await backedUp({
      conduct: (volume, kind) => (kind === 'PodVolumeRestore' && volume === 'tmp' ? 'silent' : 'done'),
      options: { config: { fsBackupTimeout: 400 } },
    });
    const restore = await world.restore('r1', COPY);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await errorsOf(world)).toContain('it was not done within 400ms');
    const asked = await world.resources.list('PodVolumeRestore', soon());
    expect(asked.find(({ spec }) => spec?.volume === 'tmp')?.spec?.cancel).toBe(true);
  });

  it('has an error for each volume of a pod that comes to a node without an agent', async () => {
    const { world } = await backedUp({
      node: 'n2',
      conduct: (_volume, kind) => (kind === 'PodVolumeRestore' ? 'silent' : 'done'),
    });
    const restore = await world.restore('r1', COPY);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 2 });
    expect(await errorsOf(world)).toContain('no node agent runs on node n2');
  });

  it('has an error where no agent runs at all', async () => {
    const { world, agent } = await backedUp();
    await world.remove('pods', 'node-agent-n1', 'velero');
    const restore = await world.restore('r1', COPY);
    expect(restore.status).toMatchObject({ phase: 'PartiallyFailed', errors: 2 });
    expect(agent.asked('PodVolumeRestore')).toEqual([]);
  });

  it('brings no data back, and holds no pod for it, where claims or volumes are left out', async () => {
    const { world, agent } = await backedUp();
    const restore = await world.restore('r1', { ...COPY, excludedResources: ['persistentvolumes'] });
    expect(restore.status?.phase).toBe('Completed');
    expect(agent.asked('PodVolumeRestore')).toEqual([]);
    expect(await initContainers(world)).toEqual([]);
  });

  it('warns of a claim that comes back without the pod through which it gets its data', async () => {
    const { world } = await backedUp();
    const restore = await world.restore('r1', { ...COPY, excludedResources: ['pods'] });
    expect(restore.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(await errorsOf(world)).toContain(
      'claim db gets an empty volume: its data comes back through pod shop/web',
    );
  });

  it('leaves the volumes of a pod alone that was there before', async () => {
    const { world, agent } = await backedUp();
    await world.restore('r1', { backupName: 'b1' });
    expect(agent.asked('PodVolumeRestore')).toEqual([]);
  });

  it('takes image, command, amounts and rights of the waiting container from a ConfigMap', async () => {
    const { world } = await backedUp({
      objects: [
        settings({
          image: 'mirror.example/helper:2',
          command: '/wait',
          cpuRequest: '0',
          memLimit: '1Gi',
          secCtx: 'runAsUser: 0\ncapabilities:\n  add: [FOWNER]\n',
        }),
      ],
    });
    await world.restore('r1', COPY);
    expect((await initContainers(world))[0]).toMatchObject({
      image: 'mirror.example/helper:2',
      command: ['/wait'],
      resources: { requests: { memory: '128Mi' }, limits: { cpu: '100m', memory: '1Gi' } },
      securityContext: { runAsUser: 0, capabilities: { add: ['FOWNER'] } },
    });
  });

  it.each([
    [{ memLimit: 'lots' }, 'the key memLimit of the ConfigMap'],
    [{ secCtxRunAsUser: 'root' }, 'write the number of a user or group'],
    [{ secCtx: '[' }, 'write a securityContext of a container in YAML'],
  ])('says what is wrong with the ConfigMap: %o', async (data, told) => {
    const { world } = await backedUp({ objects: [settings(data)] });
    expect((await world.restore('r1', COPY)).status?.phase).toBe('PartiallyFailed');
    expect(await errorsOf(world)).toContain(told);
  });

  it('runs the hooks of a pod when its volumes are filled', async () => {
    const { world, agent } = await backedUp({
      conduct: (_volume, kind) => (kind === 'PodVolumeRestore' ? 'held' : 'done'),
      objects: [mounting('idle', [])],
    });
    const ran: string[] = [];
    await world.restart({
      cluster: {
        ...world.cluster,
        exec: (_pod, { command }) => {
          ran.push(command.join(' '));
          return Promise.resolve({ ended: 'exit', exitCode: 0, stdout: '', stderr: '' });
        },
      },
    });
    const hook = { exec: { command: ['check'], waitTimeout: '100ms' } };
    const hooks = { resources: [{ name: 'h', postHooks: [hook] }] };
    await world.request('Restore', 'r1', { ...COPY, hooks });
    await agent.holds(2);
    const story = () => world.story('restore', 'r1');
    // Its hook waits no longer than that of the other pod would if that did not wait for data.
    await expect.poll(story, { timeout: 8_000 }).toContainEqual(expect.stringContaining('copy/idle'));
    await agent.run('copy', 'web');
    await agent.release();
    expect((await world.ended('Restore', 'r1')).status).toMatchObject({ hookStatus: { hooksAttempted: 2 } });
    expect(ran).toEqual(['check']);
  });

  it('tells the agents to stop when it is cancelled', async () => {
    const { world, agent } = await backedUp({
      conduct: (_volume, kind) => (kind === 'PodVolumeRestore' ? 'held' : 'done'),
    });
    await world.request('Restore', 'r1', COPY);
    await agent.holds(2);
    const patch = { metadata: { annotations: { 'lifeboat.io/cancel': 'true' } } };
    await world.resources.patch('Restore', 'r1', patch, soon());
    expect((await world.ended('Restore', 'r1')).status?.phase).toBe('Failed');
    for (const { spec } of await world.resources.list('PodVolumeRestore', soon()))
      expect(spec?.cancel).toBe(true);
  });

  it('waits on for what an earlier life of the server has asked for', async () => {
    const { world, agent } = await backedUp({
      conduct: (volume, kind) => (kind === 'PodVolumeRestore' && volume === 'tmp' ? 'held' : 'done'),
    });
    await world.request('Restore', 'r1', COPY);
    await agent.holds(1);
    await world.restart();
    await agent.release();
    expect((await world.ended('Restore', 'r1')).status?.phase).toBe('Completed');
    expect(agent.asked('PodVolumeRestore')).toHaveLength(2);
    expect(await world.resources.list('PodVolumeRestore', soon())).toHaveLength(2);
  });

  it('brings back what Velero copied before its backups told of volumes', async () => {
    const { world, agent } = await backedUp();
    await world.store.put(world.layout.volumeInfo('b1'), gzipSync('[]\n'));
    const restore = await world.restore('r1', COPY);
    expect(restore.status?.phase).toBe('Completed');
    expect(agent.asked('PodVolumeRestore')).toHaveLength(2);
    expect((await world.find('persistentvolumeclaims', 'db', 'copy'))?.['spec']).not.toMatchObject({
      volumeName: 'pv-db',
    });
  });
});
