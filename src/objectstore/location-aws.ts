import { readFile } from 'node:fs/promises';
import { locationCredentials } from '../aws/location-credentials.js';
import { configFault, settingsOf, type Settings } from './location-config.js';
import { type LocationEnvironment, type LocationSpec, type SecretKey } from './location-spec.js';
import { CHECKSUM_ALGORITHMS } from '../domain/validate-location.js';
import { type S3Encryption, type S3StoreOptions } from './s3-client.js';

const SSE_C_KEY_BYTES = 32;

const readSecret = async (
  env: LocationEnvironment,
  { name, key }: SecretKey,
  field: string,
): Promise<Buffer> => {
  const value = await env.readSecret(name, key);
  if (value === undefined) throw configFault(field, `there is no key "${key}" in a Secret "${name}"`);
  return value;
};

const trustedAuthorities = async (
  spec: LocationSpec,
  settings: Settings,
  env: LocationEnvironment,
): Promise<string | undefined> => {
  const { caCert, caCertRef } = spec.objectStorage ?? {};
  const field = caCertRef ? 'spec.objectStorage.caCertRef' : 'spec.objectStorage.caCert';
  const pem = caCertRef
    ? (await readSecret(env, caCertRef, field)).toString('utf8')
    : caCert
      ? Buffer.from(caCert, 'base64').toString('utf8')
      : settings.text('caCert');
  if (pem !== undefined && !pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw configFault(field, 'there is no certificate in PEM form in it');
  }
  return pem;
};

const customerKey = async (settings: Settings, env: LocationEnvironment): Promise<Uint8Array | undefined> => {
  const file = settings.text('customerKeyEncryptionFile');
  const secret = settings.text('customerKeyEncryptionSecret');
  if (file === undefined && secret === undefined) return undefined;
  const field = `spec.config.customerKeyEncryption${file === undefined ? 'Secret' : 'File'}`;
  const [name, key] = (secret ?? '').split('/');
  const bytes =
    file === undefined
      ? await readSecret(env, { name: name ?? '', key: key ?? '' }, field)
      : await readFile(file).catch((error: unknown) => {
          throw configFault(field, `the file ${file} cannot be read`, error);
        });
  if (bytes.length !== SSE_C_KEY_BYTES) {
    throw configFault(field, `the key has ${bytes.length} bytes and has to have exactly ${SSE_C_KEY_BYTES}`);
  }
  return bytes;
};

const encryptionOf = async (
  settings: Settings,
  env: LocationEnvironment,
): Promise<S3Encryption | undefined> => {
  const keyId = settings.text('kmsKeyId');
  if (keyId !== undefined) return { kind: 'kms', keyId };
  const key = await customerKey(settings, env);
  if (key !== undefined) return { kind: 'customer', key };
  const algorithm = settings.text('serverSideEncryption');
  return algorithm === undefined ? undefined : { kind: 'managed', algorithm };
};

const checksumOf = (settings: Settings): NonNullable<S3StoreOptions['checksumAlgorithm']> => {
  const value = settings.raw('checksumAlgorithm');
  if (value === undefined) return 'CRC32';
  if (value === '') return 'none';
  return CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === value) ?? 'CRC32';
};

/** A location of the provider aws as options of the S3 adapter. Fault `LB_STORE_CONFIG` with the field that is wrong. */
export const s3OptionsOf = async (
  spec: LocationSpec,
  bucket: string,
  env: LocationEnvironment,
): Promise<S3StoreOptions> => {
  const settings = settingsOf(spec.config);
  const region = settings.text('region');
  const endpoint = settings.text('s3Url');
  const publicUrl = settings.text('publicUrl');
  const tagging = settings.text('tagging');
  const forcePathStyle = settings.flag('s3ForcePathStyle');
  const insecureSkipTLSVerify = settings.flag('insecureSkipTLSVerify');
  const checksumAlgorithm = checksumOf(settings);
  const encryption = await encryptionOf(settings, env);
  const caCert = await trustedAuthorities(spec, settings, env);
  const credentials = await locationCredentials(spec, env);
  return {
    bucket,
    forcePathStyle,
    insecureSkipTLSVerify,
    checksumAlgorithm,
    ...(region !== undefined && { region }),
    ...(endpoint !== undefined && { endpoint }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(tagging !== undefined && { tagging }),
    ...(encryption !== undefined && { encryption }),
    ...(caCert !== undefined && { caCert }),
    ...(credentials !== undefined && { credentials }),
  };
};
