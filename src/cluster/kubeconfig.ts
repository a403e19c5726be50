import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { readFileSync } from 'node:fs';
import { KubeConfig } from '@kubernetes/client-node';
import { parse } from 'yaml';
import { Fault } from '../faults.js';
import { type Impersonation } from './port.js';

/** Which cluster to talk to, in the words of the flags. */
export interface ClusterChoice {
  /** `--kubeconfig`: one file, that wins over everything else. */
  readonly kubeconfig?: string;
  /** `--kubecontext`: a context of the kubeconfig instead of its current one. */
  readonly context?: string;
  /** Put in front of the paths of the service account; for tests. */
  readonly serviceAccountRoot?: string;
}

/** A kubeconfig with one context chosen, and the fields of its user that client-node does not know. */
export interface ChosenConfig {
  readonly config: KubeConfig;
  /** `tokenFile` of the user, absolute. It wins over `token`, as in client-go. */
  readonly tokenFile?: string;
  /** `as`, `as-groups` … of the user. */
  readonly as?: Impersonation;
  /** Where it was found, for messages. */
  readonly source: string;
}

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount/token';

/**
 * Finds the cluster the way kubectl and Velero do: the flag, then every file of $KUBECONFIG (the first one to name something
 * wins), then the service account of the pod, then ~/.kube/config.
 *
 * Faults: `LB_CONFIG` when there is none, it cannot be read, or the context is not in it. No message quotes the file: it
 * holds credentials.
 */
export const chooseConfig = (choice: ClusterChoice): ChosenConfig => {
  const { serviceAccountRoot = '' } = choice;
  const fromEnv = (process.env.KUBECONFIG ?? '')
    .split(delimiter)
    .filter((file) => file !== '' && existsSync(file));
  const home = join(homedir(), '.kube', 'config');
  if (choice.kubeconfig !== undefined && choice.kubeconfig !== '')
    return fromFiles([choice.kubeconfig], choice);
  if (fromEnv.length > 0) return fromFiles(fromEnv, choice);
  if ((process.env.KUBERNETES_SERVICE_HOST ?? '') !== '' && existsSync(serviceAccountRoot + TOKEN_PATH)) {
    const config = new KubeConfig();
    config.loadFromCluster(serviceAccountRoot);
    return { config, tokenFile: serviceAccountRoot + TOKEN_PATH, source: 'the service account of the pod' };
  }
  if (existsSync(home)) return fromFiles([home], choice);
  throw new Fault(
    'LB_CONFIG',
    'no cluster: neither --kubeconfig, $KUBECONFIG, a service account nor ~/.kube/config is there',
  );
};

const fromFiles = (files: readonly string[], choice: ClusterChoice): ChosenConfig => {
  const parts = files.map(readOne);
  const config = new KubeConfig();
  const first = <T extends { readonly name: string }>(all: readonly T[]): T[] => [
    ...new Map(all.toReversed().map((entry) => [entry.name, entry])).values(),
  ];
  config.clusters = first(parts.flatMap((part) => part.config.getClusters()));
  config.users = first(parts.flatMap((part) => part.config.getUsers()));
  config.contexts = first(parts.flatMap((part) => part.config.getContexts()));
  const current = parts.map((part) => part.config.getCurrentContext()).find((name) => Boolean(name)) ?? '';
  config.setCurrentContext(choice.context === undefined || choice.context === '' ? current : choice.context);
  const source = files.join(', ');
  checkContext(config, source);
  const user = config.getCurrentUser()?.name;
  const extras = parts.flatMap((part) => part.users).find((entry) => entry.name === user);
  return {
    config,
    source,
    ...(extras?.tokenFile === undefined ? {} : { tokenFile: extras.tokenFile }),
    ...(extras?.as === undefined ? {} : { as: extras.as }),
  };
};

const checkContext = (config: KubeConfig, source: string): void => {
  const name = config.getCurrentContext();
  const known = config.getContexts().map((context) => context.name);
  if (!known.includes(name)) {
    const there = known.length === 0 ? 'it has none' : `it has ${known.slice(0, 20).join(', ')}`;
    throw new Fault('LB_CONFIG', `context "${name}" is not in ${source} (${there})`);
  }
  if (config.getCurrentCluster() === null) {
    throw new Fault('LB_CONFIG', `context "${name}" of ${source} names a cluster that is not there`);
  }
};

interface UserExtras {
  readonly name: string;
  readonly tokenFile?: string;
  readonly as?: Impersonation;
}

const readOne = (file: string): { readonly config: KubeConfig; readonly users: readonly UserExtras[] } => {
  try {
    const config = new KubeConfig();
    config.loadFromFile(file);
    return { config, users: readExtras(readFileSync(file, 'utf8'), dirname(file)) };
  } catch (error) {
    // The parser's own message quotes the lines around the mistake, tokens and all: only a file system code may go on.
    const code = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    throw new Fault('LB_CONFIG', `${file} is not a kubeconfig that can be read${code}`);
  }
};

const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};
const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

const readExtras = (yaml: string, folder: string): readonly UserExtras[] =>
  list(record(parse(yaml)).users).map((entry) => {
    const { name, user: fields } = record(entry);
    const user = record(fields);
    const tokenFile = text(user.tokenFile);
    const as = impersonationOf(user);
    return {
      name: text(name),
      ...(tokenFile === '' ? {} : { tokenFile: resolve(folder, tokenFile) }),
      ...(as === undefined ? {} : { as }),
    };
  });

const impersonationOf = (user: Readonly<Record<string, unknown>>): Impersonation | undefined => {
  const [name, uid] = [text(user.as), text(user['as-uid'])];
  if (name === '') return undefined;
  const extra = Object.entries(record(user['as-user-extra'])).map(([key, values]) => [
    key,
    list(values).map(text),
  ]);
  return {
    user: name,
    groups: list(user['as-groups']).map(text),
    ...(uid === '' ? {} : { uid }),
    extra: Object.fromEntries(extra) as Record<string, string[]>,
  };
};
