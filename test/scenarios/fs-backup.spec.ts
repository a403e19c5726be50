import { describe, expect, it } from 'vitest';
import { namespaceOf, type KubeObject } from '../builders.js';
import { csiDisk, snapshotClass, SNAPSHOT_DEFINITIONS, startCsiDriver } from './csi-driver.js';
import { agentPod, claimed, empty, mounting, playAgents, type PlayedAgent } from './node-agent.js';
import { createCluster, createRunningWorld, type World, type WorldOptions } from './world.js';

const SHOP = { includedNamespaces: ['shop'] };
const ALL = { ...SHOP, defaultVolumesToFsBackup: true };

const chooses = (volumes: string) => ({ annotations: { 'backup.velero.io/backup-volumes': volumes } });
const leaves = (volumes: string) => ({
  annotations: { 'backup.velero.io/backup-volumes-excludes': volumes },
});

interface Stage {
  readonly world: World;
  readonly agent: PlayedAgent;
  /** Volumes that the CSI driver snapshotted. */
  readonly snapshots: () => readonly string[];
}

const stage = async (
  objects: readonly KubeObject[],
  more: { readonly conduct?: Parameters<typeof playAgents>[1]; readonly options?: WorldOptions } = {},
): Promise<Stage> => {
  const cluster = await createCluster();
  const world = await createRunningWorld({ ...more.options, cluster });
  await world.apply(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'));
  const driver = await startCsiDriver(cluster);
  const agent = playAgents(cluster, more.conduct);
  await world.apply(agentPod('n1'), namespaceOf('shop'), ...objects);
  return { world, agent, snapshots: () => [...driver.snapshots.values()].sort() };
};

const archived = async (world: World, path: string): Promise<boolean> =>
  (await world.archive('b1')).has(`resources/${path}.json`);

describe('A backup that copies volumes file by file', () => {
  it('behaviour 90: asks for the copy of a volume that a pod opts in, and takes no snapshot of it', async () => {
    const { world, snapshots } = await stage([
      ...csiDisk('shop', 'db'),
      ...csiDisk('shop', 'wal'),
      mounting('web', [claimed('data', 'db'), claimed('log', 'wal'), empty('tmp')], chooses('data')),
    ]);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'Completed' });
    expect(snapshots()).toEqual(['disk-wal']);
    const claim = await world.find('persistentvolumeclaims', 'db', 'shop');
    const web = await world.find('pods', 'web', 'shop');
    const { uid } = backup.metadata;
    expect(await world.resources.list('PodVolumeBackup', AbortSignal.timeout(5_000))).toMatchObject([
      {
        metadata: {
          labels: {
            'velero.io/backup-name': 'b1',
            'velero.io/backup-uid': uid,
            'velero.io/pvc-uid': claim?.metadata.uid,
          },
          annotations: { 'velero.io/pvc-name': 'db' },
          ownerReferences: [{ kind: 'Backup', name: 'b1', uid, controller: true }],
        },
        spec: {
          node: 'n1',
          pod: { kind: 'Pod', namespace: 'shop', name: 'web', uid: web?.metadata.uid },
          volume: 'data',
          backupStorageLocation: 'default',
          repoIdentifier: '',
          uploaderType: 'kopia',
          tags: {
            backup: 'b1',
            'backup-uid': uid,
            pod: 'web',
            'pod-uid': web?.metadata.uid,
            ns: 'shop',
            volume: 'data',
            'pvc-uid': claim?.metadata.uid,
          },
        },
      },
    ]);
    expect(await world.json(world.layout.podVolumeBackups('b1'))).toMatchObject([
      { spec: { volume: 'data' }, status: { phase: 'Completed' } },
    ]);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { pvcName: 'wal', backupMethod: 'CSISnapshot' },
      {
        pvcName: 'db',
        pvcNamespace: 'shop',
        pvName: 'pv-db',
        backupMethod: 'PodVolumeBackup',
        skipped: false,
        result: 'succeeded',
        pvbInfo: { volumeName: 'data', podName: 'web', podNamespace: 'shop', nodeName: 'n1', size: 7 },
        pvInfo: { reclaimPolicy: 'Delete', labels: { zone: 'a' } },
      },
    ]);
    expect(await world.story('backup', 'b1')).toContain('Volume data of pod shop/web copied: 0.0 KiB.');
  });

  it('behaviour 91: copies every volume by default, but for those that a pod opts out, which are snapshotted', async () => {
    const { world, agent, snapshots } = await stage([
      ...csiDisk('shop', 'db'),
      ...csiDisk('shop', 'wal'),
      mounting('web', [claimed('data', 'db'), claimed('log', 'wal'), empty('tmp')], leaves('log')),
    ]);
    expect((await world.backup('b1', ALL)).status?.phase).toBe('Completed');
    expect([...agent.asked('PodVolumeBackup')].sort()).toEqual(['shop/web/data', 'shop/web/tmp']);
    expect(snapshots()).toEqual(['disk-wal']);
  });

  it('behaviour 92: copies an emptyDir, and never what only shows something of the cluster or the node', async () => {
    const { world, agent } = await stage([
      mounting('web', [
        empty('cache'),
        { name: 'host', hostPath: { path: '/x' } },
        { name: 'password', secret: { secretName: 's' } },
        { name: 'settings', configMap: { name: 'c' } },
        { name: 'all', projected: { sources: [] } },
        { name: 'about', downwardAPI: { items: [] } },
        empty('default-token-x'),
      ]),
    ]);
    expect((await world.backup('b1', ALL)).status?.phase).toBe('Completed');
    expect(agent.asked('PodVolumeBackup')).toEqual(['shop/web/cache']);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { backupMethod: 'PodVolumeBackup', pvbInfo: { volumeName: 'cache' } },
    ]);
  });

  it.each([
    ['is pending', { phase: 'Pending' }],
    ['has no node', { node: '' }],
  ])('behaviour 93: warns of the volumes of a pod that %s, and copies none', async (_what, more) => {
    const { world, agent, snapshots } = await stage([
      ...csiDisk('shop', 'db'),
      mounting('web', [claimed('db')], { ...chooses('db'), ...more }),
    ]);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(agent.asked('PodVolumeBackup')).toEqual([]);
    expect(snapshots()).toEqual([]);
    expect(await archived(world, 'pods/namespaces/shop/web')).toBe(true);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { pvName: 'pv-db', skipped: true, skippedReason: expect.stringContaining('podvolume: ') as string },
    ]);
  });

  it('behaviour 94: has an error and not the pod where no agent runs on its node', async () => {
    const { world, agent } = await stage([
      mounting('web', [empty('tmp')], { ...chooses('tmp'), node: 'n2' }),
      mounting('api', [empty('tmp')], chooses('tmp')),
    ]);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(agent.asked('PodVolumeBackup')).toEqual(['shop/api/tmp']);
    expect(await archived(world, 'pods/namespaces/shop/web')).toBe(false);
    expect(await archived(world, 'pods/namespaces/shop/api')).toBe(true);
    expect(JSON.stringify(await world.json(world.layout.backupResults('b1')))).toContain(
      'no node agent runs on node n2',
    );
  });

  it('behaviour 95: has an error for a copy that fails, and the pod and the other copies all the same', async () => {
    const { world } = await stage([mounting('web', [empty('good'), empty('bad')], chooses('good,bad'))], {
      conduct: (volume) => (volume === 'bad' ? 'broken' : 'done'),
    });
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await archived(world, 'pods/namespaces/shop/web')).toBe(true);
    const stored = (await world.json(world.layout.podVolumeBackups('b1'))) as readonly object[];
    expect(stored.map((one) => (one as { status: { phase: string } }).status.phase).sort()).toEqual([
      'Completed',
      'Failed',
    ]);
    expect(await world.story('backup', 'b1')).toContain(
      'Copy of volume bad of pod shop/web failed: the disk is on fire.',
    );
  });

  it('behaviour 97: copies a claim that two pods mount once', async () => {
    const { world, agent } = await stage([
      ...csiDisk('shop', 'db'),
      mounting('one', [claimed('db')]),
      mounting('two', [claimed('db')]),
    ]);
    expect((await world.backup('b1', ALL)).status?.phase).toBe('Completed');
    expect(agent.asked('PodVolumeBackup')).toEqual(['shop/one/db']);
  });

  it('Q7: keeps the copies that are done when the time for copies is over, and cancels the others', async () => {
    const { world, agent } = await stage(
      [mounting('web', [empty('quick'), empty('slow')], chooses('quick,slow'))],
      {
        conduct: (volume) => (volume === 'slow' ? 'silent' : 'done'),
        options: { config: { fsBackupTimeout: 300 } },
      },
    );
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await world.json(world.layout.podVolumeBackups('b1'))).toMatchObject([
      { spec: { volume: 'quick' }, status: { phase: 'Completed' } },
    ]);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { result: 'succeeded', pvbInfo: { volumeName: 'quick' } },
      { result: 'failed', pvbInfo: { volumeName: 'slow' } },
    ]);
    const all = await world.resources.list('PodVolumeBackup', AbortSignal.timeout(5_000));
    const slow = all.find(({ spec }) => spec?.volume === 'slow');
    expect(slow?.spec?.cancel).toBe(true);
    expect(agent.held.size).toBe(1);
    expect(JSON.stringify(await world.json(world.layout.backupResults('b1')))).toContain(
      'it was not done within 300ms',
    );
  });

  it('takes the time for copies from an annotation of the backup', async () => {
    const { world } = await stage([mounting('web', [empty('slow')], chooses('slow'))], {
      conduct: () => 'silent',
    });
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'b1', namespace: 'velero', annotations: { 'velero.io/pod-volume-timeout': '200ms' } },
      spec: SHOP,
    });
    expect((await world.ended('Backup', 'b1')).status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
  });

  it('says what is wrong with a time for copies that cannot be read, and goes by the flag', async () => {
    const { world } = await stage([mounting('web', [empty('tmp')], chooses('tmp'))]);
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'b1', namespace: 'velero', annotations: { 'velero.io/pod-volume-timeout': 'soon' } },
      spec: SHOP,
    });
    expect((await world.ended('Backup', 'b1')).status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(await world.json(world.layout.podVolumeBackups('b1'))).toHaveLength(1);
  });

  it.each([
    ['no container mounts', { volumeMounts: [] }, 'no container of the pod mounts it'],
    [
      'is a block device',
      { volumeMounts: [], volumeDevices: [{ name: 'db', devicePath: '/dev/x' }] },
      'it is a block volume',
    ],
  ])('warns of a volume that %s', async (_what, container, warning) => {
    const web = mounting('web', [claimed('db')], chooses('db'));
    const spec = web['spec'] as { readonly containers: readonly object[] };
    const { world, agent } = await stage([
      ...csiDisk('shop', 'db'),
      { ...web, spec: { ...spec, containers: [{ ...spec.containers[0], ...container }] } },
    ]);
    const backup = await world.backup('b1', SHOP);
    expect(backup.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    expect(agent.asked('PodVolumeBackup')).toEqual([]);
    expect(JSON.stringify(await world.json(world.layout.backupResults('b1')))).toContain(warning);
  });

  it('warns of a name in the annotation that no volume has', async () => {
    const { world } = await stage([mounting('web', [empty('tmp')], chooses('tmp, other'))]);
    expect((await world.backup('b1', SHOP)).status).toMatchObject({ phase: 'Completed', warnings: 1 });
  });

  it('tells the agents how many files to read at once', async () => {
    const { world } = await stage([mounting('web', [empty('tmp')])]);
    await world.backup('b1', { ...ALL, uploaderConfig: { parallelFilesUpload: 4 } });
    const [copy] = await world.resources.list('PodVolumeBackup', AbortSignal.timeout(5_000));
    expect(copy?.spec?.uploaderSettings).toEqual({ ParallelFilesUpload: '4' });
  });

  it('runs the post hooks of a pod when its volumes are copied, and not before', async () => {
    const ran: string[] = [];
    const web = mounting('web', [empty('tmp')], {
      annotations: {
        'backup.velero.io/backup-volumes': 'tmp',
        'pre.hook.backup.velero.io/command': 'freeze',
        'post.hook.backup.velero.io/command': 'thaw',
      },
    });
    const { world, agent } = await stage([web], { conduct: () => 'held' });
    await world.restart({
      cluster: {
        ...world.cluster,
        exec: (_pod, { command }) => {
          ran.push(command.join(' '));
          return Promise.resolve({ ended: 'exit', exitCode: 0, stdout: '', stderr: '' });
        },
      },
    });
    await world.request('Backup', 'b1', SHOP);
    await agent.holds(1);
    expect(ran).toEqual(['freeze']);
    await agent.release();
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Completed');
    expect(ran).toEqual(['freeze', 'thaw']);
  });

  it('runs the post hooks of a pod also when its volumes are not copied in time', async () => {
    const ran: string[] = [];
    const hooks = {
      'pre.hook.backup.velero.io/command': 'freeze',
      'post.hook.backup.velero.io/command': 'thaw',
    };
    const annotations = { ...chooses('tmp').annotations, ...hooks };
    const { world } = await stage([mounting('web', [empty('tmp')], { annotations })], {
      conduct: () => 'silent',
      options: { config: { fsBackupTimeout: 300 } },
    });
    await world.restart({
      cluster: {
        ...world.cluster,
        exec: (_pod, { command }) => {
          ran.push(command.join(' '));
          return Promise.resolve({ ended: 'exit', exitCode: 0, stdout: '', stderr: '' });
        },
      },
    });
    expect((await world.backup('b1', SHOP)).status).toMatchObject({ phase: 'PartiallyFailed', errors: 1 });
    expect(ran).toEqual(['freeze', 'thaw']);
  });

  it('leaves nothing of its copies when it is cancelled', async () => {
    const { world, agent } = await stage(
      [mounting('web', [empty('quick'), empty('slow')], chooses('quick,slow'))],
      {
        conduct: (volume) => (volume === 'slow' ? 'held' : 'done'),
      },
    );
    await world.restart({ repositories: agent.repositories });
    await world.request('Backup', 'b1', SHOP);
    await agent.holds(1);
    const patch = { metadata: { annotations: { 'lifeboat.io/cancel': 'true' } } };
    await world.resources.patch('Backup', 'b1', patch, AbortSignal.timeout(5_000));
    expect((await world.ended('Backup', 'b1')).status?.phase).toBe('Failed');
    expect(await world.resources.list('PodVolumeBackup', AbortSignal.timeout(5_000))).toEqual([]);
    expect(agent.asked('PodVolumeBackup')).toHaveLength(2);
    expect(agent.held.size).toBe(0);
    expect(await world.story('backup', 'b1')).toContain('Copies that no backup holds were removed.');
  });
});

