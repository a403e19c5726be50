import { labelMatcher } from '../../src/cluster/memory-selectors.js';
import { type Cluster, type Written } from '../../src/cluster/port.js';
import { fullName } from './rules.js';
import type { SmallCluster } from './small-cluster.js';

const READ_ONLY: Written = {
  ok: false,
  status: 405,
  reason: 'MethodNotAllowed',
  message: 'a still picture',
  causes: [],
};

const refuse = (): Promise<Written> => Promise.resolve(READ_ONLY);

/**
 * A cluster that only answers, and always the same: thousands of them cost little, and it can show what a running one makes
 * hard to arrange, such as one object served in two groups. The simulated cluster has the whole law of the port.
 */
export const stillCluster = ({ kinds, objects }: SmallCluster): Cluster => {
  const stored = objects.map(({ kind, object }) => ({
    kind: fullName(kind),
    metadata: object.metadata,
    labels: new Map(Object.entries(object.metadata.labels ?? {})),
    json: Buffer.from(JSON.stringify(object)),
  }));
  return {
    version: () => Promise.resolve({ gitVersion: 'v1.34.0', major: '1', minor: '34' }),
    discover: () => Promise.resolve({ resources: kinds, allVersions: kinds, failures: [] }),
    async *list(type, { namespace, labelSelector }) {
      const matches = labelMatcher(labelSelector);
      if ('problem' in matches) throw new Error(matches.problem);
      await Promise.resolve();
      yield {
        items: stored
          .filter((one) => one.kind === fullName(type) && matches(one.labels))
          .filter((one) => namespace === undefined || one.metadata.namespace === namespace)
          .map(({ json }) => json),
        resourceVersion: '1',
      };
    },
    get: (type, { namespace, name }) =>
      Promise.resolve(
        stored.find(
          (one) =>
            one.kind === fullName(type) && one.metadata.name === name && one.metadata.namespace === namespace,
        )?.json,
      ),
    create: refuse,
    replace: refuse,
    patch: refuse,
    apply: refuse,
    delete: refuse,
    exec: () => Promise.resolve({ ended: 'refused', message: 'nothing runs here' }),
    // A still picture has no changes; nobody here asks for them.
    watch: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
    }),
    close: () => Promise.resolve(),
  };
};
