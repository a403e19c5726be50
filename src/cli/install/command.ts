import { Option, type Command } from 'commander';
import { loadCluster } from '../../cluster/credentials.js';
import { connectCluster } from '../../cluster/kube.js';
import { type Cluster } from '../../cluster/port.js';
import { Fault } from '../../faults.js';
import { type FlagName } from '../../flags.js';
import { runCrds } from '../crds.js';
import { installDefinitions } from './definitions.js';
import {
  INSTALL_DEFAULTS,
  INSTALL_FLAGS,
  REFUSED_FLAGS,
  SERVER_FLAGS,
  type GivenInstallFlags,
  type InstallFlagName,
} from './flags.js';
import { install } from './install.js';
import { agentNotes, objectsOf } from './objects.js';
import { outputOf, planInstall, waitOf } from './plan.js';
import { printObjects } from './print.js';

/** What the program gives to its commands. */
export interface Tools {
  readonly withFlags: (command: Command, names: readonly FlagName[]) => Command;
  /** Runs to the end and turns it into an exit code. */
  readonly end: (run: Promise<number>) => void;
  readonly out: (line: string) => void;
  /** For people: beside what a pipe takes. */
  readonly note: (line: string) => void;
}

type Options = Readonly<Record<string, unknown>>;

const WITHOUT_EFFECT: readonly InstallFlagName[] = [
  'plugins',
  'use-volume-snapshots',
  'snapshot-location-config',
];
/** Beyond the wait for the Deployment: definitions are waited for a minute, and each call has a minute of its own. */
const APPLYING_MS = 180_000;

const spelled = (option: string): string => option.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** Options as commander names them, as flags: it gives `--no-secret` as a `secret` that is false, and as one that is true if it is absent. */
export const givenInstallFlags = (options: Options): GivenInstallFlags =>
  Object.fromEntries(
    Object.entries(options).flatMap(([option, value]) => {
      const flag = spelled(option);
      if (!Object.hasOwn(INSTALL_FLAGS, `no-${flag}`)) return [[flag, String(value)]];
      if (value === false) return [[`no-${flag}`, 'true']];
      return Object.hasOwn(INSTALL_FLAGS, flag) ? [[flag, 'true']] : [];
    }),
  );

/** Runs with a connection that is closed at the end, however it ends. */
export const withCluster = async <T>(
  given: GivenInstallFlags,
  work: (cluster: Cluster) => Promise<T>,
): Promise<T> => {
  const { kubeconfig, kubecontext } = given;
  const access = loadCluster({
    ...(kubeconfig && { kubeconfig }),
    ...(kubecontext && { context: kubecontext }),
  });
  const cluster = connectCluster({ access });
  try {
    return await work(cluster);
  } finally {
    await cluster.close();
  }
};

const refuseUnsupported = (given: Options): void => {
  for (const [flag, why] of Object.entries(REFUSED_FLAGS))
    if (given[flag] !== undefined)
      throw new Fault('LB_CONFIG', `--${flag} cannot be given: ${why}; leave it out`);
  if (given['apply'] !== undefined && given['dry-run'] !== undefined)
    throw new Fault('LB_CONFIG', '--apply and --dry-run contradict each other; give one of them');
};

const definitionsOnly = async (given: GivenInstallFlags, { out }: Tools): Promise<number> => {
  if (given.apply === undefined)
    return runCrds({
      apply: false,
      out: (text) => out(text.trimEnd()),
      signal: AbortSignal.timeout(APPLYING_MS),
    });
  return withCluster(given, (cluster) => installDefinitions(cluster, out, AbortSignal.timeout(APPLYING_MS)));
};

const runInstall = async (options: Options, tools: Tools): Promise<number> => {
  const given = givenInstallFlags(options);
  refuseUnsupported(given);
  for (const flag of WITHOUT_EFFECT)
    if (given[flag] !== undefined) tools.note(`--${flag} has no effect: the provider aws is built in`);
  if (given['crds-only'] !== undefined) return definitionsOnly(given, tools);
  const namespace = given.namespace ?? process.env['VELERO_NAMESPACE'];
  const plan = await planInstall({ ...given, ...(namespace && { namespace }) });
  const [format, waitMs] = [outputOf(given), waitOf(given)];
  if (given.apply === undefined) {
    const hideSecrets = given['dry-run'] === undefined;
    const { text, notes } = await printObjects(objectsOf(plan), { format, hideSecrets });
    tools.out(text);
    for (const line of [...notes, ...agentNotes(plan)]) tools.note(line);
    return 0;
  }
  return withCluster(given, async (cluster) => {
    await install(plan, {
      cluster,
      out: tools.out,
      force: given['force-conflicts'] !== undefined,
      ...(given['no-wait'] === undefined && { waitMs }),
      // The server is waited for, and then the agents.
      signal: AbortSignal.timeout(APPLYING_MS + 2 * waitMs),
    });
    return 0;
  });
};

const optionOf = ([name, flag]: [string, { readonly value?: string; readonly help: string }]): Option => {
  const fallback = (INSTALL_DEFAULTS as Readonly<Record<string, string>>)[name];
  const short = name === 'output' ? '-o, ' : '';
  const value = flag.value === undefined ? '' : ` <${flag.value}>`;
  return new Option(
    `${short}--${name}${value}`,
    `${flag.help}${fallback === undefined ? '' : ` (default ${fallback})`}`,
  );
};

/** Adds `lifeboat install` to the program. */
export const addInstall = (program: Command, tools: Tools): void => {
  const command = program
    .command('install')
    .description('print what a cluster needs to run the server, or apply it');
  tools.withFlags(command, ['namespace', 'kubeconfig', 'kubecontext']);
  for (const flag of Object.entries(INSTALL_FLAGS)) command.addOption(optionOf(flag));
  for (const flag of Object.keys(REFUSED_FLAGS))
    command.addOption(new Option(`--${flag} [value]`).hideHelp());
  tools.withFlags(command, SERVER_FLAGS).action((options: Options) => tools.end(runInstall(options, tools)));
};
