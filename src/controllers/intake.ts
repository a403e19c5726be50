import type { FoundBackup } from '../domain/backup-facts.js';
import type { FoundRestore } from '../domain/restore-facts.js';
import type { Backup, ObjectMeta, Restore } from '../domain/velero.gen.js';
import type { Actor } from '../eventstore/port.js';

/**
 * Who put a resource into the cluster, as far as it tells: the field manager of its first write. Kubernetes does not keep
 * the user; the audit says "cluster" rather than guess.
 */
export const originOf = (metadata: ObjectMeta): { readonly actor: Actor; readonly cause: string } => {
  const { managedFields } = metadata as { readonly managedFields?: readonly { readonly manager?: string }[] };
  const name = managedFields?.[0]?.manager ?? 'unknown';
  return {
    actor: { kind: 'CLUSTER', name, via: 'kubernetes' },
    cause: `${metadata.uid ?? metadata.name}@${metadata.resourceVersion ?? '0'}`,
  };
};

/** A Backup that ended elsewhere or in an earlier life, as a fact. */
export const foundBackup = ({ spec = {}, status = {}, metadata }: Backup): FoundBackup => ({
  phase: status.phase ?? 'Failed',
  spec,
  labels: metadata.labels ?? {},
  tally: {
    items: status.progress?.itemsBackedUp ?? 0,
    warnings: status.warnings ?? 0,
    errors: status.errors ?? 0,
  },
  ...(status.startTimestamp && { startedAt: status.startTimestamp }),
  ...(status.completionTimestamp && { completedAt: status.completionTimestamp }),
  ...(status.expiration && { expiresAt: status.expiration }),
  ...(status.failureReason && { failureReason: status.failureReason }),
  ...(status.validationErrors && { validationErrors: status.validationErrors }),
});

/** A Restore that ended in an earlier life, as a fact. */
export const foundRestore = ({ spec = {}, status = {}, metadata }: Restore): FoundRestore => ({
  phase: status.phase ?? 'Failed',
  spec,
  labels: metadata.labels ?? {},
  items: status.progress?.itemsRestored ?? 0,
  warnings: status.warnings ?? 0,
  errors: status.errors ?? 0,
  ...(status.startTimestamp && { startedAt: status.startTimestamp }),
  ...(status.completionTimestamp && { completedAt: status.completionTimestamp }),
  ...(status.failureReason && { failureReason: status.failureReason }),
  ...(status.validationErrors && { validationErrors: status.validationErrors }),
});
