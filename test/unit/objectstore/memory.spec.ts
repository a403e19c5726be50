import { expect, it } from 'vitest';
import { createMemoryObjectStore } from '../../../src/objectstore/memory.js';
import { objectStoreContract } from '../../contract/objectstore.js';

objectStoreContract('memory', () =>
  Promise.resolve({
    store: createMemoryObjectStore(),
    prefix: 'contract/',
    cleanUp: () => Promise.resolve(),
  }),
);

it('a link of the memory store names the object and its time to live', async () => {
  const store = createMemoryObjectStore({ presignBase: 'http://localhost:1/files' });
  expect(await store.presign('a b/c', 600)).toBe('http://localhost:1/files/a%20b/c?seconds=600');
});
