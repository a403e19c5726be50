import { loadCluster } from '../../cluster/credentials.js';
import { connectCluster } from '../../cluster/kube.js';
import type { Config } from '../../config.js';
import { locationOpener, snapshotterOpener } from '../../locations.js';
import type { DoctorDeps } from './doctor.js';

/** Short enough that the reason why the API server cannot be reached is told before the look is given up. */
const TRY_FOR_MS = 5_000;

/** The real world, found as the server finds it. */
export const doctorDeps = (config: Config): DoctorDeps => {
  const { kubeconfig, kubecontext, namespace } = config;
  let ahead: number | undefined;
  return {
    config,
    connect: () =>
      connectCluster({
        access: loadCluster({
          ...(kubeconfig !== undefined && { kubeconfig }),
          ...(kubecontext !== undefined && { context: kubecontext }),
        }),
        times: { budgetMs: TRY_FOR_MS },
        onDate: (date) => {
          ahead = Date.parse(date) - Date.now();
        },
      }),
    serverAhead: () => ahead,
    openLocation: (cluster) => locationOpener(cluster, namespace),
    openSnapshotter: (cluster) => snapshotterOpener(cluster, namespace),
    now: Date.now,
  };
};
