import { readFile } from 'node:fs/promises';
import { Fault } from '../../faults.js';
import { INSTALL_DEFAULTS, type GivenInstallFlags, type InstallFlagName } from './flags.js';

export type Texts = Readonly<Record<string, string>>;

/** The fault of a flag that cannot work: its name, what is wrong, what to write. */
export const refuse = (flag: InstallFlagName | 'namespace', text: string): Fault =>
  new Fault('LB_CONFIG', `--${flag} ${text}`);

export const textOf = (given: GivenInstallFlags, flag: keyof typeof INSTALL_DEFAULTS): string =>
  given[flag] ?? INSTALL_DEFAULTS[flag];

export const oneOf = <T extends string>(flag: InstallFlagName, value: string, allowed: readonly T[]): T => {
  const found = allowed.find((one) => one === value);
  if (found === undefined) throw refuse(flag, `is "${value}"; write one of ${allowed.join(', ')}`);
  return found;
};

/** `key=value,key=value`, as Velero reads it; a value may hold further equals signs. */
export const pairsOf = (given: GivenInstallFlags, flag: InstallFlagName): Texts => {
  const parts = (given[flag] ?? '').split(',').filter((part) => part !== '');
  return Object.fromEntries(
    parts.map((part) => {
      const sign = part.indexOf('=');
      if (sign <= 0) throw refuse(flag, `holds "${part}"; write key=value,key=value`);
      return [part.slice(0, sign), part.slice(sign + 1)];
    }),
  );
};

/** The contents of a file that a flag names; undefined if it names none. */
export const fileOf = async (
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

const QUANTITY = /^\d+(\.\d+)?(m|k|Ki|Mi|Gi|Ti|M|G|T)?$/;

type Pod = 'velero-pod' | 'node-agent-pod';

export interface PodResources {
  readonly requests?: Texts;
  readonly limits?: Texts;
}

/** An amount as Kubernetes writes it. */
export const quantityOf = (given: GivenInstallFlags, flag: keyof typeof INSTALL_DEFAULTS): string => {
  const value = textOf(given, flag);
  if (!QUANTITY.test(value)) throw refuse(flag, `is "${value}"; write a quantity like 500m or 1Gi`);
  return value;
};

/** "0" means none, as for Velero. */
const amountsOf = (given: GivenInstallFlags, pod: Pod, what: 'request' | 'limit'): Texts | undefined => {
  const amounts = {
    cpu: quantityOf(given, `${pod}-cpu-${what}`),
    memory: quantityOf(given, `${pod}-mem-${what}`),
  };
  const wanted = Object.entries(amounts).filter(([, amount]) => !/^0+(\.0+)?\D*$/.test(amount));
  return wanted.length > 0 ? Object.fromEntries(wanted) : undefined;
};

/** What the flags `--<pod>-cpu-request` … say. */
export const resourcesOf = (given: GivenInstallFlags, pod: Pod): PodResources => {
  const [requests, limits] = [amountsOf(given, pod, 'request'), amountsOf(given, pod, 'limit')];
  return { ...(requests && { requests }), ...(limits && { limits }) };
};
