import { createMemoryCluster } from '../../src/cluster/memory.js';
import { clusterContract } from './cluster.js';
import { accepted, body, namespaces, soon, unique } from './cluster-fixture.js';

clusterContract('the simulated cluster', () => {
  const cluster = createMemoryCluster({ rights: () => false });
  return Promise.resolve({
    cluster,
    namespace: async () => {
      const name = unique('contract');
      accepted(await cluster.create(namespaces, undefined, body(namespaces, name), { signal: soon() }));
      return name;
    },
    dispose: () => cluster.close(),
    asViewer: { user: 'nobody', groups: [] },
  });
});
