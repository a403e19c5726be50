import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { readObject } from '../../../src/controllers/stored-object.js';
import { type ObjectStore } from '../../../src/objectstore/port.js';
import { createMemoryObjectStore } from '../../../src/objectstore/memory.js';

const { signal } = new AbortController();

it('a small object is read as a whole, and one that is not there is not an error', async () => {
  const store = createMemoryObjectStore();
  await store.put('a', Readable.from([Buffer.from('be'), Buffer.from('fore')]));
  expect(String(await readObject(store, 'a', signal))).toBe('before');
  expect(await readObject(store, 'b', signal)).toBeUndefined();
});

it('an object that never ends is refused before it fills the memory, and its stream is given up', async () => {
  const chunk = Buffer.alloc(64 << 20);
  const endless = new Readable({ read: () => endless.push(chunk), highWaterMark: 1 });
  const store = { get: () => Promise.resolve({ size: 1, body: endless }) } as unknown as ObjectStore;
  await expect(readObject(store, 'a', signal)).rejects.toMatchObject({ code: 'LB_BACKUP_FILE_DAMAGED' });
  expect(endless.destroyed).toBe(true);
});
