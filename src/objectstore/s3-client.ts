import type { AwsCredentials } from '../aws/credentials.js';
import type { CHECKSUM_ALGORITHMS } from '../domain/validate-location.js';
import { rootCertificates } from 'node:tls';
import { HeadBucketCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import { Fault } from '../faults.js';
import { s3Code, s3Fault, s3Status } from './s3-errors.js';

// The client warns at its start about releases to come that need a newer Node.js; this is its own switch for that.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];

export type S3Encryption =
  | { readonly kind: 'managed'; readonly algorithm: string }
  | { readonly kind: 'kms'; readonly keyId: string }
  /** A key of our own, 32 bytes, that goes along with every request and is kept nowhere in the bucket. */
  | { readonly kind: 'customer'; readonly key: Uint8Array };

export interface S3Timeouts {
  /** Until a connection stands. */
  readonly connectMs: number;
  /** From the start of one attempt until its answer begins. */
  readonly requestMs: number;
  /** Silence in the middle of a download. */
  readonly idleMs: number;
  /** One operation with all its attempts; an upload is one operation for each part. */
  readonly operationMs: number;
}

export const DEFAULT_TIMEOUTS: S3Timeouts = {
  connectMs: 10_000,
  requestMs: 120_000,
  idleMs: 60_000,
  operationMs: 600_000,
};

export interface S3StoreOptions {
  readonly bucket: string;
  /** Absent: `AWS_REGION` or us-east-1 for an endpoint of one's own; otherwise the bucket is asked. */
  readonly region?: string;
  /** `http(s)://host[:port]`; absent is Amazon. */
  readonly endpoint?: string;
  /** The address that presigned URLs begin with, when users reach the storage by another way than this process. */
  readonly publicUrl?: string;
  readonly forcePathStyle?: boolean;
  /** PEM of authorities to trust in addition to the usual ones. */
  readonly caCert?: string;
  readonly insecureSkipTLSVerify?: boolean;
  /** Absent: environment, web identity, instance, in the order of the AWS clients. */
  readonly credentials?: AwsCredentials | (() => Promise<AwsCredentials>);
  /** `none` for servers that know no checksums. */
  readonly checksumAlgorithm?: ChecksumAlgorithm | 'none';
  /** URL-encoded tag set of every object. */
  readonly tagging?: string;
  readonly encryption?: S3Encryption;
  readonly timeouts?: Partial<S3Timeouts>;
  readonly maxAttempts?: number;
}

const MAX_SOCKETS = 64;

const requestHandlerOf = (options: S3StoreOptions): NonNullable<S3ClientConfig['requestHandler']> => {
  const { connectMs, requestMs } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const agent = { keepAlive: true, maxSockets: MAX_SOCKETS };
  return {
    connectionTimeout: connectMs,
    requestTimeout: requestMs,
    throwOnRequestTimeout: true,
    // Silence in a download is timed where it is known whether the reader or the server is slow.
    socketTimeout: 0,
    httpAgent: agent,
    httpsAgent: {
      ...agent,
      ...(options.caCert !== undefined && { ca: [...rootCertificates, options.caCert] }),
      rejectUnauthorized: options.insecureSkipTLSVerify !== true,
    },
  };
};

const clientFor = (
  options: S3StoreOptions,
  region: string | (() => Promise<string>),
  endpoint?: string,
): S3Client => {
  const checksums = options.checksumAlgorithm === 'none' ? 'WHEN_REQUIRED' : 'WHEN_SUPPORTED';
  return new S3Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(options.credentials !== undefined && { credentials: options.credentials }),
    forcePathStyle: options.forcePathStyle === true,
    requestHandler: requestHandlerOf(options),
    maxAttempts: options.maxAttempts ?? 5,
    requestChecksumCalculation: checksums,
    responseChecksumValidation: checksums,
  });
};

const bucketRegionIn = (error: unknown): string | undefined => {
  const { headers } = (error as { $response?: { headers?: Record<string, string> } }).$response ?? {};
  return headers?.['x-amz-bucket-region'];
};

/** Every answer about a bucket names its region, also a refusal from the wrong one. */
const detectRegion = async (options: S3StoreOptions): Promise<string> => {
  const doing = `asking for the region of the bucket ${options.bucket}`;
  const client = clientFor(options, 'us-east-1');
  const { operationMs } = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  try {
    const answer = await client.send(new HeadBucketCommand({ Bucket: options.bucket }), {
      abortSignal: AbortSignal.timeout(operationMs),
    });
    return answer.BucketRegion ?? 'us-east-1';
  } catch (error) {
    const region = bucketRegionIn(error);
    if (region !== undefined) return region;
    if (s3Status(error) === 404) throw new Fault('LB_STORE_BUCKET_MISSING', `${doing}: ${s3Code(error)}`);
    throw s3Fault(error, doing);
  } finally {
    client.destroy();
  }
};

const regionOf = (options: S3StoreOptions): string | (() => Promise<string>) => {
  if (options.region !== undefined) return options.region;
  if (options.endpoint !== undefined) return process.env.AWS_REGION ?? 'us-east-1';
  let found: Promise<string> | undefined;
  return () => {
    found ??= detectRegion(options).catch((error: unknown) => {
      found = undefined;
      throw error;
    });
    return found;
  };
};

export interface S3Clients {
  readonly main: S3Client;
  /** Signs download links only and sends nothing. */
  readonly signer: S3Client;
  destroy(): void;
}

export const createS3Clients = (options: S3StoreOptions): S3Clients => {
  const region = regionOf(options);
  const main = clientFor(options, region, options.endpoint);
  const signer = options.publicUrl === undefined ? main : clientFor(options, region, options.publicUrl);
  return {
    main,
    signer,
    destroy: () => {
      main.destroy();
      if (signer !== main) signer.destroy();
    },
  };
};
