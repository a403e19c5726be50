import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket, type Bucket } from './fixture/bucket.js';
import { hasEnded, openCluster, pathOf, type LabCluster, type Resource } from './fixture/cluster.js';
import { copiedPod } from './fixture/copied-pod.js';
import { csiDisks } from './fixture/csi-disks.js';
import { prepareHome, type Home, type Lifeboat } from './fixture/lifeboat.js';
import { agentOn } from './fixture/node-agent.js';
import { RUN, until, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero, VELERO_NAMESPACE, veleroCli } from './fixture/velero.js';

type Who = 'lifeboat' | 'velero';

const root = `metadata/fs-${RUN}`;
const SERVERS: Readonly<Record<Who, string>> = { lifeboat: `lifeboat-${RUN}`, velero: VELERO_NAMESPACE };
const BOTH: readonly Who[] = ['lifeboat', 'velero'];
const SHOP = `shop-${RUN}`;
const PODS = `/api/v1/namespaces/${SHOP}/pods`;

const copied = copiedPod();
const web = {
  ...copied,
  metadata: { name: 'web', annotations: { 'backup.velero.io/backup-volumes': 'data,cache' } },
  spec: {
    ...copied.spec,
    volumes: [...copied.spec.volumes, { name: 'settings', configMap: { name: 'kube-root-ca.crt' } }],
  },
};

const policy = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'leave-out' },
  data: {
    policy: 'version: v1\nvolumePolicies:\n- conditions: {capacity: "0,10Gi"}\n  action: {type: skip}\n',
  },
};

/** Both servers back the same pod up; no agent runs, the test plays it by what agents write. */
describe.skipIf(why !== '')(`copies of volumes, beside the real Velero${why}`, () => {
  const tidy = createTidy();
  let cluster: LabCluster;
  let bucket: Bucket;
  let home: Home;
  let lifeboat: Lifeboat;

  const ask = (who: Who, name: string, spec: object) =>
    cluster.create(pathOf(SERVERS[who], 'backups'), {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name, namespace: SERVERS[who] },
      spec: { includedNamespaces: [SHOP], snapshotVolumes: false, ...spec },
    });
  const ended = (who: Who, name: string): Promise<Resource> =>
    cluster.becomes(pathOf(SERVERS[who], 'backups', name), hasEnded, { explain: lifeboat.log });
  const asked = (who: Who, name: string, count: number): Promise<readonly Resource[]> =>
    until(
      `the PodVolumeBackups of ${who}`,
      async () => {
        const path = `${pathOf(SERVERS[who], 'podvolumebackups')}?labelSelector=velero.io/backup-name%3D${name}`;
        const found = await cluster.list(path);
        return found.length >= count ? found : undefined;
      },
      { explain: lifeboat.log },
    );
  const complete = async (who: Who, copies: readonly Resource[]): Promise<void> => {
    for (const { metadata, spec } of copies)
      await cluster.patch(pathOf(SERVERS[who], 'podvolumebackups', metadata.name), {
        status: {
          phase: 'Completed',
          snapshotID: `copy-of-${String(spec?.['volume'])}`,
          progress: { totalBytes: 7, bytesDone: 7 },
          startTimestamp: '2026-01-31T10:00:00Z',
          completionTimestamp: '2026-01-31T10:00:01Z',
        },
      });
  };
  const infoOf = (who: Who, name: string) =>
    bucket.json(`${root}-${who}/backups/${name}/${name}-volumeinfo.json.gz`) as Promise<
      readonly Readonly<Record<string, unknown>>[]
    >;
  /** What differs from server to server is masked, and nothing else. */
  const comparable = ({ metadata, spec }: Resource, uid: string): unknown =>
    JSON.parse(
      JSON.stringify({
        labels: metadata.labels,
        annotations: metadata.annotations,
        owners: (metadata as unknown as Readonly<Record<string, unknown>>)['ownerReferences'],
        spec,
      }).replaceAll(uid, 'the backup'),
    );

  beforeAll(async () => {
    cluster = await tidy.keep(openCluster('fs', { full: true }));
    bucket = await tidy.keep(openBucket(cluster, root));
    home = await tidy.keep(prepareHome(cluster, SERVERS.lifeboat, `${root}-lifeboat`));
    [lifeboat] = await Promise.all([home.start(), tidy.keep(startVelero(cluster, `${root}-velero`))]);
    const nodes = await cluster.list('/api/v1/nodes');
    for (const who of BOTH) {
      await cluster.create(`/api/v1/namespaces/${SERVERS[who]}/configmaps`, policy);
      for (const { metadata } of nodes)
        await cluster.create(`/api/v1/namespaces/${SERVERS[who]}/pods`, agentOn(metadata.name));
    }
    await csiDisks(cluster).make(SHOP, { data: 'as it was' });
    await cluster.create(PODS, web);
    await cluster.becomes(`${PODS}/web`, ({ status }) => status?.phase === 'Running');
    for (const who of BOTH)
      for (const { metadata } of nodes)
        await cluster.becomes(
          `/api/v1/namespaces/${SERVERS[who]}/pods/node-agent-${metadata.name}`,
          ({ status }) => status?.phase === 'Running',
        );
  });

  afterAll(tidy.closeAll);

  test('behaviour 90: are asked for as Velero asks for them, and told of as it tells', async () => {
    const name = `opted-${RUN}`;
    const seen: Partial<Record<Who, readonly unknown[]>> = {};
    const infos: Partial<Record<Who, unknown>> = {};
    for (const who of BOTH) {
      await ask(who, name, { uploaderConfig: { parallelFilesUpload: 3 } });
      const copies = await asked(who, name, 2);
      const backup = await cluster.get(pathOf(SERVERS[who], 'backups', name));
      const uid = backup?.metadata.uid ?? '';
      seen[who] = copies
        .map((copy) => comparable(copy, uid))
        .sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));
      await complete(who, copies);
      expect((await ended(who, name)).status).toMatchObject({ phase: 'Completed' });
      infos[who] = [...(await infoOf(who, name))].sort((a, b) =>
        JSON.stringify(a['pvbInfo']).localeCompare(JSON.stringify(b['pvbInfo'])),
      );
    }
    expect(seen.lifeboat).toEqual(seen.velero);
    expect(infos.lifeboat).toEqual(infos.velero);
  });

  test('are shown by the unmodified program', async () => {
    const described = await veleroCli(cluster, SERVERS.lifeboat)(
      'backup',
      'describe',
      `opted-${RUN}`,
      '--details',
    );
    expect(described.code).toBe(0);
    expect(described.text).not.toMatch(/error getting|<error/i);
    expect(described.text).toContain('Pod Volume Backups - kopia:');
    expect(described.text).toContain(`${SHOP}/web: cache (size: 7), data (size: 7)`);
  });

  test('behaviour 107: are not made where a policy leaves volumes out, and both say so', async () => {
    const name = `left-${RUN}`;
    for (const who of BOTH) {
      await ask(who, name, {
        snapshotVolumes: true,
        resourcePolicy: { kind: 'configmap', name: 'leave-out' },
      });
      expect((await ended(who, name)).status).toMatchObject({ phase: 'Completed' });
    }
    const [ours, theirs] = [await infoOf('lifeboat', name), await infoOf('velero', name)];
    const policyAlone = (reason: unknown) => String(reason).split(/(?<=;)/)[0];
    expect(ours).toEqual(
      theirs.map((info) => ({ ...info, skippedReason: policyAlone(info['skippedReason']) })),
    );
  });
});
