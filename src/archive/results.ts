import type { ResultScopes, Results } from './sidecar-types.js';

export type Severity = 'errors' | 'warnings';

/** Whom an entry of the results concerns. */
export type ResultScope =
  | { readonly in: 'velero' }
  | { readonly in: 'cluster' }
  | { readonly in: 'namespace'; readonly namespace: string };

const DEFAULT_MAX_BYTES = 16 << 20;

interface Bucket {
  count: number;
  left: number;
  dropped: number;
  readonly velero: string[];
  readonly cluster: string[];
  readonly namespaces: Map<string, string[]>;
}

const listOf = (bucket: Bucket, scope: ResultScope): string[] => {
  switch (scope.in) {
    case 'velero':
      return bucket.velero;
    case 'cluster':
      return bucket.cluster;
    case 'namespace': {
      const found = bucket.namespaces.get(scope.namespace);
      if (found) return found;
      const fresh: string[] = [];
      bucket.namespaces.set(scope.namespace, fresh);
      return fresh;
    }
  }
};

const print = ({ velero, cluster, namespaces, dropped }: Bucket): ResultScopes => {
  const all = dropped > 0 ? [...velero, `… and ${dropped} more`] : velero;
  return {
    ...(all.length > 0 ? { velero: [...all] } : {}),
    ...(cluster.length > 0 ? { cluster: [...cluster] } : {}),
    ...(namespaces.size > 0
      ? {
          namespaces: Object.fromEntries(
            [...namespaces].map(([namespace, texts]) => [namespace, [...texts]]),
          ),
        }
      : {}),
  };
};

/**
 * Collects the warnings and errors of an operation by whom they concern. All are counted; texts are kept up to `maxBytes` for each
 * severity. What is beyond that is in the log only, and the last entry under `velero` says how many there are.
 */
export const createResults = (options: { readonly maxBytes?: number } = {}) => {
  const left = options.maxBytes ?? DEFAULT_MAX_BYTES;
  const make = (): Bucket => ({ count: 0, left, dropped: 0, velero: [], cluster: [], namespaces: new Map() });
  const buckets: Readonly<Record<Severity, Bucket>> = { errors: make(), warnings: make() };
  return {
    add(severity: Severity, scope: ResultScope, text: string): void {
      const bucket = buckets[severity];
      bucket.count += 1;
      const size = Buffer.byteLength(text);
      if (bucket.dropped > 0 || size > bucket.left) {
        bucket.dropped += 1;
        return;
      }
      bucket.left -= size;
      listOf(bucket, scope).push(text);
    },
    count: (severity: Severity): number => buckets[severity].count,
    finish: (): Results => ({ errors: print(buckets.errors), warnings: print(buckets.warnings) }),
  };
};
