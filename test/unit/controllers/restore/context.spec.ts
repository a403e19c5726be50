import { describe, expect, it } from 'vitest';
import { createMemoryCluster } from '../../../../src/cluster/memory.js';
import type { Cluster, ResourceType } from '../../../../src/cluster/port.js';
import { loadTypes } from '../../../../src/controllers/restore/context.js';

const yachts = (version: string, shortNames: readonly string[]): ResourceType => ({
  group: 'shop.example',
  version,
  resource: 'yachts',
  kind: 'Yacht',
  singular: 'yacht',
  shortNames,
  namespaced: true,
  verbs: ['create', 'get'],
});

const [v2, v1] = [yachts('v2', ['y']), yachts('v1', ['old'])];

const load = () => {
  const cluster: Cluster = {
    ...createMemoryCluster(),
    discover: () => Promise.resolve({ resources: [v2], allVersions: [v2, v1], failures: [] }),
  };
  return loadTypes(cluster, AbortSignal.timeout(5_000));
};

describe('The kind of a restored object', () => {
  it.each([
    ['the preferred version', 'shop.example/v2', v2],
    ['another served version', 'shop.example/v1', v1],
    [
      'a version that is not served, for the API server to refuse',
      'shop.example/v0',
      { ...v2, version: 'v0' },
    ],
    ['no version', '', v2],
  ])('is the one of %s', async (_what, apiVersion, expected) => {
    expect((await load()).typeOf('yachts.shop.example', apiVersion)).toEqual(expected);
  });

  it('is unknown where the cluster does not serve it in any version', async () => {
    expect((await load()).typeOf('yachts.other.example', 'other.example/v1')).toBeUndefined();
  });
});
