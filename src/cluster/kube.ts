import { Fault } from '../faults.js';
import { type ClusterAccess } from './credentials.js';
import { discoverResources } from './discovery.js';
import { type ExecTimes, openExec } from './exec.js';
import { listPages } from './list.js';
import { collectionPath, objectPath } from './paths.js';
import {
  type CallOptions,
  type Cluster,
  groupResource,
  type PatchType,
  type Refused,
  type Written,
} from './port.js';
import type { TransportRequest } from './attempt.js';
import { type Repetition, type RetryTimes } from './retry.js';
import { isRefusal, readFault, refusalOf } from './status-refusal.js';
import { openTransport, type Transport } from './transport.js';
import { type WatchTimes, watchResource } from './watch.js';

/** How to reach a cluster and how patient to be. */
export interface ConnectOptions {
  /** From `loadCluster`. */
  readonly access: ClusterAccess;
  /** Calls in flight at most; more wait their turn. Default 32. Watches have connections of their own. */
  readonly connections?: number;
  readonly times?: Partial<RetryTimes>;
  readonly watchTimes?: Partial<WatchTimes>;
  readonly execTimes?: Partial<ExecTimes>;
  /** Hears of every failure a watch recovers from: the only sign of, for instance, a missing right. */
  readonly onWatchTrouble?: (resource: string, fault: Fault) => void;
  /** Hears the `Date` header of every answer to a call, if there is one. */
  readonly onDate?: (date: string) => void;
  /** Hears of every try of a call after the first: its method and why (`429`, `5xx`, `lost`). */
  readonly onRetry?: (method: string, reason: string) => void;
}

const PATCH_TYPES: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/**
 * A real cluster. Nothing is sent before the first call; `close` ends calls, watches and waits for commands still under way.
 *
 * A create, merge patch or delete whose answer was lost with the connection is sent again, so that it may be refused with
 * `AlreadyExists`, `Conflict` or `NotFound` although it was itself what made that so: compare before believing it. A replace or
 * other patch is not sent again; it ends in `LB_CLUSTER_UNREACHABLE`, and only a look at the object tells what happened.
 */
export const connectCluster = (options: ConnectOptions): Cluster => {
  const { access, connections, times, watchTimes, execTimes, onWatchTrouble, onRetry, onDate } = options;
  const transport = openTransport({
    access,
    ...(onRetry === undefined ? {} : { onRetry }),
    ...(onDate === undefined ? {} : { onDate }),
    ...(connections === undefined ? {} : { connections }),
    ...(times === undefined ? {} : { times }),
  });
  const commands = openExec({
    access,
    ...(times === undefined ? {} : { retryTimes: times }),
    ...(execTimes === undefined ? {} : { times: execTimes }),
  });
  return {
    version: (signal) => readVersion(transport, signal),
    discover: (signal) => discoverResources(transport, signal),
    list: (type, listOptions) => listPages(transport, type, listOptions),
    watch: (type, watchOptions) =>
      watchResource(transport, type, {
        ...watchOptions,
        ...(watchTimes === undefined ? {} : { times: watchTimes }),
        ...(onWatchTrouble === undefined
          ? {}
          : { onTrouble: (fault: Fault) => onWatchTrouble(groupResource(type), fault) }),
      }),
    ...objectCalls(transport),
    exec: commands.exec,
    close: () => {
      commands.close();
      return transport.close();
    },
  };
};

const objectCalls = (
  transport: Transport,
): Pick<Cluster, 'get' | 'create' | 'replace' | 'patch' | 'apply' | 'delete'> => ({
  get: async (type, ref, call) => {
    const path = objectPath(type, ref);
    if (path === undefined) return undefined;
    const answer = await transport.request({ method: 'GET', path, ...callOf(call) });
    if (answer.status === 200) return answer.body;
    if (answer.status === 404) return undefined;
    throw readFault(answer, 'get', groupResource(type));
  },
  create: (type, namespace, body, call) =>
    write(
      transport,
      { method: 'POST', path: collectionPath(type, namespace), body, ...callOf(call) },
      'repeatable',
    ),
  replace: async (type, ref, body, call) => {
    const path = objectPath(type, ref);
    if (path === undefined) return impossibleName(ref.name);
    const under = call.subresource === undefined ? path : `${path}/${call.subresource}`;
    return write(transport, { method: 'PUT', path: under, body, ...callOf(call) }, 'once');
  },
  patch: async (type, ref, patch, body, call) => {
    const path = objectPath(type, ref);
    if (path === undefined) return impossibleName(ref.name);
    const request = {
      method: 'PATCH',
      path,
      body,
      contentType: PATCH_TYPES[patch],
      ...callOf(call),
    } as const;
    return write(transport, request, patch === 'merge' ? 'repeatable' : 'once');
  },
  apply: async (type, ref, body, call) => {
    const path = objectPath(type, ref);
    if (path === undefined) return impossibleName(ref.name);
    const request = {
      method: 'PATCH',
      path,
      query: { fieldManager: call.fieldManager, force: call.force === true },
      body,
      // JSON is YAML, and every API server takes this type.
      contentType: 'application/apply-patch+yaml',
      ...callOf(call),
    } as const;
    return write(transport, request, 'repeatable');
  },
  delete: async (type, ref, call) => {
    const path = objectPath(type, ref);
    if (path === undefined) return impossibleName(ref.name);
    return write(transport, { method: 'DELETE', path, ...callOf(call) }, 'repeatable');
  },
});

const callOf = ({ signal, as }: CallOptions): Pick<TransportRequest, 'signal' | 'as'> => ({
  signal,
  ...(as === undefined ? {} : { as }),
});

/** A name no object can have is refused here, in the server's manner; as a path it would mean something else. */
const impossibleName = (name: string): Refused => ({
  ok: false,
  status: 422,
  reason: 'Invalid',
  message: `${JSON.stringify(name)} is not a name an object can have`,
  causes: [],
});

const VERBS = { GET: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' } as const;

const write = async (
  transport: Transport,
  request: TransportRequest,
  repetition: Repetition,
): Promise<Written> => {
  const answer = await transport.request({ ...request, repetition });
  if (answer.status >= 200 && answer.status < 300) return { ok: true, body: answer.body };
  if (isRefusal(answer.status)) return refusalOf(answer);
  throw readFault(answer, VERBS[request.method], request.path);
};

const readVersion = async (
  transport: Transport,
  signal: AbortSignal,
): Promise<{ readonly gitVersion: string; readonly major: string; readonly minor: string }> => {
  const answer = await transport.request({ method: 'GET', path: '/version', signal });
  if (answer.status !== 200) throw readFault(answer, 'get', '/version');
  const version = parseVersion(answer.body);
  if (version === undefined)
    throw new Fault('LB_CLUSTER_PROTOCOL', '/version is not what a Kubernetes API server answers');
  return version;
};

const parseVersion = (body: Buffer): { gitVersion: string; major: string; minor: string } | undefined => {
  try {
    const { gitVersion, major, minor } = JSON.parse(body.toString('utf8')) as Readonly<
      Record<string, unknown>
    >;
    if (typeof gitVersion !== 'string' || typeof major !== 'string' || typeof minor !== 'string')
      return undefined;
    return { gitVersion, major, minor };
  } catch {
    return undefined;
  }
};
