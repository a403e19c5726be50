import { Fault, isFault, type FaultCode } from '../faults.js';

const field = (error: unknown, name: string): unknown =>
  typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** EC2's name for what went wrong (`InvalidSnapshot.NotFound`), or Node's (`ECONNREFUSED`). */
export const ec2Code = (error: unknown): string =>
  text(field(error, 'Code')) || text(field(error, 'code')) || text(field(error, 'name')) || 'Unknown';

const statusOf = (error: unknown): number | undefined => {
  const status = field(field(error, '$metadata'), 'httpStatusCode');
  return typeof status === 'number' ? status : undefined;
};

const DENIED =
  /^(UnauthorizedOperation|AuthFailure|AccessDenied\w*|InvalidClientTokenId|SignatureDoesNotMatch|ExpiredToken\w*|RequestExpired|OptInRequired|PendingVerification|Blocked|CredentialsProviderError)$/;
const BUSY =
  /^(RequestLimitExceeded|Throttling\w*|SlowDown|InternalError|InternalFailure|ServiceUnavailable|Unavailable|RequestTimeout\w*|TimeoutError|SnapshotCreationPerVolumeRateExceeded|ConcurrentSnapshotLimitExceeded|InsufficientVolumeCapacity)$/;
const NETWORK =
  /^(E(CONN\w+|PIPE|TIMEDOUT|HOSTUNREACH|HOSTDOWN|NETUNREACH|NETDOWN|ADDRNOTAVAIL|NOTFOUND|AI_\w+)|HPE_\w+|CERT_\w+|UNABLE_TO_\w+|SELF_SIGNED_\w+)$/;

const faultCodeOf = (code: string, status: number | undefined): FaultCode => {
  if (DENIED.test(code) || status === 401 || status === 403) return 'LB_SNAPSHOTTER_DENIED';
  if (BUSY.test(code) || NETWORK.test(code) || status === 429) return 'LB_SNAPSHOTTER_UNREACHABLE';
  return status !== undefined && status >= 500 ? 'LB_SNAPSHOTTER_UNREACHABLE' : 'LB_SNAPSHOTTER_REFUSED';
};

/**
 * What an error of the EC2 client means, as a Fault; `doing` says what was tried. The error itself is not passed on: it carries the request
 * with its signature. What EC2 says of rights names the caller and is kept, up to the encoded part, of which nobody can read anything.
 */
export const ec2Fault = (error: unknown, doing: string, signal: AbortSignal): Fault => {
  if (isFault(error)) return error;
  if (signal.aborted) return stoppedFault(doing, signal);
  const code = ec2Code(error);
  const message =
    error instanceof Error && error.message !== code ? (error.message.split('\n', 1)[0] ?? '') : '';
  const said = message.replace(/\s*Encoded authorization failure message:.*$/i, '');
  return new Fault(faultCodeOf(code, statusOf(error)), `${doing}: ${code}${said ? ` (${said})` : ''}`);
};

/** A wait that was given up is another thing than one that was too long. */
export const stoppedFault = (doing: string, signal: AbortSignal): Fault =>
  field(signal.reason, 'name') === 'TimeoutError'
    ? new Fault('LB_DEADLINE', doing)
    : new Fault('LB_ABORTED', doing);
