import { createInterface } from 'node:readline/promises';
import { type Command } from 'commander';
import { Fault } from '../../faults.js';
import { givenInstallFlags, withCluster, type Tools } from './command.js';
import { uninstall } from './uninstall.js';

/** Time for the pod, the namespace and the definitions to go, each. */
const WAIT_MS = 120_000;
const WHOLE_MS = 600_000;

interface UninstallOptions extends Readonly<Record<string, unknown>> {
  readonly deleteEventStore?: boolean;
  readonly deleteCrds?: boolean;
  readonly deleteNamespace?: boolean;
  readonly confirm?: boolean;
  readonly force?: boolean;
}

const isMeant = async (namespace: string, options: UninstallOptions): Promise<boolean> => {
  if (options.confirm === true || options.force === true) return true;
  if (!process.stdin.isTTY)
    throw new Fault('LB_CONFIG', 'nobody is there to ask whether this is meant; say so with --confirm');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const more = [
      ...(options.deleteEventStore ? ['its record'] : []),
      ...(options.deleteNamespace ? ['the namespace with everything in it'] : []),
      ...(options.deleteCrds
        ? ['the custom resource definitions with every backup, restore and location']
        : []),
    ];
    const what = ['the server', ...more].join(', ');
    const answer = await terminal.question(
      `Delete ${what} from namespace "${namespace}"? Backups in object storage stay. [y/N] `,
    );
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
};

const runUninstall = async (options: UninstallOptions, { out, note }: Tools): Promise<number> => {
  const given = givenInstallFlags(options);
  const namespace = given.namespace ?? (process.env['VELERO_NAMESPACE'] || 'velero');
  if (!(await isMeant(namespace, options))) {
    note('nothing was changed');
    return 1;
  }
  await withCluster(given, (cluster) =>
    uninstall({
      cluster,
      namespace,
      deleteEventStore: options.deleteEventStore === true,
      deleteCrds: options.deleteCrds === true,
      deleteNamespace: options.deleteNamespace === true,
      out,
      waitMs: WAIT_MS,
      signal: AbortSignal.timeout(WHOLE_MS),
    }),
  );
  return 0;
};

/** Adds `lifeboat uninstall` to the program. */
export const addUninstall = (program: Command, tools: Tools): void => {
  tools
    .withFlags(
      program.command('uninstall').description('take out of a cluster what install brought in; backups stay'),
      ['namespace', 'kubeconfig', 'kubecontext'],
    )
    .option('--delete-event-store', 'delete the disk with the record of who did what')
    .option('--delete-namespace', 'delete the namespace, if install made it, with everything in it')
    .option('--delete-crds', 'delete the custom resource definitions, with the resources of this namespace')
    .option('--confirm', 'do not ask')
    .option('--force', 'as --confirm; the word of velero uninstall')
    .action((options: UninstallOptions) => tools.end(runUninstall(options, tools)));
};