const policy = (policies: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'policy', namespace: 'velero' },
  data: { policy: `version: v1\nvolumePolicies:\n${policies}` },
});
const rule = (conditions: string, action: string) =>
  `- conditions: {${conditions}}\n  action: {type: ${action}}\n`;
const BY_POLICY = { ...SHOP, resourcePolicy: { kind: 'configmap', name: 'policy' } };

describe('Volume policies', () => {
  it('behaviour 107: leave small volumes out, which the volume information says', async () => {
    const { world, agent, snapshots } = await stage([
      ...csiDisk('shop', 'db'),
      mounting('web', [claimed('db')]),
      policy(rule('capacity: "0,10Gi"', 'skip')),
    ]);
    const backup = await world.backup('b1', { ...BY_POLICY, defaultVolumesToFsBackup: true });
    expect(backup.status).toMatchObject({ phase: 'Completed' });
    expect(backup.status).not.toHaveProperty('warnings');
    expect([agent.asked('PodVolumeBackup'), snapshots()]).toEqual([[], []]);
    expect(await world.json(world.layout.volumeInfo('b1'))).toMatchObject([
      { pvName: 'pv-db', skipped: true, skippedReason: 'any: skipped due to resource policy ;' },
    ]);
  });

  it('behaviour 108: choose copies without any annotation, and snapshots against snapshotVolumes', async () => {
    const { world, agent, snapshots } = await stage([
      ...csiDisk('shop', 'db', { labels: { tier: 'gold' } }),
      ...csiDisk('shop', 'wal'),
      mounting('web', [claimed('db'), claimed('wal')]),
      policy(rule('pvcLabels: {tier: gold}', 'fs-backup') + rule('csi: {}', 'snapshot')),
    ]);
    expect((await world.backup('b1', { ...BY_POLICY, snapshotVolumes: false })).status?.phase).toBe(
      'Completed',
    );
    expect(agent.asked('PodVolumeBackup')).toEqual(['shop/web/db']);
    expect(snapshots()).toEqual(['disk-wal']);
  });

  it('behaviour 109: count in their order: the first that fits decides', async () => {
    const { world, agent, snapshots } = await stage([
      ...csiDisk('shop', 'db'),
      mounting('web', [claimed('db')]),
      policy(rule('csi: {}', 'fs-backup') + rule('csi: {}', 'snapshot')),
    ]);
    expect((await world.backup('b1', BY_POLICY)).status?.phase).toBe('Completed');
    expect(agent.asked('PodVolumeBackup')).toEqual(['shop/web/db']);
    expect(snapshots()).toEqual([]);
  });
});
