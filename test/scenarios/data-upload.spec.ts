import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createResources } from '../../src/controllers/resources.js';
import type { DataUpload } from '../../src/domain/velero.gen.js';
import { dataUpload } from '../../src/node-agent/data-upload.js';
import { NODE } from './agent-world.js';
import { NAMESPACE } from './life.js';
import { createRunningWorld, soon } from './world.js';
import { AGENT_INTERVALS } from '../../src/node-agent/ports.js';

const uploadOf = (uid: string, phase: 'Prepared' | 'InProgress'): DataUpload =>
  ({
    apiVersion: 'velero.io/v2alpha1',
    kind: 'DataUpload',
    metadata: { name: 'nightly-1', uid, labels: { 'velero.io/backup-name': 'nightly' } },
    spec: { sourceNamespace: 'shop', sourcePVC: 'data', backupStorageLocation: 'default' },
    status: { phase },
  }) as unknown as DataUpload;

/** A node that has a snapshot's volume mounted. */
const createNode = async () => {
  const world = await createRunningWorld();
  const folder = join(world.config.scratch, 'mounted');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'file'), 'contents');
  const { cluster, repositories, log } = world;
  const ports = {
    cluster,
    resources: createResources(cluster, NAMESPACE),
    repositories,
    clock: () => new Date(),
    log,
    config: {
      nodeName: NODE,
      kubeletRoot: folder,
      resourceTimeout: 8_000,
      prepareTimeout: 8_000,
      configMap: '',
      hostingPodImage: 'pause:1',
      intervals: AGENT_INTERVALS,
    },
  };
  return {
    upload: (uid: string, phase: 'Prepared' | 'InProgress') =>
      dataUpload.run(ports, uploadOf(uid, phase), { folder, onProgress: () => undefined, signal: soon() }),
    copies: () => repositories.copiesOf('shop'),
  };
};

it('data that was copied when its agent died is taken by the next one, and not copied twice', async () => {
  const node = await createNode();
  const first = await node.upload('u1', 'Prepared');
  const again = await node.upload('u1', 'InProgress');
  expect(node.copies()).toHaveLength(1);
  expect(first).toMatchObject({ snapshotID: node.copies()[0], incrementalBytes: 8 });
  expect(again).toMatchObject({
    snapshotID: node.copies()[0],
    progress: { totalBytes: 8, bytesDone: 8 },
  });
});

it('data of an upload of the same name that came later is not that of the one before', async () => {
  const node = await createNode();
  await node.upload('u1', 'Prepared');
  const later = await node.upload('u2', 'InProgress');
  expect(node.copies()).toHaveLength(2);
  expect(later).toMatchObject({ snapshotID: node.copies()[1] });
});
