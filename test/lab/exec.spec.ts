import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCluster } from '../../src/cluster/credentials.js';
import { connectCluster } from '../../src/cluster/kube.js';
import { type ObjectRef } from '../../src/cluster/port.js';
import { commands } from '../contract/cluster-exec.js';
import { body, namespaces, pods, podSpec, soon, unique } from '../contract/cluster-fixture.js';
import { openCluster, type LabCluster } from './fixture/cluster.js';
import { why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';

describe.skipIf(why !== '')(`commands in the pods of a cluster with nodes${why}`, () => {
  const tidy = createTidy();
  const made: { lab?: LabCluster; cluster?: ReturnType<typeof connectCluster> } = {};
  const opened = () => {
    const { lab, cluster } = made;
    return lab && cluster ? { lab, cluster } : expect.fail('the cluster is not open');
  };

  beforeAll(async () => {
    const lab = (made.lab = await tidy.keep(openCluster('exec', { full: true })));
    made.cluster = await tidy.keep(connectCluster({ access: loadCluster({ kubeconfig: lab.kubeconfig }) }));
  });
  afterAll(tidy.closeAll);

  const namespace = async (): Promise<string> => {
    const name = unique('exec');
    const { lab } = opened();
    await lab.create('/api/v1/namespaces', JSON.parse(body(namespaces, name)) as object);
    // Pods are refused until the controllers have made it.
    await lab.becomes(`/api/v1/namespaces/${name}/serviceaccounts/default`, () => true);
    return name;
  };

  const createPod = async (spec: object): Promise<ObjectRef> => {
    const ref = { namespace: await namespace(), name: unique('pod') };
    const path = `/api/v1/namespaces/${ref.namespace}/pods`;
    await opened().lab.create(path, JSON.parse(body(pods, ref.name, { spec })) as object);
    return ref;
  };

  const runningPod = async (): Promise<ObjectRef> => {
    const ref = await createPod(podSpec);
    const path = `/api/v1/namespaces/${ref.namespace ?? ''}/pods/${ref.name}`;
    await opened().lab.becomes(path, ({ status }) => status?.phase === 'Running');
    return ref;
  };

  test('a command does its work in the pod', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lifeboat-exec-'));
    const file = join(folder, 'said');
    const command = ['/bin/sh', '-c', `echo hi > ${file}`];
    const request = { container: 'main', command, signal: soon() };
    const outcome = await opened().cluster.exec(await runningPod(), request);
    expect(outcome).toEqual({ ended: 'exit', exitCode: 0, stdout: '', stderr: '' });
    expect(await readFile(file, 'utf8')).toBe('hi\n');
    await rm(folder, { recursive: true });
  });

  test('a program that does not exist is refused in the words of the node', async () => {
    const request = { container: 'main', command: ['/no/such/program'], signal: soon() };
    const outcome = await opened().cluster.exec(await runningPod(), request);
    const message = expect.stringContaining('/no/such/program') as string;
    expect(outcome).toEqual({ ended: 'refused', message });
  });

  test('a quiet command is waited for, because the API server answers pings', async () => {
    const access = loadCluster({ kubeconfig: opened().lab.kubeconfig });
    const impatient = connectCluster({ access, execTimes: { pingMs: 100, pings: 3 } });
    const request = { container: 'main', command: ['sleep', '2'], signal: soon() };
    expect(await impatient.exec(await runningPod(), request)).toMatchObject({ ended: 'exit', exitCode: 0 });
    await impatient.close();
  });

  commands(() => ({
    cluster: opened().cluster,
    namespace,
    runningPod,
    losesExitCodes: true,
    dispose: () => Promise.resolve(),
  }));
});
