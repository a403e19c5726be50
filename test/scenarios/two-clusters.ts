import { VELERO_TYPES, type VeleroObjects } from '../../src/domain/velero.gen.js';
import type { LocationOpener } from '../../src/locations.js';
import { createLayout } from '../../src/objectstore/layout.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import type { ObjectStore } from '../../src/objectstore/port.js';
import { NAMESPACE } from './life.js';
import { soon, type World } from './world.js';

/** Waits until there is no resource of that name, driven by its watch. */
export const untilGone = async (world: World, kind: keyof VeleroObjects, name: string): Promise<void> => {
  const watching = new AbortController();
  const signal = AbortSignal.any([watching.signal, soon()]);
  try {
    for await (const event of world.cluster.watch(VELERO_TYPES[kind], {
      namespace: NAMESPACE,
      fieldSelector: `metadata.name=${name}`,
      signal,
    }))
      if (event.type === 'DELETED' || (event.type === 'SYNCED' && event.items.length === 0)) return;
  } finally {
    watching.abort();
  }
  throw new Error(`waited in vain for the end of ${kind} ${name}`);
};

/** One store for each bucket, and the prefix as the location gives it. */
export const bucketsOf = (stores: Readonly<Record<string, ObjectStore>>): LocationOpener => {
  const others = new Map<string, ObjectStore>(Object.entries(stores));
  return ({ objectStorage }) => {
    const store = others.get(objectStorage.bucket) ?? createMemoryObjectStore();
    others.set(objectStorage.bucket, store);
    return Promise.resolve({
      store: { ...store, close: () => undefined },
      layout: createLayout(objectStorage.prefix),
    });
  };
};

/** Takes every file of a backup out of the bucket, as another cluster that deletes it does. */
export const removeFiles = async ({ store, layout }: World, backup: string): Promise<void> => {
  const keys: string[] = [];
  for await (const entry of store.list(layout.backupDir(backup), { signal: soon() }))
    if (entry.kind === 'object') keys.push(entry.key);
  for (const key of keys) await store.delete(key);
};

/** A backup under another name: all files of one but those left out, and last its mark, with the name changed. */
export const copyBackup = async (
  world: World,
  from: string,
  to: string,
  status: object = {},
  without: readonly string[] = [],
): Promise<void> => {
  const { store, layout } = world;
  const mark = (await world.json(layout.backupMetadata(from))) as {
    readonly metadata: object;
    readonly status: object;
  };
  for (const key of await world.keys(layout.backupDir(from)))
    if (key !== layout.backupMetadata(from) && !without.some((part) => key.includes(part)))
      await store.put(key.replaceAll(from, to), await world.bytes(key));
  const copy = {
    ...mark,
    metadata: { ...mark.metadata, name: to, uid: `uid-of-${to}` },
    status: { ...mark.status, ...status },
  };
  await store.put(layout.backupMetadata(to), Buffer.from(JSON.stringify(copy)));
};
