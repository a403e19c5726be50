import { readBounded } from './archive/bounded.js';
import {
  decodeBackupVolumeInfo,
  decodeResourceList,
  decodeRestoreVolumeInfo,
  decodeResults,
  parseResourceListEntry,
} from './archive/sidecars.js';
import type { ResourceList } from './archive/sidecar-types.js';
import type { OpenedLocation } from './controllers/ports.js';
import type { Resources } from './controllers/resources.js';
import { Fault } from './faults.js';
import type { FilesOf, OperationFiles, StoredItem } from './graphql/operation-files.js';
import { createTtlCache } from './graphql/ttl-cache.js';
import type { LocationOpener } from './locations.js';
import { storedVolume } from './stored-volumes.js';
import type { DownloadTargetKind } from './domain/velero.gen.js';

/** Who turns pages asks for the same file again at once; files of operations that have ended hardly ever change. */
const KEPT_MS = 15_000;
const MOST_KEPT = 2;

/** `apps/v1/Deployment` and `v1/Pod` in parts. */
const kindOf = (key: string): Pick<StoredItem, 'group' | 'version' | 'kind'> => {
  const [kind = '', version = '', group = ''] = key.split('/').reverse();
  return { group, version, kind };
};

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;

const itemsOf = (list: ResourceList): readonly StoredItem[] =>
  Object.entries(list)
    .sort(byText)
    .flatMap(([key, entries]) => {
      const kind = kindOf(key);
      return [...entries].sort().map((entry) => ({ ...kind, ...parseResourceListEntry(entry) }));
    });

/** Which of its files are read here. */
type ReadFile = 'ResourceList' | 'Results' | 'Volumes';

const fileOf = (of: FilesOf['of'], file: ReadFile): DownloadTargetKind => {
  if (of === 'backup') return file === 'Volumes' ? 'BackupVolumeInfos' : `Backup${file}`;
  return file === 'Volumes' ? 'RestoreVolumeInfo' : `Restore${file}`;
};

/** Works one after the other: what comes meanwhile stands in line. */
const createLine = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <T>(work: () => Promise<T>): Promise<T> => {
    const mine = last.then(work);
    last = mine.catch(() => undefined);
    return mine;
  };
};

/** Opens locations of the namespace by name, and reads and links the files of operations there. */
export const createOperationFiles = (
  resources: Resources,
  openLocation: LocationOpener,
  now: () => Date,
): OperationFiles => {
  const inLine = createLine();
  const kept = createTtlCache<readonly StoredItem[] | undefined>({ ttlMs: KEPT_MS, most: MOST_KEPT, now });

  const within = async <T>(
    name: string,
    signal: AbortSignal,
    use: (location: OpenedLocation) => Promise<T>,
  ): Promise<T> => {
    const resource = await resources.read('BackupStorageLocation', name, signal);
    if (!resource?.spec) throw new Fault('LB_STORE_CONFIG', `the storage location "${name}" does not exist`);
    const location = await openLocation(resource.spec);
    try {
      return await use(location);
    } finally {
      location.store.close();
    }
  };

  const read = (
    files: FilesOf,
    file: ReadFile,
    signal: AbortSignal,
  ): Promise<{ readonly bytes: Buffer; readonly key: string } | undefined> =>
    inLine(() =>
      within(files.location, signal, async ({ store, layout }) => {
        signal.throwIfAborted();
        const key = layout.download(fileOf(files.of, file), files.name);
        const found = await store.get(key, signal);
        return found && { key, bytes: await readBounded(found.body, key, { signal }) };
      }),
    );

  return {
    items: (files, signal) =>
      kept.get(JSON.stringify([files.of, files.name, files.location]), async () => {
        const found = await read(files, 'ResourceList', signal);
        return found && itemsOf(await decodeResourceList(found.bytes, found.key));
      }),
    results: async (files, signal) => {
      const found = await read(files, 'Results', signal);
      return found && decodeResults(found.bytes, found.key);
    },
    volumes: async (files, signal) => {
      const found = await read(files, 'Volumes', signal);
      if (!found) return undefined;
      const decode = files.of === 'backup' ? decodeBackupVolumeInfo : decodeRestoreVolumeInfo;
      return (await decode(found.bytes, found.key)).map(storedVolume);
    },
    link: ({ file, name, location }, seconds, signal) =>
      within(location, signal, ({ store, layout }) => store.presign(layout.download(file, name), seconds)),
  };
};
