import { execFileSync } from 'node:child_process';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { setTimeout as delay } from 'node:timers/promises';
import { openLab, startLifeboat, veleroPid, type Lab } from './lab.js';
import { measure, type Usage } from './process-meter.js';

/**
 * Velero and Lifeboat on one cluster in one run: the same objects backed up by both, and restored by both from their own
 * backups into namespaces of their own, beside the floor of listing and compressing alone. Read the ratios; seconds are those
 * of the machine of the day.
 */
const OBJECTS = Number(process.env['LIFEBOAT_BENCH_OBJECTS'] ?? 10_000);
const NAMESPACES = 20;
const PREFIX = 'load';
const CLUSTER = 'bench';

const location = (namespace: string, endpoint: string, bucket: string) => `
apiVersion: velero.io/v1
kind: BackupStorageLocation
metadata: {name: default, namespace: ${namespace}}
spec:
  provider: aws
  default: true
  credential: {name: cloud-credentials, key: cloud}
  objectStorage: {bucket: ${bucket}}
  config: {region: us-east-1, s3ForcePathStyle: "true", s3Url: "${endpoint}"}
`;

const prepare = async (lab: Lab): Promise<void> => {
  await lab.run(
    'seed',
    CLUSTER,
    '--objects',
    String(OBJECTS),
    '--namespaces',
    String(NAMESPACES),
    '--prefix',
    PREFIX,
  );
  await lab.run('velero', CLUSTER);
  await lab.apply('{apiVersion: v1, kind: Namespace, metadata: {name: lifeboat}}');
  const secret = await lab.kubectl(
    '-n',
    'lifeboat',
    'create',
    'secret',
    'generic',
    'cloud-credentials',
    '--dry-run=client',
    '-o',
    'yaml',
    `--from-file=cloud=${lab.env['AWS_SHARED_CREDENTIALS_FILE'] ?? ''}`,
  );
  await lab.apply(secret);
  const bucket = `lifeboat-bench-${Date.now()}`; // its own: Velero refuses a bucket with folders it does not know
  await makeBucket(lab, bucket);
  await lab.apply(location('lifeboat', lab.env['LAB_S3_ENDPOINT'] ?? '', bucket));
};

const makeBucket = async ({ env }: Lab, bucket: string): Promise<void> => {
  const credentials = {
    accessKeyId: env['AWS_ACCESS_KEY_ID'] ?? '',
    secretAccessKey: env['AWS_SECRET_ACCESS_KEY'] ?? '',
  };
  const client = new S3Client({
    endpoint: env['LAB_S3_ENDPOINT'] ?? '',
    region: 'us-east-1',
    forcePathStyle: true,
    credentials,
  });
  await client.send(new CreateBucketCommand({ Bucket: bucket }));
  client.destroy();
};

const phaseOf = async (lab: Lab, namespace: string, kind: string, name: string) =>
  lab.kubectl(
    '-n',
    namespace,
    'get',
    `${kind}.velero.io`,
    name,
    '-o',
    'jsonpath={.status.phase} {.status.progress}',
  );

const mustComplete = async (lab: Lab, namespace: string, kind: string, name: string): Promise<void> => {
  const phase = await phaseOf(lab, namespace, kind, name);
  if (!phase.startsWith('Completed')) throw new Error(`${kind} ${namespace}/${name} ended ${phase}`);
};

const backUp = (lab: Lab, namespace: string, pid: number, name: string): Promise<Usage> =>
  measure(pid, async () => {
    await lab.cli(namespace, 'backup', 'create', name, '--include-namespaces', `${PREFIX}-*`, '--wait');
    await mustComplete(lab, namespace, 'backups', name);
  });

const restore = (lab: Lab, namespace: string, pid: number, backup: string): Promise<Usage> => {
  const mappings = Array.from(
    { length: NAMESPACES },
    (_, i) => `${PREFIX}-${i}:${namespace}-${backup}-${i}`,
  ).join(',');
  return measure(pid, async () => {
    const name = `${backup}-back`;
    await lab.cli(
      namespace,
      'restore',
      'create',
      name,
      '--from-backup',
      backup,
      '--namespace-mappings',
      mappings,
      '--wait',
    );
    await mustComplete(lab, namespace, 'restores', name);
  });
};

