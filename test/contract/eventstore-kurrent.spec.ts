import { randomUUID } from 'node:crypto';
import { describe } from 'vitest';
import { connectKurrent } from '../../src/eventstore/kurrent.js';
import { eventStoreContract } from './eventstore.js';

const url = process.env['LIFEBOAT_TEST_ESDB'];

describe.skipIf(!url)('EventStoreDB (set LIFEBOAT_TEST_ESDB=esdb://localhost:2113?tls=false to run)', () => {
  eventStoreContract(
    'EventStoreDB',
    () => {
      // A prefix for each test: the server is never emptied, and a fresh prefix is an empty store.
      const prefix = `test_${randomUUID()}_`;
      let store = connectKurrent(url ?? '', { prefix });
      return Promise.resolve({
        store,
        reopen: async () => {
          await store.close();
          store = connectKurrent(url ?? '', { prefix });
          return store;
        },
        dispose: () => store.close(),
      });
    },
    { idsAreGlobal: false },
  );
});
