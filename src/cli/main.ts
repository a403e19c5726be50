#!/usr/bin/env node
import { Command, Option } from 'commander';
import { loadCluster } from '../cluster/credentials.js';
import { connectCluster } from '../cluster/kube.js';
import { readConfig, type GivenFlags } from '../config.js';
import { isFault, messageOf } from '../faults.js';
import { FLAGS, type FlagName } from '../flags.js';
import { createLog } from '../log.js';
import { APP_VERSION } from '../version.js';
import { runCrds } from './crds.js';
import { addInstall } from './install/command.js';
import { addNodeAgent } from './node-agent.js';
import { addUninstall } from './install/uninstall-command.js';

/** Commander names options in camel case; flags keep their own spelling everywhere else. */
const flagOf = (option: string): FlagName =>
  option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`) as FlagName;

const givenFlags = (options: Readonly<Record<string, unknown>>): GivenFlags =>
  Object.fromEntries(Object.entries(options).map(([option, value]) => [flagOf(option), String(value)]));

const withFlags = (command: Command, names: readonly FlagName[]): Command => {
  for (const name of names) {
    const flag = FLAGS[name];
    const short = name === 'namespace' ? '-n, ' : '';
    const value = flag.yesNo ? '[value]' : '<value>';
    const fallback = flag.fallback === '' ? '' : ` (default ${flag.fallback})`;
    command.addOption(
      new Option(
        `${short}--${name} ${value}`,
        `${flag.help}${flag.later ? '; no effect yet' : ''}${fallback}`,
      ),
    );
  }
  return command;
};

const print = (text: string): void => void process.stdout.write(`${text}\n`);

const server = async (options: Readonly<Record<string, unknown>>): Promise<number> => {
  const { serve } = await import('./serve.js');
  const config = readConfig(givenFlags(options), process.env);
  return serve(config, createLog(config.logLevel));
};

const crds = async (options: {
  readonly apply?: boolean;
  readonly kubeconfig?: string;
  readonly kubecontext?: string;
}): Promise<number> => {
  const { kubeconfig, kubecontext } = options;
  const cluster = options.apply
    ? connectCluster({
        access: loadCluster({
          ...(kubeconfig && { kubeconfig }),
          ...(kubecontext && { context: kubecontext }),
        }),
      })
    : undefined;
  try {
    const signal = AbortSignal.timeout(180_000);
    return await runCrds({ apply: options.apply === true, ...(cluster && { cluster }), out: print, signal });
  } finally {
    await cluster?.close();
  }
};

const demo = async (keep: boolean): Promise<number> => {
  const { runDemo } = await import('./demo.js');
  return runDemo({ keep, print });
};

/** Flags of the server that say where to look. */
const DOCTOR_FLAGS: readonly FlagName[] = [
  'namespace',
  'kubeconfig',
  'kubecontext',
  'event-store',
  'listen',
  'auth',
  'scratch-dir',
  'kopia',
  'default-volumes-to-fs-backup',
];

const doctor = async ({
  output,
  ...flags
}: Readonly<Record<string, unknown>> & { readonly output: string }): Promise<number> => {
  const [{ runDoctor }, { doctorDeps }] = await Promise.all([
    import('./doctor/run.js'),
    import('./doctor/deps.js'),
  ]);
  return runDoctor(doctorDeps(readConfig(givenFlags(flags), process.env)), output, print);
};

interface EventsOptions extends Readonly<Record<string, unknown>> {
  readonly server: string;
  readonly token?: string;
}

const events = async (
  kind: string,
  name: string,
  { server: url, token, ...flags }: EventsOptions,
): Promise<number> => {
  const { runEvents } = await import('./events.js');
  const bearer = token ?? process.env['LIFEBOAT_TOKEN'];
  return runEvents({
    kind,
    name,
    url,
    config: readConfig(givenFlags(flags), process.env),
    print,
    ...(bearer && { token: bearer }),
  });
};

/** Ends the process when everything printed has left it: a pipe takes its time. */
const leave = (code: number): void => {
  process.stdout.write('', () => process.stderr.write('', () => process.exit(code)));
};

/** Runs a command and turns its end into an exit code; what went wrong is one line, with the way out in it. */
const end = (run: Promise<number>): void => {
  run.then(leave, (error: unknown) => {
    process.stderr.write(`lifeboat: ${isFault(error) ? `${error.code}: ` : ''}${messageOf(error)}\n`);
    leave(1);
  });
};

const program = new Command('lifeboat')
  .description("Backs up and restores Kubernetes clusters, in Velero's formats")
  .version(APP_VERSION)
  .showHelpAfterError();

withFlags(program.command('server').description('run the server'), Object.keys(FLAGS) as FlagName[]).action(
  (options: Readonly<Record<string, unknown>>) => end(server(options)),
);

withFlags(
  program.command('crds').description('print the custom resource definitions, or apply them to the cluster'),
  ['kubeconfig', 'kubecontext'],
)
  .option('--apply', 'create or update them in the cluster and wait until they are served')
  .action(
    (options: { readonly apply?: boolean; readonly kubeconfig?: string; readonly kubecontext?: string }) =>
      end(crds(options)),
  );

program
  .command('demo')
  .description('back up, lose and restore a simulated application on this machine, and check the result')
  .option('--keep', 'leave the server running afterwards')
  .action((options: { readonly keep?: boolean }) => end(demo(options.keep === true)));

withFlags(
  program.command('doctor').description('check what the server needs: cluster, rights, storage, event store'),
  DOCTOR_FLAGS,
)
  .option('-o, --output <format>', 'text or json', 'text')
  .action((options: Readonly<Record<string, unknown>> & { readonly output: string }) => end(doctor(options)));

withFlags(program.command('events').description('tell the story of one operation'), [
  'namespace',
  'event-store',
])
  .argument('<kind>', 'backup, restore, schedule, location or access')
  .argument('<name>', 'name of the operation')
  .option(
    '--server <url>',
    'the running server to ask; without one there, the event store is read',
    'http://127.0.0.1:4000',
  )
  .option('--token <token>', 'bearer token for the server (or LIFEBOAT_TOKEN)')
  .action((kind: string, name: string, options: EventsOptions) => end(events(kind, name, options)));

program
  .command('restore-wait')
  .description('wait in a restored pod until its volumes have their data; restores put it there')
  .argument('<restore uid>', 'uid of the restore')
  .action((uid: string) => {
    const run = import('./restore-wait.js').then(({ runRestoreWait }) =>
      runRestoreWait(uid, { print, signal: new AbortController().signal }),
    );
    end(run);
  });

const note = (text: string): void => void process.stderr.write(`lifeboat: ${text}\n`);
addNodeAgent(program, {
  withFlags,
  end,
  configOf: (options) => readConfig(givenFlags(options), process.env),
});
addInstall(program, { withFlags, end, out: print, note });
addUninstall(program, { withFlags, end, out: print, note });

program.parse();
