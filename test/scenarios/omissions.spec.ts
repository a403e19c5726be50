import { describe, expect, it } from 'vitest';
import { namespaceOf, type KubeObject } from '../builders.js';
import { createRunningWorld } from './world.js';

const volume: KubeObject = {
  apiVersion: 'v1',
  kind: 'PersistentVolume',
  metadata: { name: 'disk' },
  spec: { persistentVolumeReclaimPolicy: 'Retain', capacity: { storage: '1Gi' } },
};

const ALL = { includeClusterResources: true };

/** What a person would otherwise take for done. */
describe('An operation says what it leaves out', () => {
  it('the data of volumes is missed in a warning, unless nobody wants it', async () => {
    const world = await createRunningWorld();
    await world.apply(namespaceOf('shop'), volume);
    const asked = await world.backup('asked', ALL);
    expect(asked.status).toMatchObject({ phase: 'Completed', warnings: 1 });
    const results = JSON.stringify(await world.json(world.layout.backupResults('asked')));
    expect(results).toContain('the data of 1 persistent volumes is not in this backup');
    const objectsOnly = await world.backup('objects-only', { ...ALL, snapshotVolumes: false });
    expect(objectsOnly.status?.warnings).toBeUndefined();
  });
});
