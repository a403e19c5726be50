import { describe, expect, it } from 'vitest';
import { createMemoryCluster } from '../../../src/cluster/memory.js';
import { readConfigMapDocument } from '../../../src/controllers/config-map.js';
import { CONFIG_MAPS, NAMESPACES } from '../../../src/domain/known-kinds.js';
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
    expect(await readConfigMapDocument(home, 'policy', 'yaml.v3', signal)).toEqual({
      found: true,
      key: 'any.name',
      document: { version: 'v1', list: [1, true, null] },
    });
  });

  it('is not found where there is no such ConfigMap', async () => {
    const home = await homeWith({ a: '' });
    expect(await readConfigMapDocument(home, 'other', 'yaml.v3', signal)).toEqual({ found: false });
    expect(await readConfigMapDocument(home, '', 'yaml.v3', signal)).toEqual({ found: false });
  });

  it.each([
    ['no key', {}, 'has 0 data keys; keep exactly one'],
    ['two keys', { a: 'x: 1', b: 'y: 1' }, 'has 2 data keys; keep exactly one'],
    ['a key with broken YAML', { a: 'x: 1\ny: [1' }, expect.stringMatching(/^key "a" line 2: /) as string],
    ['a key with nothing in it', { a: '# later\n' }, 'key "a" is empty; write the document into it'],
  ])('is a problem with %s', async (_what, data, problem) => {
    expect(await readConfigMapDocument(await homeWith(data), 'policy', 'yaml.v3', signal)).toEqual({
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
      'yaml.v3',
      signal,
    );
    expect(read).toEqual({
      found: true,
      problem: expect.stringContaining('configmaps is forbidden') as string,
    });
  });
});
