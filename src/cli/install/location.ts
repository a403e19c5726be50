import { Fault } from '../../faults.js';
import { openLocation } from '../../objectstore/location.js';
import { type GivenInstallFlags } from './flags.js';
import { fileOf, pairsOf, refuse, type Texts } from './given.js';

/** The `spec` of the default location. */
export interface LocationPlan {
  readonly provider: string;
  readonly objectStorage: { readonly bucket: string; readonly prefix?: string; readonly caCert?: string };
  readonly config?: Texts;
}

const certificatesOf = async (given: GivenInstallFlags): Promise<string | undefined> => {
  const pem = await fileOf(given, 'cacert');
  if (pem !== undefined && !pem.includes('-----BEGIN CERTIFICATE-----'))
    throw refuse('cacert', 'names a file without a certificate in PEM form');
  return pem && Buffer.from(pem, 'utf8').toString('base64');
};

/** The location is opened as the server will open it, so that a wrong setting is refused here; nothing is sent. */
export const locationOf = async (given: GivenInstallFlags): Promise<LocationPlan | undefined> => {
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
