import { describe, expect, test } from 'vitest';
import {
  type ClusterTarget,
  accepted,
  body,
  configMaps,
  eachOf,
  namespaces,
  parse,
  present,
  refused,
  soon,
  unique,
} from './cluster-fixture.js';

const create = (at: ClusterTarget, namespace: string, text: string) =>
  at.cluster.create(configMaps, namespace, text, { signal: soon() });

const creating = (target: () => ClusterTarget) => {
  test('creating answers the object as stored, with uid, resource version and creation time', async () => {
    const at = target();
    const namespace = await at.namespace();
    const made = accepted(await create(at, namespace, body(configMaps, 'one', { data: { a: '1' } })));
    expect(made.metadata).toMatchObject({ name: 'one', namespace });
    expect(made.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(made.metadata.resourceVersion).toMatch(/^[1-9][0-9]*$/);
    expect(made.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: '1' } });
    expect(parse(await present(at.cluster, configMaps, { namespace, name: 'one' }))).toEqual(made);
  });

  test('bytes are taken like text', async () => {
    const at = target();
    const bytes = Buffer.from(body(configMaps, 'bytes', { data: { a: 'é' } }), 'utf8');
    const made = accepted(
      await at.cluster.create(configMaps, await at.namespace(), bytes, { signal: soon() }),
    );
    expect(made.data).toEqual({ a: 'é' });
  });

  test('a built-in kind needs no apiVersion and kind in the body: the path says them', async () => {
    const at = target();
    const made = accepted(await create(at, await at.namespace(), '{"metadata":{"name":"bare"}}'));
    expect(made).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'bare' } });
  });

  test('a name that is taken is refused with AlreadyExists', async () => {
    const at = target();
    const namespace = await at.namespace();
    accepted(await create(at, namespace, body(configMaps, 'twice', { data: { a: '1' } })));
    const no = refused(await create(at, namespace, body(configMaps, 'twice', { data: { a: '2' } })));
    expect(no).toMatchObject({ status: 409, reason: 'AlreadyExists' });
    expect(no.message).toContain('twice');
    expect(parse(await present(at.cluster, configMaps, { namespace, name: 'twice' })).data).toEqual({
      a: '1',
    });
  });

  test('generateName gives every object a name of its own', async () => {
    const at = target();
    const namespace = await at.namespace();
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { generateName: 'many-' } });
    const made = await Promise.all(
      Array.from({ length: 10 }, async () => accepted(await create(at, namespace, text))),
    );
    const given = new Set(made.map((thing) => thing.metadata.name));
    expect(given.size).toBe(10);
    for (const name of given) expect(name).toMatch(/^many-[a-z0-9]+$/);
  });

  test('a namespace that does not exist takes no objects', async () => {
    const no = refused(await create(target(), unique('nowhere'), body(configMaps, 'lost')));
    expect(no).toMatchObject({ status: 404, reason: 'NotFound' });
    expect(no.message).toContain('nowhere');
  });

  test.each([
    ['without a name', { metadata: {} }, 'metadata.name'],
    ['whose name has capitals', { metadata: { name: 'ABC' } }, 'metadata.name'],
    ['whose data is a number', { metadata: { name: 'number' }, data: { a: 5 } }, 'data'],
    ['of another kind', { metadata: { name: 'kind' }, kind: 'Secret' }, 'ConfigMap'],
    ['of another namespace', { metadata: { name: 'away', namespace: 'elsewhere' } }, 'namespace'],
  ])('an object %s is refused and the refusal says where', async (_what, object, field) => {
    const at = target();
    const text = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', ...object });
    const no = refused(await create(at, await at.namespace(), text));
    expect(['Invalid', 'BadRequest']).toContain(no.reason);
    expect(no.status).toBe(no.reason === 'Invalid' ? 422 : 400);
    expect([no.message, ...no.causes.map((cause) => cause.field ?? '')].join(' ')).toContain(field);
  });

  test('the causes of a refusal name the field', async () => {
    const at = target();
    const no = refused(await create(at, await at.namespace(), body(configMaps, 'ABC')));
    expect(no.causes).toContainEqual(
      expect.objectContaining({ field: 'metadata.name', reason: 'FieldValueInvalid' }),
    );
  });

  test('a body that is not JSON is refused', async () => {
    const at = target();
    const no = refused(await create(at, await at.namespace(), '{"apiVersion":"v1","kind":"ConfigMap",'));
    expect(no).toMatchObject({ status: 400, reason: 'BadRequest' });
  });

  test('two hundred objects can be made at once', async () => {
    const at = target();
    const namespace = await at.namespace();
    const uids = new Set<string | undefined>();
    await eachOf(200, async (index) => {
      uids.add(accepted(await create(at, namespace, body(configMaps, `parallel-${index}`))).metadata.uid);
    });
    expect(uids.size).toBe(200);
  });

  test('of twenty who race to make one name exactly one wins', async () => {
    const at = target();
    const namespace = await at.namespace();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, i) =>
        create(at, namespace, body(configMaps, 'race', { data: { by: String(i) } })),
      ),
    );
    expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
    for (const answer of answers) if (!answer.ok) expect(answer.reason).toBe('AlreadyExists');
  });
};

