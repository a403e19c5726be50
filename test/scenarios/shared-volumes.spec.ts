import { describe, expect, it } from 'vitest';
import { namespaceOf, pod, type KubeObject } from '../builders.js';
import { createRunningWorld } from './world.js';

const claim = (name: string, labels: Readonly<Record<string, string>> = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name, namespace: 'shop', labels },
  spec: { volumeName: `disk-${name}`, storageClassName: 'fast' },
  status: { phase: 'Bound' },
});

const mounting = (name: string, claimName: string, phase = 'Running', nodeName = 'node-1'): KubeObject => {
  const plain = pod('shop', name, phase);
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName } }];
  return { ...plain, spec: { ...(plain['spec'] as object), volumes, nodeName } };
};

/** A volume must not be taken without those who write to it. */
describe('A backup by label', () => {
  it('takes the running pods that mount a selected claim, and what these mount, whatever their labels', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      claim('data', { app: 'x' }),
      claim('logs'),
      mounting('writer', 'data'),
      mounting('done', 'data', 'Succeeded'),
      mounting('unplaced', 'data', 'Running', ''),
      mounting('stranger', 'logs'),
    );
    await world.backup('b1', { labelSelector: { matchLabels: { app: 'x' } }, snapshotVolumes: false });
    const paths = [...(await world.archive('b1')).keys()];
    expect(paths).toContain('resources/pods/namespaces/shop/writer.json');
    expect(paths).not.toContain('resources/pods/namespaces/shop/done.json');
    expect(paths).not.toContain('resources/pods/namespaces/shop/unplaced.json');
    expect(paths).not.toContain('resources/pods/namespaces/shop/stranger.json');
    expect(paths).not.toContain('resources/persistentvolumeclaims/namespaces/shop/logs.json');
  });

  it('takes the claims of the same volume group', async () => {
    const world = await createRunningWorld();
    await world.apply(
      namespaceOf('shop'),
      claim('data', { app: 'x', 'velero.io/volume-group': 'db' }),
      claim('wal', { 'velero.io/volume-group': 'db' }),
      claim('cache', { 'velero.io/volume-group': 'other' }),
    );
    await world.backup('b1', { labelSelector: { matchLabels: { app: 'x' } }, snapshotVolumes: false });
    const paths = [...(await world.archive('b1')).keys()];
    expect(paths).toContain('resources/persistentvolumeclaims/namespaces/shop/wal.json');
    expect(paths).not.toContain('resources/persistentvolumeclaims/namespaces/shop/cache.json');
  });
});
