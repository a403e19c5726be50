import { Fault } from '../faults.js';
import { createServiceAddresses } from './memory-admission.js';
import { applyObject } from './memory-apply.js';
import { afterCreate } from './memory-controllers.js';
import { inVersion, readDocument } from './memory-document.js';
import { createCommands, type RunCommand } from './memory-exec.js';
import { isObject, print } from './memory-json.js';
import { createListing, createWatching } from './memory-reads.js';
import { badRequest, forbidden, notAllowed, notFound, notServed, readFault } from './memory-refusals.js';
import { createTypeRegistry, plainType } from './memory-registry.js';
import { removeOrMark, type World } from './memory-removal.js';
import { answerReview, mayDo, type ReviewOptions, type Rights } from './memory-reviews.js';
import { createMemoryStore } from './memory-store.js';
import { placeOf, type ServedType } from './memory-types.js';
import { createObject, patchObject, replaceObject } from './memory-writes.js';
import {
  type CallOptions,
  type Cluster,
  type Impersonation,
  type ObjectRef,
  type Refused,
  type ResourceType,
  type Written,
} from './port.js';
import { timestamp } from '../domain/timestamp.js';

export interface MemoryClusterOptions {
  readonly now?: () => Date;
  /** Kinds that are served from the start, besides the built-in ones. */
  readonly types?: readonly ResourceType[];
  /** Do what the controllers of a real cluster do at once: the ServiceAccount `default` and the ConfigMap `kube-root-ca.crt` of each new namespace, and the binding of claims to volumes. Default false. */
  readonly controllers?: boolean;
  /** Asked for every call on behalf of somebody (`as`). Without it everybody may do everything. */
  readonly rights?: Rights;
  /** Answers to token reviews. */
  readonly tokens?: ReviewOptions['tokens'];
  /** Writes after which the list that was being read expires, as after a compaction of etcd. Default: never. */
  readonly expireContinueAfter?: number;
  /** Runs the commands of `exec`. Default: every command succeeds and writes nothing. */
  readonly runCommand?: RunCommand;
  /** Changes a watch may lag behind before it has to begin anew, default 10000. */
  readonly watchLog?: number;
}

/** The simulated cluster, and what a test may do to it. */
export interface MemoryCluster extends Cluster {
  /** Forgets all past changes: every watch begins anew with SYNCED. */
  expireWatches(): void;
  /** How many objects there are. */
  size(): number;
}

const admin: Impersonation = { user: 'memory-admin', groups: ['system:masters'] };

/** A call as one step of the event loop: nobody ever sees a half of it, and what it throws rejects. */
const step = <T>(work: () => T): Promise<T> =>
  new Promise((resolve) => {
    resolve(work());
  });

const throwIfAborted = (signal: AbortSignal): void => {
  if (signal.aborted) throw new Fault('LB_ABORTED', 'a call to the simulated cluster');
};

const seedNamespaces = (world: World): void => {
  const type = world.types.find({ group: '', version: 'v1', resource: 'namespaces' });
  for (const name of ['default', 'kube-node-lease', 'kube-public', 'kube-system']) {
    const body = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
    if (type !== undefined) createObject(world, type, undefined, body);
  }
};

/** A type that is served and has the verb, for somebody who may; or why not. */
type Admitted = { readonly ok: true; readonly type: ServedType } | Refused;

const createGate =
  (world: World, options: MemoryClusterOptions) =>
  (verb: string, asked: ResourceType, ref: ObjectRef, call: CallOptions): Admitted => {
    throwIfAborted(call.signal);
    if (call.as !== undefined && !mayDo(options.rights, call.as, verb, asked, ref)) {
      return forbidden(call.as.user, verb, asked, ref.namespace);
    }
    const type = world.types.find(asked);
    if (type === undefined) return notServed();
    return type.verbs.includes(verb) ? { ok: true, type } : notAllowed();
  };

