import type { OperationLog } from '../../archive/oplog.js';
import type { RestoreTally } from '../../domain/restore-facts.js';
import { isFault } from '../../faults.js';

/** Faults about one item stay with the item; the loss of the API server or a stop ends the attempt. */
export const isFatal = (error: unknown): boolean =>
  !isFault(error) ||
  error.code === 'LB_ABORTED' ||
  error.code === 'LB_CLUSTER_UNREACHABLE' ||
  error.code === 'LB_SPOOL_FAILED';

export type ItemOutcome = 'created' | 'updated' | 'skipped' | 'failed';

/** What became of every item of one restore, for its status, its results file and its resource list. */
export interface Outcomes {
  /** `apiVersion/kind`, target namespace ('' for cluster scope) and name as they are in the cluster now. */
  record(kind: string, namespace: string, name: string, outcome: ItemOutcome): void;
  /** `namespace` undefined: about the restore itself; '': about something cluster-scoped. */
  warn(namespace: string | undefined, message: string): void;
  error(namespace: string | undefined, message: string): void;
  readonly handled: number;
  /** Entries as the resource list has them, by kind. */
  readonly byKind: ReadonlyMap<string, readonly string[]>;
  tally(): RestoreTally;
}

const scopeOf = (namespace: string | undefined) => {
  if (namespace === undefined) return { in: 'velero' } as const;
  return namespace === '' ? ({ in: 'cluster' } as const) : ({ in: 'namespace', namespace } as const);
};

/** Warnings and errors go to the restore's log and its results in one call, so that the two cannot disagree. */
export const createOutcomes = (log: OperationLog): Outcomes => {
  const counts = { created: 0, updated: 0, skipped: 0, failed: 0 };
  const byKind = new Map<string, string[]>();
  let handled = 0;
  return {
    record: (kind, namespace, name, outcome) => {
      counts[outcome] += 1;
      handled += 1;
      const entry = `${namespace === '' ? name : `${namespace}/${name}`}(${outcome})`;
      const list = byKind.get(kind);
      if (list) list.push(entry);
      else byKind.set(kind, [entry]);
    },
    warn: (namespace, message) => log.report('warnings', scopeOf(namespace), message),
    error: (namespace, message) => log.report('errors', scopeOf(namespace), message),
    get handled() {
      return handled;
    },
    byKind,
    tally: () => ({ items: handled, ...counts, warnings: log.warnings, errors: log.errors }),
  };
};
