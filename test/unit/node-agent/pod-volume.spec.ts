import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { createResources } from '../../../src/controllers/resources.js';
import type { JsonObject } from '../../../src/domain/json.js';
import { CLAIMS, NAMESPACES, VOLUMES } from '../../../src/domain/known-kinds.js';
import { podOf, volumeFolderOf } from '../../../src/node-agent/pod-volume.js';
import type { AgentPorts } from '../../../src/node-agent/ports.js';
import { createMemoryRepositories } from '../../../src/repositories/memory.js';
import { createLog } from '../../../src/log.js';
import { AGENT_INTERVALS } from '../../../src/node-agent/ports.js';

const signal = () => AbortSignal.timeout(5_000);

/** A node whose kubelet has a folder, and a cluster that knows claims and volumes. */
const createNode = async () => {
  const kubeletRoot = await mkdtemp(join(tmpdir(), 'lifeboat-volumes-'));
  const cluster = createMemoryCluster();
  onTestFinished(async () => {
    await cluster.close();
    await rm(kubeletRoot, { recursive: true, force: true });
  });
  const create = async (type: typeof CLAIMS, namespace: string | undefined, object: object) => {
    const made = await cluster.create(type, namespace, JSON.stringify(object), { signal: signal() });
    if (!made.ok) expect.fail(made.message);
  };
  await create(NAMESPACES, undefined, { metadata: { name: 'shop' } });
  const ports: AgentPorts = {
    cluster,
    resources: createResources(cluster, 'velero'),
    repositories: createMemoryRepositories(kubeletRoot),
    clock: () => new Date(),
    log: createLog('fatal'),
    config: {
      nodeName: 'n1',
      kubeletRoot,
      resourceTimeout: 1_000,
      prepareTimeout: 1_000,
      configMap: '',
      hostingPodImage: 'pause:1',
      intervals: AGENT_INTERVALS,
    },
  };
  return {
    ports,
    kubeletRoot,
    create,
    mount: async (...path: readonly string[]) => {
      const folder = join(kubeletRoot, 'pods', 'uid-1', 'volumes', ...path);
      await mkdir(folder, { recursive: true });
      return folder;
    },
    claim: async (volume: object, spec: object = {}) => {
      await create(VOLUMES, undefined, { metadata: { name: 'pv-1' }, spec: volume });
      await create(CLAIMS, 'shop', { metadata: { name: 'data' }, spec: { volumeName: 'pv-1', ...spec } });
    },
    folderOf: (volume: object, uid = 'uid-1') => volumeFolderOf(ports, podWith(volume, uid), 'v', signal()),
  };
};

const podWith = (volume: object, uid = 'uid-1'): JsonObject => ({
  metadata: { name: 'web', namespace: 'shop', uid },
  spec: { volumes: [{ name: 'v', ...volume }] },
});
const BY_CLAIM = { persistentVolumeClaim: { claimName: 'data' } };
const CSI = { csi: { driver: 'disk.csi.example', volumeHandle: 'h' } };

describe('the folder of a volume on its node', () => {
  test('of an emptyDir bears the name it has in the pod, below whatever plugin', async () => {
    const node = await createNode();
    const folder = await node.mount('kubernetes.io~empty-dir', 'v');
    expect(await node.folderOf({ emptyDir: {} })).toEqual({ folder });
  });

  test('of a claim bears the name of its PersistentVolume', async () => {
    const node = await createNode();
    await node.claim({ nfs: { server: 'nfs.example', path: '/a' } });
    const folder = await node.mount('kubernetes.io~nfs', 'pv-1');
    expect(await node.folderOf(BY_CLAIM)).toEqual({ folder });
  });

  test('of a CSI driver is the mount below that', async () => {
    const node = await createNode();
    await node.claim(CSI);
    const folder = await node.mount('kubernetes.io~csi', 'pv-1', 'mount');
    expect(await node.folderOf(BY_CLAIM)).toEqual({ folder });
  });

  test('of a generic ephemeral volume is that of the claim Kubernetes made for it', async () => {
    const node = await createNode();
    await node.create(VOLUMES, undefined, { metadata: { name: 'pv-2' }, spec: CSI });
    await node.create(CLAIMS, 'shop', { metadata: { name: 'web-v' }, spec: { volumeName: 'pv-2' } });
    const folder = await node.mount('kubernetes.io~csi', 'pv-2', 'mount');
    expect(await node.folderOf({ ephemeral: { volumeClaimTemplate: {} } })).toEqual({ folder });
  });

  test('is where a link leads that the kubelet has there', async () => {
    const node = await createNode();
    await node.claim(CSI);
    const disk = join(node.kubeletRoot, 'disk');
    await mkdir(disk);
    const plugin = await node.mount('kubernetes.io~csi', 'pv-1');
    await symlink(disk, join(plugin, 'mount'));
    expect(await node.folderOf(BY_CLAIM)).toEqual({ folder: disk });
  });
});

