import { join } from 'node:path';
import type { RepositoryStorage } from '../domain/repository-storage.js';
import { providerOf } from '../domain/validate-location.js';
import { trimSlashes, createLayout } from './layout.js';
import { checkSpec } from './location.js';
import { configFault, settingsOf } from './location-config.js';
import type { LocationEnvironment, LocationSpec } from './location-spec.js';
import type { AwsCredentials } from '../aws/credentials.js';
import type { S3StoreOptions } from './s3-client.js';

const endpointOf = (endpoint: string | undefined, region: string | undefined) => {
  if (endpoint === undefined)
    return { endpoint: region ? `s3.${region}.amazonaws.com` : 's3.amazonaws.com', tls: true };
  const { protocol, host, pathname } = new URL(endpoint);
  if (pathname !== '/' && pathname !== '')
    throw configFault('spec.config.s3Url', 'repositories of volume copies need an address without a path');
  return { endpoint: host, tls: protocol === 'https:' };
};

const keysOf = async (given: S3StoreOptions['credentials']): Promise<AwsCredentials> => {
  const { credentialsFromSurroundings } = await import('../aws/credentials.js');
  const source = given ?? credentialsFromSurroundings();
  try {
    return await (typeof source === 'function' ? source() : Promise.resolve(source));
  } catch (error) {
    throw configFault('spec.credential', 'there are no credentials for the object storage', error);
  }
};

/** Opens nothing and sends nothing but what finding credentials takes. Faults: `LB_STORE_CONFIG` and those of `readSecret`. */
export const repositoryStorageOf = async (
  spec: LocationSpec,
  env: LocationEnvironment,
): Promise<RepositoryStorage> => {
  checkSpec(spec);
  const bucket = trimSlashes(spec.objectStorage?.bucket ?? '');
  const prefix = createLayout(spec.objectStorage?.prefix).rootPrefix;
  if (providerOf(spec.provider) === 'filesystem')
    return { kind: 'filesystem', folder: join(settingsOf(spec.config).text('path') ?? '', bucket, prefix) };
  const { s3OptionsOf } = await import('./location-aws.js');
  const options = await s3OptionsOf(spec, bucket, env);
  return {
    kind: 's3',
    bucket,
    prefix,
    ...endpointOf(options.endpoint, options.region),
    verifyTls: options.insecureSkipTLSVerify !== true,
    ...(options.region !== undefined && { region: options.region }),
    ...(options.caCert !== undefined && { caCert: options.caCert }),
    keys: () => keysOf(options.credentials),
  };
};
