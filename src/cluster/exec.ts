import { type OutgoingHttpHeaders } from 'node:http';
import { judgeLoss, type Lost } from './connection-faults.js';
import { type ClusterAccess, type Credentials } from './credentials.js';
import { withinLimits } from './exec-limit.js';
import { createOutput, type Output } from './exec-output.js';
import { EXEC_TIMES, type ExecAddress, type ExecTimes, runInSocket, type SocketEnd } from './exec-socket.js';
import { impersonationHeaders } from './impersonation.js';
import { objectPath } from './paths.js';
import { type Exec, type ExecOutcome, type ExecRequest, type Impersonation, type ObjectRef } from './port.js';
import { type Outcome, pause, pauseBeforeNext, RETRY_TIMES, type RetryTimes } from './retry.js';
import { isRefusal, readFault, refusalOf } from './status-refusal.js';

export type { ExecTimes } from './exec-socket.js';

interface ExecOptions {
  readonly access: ClusterAccess;
  readonly times?: Partial<ExecTimes>;
  readonly retryTimes?: Partial<RetryTimes>;
}

interface Commands {
  readonly exec: Exec;
  /** Ends every wait with `LB_ABORTED` and closes its socket. */
  close(): void;
}

/**
 * `Cluster.exec` of a real cluster: a WebSocket for each command, in the protocol of `k8s.io/apimachinery/pkg/util/remotecommand`.
 * It speaks to ws itself, because the Exec of client-node knows no impersonation, no deadline and no refused upgrade.
 */
export const openExec = ({ access, times, retryTimes }: ExecOptions): Commands => {
  const patience = { ...EXEC_TIMES, ...times };
  const retries = { ...RETRY_TIMES, ...retryTimes };
  const closed = new AbortController();

  const exec: Exec = async (pod, request) => {
    const path = objectPath({ group: '', version: 'v1', resource: 'pods' }, pod);
    const named = `${pod.namespace ?? ''}/${pod.name}`;
    if (path === undefined)
      return { ended: 'refused', message: `${JSON.stringify(named)} is not a name a pod can have` };
    const what = `exec in pod ${named}`;
    const url = urlOf(access.server, path, request);
    const output = createOutput();
    const connect = (credentials: Credentials, signal: AbortSignal): Promise<SocketEnd> => {
      const headers = headersOf(credentials, access.as);
      const address: ExecAddress = { url, headers, tls: credentials.tls, what };
      return runInSocket(address, patience, output, signal);
    };
    const end = await withinLimits(request, closed.signal, what, (signal) =>
      untilBegun(retries, what, signal, () => authorized(access, signal, connect)),
    );
    return end === 'timeout' ? { ended: 'timeout', ...output.read() } : outcomeOf(end, output, pod);
  };
  return { exec, close: () => closed.abort() };
};

/** Connects with the present credentials; a 401 has them evaluated again, once. */
const authorized = async (
  access: ClusterAccess,
  signal: AbortSignal,
  connect: (credentials: Credentials, signal: AbortSignal) => Promise<SocketEnd>,
): Promise<SocketEnd> => {
  const credentials = await access.credentials();
  const end = await connect(credentials, signal);
  if (end.kind !== 'answer' || end.status !== 401) return end;
  return connect(await access.credentials(credentials), signal);
};

/** Tries again as long as the command surely has not begun and trying can help. */
const untilBegun = async (
  retries: RetryTimes,
  what: string,
  signal: AbortSignal,
  attempt: () => Promise<SocketEnd>,
): Promise<SocketEnd> => {
  const last = Date.now() + retries.budgetMs;
  for (let count = 0; ; count += 1) {
    const result = await attempt().catch((error: unknown) => judgeLoss(error, what));
    const wait = waitAfter(result, count, retries);
    if (wait === undefined || Date.now() + wait > last) {
      if ('fault' in result) throw result.fault;
      return result;
    }
    await pause(wait, signal);
  }
};

const waitAfter = (result: SocketEnd | Lost, count: number, retries: RetryTimes): number | undefined => {
  if (!('fault' in result) && result.kind !== 'answer') return undefined;
  const outcome: Outcome =
    'fault' in result
      ? { kind: 'lost', sent: result.sent, hopeless: result.hopeless }
      : { kind: 'answer', status: result.status, retryAfter: result.retryAfter };
  return pauseBeforeNext(outcome, count, 'once', retries);
};

/**
 * Since Kubernetes 1.30 the API server first takes the connection and then asks the node: its "no" (no such program, a node that does
 * not answer) then comes as a failed status. It is about this one pod, so it is a value, even if the node says it after some output.
 */
const outcomeOf = (end: SocketEnd, output: Output, pod: ObjectRef): ExecOutcome => {
  switch (end.kind) {
    case 'exit':
      return { ended: 'exit', exitCode: end.exitCode, ...output.read() };
    case 'failed':
      return { ended: 'refused', message: end.message };
    case 'answer':
      if (!isRefusal(end.status)) throw readFault(end, 'exec in', `pod ${pod.name}`);
      return { ended: 'refused', message: refusalOf(end).message };
  }
};

const urlOf = (server: URL, path: string, { container, command }: ExecRequest): URL => {
  const query = new URLSearchParams({ container, stdout: 'true', stderr: 'true' });
  for (const argument of command) query.append('command', argument);
  const url = new URL(
    `${server.origin}${server.pathname.replace(/\/$/, '')}${path}/exec?${query.toString()}`,
  );
  url.protocol = server.protocol === 'https:' ? 'wss:' : 'ws:';
  return url;
};

const headersOf = ({ authorization }: Credentials, as: Impersonation | undefined): OutgoingHttpHeaders => {
  const headers = new Map<string, string[]>([['user-agent', ['lifeboat']]]);
  if (authorization !== undefined) headers.set('authorization', [authorization]);
  const flat = as === undefined ? [] : impersonationHeaders(as);
  for (let i = 0; i + 1 < flat.length; i += 2) {
    // One entry for each name in lower case, or the header set last would replace its like.
    const name = (flat[i] ?? '').toLowerCase();
    headers.set(name, [...(headers.get(name) ?? []), flat[i + 1] ?? '']);
  }
  return Object.fromEntries(headers);
};
