import { type Dispatcher, Pool } from 'undici';
import {
  callOnce,
  describe,
  streamOnce,
  type TransportRequest,
  type TransportResponse,
  type TransportStream,
} from './attempt.js';
import { Fault } from '../faults.js';
import { judgeLoss } from './connection-faults.js';
import { type ClusterAccess, type Credentials, type TlsMaterial, tlsOptions } from './credentials.js';
import { impersonationHeaders } from './impersonation.js';
import { type Impersonation } from './port.js';
import { isAborted, type Outcome, pause, pauseBeforeNext, RETRY_TIMES, type RetryTimes } from './retry.js';

export interface Transport {
  /**
   * Any HTTP answer is a value, also 4xx and 5xx. Retries inside its time budget as `pauseBeforeNext` says. A repeatable write
   * that is tried again after its answer was lost may find itself done: a create comes back as `AlreadyExists`, a delete as
   * `NotFound`, a conditional patch as `Conflict`. Whoever gets one of these compares before believing it.
   *
   * Faults: `LB_CLUSTER_UNREACHABLE`, `LB_CLUSTER_DENIED`, `LB_CLUSTER_PROTOCOL`, `LB_CONFIG` (certificate), `LB_ABORTED`.
   */
  request(request: TransportRequest): Promise<TransportResponse>;
  /** One attempt, no retry; ends with a fault when no byte comes for `idleMs`. `deadlineMs` is for the headers. */
  stream(request: TransportRequest & { readonly idleMs: number }): Promise<TransportStream>;
  close(): Promise<void>;
}

export interface TransportOptions {
  readonly access: ClusterAccess;
  /** Connections kept for calls; streams have their own beside them. */
  readonly connections?: number;
  readonly times?: Partial<RetryTimes>;
  /** Hears the `Date` header of every answer. */
  readonly onDate?: (date: string) => void;
  /** Hears of every try after the first. */
  readonly onRetry?: (method: string, reason: string) => void;
}

/** Below the 90 s after which the API server closes an idle connection, so that we never write into a closing one. */
const KEEP_ALIVE_MS = 30_000;
/** A body larger than this is no answer to anything we ask. */
const MAX_BODY_BYTES = 1 << 30;

interface Pools {
  readonly tls: TlsMaterial;
  readonly calls: Pool;
  readonly streams: Pool;
}

const openPools = (server: URL, tls: TlsMaterial, connections: number): Pools => {
  const options: Pool.Options = {
    pipelining: 1,
    allowH2: false,
    keepAliveTimeout: KEEP_ALIVE_MS,
    headersTimeout: 0, // Each attempt has its own deadline.
    connect: { timeout: 10_000, ...tlsOptions(tls) },
  };
  return {
    tls,
    calls: new Pool(server.origin, {
      ...options,
      connections,
      bodyTimeout: 0,
      maxResponseSize: MAX_BODY_BYTES,
    }),
    streams: new Pool(server.origin, options),
  };
};

/** Kept-alive HTTP/1.1 connections to one API server, bodies as bytes. HTTP/2 measured slower than a pool of these. */
export const openTransport = ({
  access,
  connections = 32,
  times,
  onRetry,
  onDate,
}: TransportOptions): Transport => {
  const limits = { ...RETRY_TIMES, ...times };
  const basePath = access.server.pathname.replace(/\/$/, '');
  let pools: Pools | undefined;
  let closed = false;

  const poolsFor = ({ tls }: Credentials): Pools => {
    if (closed) throw new Fault('LB_ABORTED', 'the connection to the cluster was closed');
    if (pools?.tls === tls) return pools;
    // Certificates were replaced: calls under way end on the old connections, new ones show the new certificate.
    if (pools !== undefined) void Promise.allSettled([pools.calls.close(), pools.streams.close()]);
    return (pools = openPools(access.server, tls, connections));
  };

  /** Sends with the present credentials; a 401 has them evaluated again, once. */
  const authorized = async <T extends { readonly status: number }>(
    request: TransportRequest,
    send: (pools: Pools, options: Dispatcher.RequestOptions) => Promise<T>,
  ): Promise<T> => {
    const as = request.as ?? access.as;
    const attempt = (credentials: Credentials): Promise<T> =>
      send(poolsFor(credentials), dispatchOptions(basePath, request, credentials, as));
    const credentials = await access.credentials();
    const answer = await attempt(credentials);
    return answer.status === 401 ? attempt(await access.credentials(credentials)) : answer;
  };

  const request: Transport['request'] = async (call) => {
    const end = Date.now() + Math.min(call.budgetMs ?? Infinity, limits.budgetMs);
    const repetition = call.repetition ?? (call.method === 'GET' ? 'read' : 'once');
    for (let attempt = 0; ; attempt += 1) {
      const result = await settle(call, () =>
        authorized(call, (to, options) => callOnce(to.calls, call, options)),
      );
      if ('headers' in result && typeof result.headers['date'] === 'string') onDate?.(result.headers['date']);
      const wait = pauseBeforeNext(outcomeOf(result), attempt, repetition, limits);
      if (wait === undefined || Date.now() + wait > end) {
        if ('fault' in result) throw result.fault;
        return result;
      }
      onRetry?.(call.method, reasonOf(result));
      await pause(wait, call.signal);
    }
  };

  const stream: Transport['stream'] = async (call) => {
    const result = await settle(call, () =>
      authorized(call, (to, options) => streamOnce(to.streams, call, options)),
    );
    if ('fault' in result) throw result.fault;
    return result;
  };

  const close = async (): Promise<void> => {
    closed = true;
    if (pools !== undefined) await Promise.all([pools.calls.destroy(), pools.streams.destroy()]);
  };
  return { request, stream, close };
};

/** Turns what an attempt throws into a value, except for our own stop. */
const settle = async <T>(
  call: TransportRequest,
  attempt: () => Promise<T>,
): Promise<T | ReturnType<typeof judgeLoss>> => {
  if (isAborted(call.signal)) throw new Fault('LB_ABORTED', describe(call));
  try {
    return await attempt();
  } catch (error) {
    if (isAborted(call.signal)) throw new Fault('LB_ABORTED', describe(call), { cause: error });
    return judgeLoss(error, describe(call));
  }
};

const outcomeOf = (result: TransportResponse | ReturnType<typeof judgeLoss>): Outcome => {
  if ('fault' in result) return { kind: 'lost', sent: result.sent, hopeless: result.hopeless };
  const header = result.headers['retry-after'];
  return { kind: 'answer', status: result.status, retryAfter: Array.isArray(header) ? header[0] : header };
};

/** Why a call is tried again, as few words as there are causes. */
const reasonOf = (result: TransportResponse | ReturnType<typeof judgeLoss>): string => {
  if ('fault' in result) return 'lost';
  return result.status === 429 ? '429' : '5xx';
};

const dispatchOptions = (
  basePath: string,
  call: TransportRequest,
  credentials: Credentials,
  as: Impersonation | undefined,
): Dispatcher.RequestOptions => {
  const query = Object.entries(call.query ?? {})
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`)
    .join('&');
  const headers = ['accept', call.accept ?? 'application/json', 'user-agent', 'lifeboat'];
  if (credentials.authorization !== undefined) headers.push('authorization', credentials.authorization);
  if (call.body !== undefined) headers.push('content-type', call.contentType ?? 'application/json');
  if (as !== undefined) headers.push(...impersonationHeaders(as));
  return {
    method: call.method,
    path: `${basePath}${call.path}${query === '' ? '' : `?${query}`}`,
    headers,
    ...(call.body === undefined ? {} : { body: call.body }),
  };
};