describe('there is no folder', () => {
  test.each(['hostPath', 'secret', 'configMap', 'projected', 'downwardAPI'])(
    'for a volume of kind %s, and never will be',
    async (kind) => {
      const node = await createNode();
      expect(await node.folderOf({ [kind]: {} })).toEqual({
        problem: `volumes of kind ${kind} are not copied`,
        final: true,
      });
    },
  );

  test('for a name that the pod does not have', async () => {
    const { ports } = await createNode();
    expect(await volumeFolderOf(ports, podWith({ emptyDir: {} }), 'other', signal())).toEqual({
      problem: 'the pod has no volume "other"',
      final: true,
    });
  });

  test('for a block device, nor for a folder of the host behind a claim', async () => {
    const block = await createNode();
    await block.claim(CSI, { volumeMode: 'Block' });
    expect(await block.folderOf(BY_CLAIM)).toMatchObject({ final: true });
    const host = await createNode();
    await host.claim({ hostPath: { path: '/etc' } });
    await host.mount('kubernetes.io~host-path', 'pv-1');
    expect(await host.folderOf(BY_CLAIM)).toMatchObject({
      problem: expect.stringContaining('folder of the host') as string,
      final: true,
    });
  });

  test('yet for a claim that is not bound, or not mounted', async () => {
    const node = await createNode();
    await node.create(CLAIMS, 'shop', { metadata: { name: 'data' }, spec: {} });
    expect(await node.folderOf(BY_CLAIM)).toEqual({ problem: 'the claim data has no volume yet' });
    const late = await createNode();
    await late.claim(CSI);
    expect(await late.folderOf(BY_CLAIM)).toEqual({
      problem: expect.stringMatching(/no folder of "pv-1" below .*kubelet-root right/) as string,
    });
  });

  test('for a uid or a name that would lead out of the kubelet’s folder', async () => {
    const node = await createNode();
    await node.mount('kubernetes.io~empty-dir', 'v');
    expect(await node.folderOf({ emptyDir: {} }, '../../etc')).toEqual({
      problem: 'its name cannot be part of a path',
    });
    const volumes = { spec: { volumes: [{ name: '..', emptyDir: {} }] }, metadata: { uid: 'uid-1' } };
    expect(await volumeFolderOf(node.ports, volumes, '..', signal())).toEqual({
      problem: 'its name cannot be part of a path',
    });
  });
});

test('a pod of the same name that came later is not the pod of a copy', async () => {
  const { ports, create } = await createNode();
  const { PODS } = await import('../../../src/domain/known-kinds.js');
  await create(PODS, 'shop', { metadata: { name: 'web' }, spec: { containers: [] } });
  const found = await podOf(ports, { namespace: 'shop', name: 'web' }, signal());
  expect(found).toBeDefined();
  expect(await podOf(ports, { namespace: 'shop', name: 'web', uid: 'another' }, signal())).toBeUndefined();
  expect(await podOf(ports, { namespace: 'shop', name: 'gone' }, signal())).toBeUndefined();
});
