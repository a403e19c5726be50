import { expect } from 'vitest';
import { createMemoryProvider } from '../../src/snapshotters/memory.js';
import { snapshotterContract } from './snapshotter.js';

snapshotterContract('simulated', () => {
  const provider = createMemoryProvider();
  const zone = 'zone-a';
  return Promise.resolve({
    snapshotter: provider.open(),
    zone,
    disk: (info) => {
      const id = `vol-disk-${provider.volumes.size}`;
      provider.volumes.set(id, { ...info, zone });
      return Promise.resolve(id);
    },
    look: (id) => Promise.resolve(provider.volumes.get(id) ?? expect.fail(`there is no volume ${id}`)),
    cleanUp: () => Promise.resolve(),
  });
});
