import type { Cluster, ListPage, Written } from '../cluster/port.js';
import { isFault } from '../faults.js';
import { stopwatch, type ClusterMeters } from './meters.js';

/** The label of what was thrown: the code of a fault, `error` for what nobody foresaw. */
export const faultLabel = (error: unknown): string => (isFault(error) ? error.code : 'error');

const resultOf = (written: Written): string => (written.ok ? '2xx' : `${Math.floor(written.status / 100)}xx`);

/** The same cluster, with every call measured. A list counts once for each page; a watch is not a call that ends. */
export const measureCluster = (cluster: Cluster, { clusterRequests }: ClusterMeters): Cluster => {
  const measure = async <T>(
    verb: string,
    call: () => Promise<T>,
    result: (answer: T) => string,
  ): Promise<T> => {
    const elapsed = stopwatch();
    try {
      const answer = await call();
      clusterRequests.observe({ verb, result: result(answer) }, elapsed());
      return answer;
    } catch (error) {
      clusterRequests.observe({ verb, result: faultLabel(error) }, elapsed());
      throw error;
    }
  };
  const fine = () => '2xx';
  const pages = async function* (source: AsyncIterable<ListPage>): AsyncGenerator<ListPage> {
    const iterator = source[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await measure('list', () => iterator.next(), fine);
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  };
  return {
    version: (signal) => measure('version', () => cluster.version(signal), fine),
    discover: (signal) => measure('discover', () => cluster.discover(signal), fine),
    list: (type, options) => pages(cluster.list(type, options)),
    get: (type, ref, options) =>
      measure(
        'get',
        () => cluster.get(type, ref, options),
        (found) => (found ? '2xx' : '4xx'),
      ),
    create: (type, namespace, body, options) =>
      measure('create', () => cluster.create(type, namespace, body, options), resultOf),
    replace: (type, ref, body, options) =>
      measure('replace', () => cluster.replace(type, ref, body, options), resultOf),
    patch: (type, ref, patch, body, options) =>
      measure('patch', () => cluster.patch(type, ref, patch, body, options), resultOf),
    apply: (type, ref, body, options) =>
      measure('apply', () => cluster.apply(type, ref, body, options), resultOf),
    delete: (type, ref, options) => measure('delete', () => cluster.delete(type, ref, options), resultOf),
    exec: (pod, request) =>
      measure(
        'exec',
        () => cluster.exec(pod, request),
        ({ ended }) => ended,
      ),
    watch: (type, options) => cluster.watch(type, options),
    close: () => cluster.close(),
  };
};
