import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { CONFIG_MAPS, parseYaml, readConfigMapDocument } from '../../../src/controllers/config-map.js';
import { NAMESPACES } from '../../../src/controllers/namespaces.js';
import { parseResourcePolicies } from '../../../src/domain/resource-policies/policies.js';
import { Fault } from '../../../src/faults.js';
import { configMap, namespaceOf } from '../../builders.js';

const signal = AbortSignal.timeout(10_000);

const homeWith = async (data: object) => {
  const cluster = createMemoryCluster();
  await cluster.create(NAMESPACES, undefined, JSON.stringify(namespaceOf('velero')), { signal });
  const body = JSON.stringify(configMap('velero', 'policy', data));
  await cluster.create(CONFIG_MAPS, 'velero', body, { signal });
  return { cluster, namespace: 'velero' };
};

describe('the document of a ConfigMap', () => {
  it('is under the only key, whatever that is called', async () => {
    const home = await homeWith({ 'any.name': 'version: v1\nlist: [1, true, null]\n' });
    expect(await readConfigMapDocument(home, 'policy', signal)).toEqual({
      found: true,
      key: 'any.name',
      document: { version: 'v1', list: [1, true, null] },
    });
  });

  it('is not found where there is no such ConfigMap', async () => {
    const home = await homeWith({ a: '' });
    expect(await readConfigMapDocument(home, 'other', signal)).toEqual({ found: false });
    expect(await readConfigMapDocument(home, '', signal)).toEqual({ found: false });
  });

  it.each([
    ['no key', {}, 'has 0 data keys; keep exactly one'],
    ['two keys', { a: 'x: 1', b: 'y: 1' }, 'has 2 data keys; keep exactly one'],
    ['a key with broken YAML', { a: 'x: 1\ny: [1' }, expect.stringMatching(/^key "a" line 2: /) as string],
    ['a key with nothing in it', { a: '# later\n' }, 'key "a" is empty'],
  ])('is a problem with %s', async (_what, data, problem) => {
    expect(await readConfigMapDocument(await homeWith(data), 'policy', signal)).toEqual({
      found: true,
      problem,
    });
  });

  it('is a problem, not an endless retry, where the server may not read it', async () => {
    const home = await homeWith({ a: 'x: 1' });
    const denied = () => Promise.reject(new Fault('LB_CLUSTER_DENIED', 'configmaps is forbidden'));
    const read = await readConfigMapDocument(
      { ...home, cluster: { ...home.cluster, get: denied } },
      'policy',
      signal,
    );
    expect(read).toEqual({
      found: true,
      problem: expect.stringContaining('configmaps is forbidden') as string,
    });
  });
});

describe('YAML of a user', () => {
  it.each([
    ['a key that comes twice', 'a: 1\nb: 2\na: 3', 'line 3: the key "a" comes twice; keep one'],
    ['a key that comes twice further in', '- {x: 1, x: 2}', 'line 1: the key "x" comes twice; keep one'],
    ['a key that is a list', '? [a]\n: 1', expect.stringMatching(/^line 1: a key is not a text/) as string],
    ['an alias of nothing', 'a: *b', expect.stringContaining('Unresolved alias') as string],
    ['a second document', 'a: 1\n---\nb: 1', 'line 2: a second document begins; keep one'],
    [
      'text that never ends',
      `${'x'.repeat(2 ** 20)}x`,
      expect.stringMatching(/at most 1048576 are read/) as string,
    ],
    ['parts without number', '- x\n'.repeat(60_000), expect.stringContaining('too many parts') as string],
    ['nesting without end', '{a: '.repeat(8_000), expect.stringContaining('nests too deep') as string],
    [
      'aliases of aliases',
      ['a: &a [x,x,x]', 'b: &b [*a,*a,*a,*a,*a]', 'c: &c [*b,*b,*b,*b,*b]', 'd: [*c,*c,*c,*c,*c]'].join('\n'),
      expect.stringContaining('Excessive alias count') as string,
    ],
  ])('is refused for %s', (_what, text, problem) => {
    expect(parseYaml(text)).toEqual({ problem });
  });

  it.each([
    ['merge keys', 'a: &a {x: 1}\nb: {<<: *a, y: 2}', { a: { x: 1 }, b: { x: 1, y: 2 } }],
    ['words that only YAML 1.1 takes for booleans', 'a: yes', { a: 'yes' }],
    ['a separator at the end', 'a: 1\n---\n', { a: 1 }],
    ['a key that objects have of their own', '"__proto__": 1', Object.fromEntries([['__proto__', 1]])],
  ])('may have %s', (_what, text, document) => {
    expect(parseYaml(text)).toEqual({ document });
  });

  const lines = fc.array(
    fc.tuple(
      fc.constantFrom('', '  ', '    ', '- ', '  - '),
      fc
        .constantFrom(
          'version: v1',
          'volumePolicies:',
          'conditions:',
          'action: {type: skip}',
          'capacity: 1,2',
          '&a',
          '*a',
        )
        .chain((known) => fc.oneof(fc.constant(known), fc.string({ maxLength: 8 }))),
    ),
  );

  it('ends as a policy or in problems, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          lines.map((all) => all.map((one) => one.join('')).join('\n')),
        ),
        (text) => {
          const parsed = parseYaml(text);
          if ('problem' in parsed) return parsed.problem !== '';
          const read = parseResourcePolicies(parsed.document);
          return 'policies' in read || read.problems.every(({ path }) => path !== '');
        },
      ),
      { numRuns: 1_000 },
    );
  });
});
