import { describe, expect, test } from 'vitest';
import { type Cluster, type ResourceType, type WatchEvent } from '../../src/cluster/port.js';
import {
  type ClusterTarget,
  accepted,
  body,
  collect,
  configMaps,
  eachOf,
  names,
  parse,
  present,
  secrets,
  soon,
  unique,
} from './cluster-fixture.js';

interface Watching {
  /** The next event; fails when none comes in time. */
  next(): Promise<WatchEvent>;
  /** Aborts, and answers how the iteration ended. */
  stop(): Promise<'ended'>;
}

const watching = (
  cluster: Cluster,
  type: ResourceType,
  scope: { namespace?: string; labelSelector?: string; fieldSelector?: string },
): Watching => {
  const abort = new AbortController();
  const events = cluster.watch(type, { ...scope, signal: abort.signal })[Symbol.asyncIterator]();
  const inTime = async <T>(what: string, promise: Promise<T>): Promise<T> => {
    const signal = soon();
    const late = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Error(`waited in vain for ${what}`)), { once: true });
    });
    return Promise.race([promise, late]);
  };
  return {
    next: async () => {
      const step = await inTime('an event', events.next());
      if (step.done === true) expect.fail('the watch ended by itself');
      return step.value;
    },
    stop: async () => {
      const waiting = events.next();
      abort.abort();
      for (let step = await inTime('the end', waiting); step.done !== true;)
        step = await inTime('the end', events.next());
      return 'ended';
    },
  };
};

const told = (event: WatchEvent): string =>
  event.type === 'SYNCED'
    ? `SYNCED ${names(event.items).join(',')}`
    : `${event.type} ${parse(event.object).metadata.name}`;

