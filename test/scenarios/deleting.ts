import { expect } from 'vitest';
import { VELERO_TYPES, type DeleteBackupRequest, type VeleroKind } from '../../src/domain/velero.gen.js';
import { NAMESPACE } from './life.js';
import { soon, type World } from './world.js';

/** Asks for the deletion of a backup, as `kubectl create` does. */
export const ask = (
  world: World,
  backupName: string,
  metadata: { readonly name?: string; readonly labels?: Readonly<Record<string, string>> } = {},
): Promise<void> =>
  world.apply({
    apiVersion: 'velero.io/v1',
    kind: 'DeleteBackupRequest',
    metadata: { name: 'delete-it', namespace: NAMESPACE, ...metadata },
    spec: { backupName },
  });

/** Waits until there is no such resource, driven by its watch, and until nothing is left to do. */
export const gone = async (world: World, kind: VeleroKind, name: string): Promise<void> => {
  const watching = new AbortController();
  const signal = AbortSignal.any([watching.signal, soon()]);
  const fieldSelector = `metadata.name=${name}`;
  let there = true;
  try {
    const events = world.cluster.watch(VELERO_TYPES[kind], { namespace: NAMESPACE, fieldSelector, signal });
    for await (const event of events) {
      there = event.type === 'SYNCED' ? event.items.length > 0 : event.type !== 'DELETED';
      if (!there) break;
    }
  } finally {
    watching.abort();
  }
  if (there) expect.fail(`waited in vain for ${kind} ${name} to go`);
  await world.idle();
};

/** Waits for the answer, and gives its errors. */
export const errorsOf = async (world: World, request = 'delete-it'): Promise<readonly string[]> => {
  const { status } = await world.until(
    'DeleteBackupRequest',
    request,
    (one: DeleteBackupRequest) => one.status?.phase === 'Processed',
  );
  await world.idle();
  return status?.errors ?? [];
};

/** Asks, and waits for the end of backup and request. */
export const deleteBackup = async (world: World, backup: string): Promise<void> => {
  await ask(world, backup);
  await gone(world, 'DeleteBackupRequest', 'delete-it');
  await gone(world, 'Backup', backup);
};
