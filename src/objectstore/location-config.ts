import { isTrue } from '../domain/validate-location.js';
import { Fault } from '../faults.js';

/** The settings of a location (`spec.config`), every key read by one of these so that messages name it. */
export interface Settings {
  /** The value; undefined if it is not set or empty. */
  text(key: string): string | undefined;
  /** The value also when it is empty, for a key where that means something. */
  raw(key: string): string | undefined;
  flag(key: string): boolean;
}

/** The fault of a location that cannot work, with the field to change. */
export const configFault = (field: string, text: string, cause?: unknown): Fault =>
  new Fault('LB_STORE_CONFIG', `${field}: ${text}`, cause === undefined ? undefined : { cause });

/** Reads settings that have passed the checks of `validateLocation`. */
export const settingsOf = (config: Readonly<Record<string, string>> | undefined): Settings => {
  const values = new Map(Object.entries(config ?? {}));
  const text = (key: string) => values.get(key) || undefined;
  return { text, raw: (key) => values.get(key), flag: (key) => isTrue(values.get(key)) };
};
