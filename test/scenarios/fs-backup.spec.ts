import { describe, expect, it } from 'vitest';
import { namespaceOf, pod, type KubeObject } from '../builders.js';
import { csiDisk, snapshotClass, SNAPSHOT_DEFINITIONS, startCsiDriver } from './csi-driver.js';
import { agentPod, playAgents, type PlayedAgent } from './node-agent.js';
import { createCluster, createRunningWorld, type World, type WorldOptions } from './world.js';

const SHOP = { includedNamespaces: ['shop'] };
const ALL = { ...SHOP, defaultVolumesToFsBackup: true };

interface Mount {
  readonly name: string;
  readonly [source: string]: unknown;
}

const claimed = (name: string, claimName = name): Mount => ({ name, persistentVolumeClaim: { claimName } });
const empty = (name: string): Mount => ({ name, emptyDir: {} });

/** A pod on node `n1` that mounts what it has. */
export const podOf = (
  name: string,
  volumes: readonly Mount[],
  more: {
    readonly annotations?: Readonly<Record<string, string>>;
    readonly phase?: string;
    readonly node?: string;
  } = {},
): KubeObject => {
  const plain = pod('shop', name, more.phase ?? 'Running');
  const node = more.node ?? 'n1';
  return {
    ...plain,
    metadata: { ...plain.metadata, ...(more.annotations && { annotations: more.annotations }) },
    spec: {
      ...(node !== '' && { nodeName: node }),
      containers: [
        {
          name: 'main',
          image: 'registry.example/app:1',
          volumeMounts: volumes.map(({ name: volume }) => ({ name: volume, mountPath: `/${volume}` })),
        },
      ],
      volumes,
    },
  };
};

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
      podOf('web', [claimed('data', 'db'), claimed('log', 'wal'), empty('tmp')], chooses('data')),
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
});
