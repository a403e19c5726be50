/** One kind of object the API server serves, as discovery tells it. */
export interface ResourceType {
  /** '' for the core group. */
  readonly group: string;
  readonly version: string;
  /** Lower-case plural: `deployments`. */
  readonly resource: string;
  readonly kind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export interface Discovery {
  /** Preferred versions only, no sub-resources, in discovery order. */
  readonly resources: readonly ResourceType[];
  /**
   * Every resource once for each version in which it is served, no sub-resources; group by group in discovery order, the
   * versions of a group in the server's order, the preferred one first.
   */
  readonly allVersions: readonly ResourceType[];
  /** Groups that could not be discovered (a dead aggregated API): named, never fatal. */
  readonly failures: readonly { readonly groupVersion: string; readonly message: string }[];
}

/** Name of one object; `namespace` is absent for a cluster-scoped one. */
export interface ObjectRef {
  readonly namespace?: string;
  readonly name: string;
}

/** One page of a list. Each item is the JSON of one object as the API server sent it, byte for byte, with `apiVersion` and `kind` put in front where the list left them out. */
export interface ListPage {
  readonly items: readonly Buffer[];
  /** Resource version of the snapshot the list shows. */
  readonly resourceVersion: string;
  /** How many items follow on later pages, if the server said so. */
  readonly remaining?: number;
}

export interface ListOptions {
  readonly namespace?: string;
  /** In the API's own syntax. */
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Items a page, default 500; 0 asks for everything at once. */
  readonly pageSize?: number;
  readonly signal: AbortSignal;
}

/** A user to act as; the API server checks that we may. */
export interface Impersonation {
  readonly user: string;
  readonly groups: readonly string[];
  readonly uid?: string;
  readonly extra?: Readonly<Record<string, readonly string[]>>;
}

export interface CallOptions {
  readonly signal: AbortSignal;
  readonly as?: Impersonation;
}

/** The API server's "no" to a write: 4xx with its `Status` object. A value, because the caller can act on it. */
export interface Refused {
  readonly ok: false;
  readonly status: number;
  /** `AlreadyExists`, `Conflict`, `NotFound`, `Invalid`, `Forbidden` … */
  readonly reason: string;
  readonly message: string;
  /** Causes by field, where the server gives them. */
  readonly causes: readonly { readonly field?: string; readonly reason?: string; readonly message: string }[];
}

export type Written = { readonly ok: true; readonly body: Buffer } | Refused;

export type PatchType = 'merge' | 'json' | 'strategic';

/** Whose fields the fields of an applied object become, and whether to take those that somebody else holds with another value. */
export interface ApplyOptions extends CallOptions {
  readonly fieldManager: string;
  readonly force?: boolean;
}

export type WatchEvent =
  /** The whole present state, sent first and after every gap: what is not in it is gone. */
  | { readonly type: 'SYNCED'; readonly items: readonly Buffer[] }
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: Buffer };

/** One command to run in a container of a pod: argv as it is, without a shell, without input, without a terminal. */
export interface ExecRequest {
  readonly container: string;
  readonly command: readonly string[];
  /** Milliseconds after which the command is given up; absent means that only the signal ends the wait. */
  readonly timeoutMs?: number;
  readonly signal: AbortSignal;
}

/** What became of a command. Output is text, cut to the last 64 KiB of each stream. None of these is a fault: a command may fail. */
export type ExecOutcome =
  | { readonly ended: 'exit'; readonly exitCode: number; readonly stdout: string; readonly stderr: string }
  /** The limit passed. The command may still run: nobody can stop it from outside. */
  | { readonly ended: 'timeout'; readonly stdout: string; readonly stderr: string }
  /** It never began, or the node does not say how it ended: no such pod, container or program, no right to, a node that does not answer. */
  | { readonly ended: 'refused'; readonly message: string };

/**
 * Runs one command in a pod, at most once. Faults: `LB_CLUSTER_UNREACHABLE` if the connection breaks before the outcome is known (the
 * command may have run), `LB_CLUSTER_DENIED` (401: not even the API server listens to us), `LB_CLUSTER_PROTOCOL`, `LB_ABORTED`.
 */
