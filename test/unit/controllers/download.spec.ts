import { describe, expect, it } from 'vitest';
import { reconcileDownload } from '../../../src/controllers/download.js';
import { reconcileServerStatus } from '../../../src/controllers/server-status.js';
import type { LinkMade } from '../../../src/controllers/ports.js';
import { BACKUP_ITEM_ACTIONS } from '../../../src/domain/backup-actions.js';
import { RESTORE_ITEM_ACTIONS } from '../../../src/domain/restore-actions/index.js';
import { silentLog } from '../../../src/log.js';
import { createWorld, soon } from '../../scenarios/world.js';

/** A world without a server, in which the controllers of requests are called by hand and time is set. */
const withClock = async () => {
  const world = await createWorld();
  let now = new Date('2026-01-02T10:00:00Z');
  const links: LinkMade[] = [];
  const ports = {
    resources: world.resources,
    openLocation: world.openLocation,
    config: world.config,
    log: silentLog(),
    clock: () => now,
    linkMade: (link: LinkMade) => Promise.resolve(void links.push(link)),
    backupItemActions: BACKUP_ITEM_ACTIONS,
    restoreItemActions: RESTORE_ITEM_ACTIONS,
  };
  const ask = async (kind: string, name: string, target: object) => {
    const metadata = { name, namespace: 'velero' };
    await world.apply({ apiVersion: 'velero.io/v1', kind, metadata, spec: target });
  };
  return {
    world,
    links,
    ask,
    pass: (seconds: number) => (now = new Date(now.getTime() + seconds * 1_000)),
    download: (name: string) => reconcileDownload(ports)(name, soon()),
    serverStatus: (name: string) => reconcileServerStatus(ports)(name, soon()),
    request: async (name: string) => (await world.resources.read('DownloadRequest', name, soon()))?.status,
  };
};

const LOG = { target: { kind: 'BackupLog', name: 'b1' } };

