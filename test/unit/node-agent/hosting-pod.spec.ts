import { expect, onTestFinished, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { getObject } from '../../../src/cluster/get-object.js';
import { createResources } from '../../../src/controllers/resources.js';
import { at } from '../../../src/domain/json.js';
import { CLAIMS, NAMESPACES, PODS } from '../../../src/domain/known-kinds.js';
import { createLog } from '../../../src/log.js';
import { hostVolume, removeHosted } from '../../../src/node-agent/hosting-pod.js';
import type { Moving } from '../../../src/node-agent/movement.js';
import type { AgentPorts } from '../../../src/node-agent/ports.js';
import { createMemoryRepositories } from '../../../src/repositories/memory.js';
import { AGENT_INTERVALS } from '../../../src/node-agent/ports.js';

const signal = () => AbortSignal.timeout(5_000);
const REF = { namespace: 'velero', name: 'upload' };

const upload: Moving = {
  apiVersion: 'velero.io/v2alpha1',
  kind: 'DataUpload',
  metadata: { ...REF, uid: 'u1' },
};

const createPorts = async (): Promise<AgentPorts> => {
  const cluster = createMemoryCluster();
  onTestFinished(() => cluster.close());
  for (const [type, namespace, name] of [
    [NAMESPACES, undefined, 'velero'],
    [CLAIMS, 'velero', 'upload'],
  ] as const) {
    const made = await cluster.create(type, namespace, JSON.stringify({ metadata: { name } }), {
      signal: signal(),
    });
    if (!made.ok) expect.fail(made.message);
  }
  return {
    cluster,
    resources: createResources(cluster, 'velero'),
    repositories: createMemoryRepositories('/nowhere'),
    clock: () => new Date(),
    log: createLog('fatal'),
    config: {
      nodeName: 'n1',
      kubeletRoot: '/nowhere',
      resourceTimeout: 1_000,
      prepareTimeout: 1_000,
      configMap: '',
      hostingPodImage: 'registry.example/pause:3',
      intervals: AGENT_INTERVALS,
    },
  };
};

test('a volume that is moved is mounted by a pod of the image that the operator chose, and with no powers', async () => {
  const ports = await createPorts();
  expect(await hostVolume(ports, upload, 'n1', signal())).toMatchObject({
    waitsFor: 'the pod velero/upload to run',
  });
  const pod = await getObject(ports.cluster, PODS, REF, { signal: signal() });
  expect(at(pod, 'spec')).toMatchObject({
    nodeSelector: { 'kubernetes.io/hostname': 'n1' },
    automountServiceAccountToken: false,
    containers: [
      {
        image: 'registry.example/pause:3',
        securityContext: { runAsNonRoot: true, capabilities: { drop: ['ALL'] } },
      },
    ],
    volumes: [{ persistentVolumeClaim: { claimName: 'upload' } }],
  });
});

test('pod and claim go when the move has ended, and again when nothing is left', async () => {
  const ports = await createPorts();
  await hostVolume(ports, upload, undefined, signal());
  for (const _look of [1, 2]) await removeHosted(ports, upload, signal());
  for (const type of [PODS, CLAIMS])
    expect(await getObject(ports.cluster, type, REF, { signal: signal() })).toBeUndefined();
});
