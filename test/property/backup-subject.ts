/** A backup as the server makes one, without the server: preparation, validation, collecting. */
import { Writable } from 'node:stream';
import { createOperationLog } from '../../src/archive/oplog.js';
import { writableSink } from '../../src/archive/spool.js';
import type { ItemEntry, TarballWriter } from '../../src/archive/tarball-writer.js';
import { loadBackupActions } from '../../src/controllers/backup/actions.js';
import { claimPeersFor } from '../../src/controllers/backup/claim-peers.js';
import { collectItems } from '../../src/controllers/backup/collect.js';
import { listNamespaces } from '../../src/controllers/namespaces.js';
import { BACKUP_ITEM_ACTIONS } from '../../src/domain/backup-actions.js';
import { namespacesExcludedByLabel } from '../../src/domain/namespace-filter.js';
import { prepareBackup, type BackupDefaults } from '../../src/domain/prepare-backup.js';
import { validateBackup } from '../../src/domain/validate-backup.js';
import type { BackupSpec } from '../../src/domain/velero.gen.js';
import { idOf } from './rules.js';
import type { SmallCluster } from './small-cluster.js';
import { stillCluster } from './still-cluster.js';

const BACKUP_DEFAULTS: BackupDefaults = Object.freeze({
  ttlMs: 720 * 3_600_000,
  csiSnapshotTimeoutMs: 600_000,
  itemOperationTimeoutMs: 14_400_000,
  resourceTimeoutMs: 600_000,
  volumeGroupSnapshotLabelKey: 'velero.io/volume-group',
  defaultVolumesToFsBackup: false,
  snapshotMoveData: false,
});

const nowhere = () => writableSink(new Writable({ write: (_chunk, _encoding, done) => done() }));

/** Remembers what was put in; the format has tests of its own. */
const collecting = (entries: ItemEntry[]): TarballWriter => ({
  addItem: (entry) => {
    entries.push(entry);
    return Promise.resolve();
  },
  addFile: () => Promise.resolve(),
  finish: () => Promise.resolve({ bytes: 0, sha256: '', entries: entries.length }),
  abort: () => undefined,
});

/** Also how many items the backup says it has. */
type Answer =
  | { readonly refused: true }
  | {
      readonly refused: false;
      readonly items: readonly string[];
      readonly missing: readonly string[];
      readonly count: number;
    };

export const selectedBackup = async (spec: BackupSpec, small: SmallCluster): Promise<Answer> => {
  const cluster = stillCluster(small);
  const { signal } = new AbortController();
  const discovery = await cluster.discover(signal);
  const namespaces = await listNamespaces(cluster, signal);
  const labelled = namespacesExcludedByLabel(namespaces);
  const problems = validateBackup({
    spec,
    location: {
      found: true,
      name: 'default',
      chosenByServer: true,
      phase: 'Available',
      accessMode: 'ReadWrite',
    },
    namespacesExcludedByLabel: labelled,
  });
  const prepared = prepareBackup(spec, {
    defaults: BACKUP_DEFAULTS,
    storageLocation: 'default',
    storageLocationLabel: 'default',
    version: await cluster.version(signal),
    namespacesExcludedByLabel: labelled,
  });
  if (problems.length > 0) return { refused: true };
  const log = createOperationLog({
    kind: 'backup',
    key: 'velero/b',
    level: 'error',
    format: 'text',
    sink: nowhere(),
    now: () => new Date(0),
  });
  const entries: ItemEntry[] = [];
  const archived = await collectItems({
    cluster,
    spec: prepared.spec,
    discovery,
    namespaces,
    everyVersion: false,
    actions: await loadBackupActions({
      backupName: 'b',
      actions: [...BACKUP_ITEM_ACTIONS, ...claimPeersFor(prepared.spec, cluster, discovery, signal)],
      cluster,
      discovery,
      log,
      signal,
    }),
    tar: collecting(entries),
    log,
    pageSize: 500,
    onProgress: () => undefined,
    signal,
  });
  const { errors } = log.results;
  return {
    refused: false,
    items: entries.map((entry) => idOf(entry.groupResource, entry.namespace, entry.name)).sort(),
    missing: [
      ...(errors.velero ?? []),
      ...(errors.cluster ?? []),
      ...Object.values(errors.namespaces ?? {}).flat(),
    ]
      .map((text) => /namespaces "([^"]*)" not found/.exec(text)?.[1] ?? text)
      .sort(),
    count: archived.items,
  };
};
