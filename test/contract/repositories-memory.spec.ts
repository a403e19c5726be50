import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createMemoryRepositories } from '../../src/repositories/memory.js';
import { repositoriesContract } from './repositories.js';

repositoriesContract('in memory', async () => {
  const root = await mkdtemp(join(tmpdir(), 'lifeboat-memory-copies-'));
  return {
    repositories: createMemoryRepositories(root),
    place: {
      location: { provider: 'filesystem', objectStorage: { bucket: 'bucket' } },
      volumeNamespace: 'shop',
    },
    tolerance: 1,
    cleanUp: () => rm(root, { recursive: true, force: true }),
  };
});