const median = (runs: readonly Usage[]): Usage => {
  const middle = (pick: (usage: Usage) => number) =>
    runs.map(pick).sort((a, b) => a - b)[Math.floor(runs.length / 2)] ?? Number.NaN;
  return {
    seconds: middle((u) => u.seconds),
    cpuSeconds: middle((u) => u.cpuSeconds),
    peakMiB: middle((u) => u.peakMiB),
  };
};

const row = (label: string, usage: Usage, against?: Usage): string =>
  [
    label.padEnd(22),
    usage.seconds.toFixed(2).padStart(9),
    Math.round(OBJECTS / usage.seconds)
      .toString()
      .padStart(10),
    usage.cpuSeconds.toFixed(2).padStart(9),
    Math.round(usage.peakMiB).toString().padStart(9),
    against ? `${(against.seconds / usage.seconds).toFixed(1)}x`.padStart(10) : '',
  ].join('');

const main = async (): Promise<void> => {
  const command = process.env['LIFEBOAT_TEST_LAB'];
  if (!command) {
    console.log(
      'bench: skipped; set LIFEBOAT_TEST_LAB to the command of a test bed with a real API server, S3 and Velero',
    );
    return;
  }
  execFileSync('npm', ['run', '-s', 'build'], { stdio: 'inherit' });
  const lab = await openLab(command, CLUSTER);
  await prepare(lab);
  const lifeboat = await startLifeboat(lab, 'lifeboat');
  try {
    await delay(3_000);
    const velero = veleroPid(lab);
    const floors = [];
    for (let i = 0; i < 3; i += 1)
      floors.push(
        JSON.parse(await lab.run('floor', CLUSTER, '--prefix', PREFIX)) as {
          seconds: number;
          cpuSeconds: number;
          rssMB: number;
        },
      );
    const floor = median(
      floors.map((f) => ({ seconds: f.seconds, cpuSeconds: f.cpuSeconds, peakMiB: f.rssMB })),
    );
    const backups = { velero: [] as Usage[], lifeboat: [] as Usage[] };
    for (let i = 0; i < 3; i += 1) {
      backups.velero.push(await backUp(lab, 'velero', velero, `v${Date.now()}`));
      backups.lifeboat.push(await backUp(lab, 'lifeboat', lifeboat.pid, i === 0 ? 'mine' : `l${Date.now()}`));
    }
    const last = `v${Date.now()}`;
    await lab.cli('velero', 'backup', 'create', last, '--include-namespaces', `${PREFIX}-*`, '--wait');
    const restored = {
      lifeboat: await restore(lab, 'lifeboat', lifeboat.pid, 'mine'),
      velero: await restore(lab, 'velero', velero, last),
    };
    const [veleroBackup, lifeboatBackup] = [median(backups.velero), median(backups.lifeboat)];
    console.log(
      `\n${OBJECTS} objects in ${NAMESPACES} namespaces; backups: median of 3; speed against Velero in the last column`,
    );
    console.log(
      `${''.padEnd(22)}${'seconds'.padStart(9)}${'objects/s'.padStart(10)}${'CPU s'.padStart(9)}${'peak MiB'.padStart(9)}`,
    );
    console.log(row('floor (list + gzip)', floor));
    console.log(row('backup, Velero', veleroBackup));
    console.log(row('backup, Lifeboat', lifeboatBackup, veleroBackup));
    console.log(row('restore, Velero', restored.velero));
    console.log(row('restore, Lifeboat', restored.lifeboat, restored.velero));
    console.log(`backup, Lifeboat, over the floor: ${(lifeboatBackup.seconds / floor.seconds).toFixed(2)}x`);
  } finally {
    await lifeboat.stop();
    await lab.run('velero-stop', CLUSTER);
    await lab.run('down', CLUSTER);
  }
};

await main();
