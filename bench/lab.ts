import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** The test bed: real servers on this machine, driven by the command in LIFEBOAT_TEST_LAB. */
export interface Lab {
  readonly env: NodeJS.ProcessEnv;
  run(...args: readonly string[]): Promise<string>;
  kubectl(...args: readonly string[]): Promise<string>;
  apply(yaml: string): Promise<void>;
  /** Velero's CLI against the server of a namespace. */
  cli(namespace: string, ...args: readonly string[]): Promise<string>;
}

const LONG_MS = 1_800_000;
const MAX_OUTPUT = 64 << 20;

const parseExports = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...text.matchAll(/(?:^export | )([A-Z0-9_]+)=(\S*)/gm)].map(([, name = '', value = '']) => [
      name,
      value.replace(/:?\$PATH$/, `:${process.env['PATH'] ?? ''}`),
    ]),
  );

export const openLab = async (command: string, cluster: string): Promise<Lab> => {
  const run = async (...args: readonly string[]) =>
    (await execute(command, [...args], { timeout: LONG_MS, maxBuffer: MAX_OUTPUT })).stdout;
  await run('up', cluster);
  await run('s3');
  const env = { ...process.env, ...parseExports(await run('env', cluster)) };
  const tool = async (name: string, args: readonly string[]) =>
    (await execute(name, [...args], { env, timeout: LONG_MS, maxBuffer: MAX_OUTPUT })).stdout;
  return {
    env,
    run,
    kubectl: (...args) => tool('kubectl', args),
    cli: (namespace, ...args) => tool('velero', ['-n', namespace, ...args]),
    apply: async (yaml) => {
      const child = execute('kubectl', ['apply', '-f', '-'], { env });
      child.child.stdin?.end(yaml);
      await child;
    },
  };
};

/** The process id of the real Velero server that the lab started against the cluster. */
export const veleroPid = (lab: Lab): number =>
  Number(readFileSync(join(dirname(lab.env['KUBECONFIG'] ?? ''), 'velero.pid'), 'utf8'));

/** A Lifeboat server of its own namespace, built as users run it. */
export const startLifeboat = async (
  lab: Lab,
  namespace: string,
): Promise<{ readonly pid: number; stop(): Promise<void> }> => {
  const folder = mkdtempSync(join(tmpdir(), 'lifeboat-bench-'));
  const args = [
    'dist/cli/main.js',
    'server',
    '-n',
    namespace,
    '--auth',
    'none',
    '--metrics-address',
    'off',
    '--listen',
    '127.0.0.1:4999',
  ];
  const child: ChildProcess = spawn(
    process.execPath,
    [...args, '--event-store', `sqlite://${folder}/events.db`],
    {
      env: lab.env,
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  for (let tries = 0; tries < 240; tries += 1) {
    const ready = await fetch('http://127.0.0.1:4999/readyz').then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) return { pid: child.pid ?? 0, stop: () => stop(child) };
    await delay(250);
  }
  child.kill('SIGKILL');
  throw new Error('Lifeboat did not become ready');
};

const stop = async (child: ChildProcess): Promise<void> => {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
};
