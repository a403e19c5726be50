import { describe, expect, test } from 'vitest';
import { apiVersionOf, groupResource, type ResourceType } from '../../src/cluster/port.js';
import {
  type ClusterTarget,
  accepted,
  body,
  configMaps,
  customKind,
  definitions,
  eventually,
  listed,
  parse,
  present,
  refused,
  soon,
  withCustomKind,
} from './cluster-fixture.js';

/** An object's text after `apiVersion` and `kind`: these two stand in either order, and a list may have left them out. */
const afterHead = (bytes: Buffer): string => {
  const text = bytes.toString('utf8').trim();
  const head = /^\{"(?:apiVersion|kind)":"[^"]+","(?:apiVersion|kind)":"[^"]+",/.exec(text);
  if (head === null) expect.fail(`no apiVersion and kind in front of ${text.slice(0, 80)}`);
  return text.slice(head[0].length);
};

const bytesStayBytes = (target: () => ClusterTarget) => {
  const expectListIsGet = async (type: ResourceType, namespace: string, name: string) => {
    const { cluster } = target();
    const item = (await listed(cluster, type, { namespace, fieldSelector: `metadata.name=${name}` }))[0];
    if (item === undefined) expect.fail(`${name} is not in the list`);
    expect(parse(item)).toMatchObject({ apiVersion: apiVersionOf(type), kind: type.kind });
    const got = await present(cluster, type, { namespace, name });
    expect(afterHead(item)).toBe(afterHead(got));
    return got.toString('utf8');
  };

  test('a listed ConfigMap has the bytes of the one that is got', async () => {
    const at = target();
    const namespace = await at.namespace();
    const data = {
      zebra: '<>&',
      'a.b': 'é🦊\u2028\u0001',
      Upper: '{"apiVersion":"v9"}',
      '10': 'ten',
      '9': 'nine',
    };
    const text = body(configMaps, 'odd', { data }, { labels: { z: '1', a: '2' } });
    accepted(await at.cluster.create(configMaps, namespace, text, { signal: soon() }));
    await expectListIsGet(configMaps, namespace, 'odd');
  });

  test('a listed custom resource has the bytes of the one that is got, large numbers included', async () => {
    const at = target();
    const namespace = await at.namespace();
    await withCustomKind(at.cluster, namespace, { statusSubresource: false }, async (custom) => {
      const text = `{"apiVersion":"${apiVersionOf(custom)}","kind":"Gizmo","metadata":{"name":"big"},"spec":{"anything":{"z":9007199254740993,"kind":"<inner>","a":[1,"&",null,true,{}]}}}`;
      accepted(await at.cluster.create(custom, namespace, text, { signal: soon() }));
      expect(await expectListIsGet(custom, namespace, 'big')).toContain('9007199254740993');
      const relabel = '{"metadata":{"labels":{"x":"y"}}}';
      accepted(
        await at.cluster.patch(custom, { namespace, name: 'big' }, 'merge', relabel, { signal: soon() }),
      );
      expect(await expectListIsGet(custom, namespace, 'big')).toContain('9007199254740993');
    });
  });
};

const kinds = (target: () => ClusterTarget) => {
  const find = async (type: ResourceType) =>
    (await target().cluster.discover(soon())).resources.find(
      (known) => groupResource(known) === groupResource(type),
    );

  test('a definition makes its kind known and usable, and deleting it takes both away', async () => {
    const at = target();
    const namespace = await at.namespace();
    const { custom, crd } = customKind({ statusSubresource: false });
    const ref = { name: `gizmos.${custom.group}` };
    accepted(await at.cluster.create(definitions, undefined, crd, { signal: soon() }));
    const known = await eventually('discovery to show the kind', () => find(custom));
    expect(known).toMatchObject({
      version: 'v1',
      kind: 'Gizmo',
      singular: 'gizmo',
      shortNames: ['gz'],
      namespaced: true,
    });
    await eventually('the definition to be established', async () => {
      const conditions = parse(await present(at.cluster, definitions, ref)).status?.conditions as
        { type: string; status: string }[] | null;
      return conditions?.some((one) => one.type === 'Established' && one.status === 'True') || undefined;
    });
    await eventually('the kind to be served', async () => {
      const made = await at.cluster.create(custom, namespace, body(custom, 'one', { spec: { size: 1 } }), {
        signal: soon(),
      });
      return made.ok || undefined;
    });
    expect(await listed(at.cluster, custom, { namespace })).toHaveLength(1);
    expect(await at.cluster.delete(definitions, ref, { signal: soon() })).toMatchObject({ ok: true });
    await eventually('discovery to forget the kind', async () =>
      (await find(custom)) === undefined ? true : undefined,
    );
    await eventually('the kind to be refused', async () => {
      const made = await at.cluster.create(custom, namespace, body(custom, 'two'), { signal: soon() });
      return made.ok ? undefined : true;
    });
  });

  test('a kind of several versions is discovered in each, the preferred one first', async () => {
    const at = target();
    const { custom, crd } = customKind({ statusSubresource: false, versions: ['v1beta1', 'v2', 'v1'] });
    accepted(await at.cluster.create(definitions, undefined, crd, { signal: soon() }));
    const known = await eventually('discovery to show the kind', async () => {
      const discovery = await at.cluster.discover(soon());
      return discovery.resources.some(({ group }) => group === custom.group) ? discovery : undefined;
    });
    const ofGroup = (types: readonly ResourceType[]) => types.filter(({ group }) => group === custom.group);
    expect(ofGroup(known.resources).map(({ version }) => version)).toEqual(['v2']);
    expect(ofGroup(known.allVersions).map(({ version }) => version)).toEqual(['v2', 'v1', 'v1beta1']);
    const [preferred] = ofGroup(known.resources);
    for (const type of ofGroup(known.allVersions))
      expect(type).toEqual({ ...preferred, version: type.version });
    await at.cluster.delete(definitions, { name: `gizmos.${custom.group}` }, { signal: soon() });
  });

  test('objects of a kind that does not exist are refused with NotFound', async () => {
    const at = target();
    const { custom } = customKind({ statusSubresource: false });
    const namespace = await at.namespace();
    const no = refused(await at.cluster.create(custom, namespace, body(custom, 'x'), { signal: soon() }));
    expect(no).toMatchObject({ status: 404, reason: 'NotFound' });
  });

  test('fields the schema does not know are dropped, except where it keeps unknown ones', async () => {
    const at = target();
    const namespace = await at.namespace();
    await withCustomKind(at.cluster, namespace, { statusSubresource: false }, async (custom) => {
      const spec = { size: 3, unknown: true, anything: { goes: { here: 1 } } };
      const text = body(custom, 'pruned', { spec, stray: 'field' });
      const made = accepted(await at.cluster.create(custom, namespace, text, { signal: soon() }));
      expect(made.spec).toEqual({ size: 3, anything: { goes: { here: 1 } } });
      expect(made).not.toHaveProperty('stray');
    });
  });

  test('without a status sub-resource the status is kept on create and counts as content', async () => {
    const at = target();
    const namespace = await at.namespace();
    await withCustomKind(at.cluster, namespace, { statusSubresource: false }, async (custom) => {
      const text = body(custom, 'plain', { spec: { size: 1 }, status: { phase: 'Completed' } });
      const made = accepted(await at.cluster.create(custom, namespace, text, { signal: soon() }));
      expect(made.status).toEqual({ phase: 'Completed' });
      const ref = { namespace, name: 'plain' };
      const put = await at.cluster.replace(custom, ref, JSON.stringify(made), {
        signal: soon(),
        subresource: 'status',
      });
      expect(refused(put)).toMatchObject({ status: 404, reason: 'NotFound' });
    });
  });

  test('with a status sub-resource the status is written there only', async () => {
    const at = target();
    const namespace = await at.namespace();
    await withCustomKind(at.cluster, namespace, { statusSubresource: true }, async (custom) => {
      const ref = { namespace, name: 'split' };
      const text = body(custom, 'split', { spec: { size: 1 }, status: { phase: 'Early' } });
      const made = accepted(await at.cluster.create(custom, namespace, text, { signal: soon() }));
      expect(made.status).toBeUndefined();
      const both = JSON.stringify({ ...made, spec: { size: 2 }, status: { phase: 'Done' } });
      const put = await at.cluster.replace(custom, ref, both, { signal: soon(), subresource: 'status' });
      const after = accepted(put);
      expect(after).toMatchObject({ spec: { size: 1 }, status: { phase: 'Done' } });
      const main = JSON.stringify({ ...after, spec: { size: 5 }, status: { phase: 'Ignored' } });
      const last = accepted(await at.cluster.replace(custom, ref, main, { signal: soon() }));
      expect(last).toMatchObject({ spec: { size: 5 }, status: { phase: 'Done' } });
    });
  });

  test('the generation counts changes of the spec, not of the metadata', async () => {
    const at = target();
    const namespace = await at.namespace();
    await withCustomKind(at.cluster, namespace, { statusSubresource: false }, async (custom) => {
      const ref = { namespace, name: 'gen' };
      const write = async (patch: object) =>
        accepted(await at.cluster.patch(custom, ref, 'merge', JSON.stringify(patch), { signal: soon() }))
          .metadata.generation;
      const made = accepted(
        await at.cluster.create(custom, namespace, body(custom, 'gen', { spec: { size: 1 } }), {
          signal: soon(),
        }),
      );
      expect(made.metadata.generation).toBe(1);
      expect(await write({ metadata: { labels: { a: 'b' } } })).toBe(1);
      expect(await write({ spec: { size: 2 } })).toBe(2);
    });
  });

  test('replacing a custom resource needs the resource version', async () => {
    const at = target();
    const namespace = await at.namespace();
    await withCustomKind(at.cluster, namespace, { statusSubresource: false }, async (custom) => {
      const put = await at.cluster.replace(custom, { namespace, name: 'served' }, body(custom, 'served'), {
        signal: soon(),
      });
      const no = refused(put);
      expect(no).toMatchObject({ status: 422, reason: 'Invalid' });
      expect(no.causes.map((cause) => cause.field)).toContain('metadata.resourceVersion');
    });
  });
};

/** Kinds that come and go, and objects whose bytes nobody touches. */
export const customKinds = (target: () => ClusterTarget): void => {
  describe('bytes', () => bytesStayBytes(target));
  describe('custom kinds', () => kinds(target));
};
