import { Fault, isFault, messageOf } from '../faults.js';

/** A call that got no whole answer. */
export interface Lost {
  readonly fault: Fault;
  /** False if the request surely never left, so that even a write may be tried again. */
  readonly sent: boolean;
  /** Trying again cannot help: the configuration or the certificates have to change first. */
  readonly hopeless: boolean;
}

const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_CLOSED',
]);

/** Names Node gives to certificates that do not hold. */
const CERTIFICATE =
  /CERT|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_|^(PATH_LENGTH_EXCEEDED|INVALID_PURPOSE|HOSTNAME_MISMATCH|INVALID_CA)$/;

const property = (error: unknown, name: 'code' | 'syscall'): string => {
  const value = error instanceof Error ? (Reflect.get(error, name) as unknown) : undefined;
  return typeof value === 'string' ? value : '';
};

/**
 * Judges what undici or node:tls threw during a call. `call` is method and path, for the message.
 * `LB_CONFIG` for a server certificate that does not verify, `LB_CLUSTER_DENIED` for our certificate being refused,
 * `LB_CLUSTER_PROTOCOL` for something that is no HTTP, else `LB_CLUSTER_UNREACHABLE`.
 */
export const judgeLoss = (error: unknown, call: string): Lost => {
  if (isFault(error))
    return { fault: error, sent: true, hopeless: !error.retriable || error.code === 'LB_ABORTED' };
  const code = property(error, 'code');
  const because = { cause: error };
  const hopeless = (fault: Fault): Lost => ({ fault, sent: false, hopeless: true });
  if (code.startsWith('ERR_SSL_') && /ALERT/.test(code)) {
    return hopeless(
      new Fault('LB_CLUSTER_DENIED', `${call}: the server refuses our certificate (${code})`, because),
    );
  }
  if (code.startsWith('ERR_SSL_')) {
    return hopeless(
      new Fault('LB_CONFIG', `${call}: TLS with this server is not possible (${code})`, because),
    );
  }
  if (CERTIFICATE.test(code)) {
    return hopeless(
      new Fault('LB_CONFIG', `${call}: the server's certificate does not verify (${code})`, because),
    );
  }
  if (code.startsWith('HPE_') || code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') {
    return {
      fault: new Fault('LB_CLUSTER_PROTOCOL', `${call}: ${messageOf(error)}`, because),
      sent: true,
      hopeless: true,
    };
  }
  if (code === 'UND_ERR_INVALID_ARG' || code === 'ERR_INVALID_CHAR') {
    return hopeless(
      new Fault('LB_CLUSTER_PROTOCOL', `${call} cannot be put into HTTP: ${messageOf(error)}`, because),
    );
  }
  const syscall = property(error, 'syscall');
  // A host can also become unreachable when the request is on its way.
  const wasConnected = syscall === 'read' || syscall === 'write';
  const sent = wasConnected || !(NEVER_SENT.has(code) || syscall === 'connect');
  return {
    fault: new Fault('LB_CLUSTER_UNREACHABLE', `${call}: ${messageOf(error) || code}`, because),
    sent,
    hopeless: false,
  };
};
