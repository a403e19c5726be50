import { Fault } from '../faults.js';

/** The settings of a location (`spec.config`), every key read by one of these so that messages name it. */
export interface Settings {
  /** The value; undefined if it is not set or empty. */
  text(key: string): string | undefined;
  /** The value also when it is empty, for a key where that means something. */
  raw(key: string): string | undefined;
  flag(key: string): boolean;
  url(key: string): string | undefined;
}

/** Velero adds these itself on the way to a plugin (`pkg/persistence/object_store.go`), so they are always allowed. */
const ALWAYS_ACCEPTED = ['bucket', 'prefix', 'caCert'];

// What Go's strconv.ParseBool accepts.
const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['0', 'f', 'F', 'false', 'FALSE', 'False'];

/** The fault of a location that cannot work, with the field to change. */
export const configFault = (field: string, text: string, cause?: unknown): Fault =>
  new Fault('LB_STORE_CONFIG', `${field}: ${text}`, cause === undefined ? undefined : { cause });

/** Refuses keys nobody reads: a setting with a typing error must not be ignored. */
export const settingsOf = (
  config: Readonly<Record<string, string>> | undefined,
  accepted: readonly string[],
  provider: string,
): Settings => {
  const values = new Map(Object.entries(config ?? {}));
  const unknown = [...values.keys()].filter((key) => ![...accepted, ...ALWAYS_ACCEPTED].includes(key)).sort();
  if (unknown.length > 0) {
    const known = [...accepted].sort().join(', ');
    throw configFault(
      'spec.config',
      `unknown ${unknown.join(', ')}; the provider ${provider} accepts ${known}`,
    );
  }
  const text = (key: string) => values.get(key) || undefined;
  return {
    text,
    raw: (key) => values.get(key),
    flag: (key) => {
      const value = text(key);
      if (value === undefined || FALSE.includes(value)) return false;
      if (TRUE.includes(value)) return true;
      throw configFault(`spec.config.${key}`, `${JSON.stringify(value)} is neither true nor false`);
    },
    url: (key) => {
      const value = text(key);
      if (value === undefined) return undefined;
      if (!/^https?:\/\/[^/]/i.test(value) || !URL.canParse(value)) {
        throw configFault(
          `spec.config.${key}`,
          `${JSON.stringify(value)} is not an address with http:// or https://`,
        );
      }
      return value;
    },
  };
};
