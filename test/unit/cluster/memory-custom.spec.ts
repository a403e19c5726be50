import { describe, expect, test } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { type ResourceType } from '../../../src/cluster/port.js';
import { accepted, body, definitions, parse, present, soon } from '../../contract/cluster-fixture.js';

describe('a kind with two versions', () => {
  const type = (version: string): ResourceType => ({
    ...definitions,
    group: 'two.test',
    version,
    resource: 'pears',
    kind: 'Pear',
  });

  test('is discovered in the preferred one and served in both', async () => {
    const cluster = createMemoryCluster();
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: open },
    });
    const spec = {
      group: 'two.test',
      scope: 'Cluster',
      names: { plural: 'pears', kind: 'Pear' },
      versions: [version('v1beta1', true), version('v1', false)],
    };
    accepted(
      await cluster.create(definitions, undefined, body(definitions, 'pears.two.test', { spec }), {
        signal: soon(),
      }),
    );
    const { resources } = await cluster.discover(soon());
    expect(resources.filter((known) => known.group === 'two.test').map((known) => known.version)).toEqual([
      'v1',
    ]);
    accepted(
      await cluster.create(type('v1beta1'), undefined, body(type('v1beta1'), 'p', { spec: { n: 1 } }), {
        signal: soon(),
      }),
    );
    for (const served of ['v1', 'v1beta1']) {
      const got = parse(await present(cluster, type(served), { name: 'p' }));
      expect(got).toMatchObject({ apiVersion: `two.test/${served}`, kind: 'Pear', spec: { n: 1 } });
    }
  });
});

test('defaults of the schema are filled in, in lists too', async () => {
  const cluster = createMemoryCluster();
  const item = {
    type: 'object',
    properties: { mode: { type: 'string', default: 'rw' }, name: { type: 'string' } },
  };
  const properties = { spec: { type: 'object', properties: { items: { type: 'array', items: item } } } };
  const schema = { openAPIV3Schema: { type: 'object', properties } };
  const spec = {
    group: 'defaults.test',
    scope: 'Cluster',
    names: { plural: 'figs', kind: 'Fig' },
    versions: [{ name: 'v1', served: true, storage: true, schema }],
  };
  accepted(
    await cluster.create(definitions, undefined, body(definitions, 'figs.defaults.test', { spec }), {
      signal: soon(),
    }),
  );
  const figs: ResourceType = { ...definitions, group: 'defaults.test', resource: 'figs', kind: 'Fig' };
  const text = body(figs, 'f', { spec: { items: [{ name: 'a', stray: 1 }, { mode: 'ro' }] } });
  const made = accepted(await cluster.create(figs, undefined, text, { signal: soon() }));
  expect(made.spec).toEqual({ items: [{ name: 'a', mode: 'rw' }, { mode: 'ro' }] });
});
