import { readFile } from 'node:fs/promises';
import { readConfig } from '../../config.js';
import { parseGoDuration } from '../../domain/go-duration.js';
import { Fault } from '../../faults.js';
import { openLocation } from '../../objectstore/location.js';
import { INSTALL_DEFAULTS, SERVER_FLAGS, type GivenInstallFlags, type InstallFlagName } from './flags.js';
import { RBAC_PROFILES, type ApiCallers, type RbacProfile } from './rbac.js';

type Texts = Readonly<Record<string, string>>;

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
  readonly resources: { readonly requests?: Texts; readonly limits?: Texts };
  readonly pod: { readonly labels: Texts; readonly annotations: Texts; readonly priorityClassName?: string };
  readonly timezone: string;
}

interface LocationPlan {
  readonly provider: string;
  readonly objectStorage: { readonly bucket: string; readonly prefix?: string; readonly caCert?: string };
  readonly config?: Texts;
}

const refuse = (flag: InstallFlagName | 'namespace', text: string): Fault =>
  new Fault('LB_CONFIG', `--${flag} ${text}`);

const textOf = (given: GivenInstallFlags, flag: keyof typeof INSTALL_DEFAULTS): string =>
  given[flag] ?? INSTALL_DEFAULTS[flag];

const oneOf = <T extends string>(flag: InstallFlagName, value: string, allowed: readonly T[]): T => {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw refuse(flag, `is "${value}"; write one of ${allowed.join(', ')}`);
  return found;
};

/** `key=value,key=value`, as Velero reads it; a value may hold further equals signs. */
const pairsOf = (given: GivenInstallFlags, flag: InstallFlagName): Texts => {
  const parts = (given[flag] ?? '').split(',').filter((part) => part !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const sign = part.indexOf('=');
      if (sign <= 0) throw refuse(flag, `holds "${part}"; write key=value,key=value`);
      return [part.slice(0, sign), part.slice(sign + 1)];
    }),
  );
};

const fileOf = async (
  given: GivenInstallFlags,
  flag: 'secret-file' | 'cacert',
): Promise<string | undefined> => {
  const path = given[flag];
  if (path === undefined) return undefined;
  const content = await readFile(path, 'utf8').catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw refuse(flag, `is "${path}", which cannot be read (${code})`);
  });
  if (content.trim() === '') throw refuse(flag, `is "${path}", which is empty`);
  return content;
};

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

const certificatesOf = async (given: GivenInstallFlags): Promise<string | undefined> => {
  const pem = await fileOf(given, 'cacert');
  if (pem !== undefined && !pem.includes('-----BEGIN CERTIFICATE-----'))
    throw refuse('cacert', 'names a file without a certificate in PEM form');
  return pem && Buffer.from(pem, 'utf8').toString('base64');
};

/** The location is opened as the server will open it, so that a wrong setting is refused here; nothing is sent. */
const locationOf = async (given: GivenInstallFlags): Promise<LocationPlan | undefined> => {
  if (given['no-default-backup-location'] !== undefined) return undefined;
  const { provider, bucket, prefix } = given;
  for (const [flag, value] of [
    ['provider', provider],
    ['bucket', bucket],
  ] as const)
    if (value === undefined || value === '')
      throw refuse(flag, 'is missing: give it, or --no-default-backup-location to create none');
  if (/(^|\/)filesystem$/.test(provider ?? ''))
    throw refuse(
      'provider',
      `is "${provider ?? ''}", which needs a volume that install does not know: print, add one, and apply that`,
    );
  const config = pairsOf(given, 'backup-location-config');
  const caCert = await certificatesOf(given);
  const location = {
    provider: provider ?? '',
    objectStorage: {
      bucket: bucket ?? '',
      ...(prefix !== undefined && prefix !== '' && { prefix }),
      ...(caCert !== undefined && { caCert }),
    },
    ...(Object.keys(config).length > 0 && { config }),
  };
  // Files that the settings name lie in the pod, not here: only their names can be checked.
  const {
    credentialsFile: _file,
    customerKeyEncryptionFile: _key,
    customerKeyEncryptionSecret: _secret,
    ...checkable
  } = config;
  const opened = await openLocation(
    { ...location, config: checkable },
    { readSecret: () => Promise.resolve(undefined), defaultCredentialsFile: '' },
  ).catch((error: unknown) => {
    throw error instanceof Fault
      ? new Fault('LB_CONFIG', `the backup storage location cannot work: ${error.detail}`)
      : error;
  });
  opened.store.close();
  return location;
};

const QUANTITY = /^\d+(\.\d+)?(m|k|Ki|Mi|Gi|Ti|M|G|T)?$/;

const quantityOf = (given: GivenInstallFlags, flag: keyof typeof INSTALL_DEFAULTS): string => {
  const value = textOf(given, flag);
  if (!QUANTITY.test(value)) throw refuse(flag, `is "${value}"; write a quantity like 500m or 1Gi`);
  return value;
};

/** "0" means none, as for Velero. */
const amountsOf = (given: GivenInstallFlags, what: 'request' | 'limit'): Texts | undefined => {
  const amounts = {
    cpu: quantityOf(given, `velero-pod-cpu-${what}`),
    memory: quantityOf(given, `velero-pod-mem-${what}`),
  };
  const wanted = Object.entries(amounts).filter(([, amount]) => !/^0+(\.0+)?\D*$/.test(amount));
  return wanted.length > 0 ? Object.fromEntries(wanted) : undefined;
};

const resourcesOf = (given: GivenInstallFlags): InstallPlan['resources'] => {
  const [requests, limits] = [amountsOf(given, 'request'), amountsOf(given, 'limit')];
  return { ...(requests && { requests }), ...(limits && { limits }) };
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
    resources: resourcesOf(given),
    pod: {
      labels: pairsOf(given, 'pod-labels'),
      annotations: pairsOf(given, 'pod-annotations'),
      ...(priorityClassName !== undefined && { priorityClassName }),
    },
    timezone: timezoneOf(given),
  };
};