const changing = (target: () => ClusterTarget) => {
  const given = async (at: ClusterTarget, metadata: object = {}) => {
    const namespace = await at.namespace();
    const made = accepted(
      await create(at, namespace, body(configMaps, 'x', { data: { a: '1', b: '2' } }, metadata)),
    );
    return { ref: { namespace, name: 'x' }, made };
  };
  const patch = (
    at: ClusterTarget,
    ref: { namespace: string; name: string },
    kind: 'merge' | 'json',
    text: unknown,
  ) => at.cluster.patch(configMaps, ref, kind, JSON.stringify(text), { signal: soon() });

  test('a merge patch changes what it names, and null removes a key', async () => {
    const at = target();
    const { ref, made } = await given(at);
    const after = accepted(await patch(at, ref, 'merge', { data: { a: null, c: '3' } }));
    expect(after.data).toEqual({ b: '2', c: '3' });
    expect(after.metadata.uid).toBe(made.metadata.uid);
    expect(Number(after.metadata.resourceVersion)).toBeGreaterThan(Number(made.metadata.resourceVersion));
    expect(parse(await present(at.cluster, configMaps, ref))).toEqual(after);
  });

  test('a patch with an old resource version is refused with Conflict', async () => {
    const at = target();
    const { ref, made } = await given(at);
    const { resourceVersion } = made.metadata;
    const current = { metadata: { resourceVersion }, data: { a: '5' } };
    accepted(await patch(at, ref, 'merge', current));
    expect(refused(await patch(at, ref, 'merge', current))).toMatchObject({
      status: 409,
      reason: 'Conflict',
    });
  });

  test('a patch that changes nothing leaves the resource version alone', async () => {
    const at = target();
    const { ref, made } = await given(at);
    const after = accepted(await patch(at, ref, 'merge', { data: { a: '1' } }));
    expect(after.metadata.resourceVersion).toBe(made.metadata.resourceVersion);
  });

  test('a JSON patch adds, replaces and removes', async () => {
    const at = target();
    const { ref } = await given(at);
    const after = await patch(at, ref, 'json', [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'remove', path: '/data/b' },
      { op: 'add', path: '/metadata/labels', value: {} },
      { op: 'add', path: '/metadata/labels/x.io~1part', value: 'y' },
    ]);
    expect(accepted(after)).toMatchObject({ data: { a: '9' }, metadata: { labels: { 'x.io/part': 'y' } } });
    expect(accepted(after).data).toEqual({ a: '9' });
  });

  test.each([
    ['whose test fails', [{ op: 'test', path: '/data/a', value: 'other' }]],
    ['that removes what is not there', [{ op: 'remove', path: '/data/absent' }]],
  ])('a JSON patch %s is refused and changes nothing', async (_what, operations) => {
    const at = target();
    const { ref, made } = await given(at);
    const change = { op: 'replace', path: '/data/b', value: 'changed' };
    expect(refused(await patch(at, ref, 'json', [change, ...operations]))).toMatchObject({
      status: 422,
      reason: 'Invalid',
    });
    expect(parse(await present(at.cluster, configMaps, ref))).toEqual(made);
  });

  test('patching or replacing an absent object is refused with NotFound', async () => {
    const at = target();
    const ref = { namespace: await at.namespace(), name: 'absent' };
    expect(refused(await patch(at, ref, 'merge', {}))).toMatchObject({ status: 404, reason: 'NotFound' });
    const put = await at.cluster.replace(configMaps, ref, body(configMaps, 'absent'), { signal: soon() });
    expect(refused(put)).toMatchObject({ status: 404, reason: 'NotFound' });
  });

  test('replacing takes the whole object, once for each resource version', async () => {
    const at = target();
    const { ref, made } = await given(at, { labels: { gone: 'yes' } });
    const { resourceVersion } = made.metadata;
    const next = body(configMaps, 'x', { data: { only: 'this' } }, { resourceVersion });
    const after = accepted(await at.cluster.replace(configMaps, ref, next, { signal: soon() }));
    expect(after.data).toEqual({ only: 'this' });
    expect(after.metadata.labels).toBeUndefined();
    expect(after.metadata).toMatchObject({
      uid: made.metadata.uid,
      creationTimestamp: made.metadata.creationTimestamp,
    });
    const again = refused(await at.cluster.replace(configMaps, ref, next, { signal: soon() }));
    expect(again).toMatchObject({ status: 409, reason: 'Conflict' });
  });
};

