import { describe } from 'vitest';
import { loadCluster } from '../../src/cluster/credentials.js';
import { connectCluster } from '../../src/cluster/kube.js';
import { envtestAssets, startApiServer } from './apiserver.js';
import { clusterContract, type ClusterTarget } from './cluster.js';
import { accepted, body, namespaces, soon, unique } from './cluster-fixture.js';

const assets = envtestAssets();

const realCluster = async (): Promise<ClusterTarget> => {
  const server = await startApiServer(assets ?? '');
  const cluster = connectCluster({ access: loadCluster({ kubeconfig: server.kubeconfig }) });
  return {
    cluster,
    namespace: async () => {
      const name = unique('contract');
      accepted(await cluster.create(namespaces, undefined, body(namespaces, name), { signal: soon() }));
      return name;
    },
    dispose: async () => {
      await cluster.close();
      await server.stop();
    },
    asViewer: { user: 'nobody-in-particular', groups: ['visitors', 'guests'] },
  };
};

describe.skipIf(assets === undefined)(
  'on a real API server (set KUBEBUILDER_ASSETS to a folder with etcd and kube-apiserver to run)',
  () => clusterContract('the Kubernetes adapter', realCluster),
);
