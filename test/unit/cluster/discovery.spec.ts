import { expect, test } from 'vitest';
import { discoverResources } from '../../../src/cluster/discovery.js';
import { groupResource } from '../../../src/cluster/port.js';
import { type Answer, answer, impatient, never, serve, status } from './api-server.js';

const type = (resource: string, kind: string, scope = 'Namespaced', rest: object = {}) => ({
  resource,
  responseKind: { group: '', version: '', kind },
  scope,
  singularResource: kind.toLowerCase(),
  verbs: ['get', 'list'],
  ...rest,
});

const core = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: {},
      versions: [
        {
          version: 'v1',
          freshness: 'Current',
          resources: [
            type('pods', 'Pod', 'Namespaced', { shortNames: ['po'], subresources: [{ subresource: 'log' }] }),
            type('namespaces', 'Namespace', 'Cluster'),
            { resource: 'bare', subresources: [{ subresource: 'status' }] },
          ],
        },
      ],
    },
  ],
};
const groups = {
  kind: 'APIGroupDiscoveryList',
  items: [
    {
      metadata: { name: 'zoo' },
      versions: [
        { version: 'v2', freshness: 'Current', resources: [type('lions', 'Lion')] },
        { version: 'v1', freshness: 'Current', resources: [type('lions', 'Lion'), type('tigers', 'Tiger')] },
        {
          version: 'v1beta1',
          freshness: 'Current',
          resources: [type('tigers', 'Tiger'), type('bears', 'Bear')],
        },
      ],
    },
    { metadata: { name: 'metrics.k8s.io' }, versions: [{ version: 'v1', freshness: 'Stale' }] },
    {
      metadata: { name: 'apps' },
      versions: [{ version: 'v1', resources: [type('deployments', 'Deployment')] }],
    },
  ],
};

/** Answers by path; unknown paths are 404. */
const byPath =
  (paths: Readonly<Record<string, Answer>>): Answer =>
  (call, response, request) =>
    (paths[call.url.pathname] ?? answer(404, status(404, 'NotFound')))(call, response, request);

const legacyList = (resources: readonly object[]) => answer(200, { kind: 'APIResourceList', resources });

const legacyPaths = {
  '/api': answer(200, { kind: 'APIVersions', versions: ['v1'] }),
  '/api/v1': legacyList([
    {
      name: 'pods',
      singularName: 'pod',
      namespaced: true,
      kind: 'Pod',
      verbs: ['get', 'list'],
      shortNames: ['po'],
    },
    { name: 'pods/log', singularName: '', namespaced: true, kind: 'Pod', verbs: ['get'] },
    {
      name: 'namespaces',
      singularName: 'namespace',
      namespaced: false,
      kind: 'Namespace',
      verbs: ['get', 'list'],
    },
  ]),
  '/apis': answer(200, {
    kind: 'APIGroupList',
    groups: [
      {
        name: 'zoo',
        versions: [{ version: 'v1' }, { version: 'v2' }, { version: 'v1beta1' }],
        preferredVersion: { version: 'v2' },
      },
      { name: 'metrics.k8s.io', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } },
      { name: 'apps', versions: [{ version: 'v1' }], preferredVersion: { version: 'v1' } },
    ],
  }),
  '/apis/zoo/v1': legacyList([
    { name: 'lions', singularName: 'lion', namespaced: true, kind: 'Lion', verbs: ['get', 'list'] },
    { name: 'tigers', singularName: 'tiger', namespaced: true, kind: 'Tiger', verbs: ['get', 'list'] },
  ]),
  '/apis/zoo/v2': legacyList([
    { name: 'lions', singularName: 'lion', namespaced: true, kind: 'Lion', verbs: ['get', 'list'] },
  ]),
  '/apis/zoo/v1beta1': legacyList([
    { name: 'tigers', singularName: 'tiger', namespaced: true, kind: 'Tiger', verbs: ['get', 'list'] },
    { name: 'bears', singularName: 'bear', namespaced: true, kind: 'Bear', verbs: ['get', 'list'] },
  ]),
  '/apis/metrics.k8s.io/v1': answer(503, 'service unavailable'),
  '/apis/apps/v1': legacyList([
    {
      name: 'deployments',
      singularName: 'deployment',
      namespaced: true,
      kind: 'Deployment',
      verbs: ['get', 'list'],
    },
  ]),
};

const expected = [
  ['pods', 'v1'],
  ['namespaces', 'v1'],
  ['lions.zoo', 'v2'],
  ['tigers.zoo', 'v1'],
  ['bears.zoo', 'v1beta1'],
  ['deployments.apps', 'v1'],
];

/** Every version, group by group, the preferred one of a group first. */
const expectedVersions = [
  ['pods', 'v1'],
  ['namespaces', 'v1'],
  ['lions.zoo', 'v2'],
  ['lions.zoo', 'v1'],
  ['tigers.zoo', 'v1'],
  ['tigers.zoo', 'v1beta1'],
  ['bears.zoo', 'v1beta1'],
  ['deployments.apps', 'v1'],
];

test.each([
  ['aggregates', byPath({ '/api': answer(200, core), '/apis': answer(200, groups) })],
  ['does not aggregate', byPath(legacyPaths)],
])(
  'a server that %s shows each resource in the version it prefers and in all, and names the dead group',
  async (_how, answers) => {
    const server = await serve(answers);
    const { resources, allVersions, failures } = await discoverResources(
      impatient(server.url, { budgetMs: 20 }),
      never(),
    );
    expect(resources.map((found) => [groupResource(found), found.version])).toEqual(expected);
    expect(allVersions.map((found) => [groupResource(found), found.version])).toEqual(expectedVersions);
    expect(resources[0]).toEqual({
      group: '',
      version: 'v1',
      resource: 'pods',
      kind: 'Pod',
      singular: 'pod',
      shortNames: ['po'],
      namespaced: true,
      verbs: ['get', 'list'],
    });
    expect(resources[1]).toMatchObject({ resource: 'namespaces', namespaced: false });
    expect(failures.map((failure) => failure.groupVersion)).toEqual(['metrics.k8s.io/v1']);
  },
);

test('a preferred version that is stale leaves its resources to the next one', async () => {
  const zoo = {
    metadata: { name: 'zoo' },
    versions: [
      { version: 'v2', freshness: 'Stale', resources: [type('lions', 'Lion')] },
      { version: 'v1', freshness: 'Current', resources: [type('lions', 'Lion')] },
    ],
  };
  const server = await serve(
    byPath({ '/api': answer(200, core), '/apis': answer(200, { ...groups, items: [zoo] }) }),
  );
  const { resources, allVersions, failures } = await discoverResources(impatient(server.url), never());
  expect(resources.map((found) => [groupResource(found), found.version])).toContainEqual(['lions.zoo', 'v1']);
  expect(allVersions.filter(({ group }) => group === 'zoo').map(({ version }) => version)).toEqual(['v1']);
  expect(failures).toHaveLength(1);
});

test.each([
  ['denied', answer(403, status(403, 'Forbidden')), 'LB_CLUSTER_DENIED'],
  ['no Kubernetes at all', answer(200, '<html>'), 'LB_CLUSTER_PROTOCOL'],
  ['another JSON API', answer(200, { kind: 'Menu' }), 'LB_CLUSTER_PROTOCOL'],
])('a server whose discovery is %s is a fault', async (_what, answers, code) => {
  const server = await serve(answers);
  await expect(discoverResources(impatient(server.url), never())).rejects.toMatchObject({ code });
});
