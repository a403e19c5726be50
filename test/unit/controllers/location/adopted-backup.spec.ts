import { describe, expect, it } from 'vitest';
import { adoptedBackup } from '../../../../src/controllers/location/adopted-backup.js';
import {
  BACKUP_PHASES,
  type Backup,
  type BackupPhase,
  type OwnerReference,
  type Schedule,
} from '../../../../src/domain/velero.gen.js';

const now = new Date('2026-01-15T00:00:00Z');
const [past, future] = ['2026-01-01T00:00:00Z', '2026-02-01T00:00:00Z'];

const stored: Backup = {
  apiVersion: 'velero.io/v1',
  kind: 'Backup',
  metadata: {
    name: 'nightly',
    namespace: 'elsewhere',
    uid: 'old-uid',
    resourceVersion: '4711',
    labels: { team: 'web', 'velero.io/storage-location': 'their-name' },
    annotations: { 'velero.io/source-cluster-k8s-gitversion': 'v1.30.0' },
  },
  spec: { ttl: '720h0m0s', storageLocation: 'their-name' },
  status: { phase: 'Completed', expiration: future, warnings: 2 },
};
const adopt = (backup: Backup, schedules: readonly Schedule[] = []) =>
  adoptedBackup(backup, 'ours', 'velero', schedules, now);
const withStatus = (phase: BackupPhase | undefined, expiration?: string): Backup => ({
  ...stored,
  status: { ...(phase && { phase }), ...(expiration !== undefined && { expiration }) },
});

const TERMINAL: readonly BackupPhase[] = ['FailedValidation', 'Completed', 'PartiallyFailed', 'Failed'];
const UNFINISHED = BACKUP_PHASES.filter((phase) => !TERMINAL.includes(phase));

describe('a backup found in object storage', () => {
  it('comes in under the names of this server and this location, as a new object', () => {
    expect(adopt(stored)).toEqual({
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: {
        name: 'nightly',
        namespace: 'velero',
        labels: { team: 'web', 'velero.io/storage-location': 'ours' },
        annotations: { 'velero.io/source-cluster-k8s-gitversion': 'v1.30.0' },
      },
      spec: { ttl: '720h0m0s', storageLocation: 'ours' },
      status: { phase: 'Completed', expiration: future, warnings: 2 },
    });
  });

  it('leaves what was stored as it was', () => {
    const copy = structuredClone(stored);
    adopt(stored);
    expect(stored).toEqual(copy);
  });

  it('gets a label that fits when the name of the location does not', () => {
    const adopted = adoptedBackup(stored, 'a'.repeat(64), 'velero', [], now);
    expect(adopted?.metadata.labels?.['velero.io/storage-location']).toBe(`${'a'.repeat(57)}ffe054`);
    expect(adopted?.spec?.storageLocation).toBe('a'.repeat(64));
  });

  it.each(TERMINAL)('that ended as %s comes in so, even if it has expired', (phase) => {
    expect(adopt(withStatus(phase, future))?.status).toEqual({ phase, expiration: future });
    expect(adopt(withStatus(phase, past))?.status).toEqual({ phase, expiration: past });
  });

  it.each(UNFINISHED)('that is %s is left to who writes it, until it has expired', (phase) => {
    expect(adopt(withStatus(phase, future))).toBeUndefined();
    expect(adopt(withStatus(phase))).toBeUndefined();
    expect(adopt(withStatus(phase, past))?.status).toEqual({ phase: 'PartiallyFailed', expiration: past });
  });

  it('that tells no phase has not begun', () => {
    expect(adopt(withStatus(undefined))).toBeUndefined();
    const { status: _status, ...bare } = stored;
    expect(adopt(bare)).toBeUndefined();
  });
});

describe('the owners of a backup found in object storage', () => {
  const schedule = (name: string, uid: string): Schedule => ({
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    metadata: { name, uid },
    spec: { schedule: '@daily', template: {} },
  });
  const owner = (kind: string, name: string, uid: string): OwnerReference => ({
    apiVersion: 'velero.io/v1',
    kind,
    name,
    uid,
  });
  const ownersAfter = (owners: readonly OwnerReference[], schedules: readonly Schedule[]) =>
    adopt({ ...stored, metadata: { ...stored.metadata, ownerReferences: owners } }, schedules)?.metadata
      .ownerReferences;
  const daily = owner('Schedule', 'daily', 's1');

  it('stay if the schedule is here', () => {
    expect(ownersAfter([daily], [schedule('hourly', 's0'), schedule('daily', 's1')])).toEqual([daily]);
  });

  it('go if the schedule is not here, or is another one of that name, or has another name', () => {
    expect(ownersAfter([daily], [])).toEqual([]);
    expect(ownersAfter([daily], [schedule('daily', 's2')])).toEqual([]);
    expect(ownersAfter([daily], [schedule('weekly', 's1')])).toEqual([]);
  });

  it('of other kinds stay, since nobody can say that they are gone', () => {
    const app = owner('App', 'shop', 'a1');
    expect(ownersAfter([app, daily], [])).toEqual([app]);
  });
});
