import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteEventStore } from '../../src/eventstore/sqlite.js';
import { eventStoreContract } from './eventstore.js';

eventStoreContract('SQLite in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-events-'));
  const path = join(folder, 'events.db');
  let store = openSqliteEventStore(path);
  return {
    store,
    reopen: async () => {
      await store.close();
      store = openSqliteEventStore(path);
      return store;
    },
    dispose: async () => {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
});

eventStoreContract('SQLite in memory', () => {
  const store = openSqliteEventStore(':memory:');
  return Promise.resolve({ store, dispose: () => store.close() });
});
