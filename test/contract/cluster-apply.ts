import { describe, expect, test } from 'vitest';
import {
  type ClusterTarget,
  accepted,
  body,
  configMaps,
  namespaces,
  parse,
  present,
  refused,
  soon,
} from './cluster-fixture.js';

const MANAGER = 'contract';

/** What server-side apply does to the fields of an object, its own and those of others. */
export const applies = (target: () => ClusterTarget): void => {
  describe('applying', () => {
    const apply = (at: ClusterTarget, namespace: string, data: object, force = false) => {
      const ref = { namespace, name: 'settings' };
      const options = { fieldManager: MANAGER, force, signal: soon() };
      return at.cluster.apply(configMaps, ref, body(configMaps, 'settings', { data }), options);
    };
    const dataOf = async (at: ClusterTarget, namespace: string) =>
      parse(await present(at.cluster, configMaps, { namespace, name: 'settings' })).data;

    test('what does not exist is created', async () => {
      const at = target();
      const namespace = await at.namespace();
      const made = accepted(await apply(at, namespace, { a: '1' }));
      expect(made).toMatchObject({
        kind: 'ConfigMap',
        metadata: { name: 'settings', namespace },
        data: { a: '1' },
      });
      expect(await dataOf(at, namespace)).toEqual({ a: '1' });
    });

    test('applied again, the same changes nothing, not even the resource version', async () => {
      const at = target();
      const namespace = await at.namespace();
      const first = accepted(await apply(at, namespace, { a: '1' }));
      const second = accepted(await apply(at, namespace, { a: '1' }));
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    test('its own fields change and go with it, and those of others stay', async () => {
      const at = target();
      const namespace = await at.namespace();
      accepted(await apply(at, namespace, { a: '1', b: '1' }));
      const theirs = JSON.stringify({ data: { theirs: '1' } });
      const ref = { namespace, name: 'settings' };
      accepted(await at.cluster.patch(configMaps, ref, 'merge', theirs, { signal: soon() }));
      accepted(await apply(at, namespace, { a: '2' }));
      expect(await dataOf(at, namespace)).toEqual({ a: '2', theirs: '1' });
    });

    test('a field that somebody else has set otherwise is refused with Conflict, and taken only by force', async () => {
      const at = target();
      const namespace = await at.namespace();
      const made = await at.cluster.create(
        configMaps,
        namespace,
        body(configMaps, 'settings', { data: { a: '0' } }),
        {
          signal: soon(),
        },
      );
      accepted(made);
      const no = refused(await apply(at, namespace, { a: '1' }));
      expect(no).toMatchObject({ status: 409, reason: 'Conflict' });
      expect(no.causes.map(({ field }) => field)).toEqual(['.data.a']);
      expect(await dataOf(at, namespace)).toEqual({ a: '0' });
      accepted(await apply(at, namespace, { a: '1' }, true));
      expect(await dataOf(at, namespace)).toEqual({ a: '1' });
    });

    test('a namespace that does not exist takes nothing', async () => {
      expect(refused(await apply(target(), 'nowhere-at-all', { a: '1' }))).toMatchObject({
        reason: 'NotFound',
      });
    });

    test('an object without a namespace is applied like any other', async () => {
      const at = target();
      const name = await at.namespace();
      const labelled = body(namespaces, name, {}, { labels: { team: 'a' } });
      const options = { fieldManager: MANAGER, signal: soon() };
      accepted(await at.cluster.apply(namespaces, { name }, labelled, options));
      expect(parse(await present(at.cluster, namespaces, { name })).metadata.labels).toMatchObject({
        team: 'a',
      });
    });
  });
};
