import { nameOf } from '../../domain/item.js';
import { objectAt, textAt, type JsonObject } from '../../domain/json.js';
import { CONFIG_MAPS, STORAGE_CLASSES } from '../../domain/known-kinds.js';
import type {
  RefusedLookUp,
  RestoreActionInput,
  SnapshotLookUp,
} from '../../domain/restore-actions/action.js';
import { changeImageName, imageChangesOf } from '../../domain/restore-actions/image-name.js';
import { podVolumeRestore } from '../../domain/restore-actions/pod.js';
import { changeStorageClass, newStorageClasses } from '../../domain/restore-actions/storage-class.js';
import type { ConfigMapHome } from '../config-map.js';
import { readRestoreWait } from './restore-wait-settings.js';

/** Looks up what an action needs for one object; nothing for most actions. Faults are those of `Cluster`. */
export type ActionData = (
  action: string,
  object: JsonObject,
) => Promise<Pick<RestoreActionInput, 'imageChanges' | 'storageClasses' | 'snapshots' | 'podVolumes'>>;

type Texts = Readonly<Record<string, string>>;

/** The one ConfigMap that sets an action up, by its labels; undefined if there is none (`pkg/plugin/framework/common`). */
const readSettings = async (
  { cluster, namespace }: ConfigMapHome,
  action: string,
  signal: AbortSignal,
): Promise<{ readonly data: Texts } | RefusedLookUp | undefined> => {
  const labelSelector = `velero.io/plugin-config,${action}=RestoreItemAction`;
  const found: JsonObject[] = [];
  for await (const page of cluster.list(CONFIG_MAPS, { namespace, labelSelector, signal }))
    for (const item of page.items) found.push(JSON.parse(item.toString('utf8')) as JsonObject);
  if (found.length > 1) {
    const names = found.map(nameOf).sort().slice(0, 5).join(', ');
    return {
      problem: `several ConfigMaps have the labels ${labelSelector}, among them ${names}; keep them on one`,
    };
  }
  const data = objectAt(found[0], 'data');
  return found[0] && { data: Object.fromEntries(Object.keys(data).map((key) => [key, textAt(data, key)])) };
};

/** Asked once by all; a failed answer is forgotten, so that the next one asks again. */
const once = <T>(ask: () => Promise<T>): (() => Promise<T>) => {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask().catch((error: unknown) => {
      answer = undefined;
      throw error;
    });
    return answer;
  };
};

/** Look-ups about volumes, which others make. */
export interface VolumeLookUps {
  readonly snapshotsFor: (action: string, object: JsonObject) => Promise<SnapshotLookUp | undefined>;
  /** Names of the volumes of a pod that get their data back. */
  readonly volumesOf: (pod: JsonObject) => readonly string[];
  readonly restoreUid: string;
}

/** The look-ups of one restore: settings are read when the first item asks for them, and then hold for all. */
export const createActionData = (
  home: ConfigMapHome,
  signal: AbortSignal,
  around: VolumeLookUps,
): ActionData => {
  const images = once(async () => {
    const settings = await readSettings(home, changeImageName.name, signal);
    return settings && 'data' in settings ? imageChangesOf(settings.data) : settings;
  });
  const wait = once(async () => {
    const settings = await readSettings(home, podVolumeRestore.name, signal);
    if (settings && 'problem' in settings) return settings;
    return readRestoreWait(home, settings?.data ?? {}, signal);
  });
  const classes = once(() => readSettings(home, changeStorageClass.name, signal));
  // Only what exists is remembered: the restore itself may yet make a class.
  const existing = new Set<string>();
  const find = async (name: string): Promise<void> => {
    if (name !== '' && !existing.has(name) && (await home.cluster.get(STORAGE_CLASSES, { name }, { signal })))
      existing.add(name);
  };
  return async (action, object) => {
    if (action === changeImageName.name) {
      const imageChanges = await images();
      return imageChanges ? { imageChanges } : {};
    }
    if (action === changeStorageClass.name) {
      const settings = await classes();
      if (!settings) return {};
      if ('problem' in settings) return { storageClasses: settings };
      for (const name of newStorageClasses(object, settings.data)) await find(name);
      return { storageClasses: { map: settings.data, existing } };
    }
    if (action === podVolumeRestore.name) {
      const volumes = around.volumesOf(object);
      if (volumes.length === 0) return {};
      const settings = await wait();
      if ('problem' in settings) return { podVolumes: settings };
      return { podVolumes: { restoreUid: around.restoreUid, volumes, wait: settings } };
    }
    const snapshots = await around.snapshotsFor(action, object);
    return snapshots ? { snapshots } : {};
  };
};
