import type { NamedBackup, NamedRestore } from '../projections/rows.js';
import type { Connection, PageArgs } from './connection.js';
import type { ResolverDeps } from './deps.js';
import { filePage, filesOfBackup, filesOfRestore } from './file-page.js';
import type { StoredVolume } from './operation-files.js';
import type * as api from './types.gen.js';

const METHOD = {
  CSISnapshot: 'CSI_SNAPSHOT',
  NativeSnapshot: 'NATIVE_SNAPSHOT',
  PodVolume: 'POD_VOLUME',
} as const satisfies Record<NonNullable<StoredVolume['method']>, api.VolumeMethod>;

const RESULT = {
  succeeded: 'SUCCEEDED',
  failed: 'FAILED',
} as const satisfies Record<NonNullable<StoredVolume['result']>, api.VolumeResult>;

/** The order of the list, and what a cursor holds. */
const placeOf = ({ claim, persistentVolume, pod }: StoredVolume): string =>
  JSON.stringify([
    claim.namespace,
    claim.name,
    persistentVolume,
    pod?.namespace ?? '',
    pod?.name ?? '',
    pod?.volume ?? '',
  ]);

const inOrder = (volumes: readonly StoredVolume[] | undefined): readonly StoredVolume[] =>
  [...(volumes ?? [])].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));

const restoreVolume = (volume: StoredVolume) => ({
  claimNamespace: volume.claim.namespace || null,
  claimName: volume.claim.name || null,
  persistentVolume: volume.persistentVolume || null,
  pod: volume.pod ?? null,
  method: volume.method ? METHOD[volume.method] : null,
  dataMoved: volume.dataMoved,
  handle: volume.handle ?? null,
  driver: volume.driver ?? null,
  size: volume.size ?? null,
});

const backupVolume = (volume: StoredVolume) => ({
  ...restoreVolume(volume),
  result: volume.result ? RESULT[volume.result] : null,
  skippedReason: volume.skippedReason ?? null,
  startedAt: volume.startedAt ?? null,
  completedAt: volume.completedAt ?? null,
});

const isWanted = () => true;

export const backupVolumes = async (
  deps: ResolverDeps,
  backup: NamedBackup,
  args: PageArgs,
  signal: AbortSignal,
): Promise<Connection<api.BackupVolume>> => {
  const files = filesOfBackup(backup);
  const volumes = files && (await deps.files.volumes(files, signal));
  return filePage(inOrder(volumes), args, { placeOf, isWanted, show: backupVolume });
};

export const restoreVolumes = async (
  deps: ResolverDeps,
  restore: NamedRestore,
  args: PageArgs,
  signal: AbortSignal,
): Promise<Connection<api.RestoreVolume>> => {
  const files = filesOfRestore(deps, restore);
  const volumes = files && (await deps.files.volumes(files, signal));
  return filePage(inOrder(volumes), args, { placeOf, isWanted, show: restoreVolume });
};
