import { readConfig } from '../../config.js';
import { parseGoDuration } from '../../domain/go-duration.js';
import { Fault } from '../../faults.js';
import { SERVER_FLAGS, type GivenInstallFlags } from './flags.js';
import {
  fileOf,
  oneOf,
  pairsOf,
  quantityOf,
  refuse,
  resourcesOf,
  textOf,
  type PodResources,
  type Texts,
} from './given.js';
import { agentOf, type AgentPlan } from './agent-plan.js';
import { locationOf, type LocationPlan } from './location.js';
import { RBAC_PROFILES, type ApiCallers, type RbacProfile } from './rbac.js';

/** What to install, checked: everything the flags left open is decided here. */
export interface InstallPlan {
  readonly namespace: string;
  readonly image: string;
  /** Flags of the server as the Deployment gives them. */
  readonly serverArgs: readonly string[];
  readonly rbac: RbacProfile;
  readonly apiCallers: ApiCallers;
  readonly serviceAccount: { readonly name: string; readonly create: boolean; readonly annotations: Texts };
  /** Mounted for AWS clients; `content` only if it is to be created. */
  readonly secret: { readonly name: string; readonly content?: string } | undefined;
  /** `spec` of the default location. */
  readonly location: LocationPlan | undefined;
  readonly eventStore:
    | { readonly kind: 'pvc'; readonly size: string; readonly storageClass?: string }
    | { readonly kind: 'emptyDir' };
  readonly resources: PodResources;
  readonly pod: { readonly labels: Texts; readonly annotations: Texts; readonly priorityClassName?: string };
  readonly timezone: string;
  /** Absent: no agents on nodes. */
  readonly agent: AgentPlan | undefined;
}

const imageOf = ({ image }: GivenInstallFlags): string => {
  if (image === undefined || image === '')
    throw refuse(
      'image',
      'is missing: no image is published; build one from deploy/Dockerfile, push it where your cluster can pull it, and name it',
    );
  if (/\s/.test(image)) throw refuse('image', `is "${image}", which is no name of an image`);
  return image;
};

const namespaceOf = (namespace: string): string => {
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(namespace)) return namespace;
  throw refuse('namespace', `is "${namespace}", which is no name of a namespace`);
};

const secretOf = async (given: GivenInstallFlags): Promise<InstallPlan['secret']> => {
  const ways = (['secret-file', 'use-existing-secret', 'no-secret'] as const).filter(
    (flag) => given[flag] !== undefined,
  );
  if (ways.length > 1)
    throw new Fault('LB_CONFIG', `only one of ${ways.map((flag) => `--${flag}`).join(' and ')} can be given`);
  if (ways.length === 0)
    throw refuse(
      'secret-file',
      'is missing: give it, --use-existing-secret, or --no-secret if the pod needs no credentials',
    );
  const content = await fileOf(given, 'secret-file');
  if (content !== undefined) return { name: 'cloud-credentials', content };
  const name = given['use-existing-secret'];
  return name === undefined ? undefined : { name };
};

const eventStoreOf = (given: GivenInstallFlags): InstallPlan['eventStore'] => {
  const kind = oneOf('event-store-volume', textOf(given, 'event-store-volume'), ['pvc', 'emptyDir'] as const);
  if (kind === 'emptyDir') return { kind };
  const storageClass = given['event-store-storage-class'];
  return {
    kind,
    size: quantityOf(given, 'event-store-size'),
    ...(storageClass !== undefined && { storageClass }),
  };
};

const callersOf = (given: GivenInstallFlags, rbac: RbacProfile): ApiCallers => {
  const entries = (given['api-callers'] ?? '').split(',').filter((entry) => entry !== '');
  if (entries.length > 0 && rbac === 'full')
    throw refuse('api-callers', 'is for --rbac backup-only: with full the API may act as every caller');
  const named = (kind: string): readonly string[] =>
    entries.filter((entry) => entry.startsWith(`${kind}:`)).map((entry) => entry.slice(kind.length + 1));
  const strange = entries.find((entry) => !/^(user|group|serviceaccount):./.test(entry));
  if (strange !== undefined)
    throw refuse('api-callers', `holds "${strange}"; write user:NAME, group:NAME or serviceaccount:NAME`);
  const callers = { users: named('user'), groups: named('group'), serviceAccounts: named('serviceaccount') };
  if (callers.groups.length > 0 && callers.users.length + callers.serviceAccounts.length === 0)
    throw refuse(
      'api-callers',
      'names groups alone: name the users in them as well, since somebody has to be acted as',
    );
  return callers;
};

const timezoneOf = (given: GivenInstallFlags): string => {
  const zone = textOf(given, 'timezone');
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone });
    return zone;
  } catch {
    throw refuse('timezone', `is "${zone}", which is no time zone; write one like UTC or Europe/Berlin`);
  }
};

/** The server reads its flags from nowhere else: what it would refuse at its start is refused here. */
const serverArgsOf = (given: GivenInstallFlags): readonly string[] => {
  const timeout = given['pod-volume-operation-timeout'];
  const flags = { ...given, ...(timeout !== undefined && { 'fs-backup-timeout': timeout }) };
  const chosen = SERVER_FLAGS.filter((flag) => flags[flag] !== undefined);
  readConfig(Object.fromEntries(chosen.map((flag) => [flag, flags[flag]])), {});
  return chosen.map((flag) => `--${flag}=${flags[flag] ?? ''}`);
};

/** How long to wait for the Deployment, in milliseconds. Fault `LB_CONFIG` if it is no duration. */
export const waitOf = (given: GivenInstallFlags): number => {
  const value = textOf(given, 'timeout');
  const parsed = parseGoDuration(value);
  if (parsed === undefined || parsed <= 0)
    throw refuse('timeout', `is "${value}"; write a duration like 30s or 5m`);
  return parsed;
};

export const outputOf = (given: GivenInstallFlags): 'yaml' | 'json' =>
  oneOf('output', textOf(given, 'output'), ['yaml', 'json'] as const);

/** Makes a plan of the flags. Fault `LB_CONFIG`, with the flag that is wrong and what to write, for everything that cannot work. */
export const planInstall = async (given: GivenInstallFlags): Promise<InstallPlan> => {
  const rbac = oneOf('rbac', textOf(given, 'rbac'), RBAC_PROFILES);
  const account = given['service-account-name'];
  const priorityClassName = given['server-priority-class-name'];
  return {
    namespace: namespaceOf(given.namespace ?? 'velero'),
    image: imageOf(given),
    serverArgs: serverArgsOf(given),
    rbac,
    apiCallers: callersOf(given, rbac),
    serviceAccount: {
      name: account ?? 'lifeboat',
      create: account === undefined,
      annotations: pairsOf(given, 'sa-annotations'),
    },
    secret: await secretOf(given),
    location: await locationOf(given),
    eventStore: eventStoreOf(given),
    resources: resourcesOf(given, 'velero-pod'),
    pod: {
      labels: pairsOf(given, 'pod-labels'),
      annotations: pairsOf(given, 'pod-annotations'),
      ...(priorityClassName !== undefined && { priorityClassName }),
    },
    timezone: timezoneOf(given),
    agent: agentOf(given),
  };
};
