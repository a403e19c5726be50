import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { createAgentSeries } from '../../../src/metrics/agent-series.js';
import type { JsonObject } from '../../../src/domain/json.js';

const NODE = 'node-1';

const agent = () => {
  const registry = new Registry();
  const seen = createAgentSeries(registry, NODE);
  const valueOf = async (name: string, labels: Readonly<Record<string, string>>): Promise<unknown> => {
    const { values = [] } = (await registry.getSingleMetric(name)?.get()) ?? {};
    const fits = (found: object) =>
      Object.entries(labels).every(([key, value]) => (found as typeof labels)[key] === value);
    return values.find((one) => fits(one.labels))?.value;
  };
  return { registry, seen, valueOf };
};

const copy = (status: object = {}, uid = 'u1', node = NODE): JsonObject => ({
  metadata: { name: 'nightly-1', uid },
  spec: { node },
  status: { ...status },
});
const done = {
  phase: 'Completed',
  startTimestamp: '2026-01-31T10:00:00Z',
  completionTimestamp: '2026-01-31T10:01:30Z',
  progress: { totalBytes: 700, bytesDone: 700 },
};

test('a copy counts once when it is asked for and once when it has ended, however often it is seen', async () => {
  const { seen, valueOf } = agent();
  seen('PodVolumeBackup', copy());
  seen('PodVolumeBackup', copy({ phase: 'InProgress' }));
  expect(await valueOf('lifeboat_agent_copies_open', { kind: 'PodVolumeBackup' })).toBe(1);
  expect(await valueOf('podVolume_pod_volume_backup_enqueue_count', { node: NODE })).toBe(1);
  expect(await valueOf('podVolume_pod_volume_backup_dequeue_count', { node: NODE })).toBe(0);
  seen('PodVolumeBackup', copy(done));
  seen('PodVolumeBackup', copy(done));
  expect(await valueOf('lifeboat_agent_copies_open', { kind: 'PodVolumeBackup' })).toBe(0);
  expect(await valueOf('podVolume_pod_volume_backup_dequeue_count', { node: NODE })).toBe(1);
  expect(await valueOf('lifeboat_agent_copies_total', { outcome: 'Completed' })).toBe(1);
  expect(await valueOf('lifeboat_agent_copied_bytes_total', { kind: 'PodVolumeBackup' })).toBe(700);
});

test('how long a copy took is told under the name of the node alone', async () => {
  const { seen, valueOf } = agent();
  seen('PodVolumeBackup', copy());
  seen('PodVolumeBackup', copy(done));
  const gauge = 'podVolume_pod_volume_operation_latency_seconds_gauge';
  expect(await valueOf(gauge, { node: NODE, operation: '', backupName: '', pod_volume_backup: '' })).toBe(90);
});

test('what another node does, and what had ended before, counts for nothing', async () => {
  const { seen, valueOf } = agent();
  seen('PodVolumeBackup', copy({}, 'u2', 'node-2'));
  seen('PodVolumeBackup', copy(done, 'u3'));
  expect(await valueOf('podVolume_pod_volume_backup_enqueue_count', { node: NODE })).toBe(0);
  expect(await valueOf('podVolume_pod_volume_backup_dequeue_count', { node: NODE })).toBe(0);
});

test.each([
  ['DataUpload', 'Completed', 'podVolume_data_upload_success_total'],
  ['DataUpload', 'Failed', 'podVolume_data_upload_failure_total'],
  ['DataDownload', 'Canceled', 'podVolume_data_download_cancel_total'],
])('a %s that ended %s is in Velero’s series of it', async (kind, phase, series) => {
  const { seen, valueOf } = agent();
  const move = (status: object): JsonObject => ({
    metadata: { name: 'nightly-1', uid: 'u1' },
    status: { node: NODE, ...status },
  });
  expect(await valueOf(series, { node: NODE })).toBe(0);
  seen(kind, move({ phase: 'InProgress' }));
  seen(kind, move({ phase }));
  expect(await valueOf(series, { node: NODE })).toBe(1);
});

test('kinds that ask agents for nothing are passed over', async () => {
  const { registry, seen } = agent();
  const before = await registry.metrics();
  seen('Backup', copy());
  expect(await registry.metrics()).toBe(before);
});
