import type { Cluster, Written } from '../../src/cluster/port.js';
import type { EventStore } from '../../src/eventstore/port.js';
import type { VolumeSnapshotter } from '../../src/snapshotters/port.js';
import type { Repositories } from '../../src/repositories/port.js';
import type { ObjectStore } from '../../src/objectstore/port.js';
import type { Outside } from '../scenarios/life.js';

/** One call to the outside: `events append backup-velero.b1`, `store put backups/b1/b1.tar.gz`, `cluster create configmaps/web`. */
export interface Call {
  readonly port: 'events' | 'store' | 'cluster' | 'provider' | 'repository';
  readonly verb: string;
  readonly target: string;
  /** Whether it changes anything outside. */
  readonly effect: boolean;
  /** Of the one who calls, where it gives one: aborted, nobody waits for the answer any more. */
  readonly signal?: AbortSignal | undefined;
}

export const printCall = ({ port, verb, target }: Call): string => `${port} ${verb} ${target}`;

/** Stands between a server and the outside. It makes the call, or not, or makes something else of it. */
export type Between = <T>(call: Call, make: () => Promise<T>) => Promise<T>;

const bytesOf = async (body: Parameters<ObjectStore['put']>[1]): Promise<Uint8Array> => {
  if (body instanceof Uint8Array) return body;
  const chunks: Buffer[] = [];
  for await (const chunk of body as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
};

/** Bodies are read before the call is made, so that a put is one moment: it has happened, or it has not. */
const storeBehind = (store: ObjectStore, between: Between): ObjectStore => {
  const call = (verb: string, target: string, effect: boolean, signal?: AbortSignal): Call => ({
    port: 'store',
    verb,
    target,
    effect,
    signal,
  });
  return {
    put: async (key, body, options) => {
      const bytes = await bytesOf(body);
      return between(call('put', key, true, options?.signal), () => store.put(key, bytes, options));
    },
    get: (key, signal) => between(call('get', key, false, signal), () => store.get(key, signal)),
    head: (key, signal) => between(call('head', key, false), () => store.head(key, signal)),
    list: async function* (prefix, options) {
      await between(call('list', prefix, false, options?.signal), () => Promise.resolve());
      yield* store.list(prefix, options);
    },
    delete: (key, signal) => between(call('delete', key, true), () => store.delete(key, signal)),
    presign: (key, seconds) => store.presign(key, seconds),
    close: () => undefined,
  };
};

const clusterBehind = (cluster: Cluster, between: Between): Cluster => {
  const call = (verb: string, target: string, effect = true, signal?: AbortSignal): Call => ({
    port: 'cluster',
    verb,
    target,
    effect,
    signal,
  });
  const nameIn = (body: Uint8Array | string): string =>
    (JSON.parse(Buffer.from(body).toString('utf8')) as { metadata?: { name?: string } }).metadata?.name ?? '';
  const writing = (verb: string, target: string, make: () => Promise<Written>, signal?: AbortSignal) =>
    between(call(verb, target, true, signal), make);
  return {
    ...cluster,
    discover: (signal) => between(call('discover', '', false), () => cluster.discover(signal)),
    get: (type, ref, options) =>
      between(call('get', `${type.resource}/${ref.name}`, false), () => cluster.get(type, ref, options)),
    list: async function* (type, options) {
      await between(call('list', type.resource, false, options.signal), () => Promise.resolve());
      yield* cluster.list(type, options);
    },
    create: (type, namespace, body, options) => {
      const make = () => cluster.create(type, namespace, body, options);
      // A review is a question in the form of an object: nothing is made.
      if (type.resource.endsWith('reviews'))
        return between(call('review', type.resource, false, options.signal), make);
      return writing('create', `${type.resource}/${nameIn(body)}`, make, options.signal);
    },
    replace: (type, ref, body, options) =>
      writing('replace', `${type.resource}/${ref.name}`, () => cluster.replace(type, ref, body, options)),
    patch: (type, ref, patch, body, options) =>
      writing('patch', `${type.resource}/${ref.name}`, () => cluster.patch(type, ref, patch, body, options)),
    delete: (type, ref, options) =>
      writing('delete', `${type.resource}/${ref.name}`, () => cluster.delete(type, ref, options)),
    exec: (pod, request) =>
      between(call('exec', `pods/${pod.name}`, true, request.signal), () => cluster.exec(pod, request)),
  };
};

const eventsBehind = (events: EventStore, between: Between): EventStore => ({
  ...events,
  append: (stream, expected, facts, signal) =>
    between(
      {
        port: 'events',
        verb: 'append',
        target: `${stream} ${facts.map(({ type }) => type).join('+')}`,
        effect: true,
      },
      () => events.append(stream, expected, facts, signal),
    ),
  read: (stream, signal) =>
    between({ port: 'events', verb: 'read', target: stream, effect: false }, () =>
      events.read(stream, signal),
    ),
});

const snapshotterBehind = (snapshotter: VolumeSnapshotter, between: Between): VolumeSnapshotter => {
  const call = (verb: string, target: string, effect: boolean): Call => ({
    port: 'provider',
    verb,
    target,
    effect,
  });
  return {
    ...snapshotter,
    volumeInfo: (id, zone, signal) =>
      between(call('look', id, false), () => snapshotter.volumeInfo(id, zone, signal)),
    findSnapshots: (tags, signal) =>
      between(call('find', 'snapshots', false), () => snapshotter.findSnapshots(tags, signal)),
    createSnapshot: (request, signal) =>
      between(call('create', `snapshot of ${request.volumeId}`, true), () =>
        snapshotter.createSnapshot(request, signal),
      ),
    createVolume: (request, signal) =>
      between(call('create', `volume of ${request.snapshotId}`, true), () =>
        snapshotter.createVolume(request, signal),
      ),
    deleteVolume: (id, signal) =>
      between(call('delete', `volume ${id}`, true), () => snapshotter.deleteVolume(id, signal)),
    deleteSnapshot: (id, signal) =>
      between(call('delete', `snapshot ${id}`, true), () => snapshotter.deleteSnapshot(id, signal)),
  };
};

/** A copy is one moment here: it is in the repository, or it is not. So its progress is told when it is over. */
const repositoriesBehind = (repositories: Repositories, between: Between): Repositories => {
  const call = (verb: string, target: string, effect: boolean): Call => ({
    port: 'repository',
    verb,
    target,
    effect,
  });
  return {
    ...repositories,
    copy: (place, { onProgress, ...request }, signal) =>
      between(call('copy', request.source, true), async () => {
        const copied = await repositories.copy(place, request, signal);
        onProgress?.(copied.totalBytes, copied.totalBytes);
        return copied;
      }),
    find: (place, tags, signal) =>
      between(call('find', place.volumeNamespace, false), () => repositories.find(place, tags, signal)),
    putBack: (place, { onProgress, ...request }, signal) =>
      between(call('put back', request.snapshotId, true), async () => {
        const put = await repositories.putBack(place, request, signal);
        onProgress?.(put.bytes, put.bytes);
        return put;
      }),
    forget: (place, ids, signal) =>
      between(call('forget', ids.join(), true), () => repositories.forget(place, ids, signal)),
  };
};

const snapshotterOpenerBehind =
  (
    open: NonNullable<Outside['openSnapshotter']>,
    between: Between,
  ): NonNullable<Outside['openSnapshotter']> =>
  async (spec) =>
    snapshotterBehind(await open(spec), between);

/** The outside as a server sees it through `between`. Watches and subscriptions are not calls: they only wake. */
export const intercepted = (outside: Outside, between: Between): Outside => ({
  ...outside,
  cluster: clusterBehind(outside.cluster, between),
  events: eventsBehind(outside.events, between),
  openLocation: async (spec) => {
    const { store, layout } = await outside.openLocation(spec);
    return { store: storeBehind(store, between), layout };
  },
  ...(outside.repositories && { repositories: repositoriesBehind(outside.repositories, between) }),
  ...(outside.openSnapshotter && {
    openSnapshotter: snapshotterOpenerBehind(outside.openSnapshotter, between),
  }),
});