export type Exec = (pod: ObjectRef, request: ExecRequest) => Promise<ExecOutcome>;

/**
 * A Kubernetes cluster, in bytes. JSON passes through unparsed, so that no number, field or key order is lost.
 * Calls retry by themselves what is safe to retry (429 with Retry-After, connection loss before an answer, 5xx on reads), each
 * attempt with a deadline. Faults: `LB_CLUSTER_UNREACHABLE`, `LB_CLUSTER_DENIED` (401, or 403 on a read), `LB_CLUSTER_REFUSED`
 * (other 4xx on a read), `LB_CLUSTER_EXPIRED`, `LB_CLUSTER_PROTOCOL`, `LB_ABORTED`.
 * `test/contract/cluster.ts` is the law of this port; every adapter passes it.
 */
export interface Cluster {
  version(
    signal: AbortSignal,
  ): Promise<{ readonly gitVersion: string; readonly major: string; readonly minor: string }>;
  discover(signal: AbortSignal): Promise<Discovery>;
  /** Pages of one consistent list. A continue token that expires half-way (410) is recovered: no item is lost, none comes twice. */
  list(type: ResourceType, options: ListOptions): AsyncIterable<ListPage>;
  /** `undefined` if it does not exist. */
  get(type: ResourceType, ref: ObjectRef, options: CallOptions): Promise<Buffer | undefined>;
  create(
    type: ResourceType,
    namespace: string | undefined,
    body: Uint8Array | string,
    options: CallOptions,
  ): Promise<Written>;
  /** PUT of the whole object; a stale `metadata.resourceVersion` in it is refused with reason `Conflict`. */
  replace(
    type: ResourceType,
    ref: ObjectRef,
    body: Uint8Array | string,
    options: CallOptions & { readonly subresource?: 'status' },
  ): Promise<Written>;
  /** A `metadata.resourceVersion` in the patch makes it conditional. */
  patch(
    type: ResourceType,
    ref: ObjectRef,
    patch: PatchType,
    body: Uint8Array | string,
    options: CallOptions,
  ): Promise<Written>;
  /**
   * Server-side apply: creates the object, or makes its fields as the body says. A field applied before under the same manager and
   * missing now goes; fields of others stay. A field that another manager holds with another value is refused with `Conflict`,
   * unless `force` takes it. The same body again changes nothing, not even the resource version.
   */
  apply(
    type: ResourceType,
    ref: ObjectRef,
    body: Uint8Array | string,
    options: ApplyOptions,
  ): Promise<Written>;
  /** Refused with `NotFound` if there is nothing to delete. */
  delete(type: ResourceType, ref: ObjectRef, options: CallOptions): Promise<Written>;
  /**
   * Runs a command in a container of a pod and waits for its end. It is tried again only where it surely did not begin: the server
   * was not reached, or it said "later". Leaving it early, by the limit, the signal or `close`, does not end the command.
   */
  readonly exec: Exec;
  /** List and watch that never dies: reconnects, relists after 410, backs off with jitter; ends only when the signal aborts (without an error). */
  watch(
    type: ResourceType,
    options: {
      readonly namespace?: string;
      /** An object that no longer fits is told as one that is gone, by a real server. */
      readonly labelSelector?: string;
      readonly fieldSelector?: string;
      readonly signal: AbortSignal;
    },
  ): AsyncIterable<WatchEvent>;
  close(): Promise<void>;
}

/** `pods`, `deployments.apps`: how Velero and kubectl write a kind. */
export const groupResource = (type: Pick<ResourceType, 'group' | 'resource'>): string =>
  type.group === '' ? type.resource : `${type.resource}.${type.group}`;

/** `v1`, `apps/v1`: the `apiVersion` of objects of this type. */
export const apiVersionOf = (type: Pick<ResourceType, 'group' | 'version'>): string =>
  type.group === '' ? type.version : `${type.group}/${type.version}`;
