import { Fault } from '../faults.js';
import {
  credentialsFromChain,
  credentialsFromFile,
  credentialsFromText,
  type AwsCredentials,
} from './credentials.js';

/** The part of a location's spec that says who it is used as. */
export interface CredentialedLocation {
  readonly credential?: { readonly name: string; readonly key: string };
  readonly config?: Readonly<Record<string, string>>;
}

export interface CredentialSurroundings {
  /** The bytes of one key of a Secret in the namespace of the server; undefined if Secret or key is missing. */
  readSecret(name: string, key: string): Promise<Buffer | undefined>;
  /** Absent: the environment variable `AWS_SHARED_CREDENTIALS_FILE`. */
  readonly defaultCredentialsFile?: string;
}

/**
 * The credentials of a location of the provider aws, whatever is kept there: the first of the Secret of the location, the file of the
 * location, the file of the process; undefined leaves it to what AWS clients find by themselves (environment, web identity, instance).
 * Fault `LB_STORE_CONFIG` with the field that is wrong.
 */
export const locationCredentials = async (
  { credential, config }: CredentialedLocation,
  env: CredentialSurroundings,
): Promise<(() => Promise<AwsCredentials>) | undefined> => {
  const profile = config?.['profile'] || undefined;
  if (credential) {
    const { name, key } = credential;
    const bytes = await env.readSecret(name, key);
    if (bytes === undefined)
      throw new Fault('LB_STORE_CONFIG', `spec.credential: there is no key "${key}" in a Secret "${name}"`);
    const origin = `spec.credential (Secret ${name}, key ${key})`;
    return credentialsFromText({ text: bytes.toString('utf8'), origin }, profile);
  }
  const file = config?.['credentialsFile'];
  if (file) return credentialsFromFile(file, 'spec.config.credentialsFile', profile);
  const shared = env.defaultCredentialsFile ?? process.env.AWS_SHARED_CREDENTIALS_FILE;
  if (shared) return credentialsFromFile(shared, 'AWS_SHARED_CREDENTIALS_FILE', profile);
  return profile === undefined ? undefined : credentialsFromChain(profile);
};