/** A watch that keeps up: the first word is the present, every later word a change. */
export const watches = (target: () => ClusterTarget): void => {
  describe('watching', () => {
    const make = async (at: ClusterTarget, namespace: string, name: string, rest: object = {}) =>
      accepted(await at.cluster.create(secrets, namespace, body(secrets, name, rest), { signal: soon() }));
    const label = async (at: ClusterTarget, ref: { namespace: string; name: string }, value: string) =>
      accepted(
        await at.cluster.patch(secrets, ref, 'merge', JSON.stringify({ metadata: { labels: { value } } }), {
          signal: soon(),
        }),
      );

    test('the present state comes first, then each change in its order', async () => {
      const at = target();
      const namespace = await at.namespace();
      await make(at, namespace, 'old');
      const watch = watching(at.cluster, secrets, { namespace });
      expect(told(await watch.next())).toBe('SYNCED old');
      await make(at, namespace, 'new');
      await label(at, { namespace, name: 'new' }, 'one');
      await label(at, { namespace, name: 'old' }, 'two');
      await at.cluster.delete(secrets, { namespace, name: 'new' }, { signal: soon() });
      const changes = [await watch.next(), await watch.next(), await watch.next(), await watch.next()];
      expect(changes.map(told)).toEqual(['ADDED new', 'MODIFIED new', 'MODIFIED old', 'DELETED new']);
      await watch.stop();
    });

    test('an event carries the object as it is got', async () => {
      const at = target();
      const namespace = await at.namespace();
      const watch = watching(at.cluster, configMaps, { namespace, fieldSelector: 'metadata.name=carried' });
      expect(told(await watch.next())).toBe('SYNCED ');
      const data = { z: '<>&', a: 'é🦊', '10': 'ten' };
      accepted(
        await at.cluster.create(configMaps, namespace, body(configMaps, 'carried', { data }), {
          signal: soon(),
        }),
      );
      const event = await watch.next();
      if (event.type === 'SYNCED') expect.fail('a second SYNCED without a gap');
      const got = await present(at.cluster, configMaps, { namespace, name: 'carried' });
      expect(event.object.toString('utf8').trim()).toBe(got.toString('utf8').trim());
      await watch.stop();
    });

    test('the items of SYNCED have apiVersion and kind', async () => {
      const at = target();
      const namespace = await at.namespace();
      await make(at, namespace, 'first');
      const watch = watching(at.cluster, secrets, { namespace });
      const event = await watch.next();
      if (event.type !== 'SYNCED') expect.fail('the first event is not SYNCED');
      expect(event.items.map(parse)).toMatchObject([
        { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'first' } },
      ]);
      await watch.stop();
    });

    test('other namespaces and other names are not told', async () => {
      const at = target();
      const [here, elsewhere] = [await at.namespace(), await at.namespace()];
      const watch = watching(at.cluster, secrets, { namespace: here, fieldSelector: 'metadata.name=mine' });
      expect(told(await watch.next())).toBe('SYNCED ');
      await make(at, elsewhere, 'mine');
      await make(at, here, 'other');
      const { uid } = (await make(at, here, 'mine')).metadata;
      const event = await watch.next();
      if (event.type === 'SYNCED') expect.fail('a second SYNCED without a gap');
      expect(parse(event.object).metadata.uid).toBe(uid);
      await watch.stop();
    });

    test('without a namespace all of them are watched', async () => {
      const at = target();
      const [one, two] = [await at.namespace(), await at.namespace()];
      const name = unique('everywhere');
      const watch = watching(at.cluster, secrets, { fieldSelector: `metadata.name=${name}` });
      expect(told(await watch.next())).toBe('SYNCED ');
      await make(at, one, name);
      await make(at, two, name);
      const events = [await watch.next(), await watch.next()];
      const places = events.map((event) =>
        event.type === 'ADDED' ? parse(event.object).metadata.namespace : event.type,
      );
      expect(places).toEqual([one, two]);
      await watch.stop();
    });

    test('a label narrows what is watched', async () => {
      const at = target();
      const namespace = await at.namespace();
      const labelled = (name: string, value: string) =>
        make(at, namespace, name, { metadata: { name, labels: { value } } });
      await labelled('before', 'mine');
      await labelled('foreign', 'other');
      const watch = watching(at.cluster, secrets, { namespace, labelSelector: 'value=mine' });
      expect(told(await watch.next())).toBe('SYNCED before');
      await labelled('stranger', 'other');
      await labelled('after', 'mine');
      expect(told(await watch.next())).toBe('ADDED after');
      await watch.stop();
    });

    test('nothing is missed and nothing told twice while somebody keeps writing', async () => {
      const at = target();
      const namespace = await at.namespace();
      const total = 200;
      const writer = eachOf(
        total,
        async (i) => {
          await make(at, namespace, `w${i}`);
        },
        4,
      );
      const watch = watching(at.cluster, secrets, { namespace });
      const first = await watch.next();
      if (first.type !== 'SYNCED') expect.fail('the first event is not SYNCED');
      const seen = names(first.items);
      while (seen.length < total) {
        const event = await watch.next();
        if (event.type !== 'ADDED') expect.fail(`unexpected ${told(event)}`);
        seen.push(parse(event.object).metadata.name);
      }
      await writer;
      expect(new Set(seen).size).toBe(total);
      await watch.stop();
    });

    test('two watches tell the same', async () => {
      const at = target();
      const namespace = await at.namespace();
      const both = [
        watching(at.cluster, secrets, { namespace }),
        watching(at.cluster, secrets, { namespace }),
      ];
      for (const watch of both) expect(told(await watch.next())).toBe('SYNCED ');
      await make(at, namespace, 'shared');
      for (const watch of both) expect(told(await watch.next())).toBe('ADDED shared');
      await Promise.all(both.map((watch) => watch.stop()));
    });

    test('a stopped watch ends at once and without an error', async () => {
      const at = target();
      const watch = watching(at.cluster, secrets, { namespace: await at.namespace() });
      await watch.next();
      const start = Date.now();
      expect(await watch.stop()).toBe('ended');
      expect(Date.now() - start).toBeLessThan(2_000);
      const never = at.cluster.watch(secrets, { signal: AbortSignal.abort() });
      expect(await collect(never)).toEqual([]);
    });
  });
};
