import { createMemoryEventStore } from '../../src/eventstore/memory.js';
import { eventStoreContract } from './eventstore.js';

eventStoreContract('memory', () => {
  const store = createMemoryEventStore();
  return Promise.resolve({ store, dispose: () => store.close() });
});