const deleting = (target: () => ClusterTarget) => {
  test('what is deleted is gone, and cannot be deleted twice', async () => {
    const at = target();
    const ref = { namespace: await at.namespace(), name: 'gone' };
    accepted(await create(at, ref.namespace, body(configMaps, 'gone')));
    expect(await at.cluster.delete(configMaps, ref, { signal: soon() })).toMatchObject({ ok: true });
    expect(await at.cluster.get(configMaps, ref, { signal: soon() })).toBeUndefined();
    const again = refused(await at.cluster.delete(configMaps, ref, { signal: soon() }));
    expect(again).toMatchObject({ status: 404, reason: 'NotFound' });
  });

  test('an object with a finalizer stays, marked, until the finalizer is taken off', async () => {
    const at = target();
    const ref = { namespace: await at.namespace(), name: 'held' };
    accepted(
      await create(at, ref.namespace, body(configMaps, 'held', {}, { finalizers: ['contract.test/hold'] })),
    );
    expect(await at.cluster.delete(configMaps, ref, { signal: soon() })).toMatchObject({ ok: true });
    const held = parse(await present(at.cluster, configMaps, ref));
    expect(held.metadata.deletionTimestamp).toBeTruthy();
    expect(await at.cluster.delete(configMaps, ref, { signal: soon() })).toMatchObject({ ok: true });
    const free = JSON.stringify({ metadata: { finalizers: null } });
    accepted(await at.cluster.patch(configMaps, ref, 'merge', free, { signal: soon() }));
    expect(await at.cluster.get(configMaps, ref, { signal: soon() })).toBeUndefined();
  });

  test('a deleted namespace is ending or gone, and takes nothing new', async () => {
    const at = target();
    const name = await at.namespace();
    accepted(await create(at, name, body(configMaps, 'before')));
    expect(await at.cluster.delete(namespaces, { name }, { signal: soon() })).toMatchObject({ ok: true });
    const left = await at.cluster.get(namespaces, { name }, { signal: soon() });
    if (left !== undefined) {
      expect(parse(left)).toMatchObject({ status: { phase: 'Terminating' } });
      expect(parse(left).metadata.deletionTimestamp).toBeTruthy();
    }
    const no = refused(await create(at, name, body(configMaps, 'after')));
    expect(['Forbidden', 'NotFound']).toContain(no.reason);
    expect(no.message).toContain(name);
  });
};

/** What a write does, and what it is refused for. */
export const writes = (target: () => ClusterTarget): void => {
  describe('creating', () => creating(target));
  describe('changing', () => changing(target));
  describe('deleting', () => deleting(target));
};
