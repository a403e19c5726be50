import { nameOf, namespaceOf, type Labels } from '../item.js';
import { at, numberOf, textAt, type JsonObject } from '../json.js';
import { volumeFacts } from './volume-info.js';

/** Why no copy, or nothing at all, is taken of the volume of a claim. */
export interface SkippedVolume {
  readonly claim: JsonObject;
  readonly persistentVolume: JsonObject;
  /** `any`: a policy says that its data is not wanted, by whatever means. */
  readonly approach: 'podvolume' | 'any';
  readonly reason: string;
}

/** A copy that has ended, or was given up. */
export interface CopyInfo {
  /** The PodVolumeBackup as last seen. */
  readonly object: JsonObject;
  readonly failed: boolean;
  readonly claim?: JsonObject;
  readonly persistentVolume?: JsonObject;
}

const identityOf = (claim: JsonObject, persistentVolume: JsonObject | undefined) => ({
  pvcName: nameOf(claim),
  pvcNamespace: namespaceOf(claim),
  ...(persistentVolume && { pvName: nameOf(persistentVolume) }),
});

const optional = <T>(key: string, value: T | undefined) => (value === undefined ? {} : { [key]: value });
const textOf = (object: JsonObject, key: string, ...path: readonly string[]) =>
  optional(key, textAt(object, ...path) || undefined);

const copyInfoOf = ({ object, failed, claim, persistentVolume }: CopyInfo) => ({
  ...(claim && identityOf(claim, persistentVolume)),
  backupMethod: 'PodVolumeBackup' as const,
  snapshotDataMoved: false,
  preserveLocalSnapshot: false,
  skipped: false,
  ...textOf(object, 'startTimestamp', 'status', 'startTimestamp'),
  ...textOf(object, 'completionTimestamp', 'status', 'completionTimestamp'),
  result: failed ? ('failed' as const) : ('succeeded' as const),
  pvbInfo: {
    ...textOf(object, 'snapshotHandle', 'status', 'snapshotID'),
    ...optional('size', numberOf(at(object, 'status', 'progress', 'totalBytes'))),
    ...optional('incrementalSize', numberOf(at(object, 'status', 'incrementalBytes'))),
    uploaderType: textAt(object, 'spec', 'uploaderType'),
    volumeName: textAt(object, 'spec', 'volume'),
    podName: textAt(object, 'spec', 'pod', 'name'),
    podNamespace: textAt(object, 'spec', 'pod', 'namespace'),
    ...textOf(object, 'nodeName', 'spec', 'node'),
    Phase: textAt(object, 'status', 'phase'),
  },
  ...(persistentVolume && { pvInfo: volumeFacts(persistentVolume) }),
});

interface Entry {
  readonly pvcName?: string;
  readonly pvcNamespace?: string;
  readonly pvName?: string;
  readonly skipped: boolean;
  readonly skippedReason?: string;
  readonly snapshotDataMoved: boolean;
  readonly preserveLocalSnapshot: boolean;
  readonly pvInfo?: { readonly reclaimPolicy: string; readonly labels: Labels | null };
}

const skippedEntry = ({ claim, persistentVolume, approach, reason }: SkippedVolume) => ({
  ...identityOf(claim, persistentVolume),
  snapshotDataMoved: false,
  preserveLocalSnapshot: false,
  skipped: true,
  skippedReason: `${approach}: ${reason};`,
  pvInfo: volumeFacts(persistentVolume),
});

/** Each reason once, those of one approach after those of another (`internal/volume/volumes_information.go`). */
const joinReasons = (one = '', other = ''): string =>
  [...new Set([...one.split(/(?<=;)/), ...other.split(/(?<=;)/)])].filter(Boolean).sort().join('');

/**
 * Entries of `<backup>-volumeinfo.json.gz` with those of copies (`internal/volume/volumes_information.go`): skipped volumes first, and of a
 * volume that was copied after all only the copy. `any` needs no other reason beside it.
 */
export const withCopyInfo = <E extends Entry>(
  entries: readonly E[],
  copies: readonly CopyInfo[],
  skipped: readonly SkippedVolume[],
): readonly (E | ReturnType<typeof copyInfoOf> | ReturnType<typeof skippedEntry>)[] => {
  const infos = copies.map(copyInfoOf);
  const taken = new Set(
    [...entries.filter((entry) => !entry.skipped), ...infos].map((entry) => entry.pvName ?? ''),
  );
  const byVolume = new Map<string, E | ReturnType<typeof skippedEntry>>();
  for (const entry of entries) if (entry.skipped) byVolume.set(entry.pvName ?? '', entry);
  for (const one of skipped) {
    const name = nameOf(one.persistentVolume);
    const known = byVolume.get(name);
    const own = skippedEntry(one);
    const isDecided = known?.skippedReason?.startsWith('any:') === true;
    if (isDecided) continue;
    byVolume.set(
      name,
      known && one.approach !== 'any'
        ? { ...known, skippedReason: joinReasons(known.skippedReason, own.skippedReason) }
        : own,
    );
  }
  const left = [...byVolume].filter(([name]) => !taken.has(name)).map(([, entry]) => entry);
  return [...left, ...entries.filter((entry) => !entry.skipped), ...infos];
};

/** Names of the volumes whose data was copied, or is not wanted. */
export const volumesSettledByCopies = (
  copies: readonly CopyInfo[],
  skipped: readonly SkippedVolume[],
): ReadonlySet<string> =>
  new Set(
    [...copies, ...skipped.filter(({ approach }) => approach === 'any')].map(({ persistentVolume }) =>
      persistentVolume ? nameOf(persistentVolume) : '',
    ),
  );
