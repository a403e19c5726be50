import { readFile } from 'node:fs/promises';
import {
  fromContainerMetadata,
  fromEnv,
  fromIni,
  fromInstanceMetadata,
  fromNodeProviderChain,
  fromTemporaryCredentials,
  fromTokenFile,
} from '@aws-sdk/credential-providers';
import { Fault } from '../faults.js';

/** What a request of AWS is signed with. */
export interface AwsCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  readonly expiration?: Date;
}

type Profile = Readonly<Record<string, string>>;
type Provider = () => Promise<AwsCredentials>;

/** Where credentials come from, for messages: `spec.credential` or the path of a file. Never what is in there. */
export interface CredentialsText {
  readonly text: string;
  readonly origin: string;
}

/** The sections of an AWS shared credentials or config file: `[name]` or `[profile name]`, `key = value`, `#` and `;`. */
export const parseProfiles = (text: string): ReadonlyMap<string, Profile> => {
  const profiles = new Map<string, Record<string, string>>();
  let current: Record<string, string> | undefined;
  for (const line of text.split(/\r?\n/)) {
    const section = /^\s*\[\s*(?:profile\s+)?([^\]]*?)\s*\]/.exec(line);
    const pair = /^([^#;[=\s][^=]*?)\s*=\s*(.*?)(?:\s+[#;].*)?$/.exec(line.trim());
    if (section) {
      current = profiles.get(section[1] ?? '') ?? {};
      profiles.set(section[1] ?? '', current);
    } else if (pair && current) {
      current[(pair[1] ?? '').toLowerCase()] = pair[2] ?? '';
    }
  }
  return profiles;
};

const CREDENTIAL_SOURCES: Readonly<Record<string, () => Provider>> = {
  Environment: () => fromEnv(),
  Ec2InstanceMetadata: () => fromInstanceMetadata(),
  EcsContainer: () => fromContainerMetadata(),
};

const MAX_SOURCE_PROFILES = 5;

const missingProfile = (profile: string, origin: string): Fault =>
  new Fault('LB_STORE_CONFIG', `${origin}: there is no profile "${profile}"`);

const assumedRole = (
  name: string,
  profile: Profile,
  role: string,
  file: CredentialsText,
  depth: number,
): Provider => {
  const { source_profile: source, credential_source: from, web_identity_token_file: token } = profile;
  const session = profile.role_session_name;
  if (token !== undefined) {
    return fromTokenFile({
      roleArn: role,
      webIdentityTokenFile: token,
      ...(session !== undefined && { roleSessionName: session }),
    });
  }
  const master =
    source === undefined ? CREDENTIAL_SOURCES[from ?? '']?.() : profileProvider(file, source, depth + 1);
  if (master === undefined) {
    const ways = 'source_profile, credential_source or web_identity_token_file';
    throw new Fault(
      'LB_STORE_CONFIG',
      `${file.origin}: the profile "${name}" has a role_arn but no usable ${ways}`,
    );
  }
  return fromTemporaryCredentials({
    masterCredentials: master,
    params: {
      RoleArn: role,
      RoleSessionName: session ?? 'lifeboat',
      ...(profile.external_id !== undefined && { ExternalId: profile.external_id }),
    },
    ...(profile.region !== undefined && { clientConfig: { region: profile.region } }),
  });
};

const profileProvider = (file: CredentialsText, name: string, depth = 0): Provider => {
  const profile = parseProfiles(file.text).get(name);
  if (profile === undefined) throw missingProfile(name, file.origin);
  if (depth > MAX_SOURCE_PROFILES) {
    throw new Fault('LB_STORE_CONFIG', `${file.origin}: the source_profile of "${name}" leads in a circle`);
  }
  const {
    role_arn: role,
    aws_access_key_id: id,
    aws_secret_access_key: secret,
    aws_session_token: token,
  } = profile;
  if (role !== undefined) return assumedRole(name, profile, role, file, depth);
  if (!id || !secret) {
    const lacks = id ? 'aws_secret_access_key' : 'aws_access_key_id';
    throw new Fault('LB_STORE_CONFIG', `${file.origin}: the profile "${name}" has no ${lacks}`);
  }
  return () =>
    Promise.resolve({ accessKeyId: id, secretAccessKey: secret, ...(token && { sessionToken: token }) });
};

/**
 * Credentials from the text of a shared credentials file that came in a Secret. It is parsed in memory: a secret is
 * never written to a disk. Programs (`credential_process`) are not run for it.
 */
export const credentialsFromText = (file: CredentialsText, profile = 'default'): Provider =>
  profileProvider(file, profile);

/** Credentials from a file on this machine, read again whenever the client asks for fresh ones. */
export const credentialsFromFile = async (
  path: string,
  origin: string,
  profile = 'default',
): Promise<Provider> => {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new Fault('LB_STORE_CONFIG', `${origin}: the credentials file ${path} cannot be read`, {
      cause: error,
    });
  });
  if (!parseProfiles(text).has(profile)) throw missingProfile(profile, `${origin} (${path})`);
  return fromIni({ filepath: path, configFilepath: path, profile, ignoreCache: true });
};

/** A named profile of wherever the AWS clients look by themselves. */
export const credentialsFromChain = (profile: string): Provider => fromNodeProviderChain({ profile });

/** What AWS clients find by themselves: environment, web identity, instance. For programs that cannot look. */
export const credentialsFromSurroundings = (): Provider => fromNodeProviderChain();