const createReviewer = (options: MemoryClusterOptions) => {
  const answers: ReviewOptions = { tokens: options.tokens ?? {}, rights: options.rights };
  return (type: ServedType, body: Uint8Array | string, caller: Impersonation): Written => {
    const document = readDocument(body);
    if (!isObject(document)) return badRequest('the object provided is not JSON');
    const answer = answerReview(type.kind, document, caller, answers);
    return answer === undefined ? notAllowed() : { ok: true, body: Buffer.from(print(answer), 'utf8') };
  };
};

const createWrites = (
  world: World,
  options: MemoryClusterOptions,
): Pick<Cluster, 'create' | 'replace' | 'patch' | 'apply' | 'delete'> => {
  const gate = createGate(world, options);
  const review = createReviewer(options);
  return {
    create: (asked, namespace, body, call) =>
      step(() => {
        const ref = { name: '', ...(namespace === undefined ? {} : { namespace }) };
        const entry = gate('create', asked, ref, call);
        if (!entry.ok) return entry;
        if (!entry.type.verbs.includes('get')) return review(entry.type, body, call.as ?? admin);
        const written = createObject(world, entry.type, namespace, body);
        if (!written.ok || options.controllers !== true) return written;
        afterCreate(world, entry.type, written.body);
        return written;
      }),
    replace: (asked, ref, body, call) =>
      step(() => {
        const entry = gate('update', asked, ref, call);
        return entry.ok ? replaceObject(world, entry.type, ref, body, call.subresource === 'status') : entry;
      }),
    patch: (asked, ref, kind, body, call) =>
      step(() => {
        const entry = gate('patch', asked, ref, call);
        return entry.ok ? patchObject(world, entry.type, ref, kind, body) : entry;
      }),
    apply: (asked, ref, body, call) =>
      step(() => {
        const entry = gate('patch', asked, ref, call);
        return entry.ok ? applyObject(world, entry.type, ref, body, call) : entry;
      }),
    delete: (asked, ref, call) =>
      step(() => {
        const entry = gate('delete', asked, ref, call);
        if (!entry.ok) return entry;
        const stored = world.store.get(placeOf(entry.type), ref);
        return stored === undefined
          ? notFound(entry.type, ref.name)
          : removeOrMark(world, entry.type, stored);
      }),
  };
};

/**
 * A cluster in memory that keeps the cluster contract: for tests, and for the demo. It simulates what a backup and a
 * restore meet of an API server; it does not know the schemas of the built-in kinds and runs no workloads: whoever wants a pod to run sets its phase.
 */
export const createMemoryCluster = (options: MemoryClusterOptions = {}): MemoryCluster => {
  const now = options.now ?? (() => new Date());
  const store = createMemoryStore({ watchLog: options.watchLog ?? 10_000 });
  const world: World = {
    store,
    types: createTypeRegistry(options.types ?? []),
    addresses: createServiceAddresses(),
    applied: new Map(),
    time: () => timestamp(now()),
  };
  seedNamespaces(world);
  const closed = new AbortController();
  const gate = createGate(world, options);
  return {
    ...createWrites(world, options),
    version: (signal) =>
      step(() => {
        throwIfAborted(signal);
        return { gitVersion: 'v1.34.0', major: '1', minor: '34' };
      }),
    discover: (signal) =>
      step(() => {
        throwIfAborted(signal);
        return {
          resources: world.types.preferred().map(plainType),
          allVersions: world.types.all().map(plainType),
          failures: [],
        };
      }),
    get: (asked, ref, call) =>
      step(() => {
        const entry = gate('get', asked, ref, call);
        if (!entry.ok && entry.status === 404) return undefined;
        if (!entry.ok) throw readFault(entry);
        const stored = store.get(placeOf(entry.type), ref);
        return stored && inVersion(entry.type, stored.bytes);
      }),
    list: createListing(world, options.expireContinueAfter ?? Infinity),
    watch: createWatching(world, closed.signal),
    exec: createCommands(world, closed.signal, options.runCommand),
    close: () =>
      step(() => {
        closed.abort();
        store.wake();
      }),
    expireWatches: () => store.forget(),
    size: () => store.count(),
  };
};
