import type { Cluster } from '../../src/cluster/port.js';
import { createMemoryCluster } from '../../src/cluster/memory.js';
import { accepted, body, namespaces, pods, podSpec, soon, unique } from './cluster-fixture.js';
import { runOnThisHost } from './host-command.js';

/** The simulated cluster for the contract of clusters, perhaps with something around it. */
export const memorySubject = (around: (inner: Cluster) => Cluster = (inner) => inner) => {
  const cluster = around(createMemoryCluster({ rights: () => false, runCommand: runOnThisHost }));
  return Promise.resolve({
    cluster,
    namespace: async () => {
      const name = unique('contract');
      accepted(await cluster.create(namespaces, undefined, body(namespaces, name), { signal: soon() }));
      return name;
    },
    dispose: () => cluster.close(),
    runningPod: async (namespace: string) => {
      const ref = { namespace, name: unique('pod') };
      accepted(
        await cluster.create(pods, namespace, body(pods, ref.name, { spec: podSpec }), { signal: soon() }),
      );
      const running = JSON.stringify({ status: { phase: 'Running' } });
      const call = { signal: soon(), subresource: 'status' } as const;
      accepted(await cluster.replace(pods, ref, running, call));
      return ref;
    },
    asViewer: { user: 'nobody', groups: [] },
  });
};
