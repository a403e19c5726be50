import { type ChildProcess, spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, request } from 'undici';

/** A real kube-apiserver with its etcd, alone on this machine: no controllers, no nodes. */
export interface ApiServer {
  /** Administrator of the server. */
  readonly kubeconfig: string;
  readonly url: string;
  readonly adminToken: string;
  /** Ends both processes and removes their data. */
  stop(): Promise<void>;
}

const READY_MS = 60_000;

/** Folder with `etcd` and `kube-apiserver`, as `setup-envtest use -p env` prints it; `undefined` if none is told. */
export const envtestAssets = (): string | undefined => process.env.KUBEBUILDER_ASSETS;

/** Starts both programs on free ports with data in a folder of their own; `flags` are more flags for kube-apiserver. */
export const startApiServer = async (assets: string, flags: readonly string[] = []): Promise<ApiServer> => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-apiserver-'));
  const [api, client, peer] = await freePorts(3);
  const adminToken = 'contract-admin';
  const url = `https://127.0.0.1:${api}`;
  await writeFiles(folder, url, adminToken);
  const processes = [
    start(folder, join(assets, 'etcd'), etcdFlags(folder, client, peer)),
    start(folder, join(assets, 'kube-apiserver'), [...apiServerFlags(folder, api, client), ...flags]),
  ];
  const stop = async (): Promise<void> => {
    await Promise.all(processes.map(end));
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await ready(url, adminToken, processes);
  } catch (error) {
    const log = await readFile(join(folder, 'kube-apiserver.log'), 'utf8').catch(() => '');
    await stop();
    throw new Error(`kube-apiserver did not become ready: ${log.slice(-1000)}`, { cause: error });
  }
  return { kubeconfig: join(folder, 'kubeconfig'), url, adminToken, stop };
};

const freePorts = async (count: number): Promise<[number, number, number]> => {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve, reject) => {
          server.once('error', reject);
          server.listen(0, '127.0.0.1', () => {
            const address = server.address();
            resolve(typeof address === 'object' && address !== null ? address.port : 0);
          });
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return [ports[0] ?? 0, ports[1] ?? 0, ports[2] ?? 0];
};

const writeFiles = async (folder: string, url: string, token: string): Promise<void> => {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const kubeconfig = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'contract', cluster: { server: url, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'admin', user: { token } }],
    contexts: [{ name: 'contract', context: { cluster: 'contract', user: 'admin' } }],
    'current-context': 'contract',
  };
  await Promise.all([
    writeFile(join(folder, 'sa.pub'), publicKey.export({ type: 'spki', format: 'pem' })),
    writeFile(join(folder, 'sa.key'), privateKey.export({ type: 'pkcs1', format: 'pem' })),
    writeFile(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`),
    writeFile(join(folder, 'kubeconfig'), JSON.stringify(kubeconfig)),
  ]);
};

const etcdFlags = (folder: string, client: number, peer: number): readonly string[] => [
  `--data-dir=${join(folder, 'etcd')}`,
  `--listen-client-urls=http://127.0.0.1:${client}`,
  `--advertise-client-urls=http://127.0.0.1:${client}`,
  `--listen-peer-urls=http://127.0.0.1:${peer}`,
  '--unsafe-no-fsync',
];

const apiServerFlags = (folder: string, port: number, etcd: number): readonly string[] => [
  `--etcd-servers=http://127.0.0.1:${etcd}`,
  '--bind-address=127.0.0.1',
  '--advertise-address=127.0.0.1',
  `--secure-port=${port}`,
  `--cert-dir=${join(folder, 'certs')}`,
  `--service-account-issuer=https://127.0.0.1:${port}`,
  `--service-account-key-file=${join(folder, 'sa.pub')}`,
  `--service-account-signing-key-file=${join(folder, 'sa.key')}`,
  '--service-cluster-ip-range=10.0.0.0/24',
  `--token-auth-file=${join(folder, 'tokens.csv')}`,
  '--authorization-mode=RBAC',
  // Nobody makes the default service accounts here, so nothing may wait for them.
  '--disable-admission-plugins=ServiceAccount',
];

const start = (folder: string, program: string, flags: readonly string[]): ChildProcess => {
  const name = program.split('/').at(-1) ?? 'program';
  const log = openSync(join(folder, `${name}.log`), 'a');
  return spawn(program, flags, { cwd: folder, stdio: ['ignore', log, log] });
};

const ready = async (url: string, token: string, processes: readonly ChildProcess[]): Promise<void> => {
  const agent = new Agent({ connect: { rejectUnauthorized: false } });
  const end = Date.now() + READY_MS;
  const failed = new Promise<never>((_, reject) => {
    for (const process of processes) process.once('error', reject);
  });
  const poll = async (): Promise<void> => {
    for (;;) {
      const answer = await request(`${url}/readyz`, {
        dispatcher: agent,
        headers: { authorization: `Bearer ${token}` },
        headersTimeout: 2_000,
      }).catch(() => undefined);
      await answer?.body.dump();
      if (answer?.statusCode === 200) return;
      if (processes.some((process) => process.exitCode !== null)) throw new Error('a program has ended');
      if (Date.now() > end) throw new Error(`not ready after ${READY_MS} ms`);
      await pause(100);
    }
  };
  try {
    await Promise.race([poll(), failed]);
  } finally {
    await agent.destroy();
  }
};

const end = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.kill('SIGKILL');
  await gone;
};
