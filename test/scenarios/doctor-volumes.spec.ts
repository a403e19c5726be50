import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../builders.js';
import { csiDisk, DRIVER, SNAPSHOT_DEFINITIONS, snapshotClass } from './csi-driver.js';
import { diagnose, folderOf } from './diagnosis.js';
import { snapshotLocation } from './ebs-disks.js';
import { createWorld, type World } from './world.js';

const node = (name: string, more: object = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name, labels: { 'kubernetes.io/os': 'linux' } },
  spec: {},
  ...more,
});
const agentOn = (nodeName: string, ready = true, name = `node-agent-${nodeName}`): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: 'velero', labels: { role: 'node-agent' } },
  spec: { nodeName, containers: [{ name: 'node-agent', image: 'registry.example/agent:1' }] },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
});
const daemonSet: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'DaemonSet',
  metadata: { name: 'node-agent', namespace: 'velero' },
  spec: { selector: { matchLabels: { name: 'node-agent' } }, template: { metadata: {}, spec: {} } },
};
const TAINTED = { spec: { taints: [{ key: 'dedicated', effect: 'NoSchedule' }] } };

const worldWith = async (...objects: readonly KubeObject[]): Promise<World> => {
  const world = await createWorld();
  await world.apply(...objects);
  return world;
};
const agentsIn = async (...objects: readonly KubeObject[]) =>
  (await diagnose(await worldWith(...objects))).of('node agents');

describe('The doctor of node agents', () => {
  it('says nothing against a cluster without agents, as long as nothing asks for copies', async () => {
    expect(await agentsIn(node('n1'))).toMatchObject({ verdict: 'skip' });
  });

  it('is content with a ready agent on every node with Linux', async () => {
    const windows = node('w1', { metadata: { name: 'w1', labels: { 'kubernetes.io/os': 'windows' } } });
    const found = await agentsIn(daemonSet, node('n1'), node('n2'), windows, agentOn('n1'), agentOn('n2'));
    expect(found).toMatchObject({ verdict: 'ok', detail: 'one on each of 2 nodes' });
  });

  it('names the nodes without one, and those whose agent is not ready', async () => {
    const nodes = ['n1', 'n2', 'n3'].map((name) => node(name));
    const found = await agentsIn(daemonSet, ...nodes, agentOn('n1'), agentOn('n2', false));
    expect(found).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('no ready agent on n2, n3:') as string,
      remedy: expect.stringContaining('describe pods -l role=node-agent') as string,
    });
  });

  it('says of nodes that keep pods off what lets agents on them', async () => {
    const found = await agentsIn(daemonSet, node('n1'), node('control', TAINTED), agentOn('n1'));
    expect(found).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('on control:') as string,
      remedy: expect.stringContaining('tolerations') as string,
    });
  });

  it('does not print a thousand nodes', async () => {
    const nodes = Array.from({ length: 12 }, (_, i) => node(`n${String(i).padStart(2, '0')}`));
    expect((await agentsIn(daemonSet, ...nodes))?.detail).toContain('n04 and 7 more:');
  });

  it('finds two agents on one node', async () => {
    const found = await agentsIn(daemonSet, node('n1'), agentOn('n1'), agentOn('n1', true, 'another'));
    expect(found).toMatchObject({
      verdict: 'warn',
      detail: expect.stringMatching(/more than one agent on n1: each copy there is made twice/) as string,
    });
  });

  it('misses agents where a schedule asks for copies and none are installed', async () => {
    const schedule: KubeObject = {
      apiVersion: 'velero.io/v1',
      kind: 'Schedule',
      metadata: { name: 'nightly', namespace: 'velero' },
      spec: { schedule: '@daily', template: { defaultVolumesToFsBackup: true } },
    };
    expect(await agentsIn(schedule, node('n1'))).toMatchObject({
      verdict: 'warn',
      remedy: expect.stringContaining('--use-node-agent') as string,
    });
  });
});

describe('The doctor of the program kopia', () => {
  const program = async (said: string): Promise<string> => {
    const path = join(await folderOf(), 'kopia');
    await writeFile(path, `#!/bin/sh\necho '${said}'\n`);
    await chmod(path, 0o755);
    return path;
  };

  it('tells its version', async () => {
    const kopia = await program('0.22.3 build: x from: y');
    expect((await diagnose(await createWorld(), { kopia })).of('program kopia')).toMatchObject({
      verdict: 'ok',
      detail: expect.stringContaining('is of version 0.22.3') as string,
    });
  });

  it('does not miss it where nothing is copied, and does where agents are', async () => {
    expect((await diagnose(await createWorld())).of('program kopia')?.verdict).toBe('skip');
    const { code, of } = await diagnose(await worldWith(daemonSet, node('n1'), agentOn('n1')));
    expect(of('program kopia')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining('"/nowhere/kopia" cannot be started') as string,
      remedy: expect.stringContaining('deploy/Dockerfile') as string,
    });
    expect(code).toBe(0);
  });
});

describe('The doctor of snapshots', () => {
  it('needs no snapshot locations', async () => {
    expect((await diagnose(await createWorld())).of('snapshot locations')?.verdict).toBe('ok');
  });

  it('opens each as the server would, and names the field that is wrong', async () => {
    const world = await worldWith(snapshotLocation('good'), snapshotLocation('other', 'gcp'), {
      apiVersion: 'velero.io/v1',
      kind: 'VolumeSnapshotLocation',
      metadata: { name: 'misspelt', namespace: 'velero' },
      spec: { provider: 'aws', config: { regoin: 'eu-west-1' } },
    });
    const { code, of } = await diagnose(world);
    expect(of('snapshot location good')).toMatchObject({
      verdict: 'ok',
      detail: 'provider aws, region eu-west-1',
    });
    expect(of('snapshot location other')).toMatchObject({
      verdict: 'fail',
      detail: expect.stringContaining('spec.provider: "gcp" takes no snapshots') as string,
    });
    expect(of('snapshot location misspelt')?.detail).toMatch(/regoin.*spec\.config\.region: is missing/);
    expect(code).toBe(1);
  });

  it('tells by which class volumes of each driver are snapshotted', async () => {
    const world = await worldWith(...SNAPSHOT_DEFINITIONS, snapshotClass('fast'), ...csiDisk('velero', 'db'));
    expect((await diagnose(world)).of('snapshot classes')).toMatchObject({
      verdict: 'ok',
      detail: `${DRIVER} by fast`,
    });
  });

  it('warns of a driver that has no class, and of one that has several and no choice', async () => {
    const none = await worldWith(...SNAPSHOT_DEFINITIONS, ...csiDisk('velero', 'db'));
    expect((await diagnose(none)).of('snapshot classes')).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining(`no VolumeSnapshotClass for the driver ${DRIVER}`) as string,
    });
    const classes = [snapshotClass('fast'), snapshotClass('slow')];
    const several = await worldWith(...SNAPSHOT_DEFINITIONS, ...classes, ...csiDisk('velero', 'db'));
    expect((await diagnose(several)).of('snapshot classes')?.detail).toContain('(fast, slow)');
  });

  it('warns where there are volumes of a driver and the cluster takes no snapshots', async () => {
    expect(
      (await diagnose(await worldWith(...csiDisk('velero', 'db')))).of('snapshot classes'),
    ).toMatchObject({
      verdict: 'warn',
      detail: expect.stringContaining(`takes no snapshots, and has volumes of ${DRIVER}`) as string,
    });
  });

  it('has nothing to choose where no volume is of a CSI driver', async () => {
    expect((await diagnose(await createWorld())).of('snapshot classes')?.verdict).toBe('ok');
  });
});
