import { describe, expect, it } from 'vitest';
import { configMap, namespaceOf } from '../builders.js';
import { itemsOf } from './tarball.js';
import { createRunningWorld } from './world.js';

describe('A backup by label', () => {
  const app = { app: 'web' };
  const byLabel = { labelSelector: { matchLabels: app } };

  it('brings the Namespace of what the label finds, even of an object that is left out for another reason', async () => {
    const world = await createRunningWorld();
    await world.apply(
      ...['plain', 'labelled', 'ending', 'stranger'].map((name) => namespaceOf(name)),
      configMap('plain', 'settings', {}, app),
      configMap('labelled', 'settings', {}, { ...app, 'velero.io/exclude-from-backup': 'true' }),
      configMap('stranger', 'settings'),
    );
    const ending = configMap('ending', 'settings', {}, app);
    await world.apply({ ...ending, metadata: { ...ending.metadata, finalizers: ['shop.example/hold'] } });
    await world.remove('configmaps', 'settings', 'ending');
    await world.backup('b1', byLabel);
    expect(await itemsOf(world, 'b1')).toEqual([
      'configmaps|plain|settings',
      'namespaces||ending',
      'namespaces||labelled',
      'namespaces||plain',
    ]);
  });
});
