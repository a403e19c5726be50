import { Fault, isFault, type FaultCode } from '../faults.js';

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;

/** Bytes that changed on their way, or a server that mixed up two versions: reading again can help. */
const CHECKSUM_MISMATCH = 'ChecksumMismatch';

/** S3's name for what went wrong (`NoSuchKey`), or Node's (`ECONNREFUSED`). */
export const s3Code = (error: unknown): string =>
  // The client has no name for this one.
  (error instanceof Error && error.message.startsWith('Checksum mismatch') ? CHECKSUM_MISMATCH : undefined) ??
  textOf(field(error, 'Code')) ??
  textOf(field(error, 'code')) ??
  textOf(field(error, 'name')) ??
  'Unknown';

/** The HTTP status of the answer; undefined if there was none. */
export const s3Status = (error: unknown): number | undefined => {
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
};

/** The server does not know the request or a header of it, as some S3 clones do with conditional writes. */
export const isNotImplemented = (error: unknown): boolean =>
  s3Status(error) === 501 || s3Code(error) === 'NotImplemented';

/** The object is there already: the answer to a put that was only wanted if it is not. */
export const isPreconditionFailed = (error: unknown): boolean =>
  s3Status(error) === 412 || s3Code(error) === 'PreconditionFailed';

/** Another conditional put of the same key is going on right now. */
export const isConditionalConflict = (error: unknown): boolean =>
  s3Code(error) === 'ConditionalRequestConflict';

const DENIED = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'AccountProblem',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidToken',
  'InvalidClientTokenId',
  'RequestTimeTooSkewed',
  'CredentialsProviderError',
  'Forbidden',
  // versitygw's answer, with status 404, to a key id it does not know.
  'XAdminUserNotFound',
]);

/** 404 says the key or the bucket is not there; without a body (HEAD) nobody can tell which. */
export const isNotFound = (error: unknown): boolean =>
  s3Status(error) === 404 && s3Code(error) !== 'NoSuchBucket' && !DENIED.has(s3Code(error));

const CONFIG = new Set([
  'PermanentRedirect',
  'AuthorizationHeaderMalformed',
  'IllegalLocationConstraintException',
  'InvalidBucketName',
]);
const RETRIABLE = new Set([
  'SlowDown',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'RequestTimeout',
  'TimeoutError',
  'InternalError',
  'ServiceUnavailable',
  'OperationAborted',
  'ConditionalRequestConflict',
  'BadDigest',
  'XAmzContentChecksumMismatch',
  CHECKSUM_MISMATCH,
]);
const NETWORK =
  /^(E(CONN\w+|PIPE|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|ADDRNOTAVAIL|NOTFOUND|AI_\w+|PROTO)|ERR_STREAM_PREMATURE_CLOSE|HPE_\w+)$/;
const TLS = /^(CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_|ERR_SSL_|HOSTNAME_MISMATCH)/;

const faultCodeOf = (code: string, status: number | undefined): FaultCode => {
  if (code === 'NoSuchBucket') return 'LB_STORE_BUCKET_MISSING';
  if (DENIED.has(code) || status === 401 || status === 403) return 'LB_STORE_DENIED';
  if (CONFIG.has(code) || status === 301 || TLS.test(code)) return 'LB_STORE_CONFIG';
  if (RETRIABLE.has(code) || NETWORK.test(code) || status === 408 || status === 429)
    return 'LB_STORE_UNREACHABLE';
  if (code === 'NotImplemented' || status === 501 || status === 507) return 'LB_STORE_REFUSED';
  return status !== undefined && status >= 500 ? 'LB_STORE_UNREACHABLE' : 'LB_STORE_REFUSED';
};

const hintOf = (fault: FaultCode, code: string): string => {
  if (TLS.test(code)) return '; set caCert of the location if it has a certificate authority of its own';
  if (fault === 'LB_STORE_CONFIG') return '; check bucket and region of the location';
  return '';
};

/**
 * What of a client error may be logged. The error itself carries request and response with all their headers: the
 * signature, and the key of the customer where one is used.
 */
const safeCause = (error: unknown): Error => {
  const id = textOf(field(field(error, '$metadata'), 'requestId'));
  const status = s3Status(error);
  const facts = [status === undefined ? '' : ` status ${status}`, id === undefined ? '' : ` request ${id}`];
  return new Error(`${s3Code(error)}${facts.join('')}`);
};

/** What an error of the S3 client means, as a Fault. `doing` says what was tried ("writing backups/b1/…"). */
export const s3Fault = (error: unknown, doing: string): Fault => {
  if (isFault(error)) return error;
  const code = s3Code(error);
  const fault = faultCodeOf(code, s3Status(error));
  const message = error instanceof Error && error.message !== code ? error.message.split('\n', 1)[0] : '';
  const detail = `${doing}: ${code}${message ? ` (${message})` : ''}${hintOf(fault, code)}`;
  return new Fault(fault, detail, { cause: safeCause(error) });
};
