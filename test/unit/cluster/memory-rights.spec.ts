import { describe, expect, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { type ResourceType } from '../../../src/cluster/port.js';
import { type Rights } from '../../../src/cluster/memory-reviews.js';
import { accepted, body, configMaps, parse, refused, secrets, soon } from '../../contract/cluster-fixture.js';

const review = (group: string, kind: string): ResourceType => ({
  ...configMaps,
  group: `${group}.k8s.io`,
  resource: `${kind.toLowerCase()}s`,
  kind,
  namespaced: false,
});

/** Alice may read ConfigMaps of `default`, and nobody anything else. */
const rights: Rights = (user, verb, type, ref) =>
  user.user === 'alice' && verb === 'get' && type.resource === 'configmaps' && ref.namespace === 'default';

const cluster = createMemoryCluster({
  rights,
  tokens: { 'alice-token': { user: 'alice', groups: ['dev'] } },
});
const alice = { user: 'alice', groups: ['dev'] };

const ask = async (type: ResourceType, spec: object, as?: typeof alice) => {
  const text = JSON.stringify({ apiVersion: `${type.group}/v1`, kind: type.kind, spec });
  return accepted(await cluster.create(type, undefined, text, { signal: soon(), ...(as ? { as } : {}) }))
    .status;
};

describe('rights in the simulated cluster', () => {
  test('somebody may do what the rules say and nothing else', async () => {
    accepted(await cluster.create(configMaps, 'default', body(configMaps, 'x'), { signal: soon() }));
    const ref = { namespace: 'default', name: 'x' };
    const got = await cluster.get(configMaps, ref, { signal: soon(), as: alice });
    expect(got && parse(got).metadata.name).toBe('x');
    const no = refused(await cluster.delete(configMaps, ref, { signal: soon(), as: alice }));
    expect(no).toMatchObject({ status: 403, reason: 'Forbidden' });
    expect(no.message).toMatch(/alice.*delete.*configmaps.*default/);
    const denied = cluster.get(secrets, ref, { signal: soon(), as: alice });
    await expect(denied).rejects.toMatchObject({ code: 'LB_CLUSTER_DENIED' });
  });

  test('system:masters may everything', async () => {
    const as = { user: 'root', groups: ['system:masters'] };
    accepted(await cluster.create(secrets, 'default', body(secrets, 'root'), { signal: soon(), as }));
  });

  test('a token review says who a token stands for', async () => {
    const type = review('authentication', 'TokenReview');
    expect(await ask(type, { token: 'alice-token' })).toEqual({
      authenticated: true,
      user: { username: 'alice', groups: ['dev'] },
    });
    for (const token of ['other', '', 'constructor']) {
      expect((await ask(type, { token }))?.authenticated).toBeUndefined();
    }
  });

  test('an access review answers by the same rules as a call', async () => {
    const type = review('authorization', 'SubjectAccessReview');
    const resourceAttributes = {
      verb: 'get',
      group: '',
      resource: 'configmaps',
      namespace: 'default',
      name: 'x',
    };
    expect(await ask(type, { user: 'alice', groups: ['dev'], resourceAttributes })).toEqual({
      allowed: true,
    });
    expect(await ask(type, { user: 'bob', resourceAttributes })).toEqual({ allowed: false });
    const elsewhere = { ...resourceAttributes, namespace: 'kube-system' };
    expect(await ask(type, { user: 'alice', resourceAttributes: elsewhere })).toEqual({ allowed: false });
    expect(await ask(type, { user: 'x', groups: ['system:masters'], resourceAttributes })).toEqual({
      allowed: true,
    });
  });

  test('reviews are not kept', async () => {
    const before = cluster.size();
    await ask(review('authentication', 'TokenReview'), { token: 'alice-token' });
    expect(cluster.size()).toBe(before);
  });
});
