import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createKopiaRepositories } from '../../src/repositories/kopia.js';
import { FIRST_PASSWORD } from '../../src/repositories/port.js';
import type { RepositoryStorage } from '../../src/domain/repository-storage.js';
import type { RepositoriesUnderTest } from './repositories.js';

/** The adapter of kopia over a storage, with a scratch folder of its own. */
export const kopiaSubject = async (
  program: string,
  storageIn: (root: string) => RepositoryStorage,
  password = FIRST_PASSWORD,
): Promise<RepositoriesUnderTest & { readonly root: string }> => {
  const root = await mkdtemp(join(tmpdir(), 'lifeboat-kopia-'));
  return {
    root,
    repositories: createKopiaRepositories({
      program,
      scratch: join(root, 'scratch'),
      openStorage: () => Promise.resolve(storageIn(root)),
      password: () => Promise.resolve(password),
    }),
    place: {
      location: { provider: 'aws', objectStorage: { bucket: 'bucket' } },
      volumeNamespace: 'shop',
    },
    tolerance: 20_000,
    cleanUp: () => rm(root, { recursive: true, force: true }),
  };
};
