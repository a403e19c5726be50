import { describe, expect, onTestFinished, test } from 'vitest';
import { connectCluster } from '../../../src/cluster/kube.js';
import { type Cluster, type ResourceType } from '../../../src/cluster/port.js';
import {
  accessTo,
  answer,
  configMaps,
  cut,
  hang,
  type LocalServer,
  never,
  serve,
  status,
} from './api-server.js';

const connect = (server: LocalServer): Cluster => {
  const cluster = connectCluster({
    access: accessTo(server.url),
    times: { firstMs: 1, maxMs: 5, budgetMs: 200 },
  });
  onTestFinished(() => cluster.close());
  return cluster;
};

const roles: ResourceType = {
  ...configMaps,
  group: 'rbac.authorization.k8s.io',
  resource: 'clusterroles',
  kind: 'ClusterRole',
  namespaced: false,
};
const call = { signal: never() };
const ref = { namespace: 'shop', name: 'a' };
const ok = answer(200, {});

describe('where a call goes', () => {
  test('each call has the path, the method and the type of body of its own', async () => {
    const server = await serve(ok);
    const cluster = connect(server);
    await cluster.get(configMaps, ref, call);
    await cluster.get(roles, { name: 'system:node' }, call);
    await cluster.create(configMaps, 'shop', '{"x":1}', call);
    await cluster.create(roles, undefined, '{}', call);
    await cluster.replace(configMaps, ref, '{}', call);
    await cluster.replace(configMaps, ref, '{}', { ...call, subresource: 'status' });
    await cluster.patch(configMaps, ref, 'merge', '{}', call);
    await cluster.patch(configMaps, ref, 'json', '[]', call);
    await cluster.patch(configMaps, ref, 'strategic', '{}', call);
    await cluster.delete(configMaps, ref, call);
    const group = '/apis/rbac.authorization.k8s.io/v1/clusterroles';
    const one = '/api/v1/namespaces/shop/configmaps/a';
    const typeOf = (headers: readonly string[]) => headers[headers.indexOf('content-type') + 1];
    expect(
      server.calls.map(({ method, url, rawHeaders, body }) => [
        method,
        url.pathname,
        body && typeOf(rawHeaders),
      ]),
    ).toEqual([
      ['GET', one, ''],
      ['GET', `${group}/system%3Anode`, ''],
      ['POST', '/api/v1/namespaces/shop/configmaps', 'application/json'],
      ['POST', group, 'application/json'],
      ['PUT', one, 'application/json'],
      ['PUT', `${one}/status`, 'application/json'],
      ['PATCH', one, 'application/merge-patch+json'],
      ['PATCH', one, 'application/json-patch+json'],
      ['PATCH', one, 'application/strategic-merge-patch+json'],
      ['DELETE', one, ''],
    ]);
  });

  test.each(['', '.', '..', '../secrets/b', 'a/b', 'a%2fb'])(
    'the name "%s" never reaches the server, where it would mean other objects',
    async (name) => {
      const server = await serve(ok);
      const cluster = connect(server);
      const impossible = { ok: false, status: 422, reason: 'Invalid' };
      expect(await cluster.delete(configMaps, { namespace: 'shop', name }, call)).toMatchObject(impossible);
      expect(await cluster.delete(configMaps, { namespace: name, name: 'a' }, call)).toMatchObject(
        impossible,
      );
      expect(await cluster.patch(configMaps, { name }, 'merge', '{}', call)).toMatchObject(impossible);
      expect(await cluster.replace(configMaps, { name }, '{}', call)).toMatchObject(impossible);
      expect(await cluster.get(configMaps, { name }, call)).toBeUndefined();
      expect(server.calls).toEqual([]);
    },
  );
});

describe('what a write comes to', () => {
  test.each([
    [403, 'Forbidden'],
    [409, 'AlreadyExists'],
    [422, 'Invalid'],
    [500, 'InternalError'],
  ])('%i is the refusal of the server', async (code, reason) => {
    const server = await serve(answer(code, status(code, reason)));
    expect(await connect(server).create(configMaps, 'shop', '{}', call)).toMatchObject({
      ok: false,
      status: code,
      reason,
    });
  });

  test('401 is a fault, because it is about us and not about the object', async () => {
    const server = await serve(answer(401, status(401, 'Unauthorized')));
    await expect(connect(server).create(configMaps, 'shop', '{}', call)).rejects.toMatchObject({
      code: 'LB_CLUSTER_DENIED',
    });
  });

  test('503 for good is a fault, because nobody knows what became of it', async () => {
    const server = await serve(answer(503, ''));
    await expect(connect(server).create(configMaps, 'shop', '{}', call)).rejects.toMatchObject({
      code: 'LB_CLUSTER_UNREACHABLE',
    });
  });

  test('a create whose answer was lost is sent again and may meet itself', async () => {
    const server = await serve(cut, answer(409, status(409, 'AlreadyExists')));
    expect(await connect(server).create(configMaps, 'shop', '{}', call)).toMatchObject({
      reason: 'AlreadyExists',
    });
    expect(server.calls).toHaveLength(2);
  });

  test.each([
    ['replace', (cluster: Cluster) => cluster.replace(configMaps, ref, '{}', call)],
    ['JSON patch', (cluster: Cluster) => cluster.patch(configMaps, ref, 'json', '[]', call)],
  ])('a %s whose answer was lost is not sent again', async (_what, write) => {
    const server = await serve(cut, ok);
    await expect(write(connect(server))).rejects.toMatchObject({ code: 'LB_CLUSTER_UNREACHABLE' });
    expect(server.calls).toHaveLength(1);
  });
});

test('a read that is forbidden names what could not be read', async () => {
  const server = await serve(answer(403, status(403, 'Forbidden')));
  await expect(connect(server).get(configMaps, ref, call)).rejects.toMatchObject({
    code: 'LB_CLUSTER_DENIED',
    detail: 'cannot get configmaps: Forbidden it is (403 Forbidden)',
  });
});

test('closing ends the calls and the watches under way', async () => {
  const server = await serve(hang);
  const cluster = connect(server);
  const reading = cluster.get(configMaps, ref, call);
  const watching = cluster.watch(configMaps, call)[Symbol.asyncIterator]().next();
  const ended = Promise.allSettled([reading, watching]);
  await cluster.close();
  expect(await ended).toMatchObject([
    { status: 'rejected', reason: { code: 'LB_ABORTED' } },
    { status: 'fulfilled', value: { done: true } },
  ]);
});

test.each([
  ['a server of another kind', '<html>'],
  ['half a version', { gitVersion: 'v1.34.0' }],
])('the version of %s is a fault', async (_what, body) => {
  const server = await serve(answer(200, body));
  await expect(connect(server).version(never())).rejects.toMatchObject({ code: 'LB_CLUSTER_PROTOCOL' });
});
