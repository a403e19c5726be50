import { locationCredentials, type CredentialSurroundings } from '../aws/location-credentials.js';
import { printProblems } from '../domain/problem.js';
import { validateSnapshotLocation } from '../domain/validate-snapshot-location.js';
import { Fault, isFault } from '../faults.js';
import type { EbsOptions } from './ebs-calls.js';
import type { VolumeSnapshotter } from './port.js';

/** The part of a VolumeSnapshotLocation's `spec` that says whose snapshots are taken, and as who. */
export interface SnapshotLocationSpec {
  readonly provider: string;
  readonly config?: Readonly<Record<string, string>>;
  readonly credential?: { readonly name: string; readonly key: string };
}

const credentialsOf = async (spec: SnapshotLocationSpec, env: CredentialSurroundings) => {
  try {
    return await locationCredentials(spec, env);
  } catch (error) {
    // What the credentials lack is said in the words of a storage location, which uses the same ones.
    if (!isFault(error, 'LB_STORE_CONFIG')) throw error;
    throw new Fault('LB_SNAPSHOTTER_CONFIG', error.detail, { cause: error });
  }
};

const optionsOf = async (spec: SnapshotLocationSpec, env: CredentialSurroundings): Promise<EbsOptions> => {
  const { region = '', ebsKmsKeyId } = spec.config ?? {};
  const credentials = await credentialsOf(spec, env);
  const { AWS_ENDPOINT_URL_EC2: endpoint, AWS_CLUSTER_NAME: clusterName } = process.env;
  return {
    region,
    ...(credentials && { credentials }),
    ...(endpoint && { endpoint }),
    ...(clusterName && { clusterName }),
    ...(ebsKmsKeyId && { kmsKeyId: ebsKmsKeyId }),
  };
};

/**
 * Opens what takes the snapshots of a VolumeSnapshotLocation. Sends nothing to the provider. Faults: `LB_SNAPSHOTTER_CONFIG`, whose text
 * begins with the field that is wrong, and those of `readSecret`.
 */
export const openSnapshotLocation = async (
  spec: SnapshotLocationSpec,
  env: CredentialSurroundings,
): Promise<VolumeSnapshotter> => {
  const problems = validateSnapshotLocation(spec);
  if (problems.length > 0) throw new Fault('LB_SNAPSHOTTER_CONFIG', printProblems(problems).join('; '));
  const options = await optionsOf(spec, env);
  // The client of EC2 is large; who takes no such snapshots never loads it.
  const { openEbsSnapshotter } = await import('./ebs.js');
  return openEbsSnapshotter(options);
};
