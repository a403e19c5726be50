import { backup } from '../domain/backup.js';
import { upcast, type LifeboatEvent } from '../domain/events.js';
import { restore } from '../domain/restore.js';
import { streamOf } from '../domain/streams.js';
import { VELERO_TYPES, type BackupSpec, type RestoreSpec } from '../domain/velero.gen.js';
import { openAggregate } from '../eventstore/handle.js';
import type { Recorded } from '../eventstore/port.js';
import { foldBackup } from '../projections/backups.js';
import { foldRestore } from '../projections/restores.js';
import { backupProblems, restoreProblems } from './checks.js';
import { cancelMutations } from './cancel.js';
import { change } from './change.js';
import type { Context } from './context.js';
import { createDownloadUrl } from './download-url.js';
import { backupEvent, restoreEvent } from './own-events.js';
import { locationMutations } from './location-mutations.js';
import type { ResolverDeps } from './deps.js';
import { backupDeletion, restoreDeletion } from './deletion.js';
import { findBackup, findRestore } from './read.js';
import { nameForBackup, nameForRestore, requestIdOf } from './request-id.js';
import {
  backupSpecOf,
  mapOf,
  repeatedInBackup,
  repeatedInRestore,
  repeatedLabels,
  restoreSpecOf,
} from './spec-input.js';
import { scheduleMutations } from './schedule-mutations.js';
import type { Answered } from './requested.js';
import { submit, type Submission } from './submit.js';
import type { CreateBackupInput, CreateRestoreInput, MutationResolvers } from './types.gen.js';

/** The row, folded here if the views did not get there in time: what was done is shown in any case. */
const foldAll = <R>(
  recorded: readonly Recorded[],
  fold: (row: R | undefined, event: LifeboatEvent) => R | undefined,
): R | undefined => {
  let row: R | undefined;
  for (const one of recorded) {
    const event = upcast(one);
    if (event) row = fold(row, event);
  }
  return row;
};

const backupSubmission = (deps: ResolverDeps, input: CreateBackupInput, context: Context): Submission => {
  const spec = backupSpecOf(input.spec ?? {});
  const labels = mapOf(input.labels ?? []);
  const { namespace, store } = deps;
  const mutation = 'createBackup';
  const given = { name: input.name ?? null, spec, labels };
  return {
    mutation,
    kind: 'backup',
    resource: 'backups',
    type: VELERO_TYPES.Backup,
    request: requestIdOf({
      mutation,
      namespace,
      user: context.caller.actor.name,
      idempotencyKey: input.idempotencyKey,
      input: given,
    }),
    name: input.name ?? undefined,
    makeName: () => nameForBackup(deps.now()),
    labels,
    spec,
    problems: async () => [
      ...repeatedLabels(['labels'], input.labels),
      ...repeatedInBackup(input.spec ?? {}),
      ...(await backupProblems(deps, spec, context.signal)),
    ],
    record: async (created, meta) => {
      const stream = streamOf('backup', { namespace, name: created.name });
      const aggregate = await openAggregate(store, backup, stream, {
        upcast: backupEvent,
        signal: context.signal,
      });
      const { uid, at: now } = created;
      const command = {
        type: 'RequestBackup',
        uid,
        spec: created.spec as BackupSpec,
        labels: created.labels,
        now,
      } as const;
      return aggregate.send(command, meta, { uid });
    },
  };
};

const restoreSubmission = (deps: ResolverDeps, input: CreateRestoreInput, context: Context): Submission => {
  const spec = restoreSpecOf(input.spec);
  const { namespace, store, views } = deps;
  const mutation = 'createRestore';
  const given = { name: input.name ?? null, spec };
  return {
    mutation,
    kind: 'restore',
    resource: 'restores',
    type: VELERO_TYPES.Restore,
    request: requestIdOf({
      mutation,
      namespace,
      user: context.caller.actor.name,
      idempotencyKey: input.idempotencyKey,
      input: given,
    }),
    name: input.name ?? undefined,
    makeName: () => {
      const source = [spec.backupName, spec.scheduleName].find(Boolean) ?? 'restore';
      return nameForRestore(source, deps.now(), (name) => views.restore({ namespace, name }) !== undefined);
    },
    labels: {},
    spec,
    problems: async () => [
      ...repeatedInRestore(input.spec),
      ...(await restoreProblems(deps, spec, context.signal)),
    ],
    record: async (created, meta) => {
      const stream = streamOf('restore', { namespace, name: created.name });
      const aggregate = await openAggregate(store, restore, stream, {
        upcast: restoreEvent,
        signal: context.signal,
      });
      const { uid, at: now } = created;
      const command = {
        type: 'RequestRestore',
        uid,
        spec: created.spec as RestoreSpec,
        labels: created.labels,
        now,
      } as const;
      return aggregate.send(command, meta, { uid });
    },
  };
};

const shown = <T>(
  answered: Answered,
  find: (name: string) => T | undefined,
  fold: (name: string, recorded: readonly Recorded[]) => T | undefined,
) => (answered.ok ? (find(answered.name) ?? fold(answered.name, answered.recorded)) : null);

/** Requests for change. A refusal is in `userErrors`; thrown is only what broke. */
export const mutationResolvers = (deps: ResolverDeps): MutationResolvers => ({
  ...scheduleMutations(deps),
  createBackup: async (_root, { input }, context) => {
    const answered = await submit(deps, backupSubmission(deps, input, context), context);
    const node = shown(
      answered,
      (name) => findBackup(deps, name),
      (name, recorded) => {
        const row = foldAll(recorded, foldBackup);
        return row && { key: { namespace: deps.namespace, name }, row };
      },
    );
    return { backup: node, position: answered.position, userErrors: answered.ok ? [] : answered.userErrors };
  },
  ...cancelMutations(deps),
  createDownloadUrl: (_root, { input }, context) => createDownloadUrl(deps, input, context),
  createRestore: async (_root, { input }, context) => {
    const answered = await submit(deps, restoreSubmission(deps, input, context), context);
    const node = shown(
      answered,
      (name) => findRestore(deps, name),
      (name, recorded) => {
        const row = foldAll(recorded, foldRestore);
        return row && { key: { namespace: deps.namespace, name }, row };
      },
    );
    return { restore: node, position: answered.position, userErrors: answered.ok ? [] : answered.userErrors };
  },
  deleteBackup: async (_root, { input }, context) => {
    const answered = await change(deps, backupDeletion(deps, input, context), context);
    const node = answered.ok ? (findBackup(deps, answered.name) ?? null) : null;
    return { backup: node, position: answered.position, userErrors: answered.ok ? [] : answered.userErrors };
  },
  deleteRestore: async (_root, { input }, context) => {
    const answered = await change(deps, restoreDeletion(deps, input, context), context);
    const node = answered.ok ? (findRestore(deps, answered.name) ?? null) : null;
    return { restore: node, position: answered.position, userErrors: answered.ok ? [] : answered.userErrors };
  },
  ...locationMutations(deps),
});