describe('a request to download', () => {
  it.each([
    ['BackupLog', 'backups/b1/b1-logs.gz'],
    ['BackupContents', 'backups/b1/b1.tar.gz'],
    ['BackupVolumeSnapshots', 'backups/b1/b1-volumesnapshots.json.gz'],
    ['BackupItemOperations', 'backups/b1/b1-itemoperations.json.gz'],
    ['BackupResourceList', 'backups/b1/b1-resource-list.json.gz'],
    ['BackupResults', 'backups/b1/b1-results.gz'],
    ['CSIBackupVolumeSnapshots', 'backups/b1/b1-csi-volumesnapshots.json.gz'],
    ['CSIBackupVolumeSnapshotContents', 'backups/b1/b1-csi-volumesnapshotcontents.json.gz'],
    ['BackupVolumeInfos', 'backups/b1/b1-volumeinfo.json.gz'],
    ['RestoreLog', 'restores/r1/restore-r1-logs.gz'],
    ['RestoreResults', 'restores/r1/restore-r1-results.gz'],
    ['RestoreResourceList', 'restores/r1/restore-r1-resource-list.json.gz'],
    ['RestoreItemOperations', 'restores/r1/restore-r1-itemoperations.json.gz'],
    ['RestoreVolumeInfo', 'restores/r1/r1-volumeinfo.json.gz'],
  ])('of a %s gets a link to %s for ten minutes', async (kind, key) => {
    const { world, ask, download, request } = await withClock();
    await world.request('Backup', 'b1', { storageLocation: 'default' });
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await ask('DownloadRequest', 'd1', { target: { kind, name: kind.startsWith('Restore') ? 'r1' : 'b1' } });
    expect(await download('d1')).toEqual({ after: 600_000 });
    const status = await request('d1');
    expect(status).toMatchObject({ phase: 'Processed', expiration: '2026-01-02T10:10:00Z' });
    expect(status?.downloadURL).toContain(`${key}?seconds=600`);
  });

  it('leaves one fact about who asked for which file, without the link', async () => {
    const { world, ask, download, links } = await withClock();
    await world.request('Backup', 'b1', { storageLocation: 'default' });
    await ask('DownloadRequest', 'd1', LOG);
    await download('d1');
    await download('d1');
    expect(links).toMatchObject([
      {
        file: 'BackupLog',
        target: 'velero/b1',
        expiresAt: '2026-01-02T10:10:00Z',
        at: '2026-01-02T10:00:00Z',
        actor: { kind: 'CLUSTER', via: 'kubernetes' },
      },
    ]);
    expect(JSON.stringify(links)).not.toContain('b1-logs.gz');
  });

  it('goes when its link has expired, and not before', async () => {
    const { world, ask, download, request, pass } = await withClock();
    await world.request('Backup', 'b1', { storageLocation: 'default' });
    await ask('DownloadRequest', 'd1', LOG);
    await download('d1');
    pass(599);
    expect(await download('d1')).toEqual({ after: 1_000 });
    pass(1);
    expect(await download('d1')).toEqual({ done: true });
    expect(await request('d1')).toBeUndefined();
  });

  it.each([
    ['an unknown backup', { target: { kind: 'BackupLog', name: 'nowhere' } }],
    ['an unknown restore', { target: { kind: 'RestoreLog', name: 'nowhere' } }],
    ['a restore whose backup is gone', { target: { kind: 'RestoreLog', name: 'r0' } }],
    ['a backup whose location is gone', { target: { kind: 'BackupLog', name: 'b0' } }],
    ['a name that leads elsewhere', { target: { kind: 'BackupLog', name: '../../secrets' } }],
  ])('for %s stays unanswered and goes after ten minutes', async (_what, target) => {
    const { world, ask, download, request, pass, links } = await withClock();
    await world.request('Restore', 'r0', { backupName: 'gone' });
    await world.request('Backup', 'b0', { storageLocation: 'gone' });
    await ask('DownloadRequest', 'd1', target);
    await download('d1');
    expect(await request('d1')).toEqual({ expiration: '2026-01-02T10:10:00Z' });
    pass(60);
    expect(await download('d1')).toEqual({ after: 540_000 });
    pass(540);
    await download('d1');
    expect(await request('d1')).toBeUndefined();
    expect(links).toEqual([]);
  });

  it('is answered later if its backup comes later', async () => {
    const { world, ask, download, request } = await withClock();
    await ask('DownloadRequest', 'd1', LOG);
    await download('d1');
    await world.request('Backup', 'b1', { storageLocation: 'default' });
    await download('d1');
    expect((await request('d1'))?.phase).toBe('Processed');
  });

  it('of a backup that has not begun gets a link into the location it will have', async () => {
    const { world, ask, download, request } = await withClock();
    await world.request('Backup', 'b1');
    await ask('DownloadRequest', 'd1', LOG);
    await download('d1');
    expect((await request('d1'))?.phase).toBe('Processed');
  });

  it('that is gone, or asks for nothing, is nobody’s matter', async () => {
    const { download } = await withClock();
    expect(await download('d1')).toEqual({ done: true });
  });
});

describe('a request for the status of the server', () => {
  it('is answered with a version that the velero program takes, and the built-in plugins in order', async () => {
    const { world, ask, serverStatus } = await withClock();
    await ask('ServerStatusRequest', 's1', {});
    expect(await serverStatus('s1')).toEqual({ after: 60_000 });
    const status = (await world.resources.read('ServerStatusRequest', 's1', soon()))?.status;
    expect(status).toMatchObject({
      phase: 'Processed',
      processedTimestamp: '2026-01-02T10:00:00Z',
      serverVersion: 'v1.18.2',
    });
    const plugins = (status?.plugins ?? []).map(({ kind, name }) => `${kind} ${name}`);
    expect(plugins).toEqual([...new Set(plugins)].sort());
    expect(plugins).toEqual(
      expect.arrayContaining([
        'BackupItemAction velero.io/pod',
        'BackupItemAction velero.io/pv',
        'BackupItemAction velero.io/service-account',
        'ItemBlockAction velero.io/pvc',
        'ObjectStore velero.io/aws',
        'RestoreItemAction velero.io/change-storage-class',
        'RestoreItemAction velero.io/pvc',
      ]),
    );
  });

  it('goes a minute after its answer, and not before', async () => {
    const { world, ask, serverStatus, pass } = await withClock();
    await ask('ServerStatusRequest', 's1', {});
    await serverStatus('s1');
    pass(59);
    expect(await serverStatus('s1')).toEqual({ after: 1_000 });
    pass(1);
    expect(await serverStatus('s1')).toEqual({ done: true });
    expect(await world.resources.read('ServerStatusRequest', 's1', soon())).toBeUndefined();
  });
});
