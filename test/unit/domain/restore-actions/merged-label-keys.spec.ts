import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../src/domain/json.js';
import { withoutMergedLabelKeys } from '../../../../src/domain/restore-actions/merged-label-keys.js';

const HASH = 'pod-template-hash';
const TENANT = 'tenant';
const own = { key: 'tier', operator: 'In', values: ['web'] };
const hash = { key: HASH, operator: 'In', values: ['5d4f8c7b9'] };
const others = { key: TENANT, operator: 'NotIn', values: ['a'] };

const spread = (term: JsonObject): JsonObject => ({ spec: { topologySpreadConstraints: [term] } });

describe('a pod whose selectors were completed by the API server', () => {
  test('gives back what it wrote itself, and keeps what was added for its keys out', () => {
    const term = {
      matchLabelKeys: [HASH],
      labelSelector: { matchLabels: { a: 'b' }, matchExpressions: [own, hash] },
    };
    expect(withoutMergedLabelKeys(spread(term))).toEqual(
      spread({ matchLabelKeys: [HASH], labelSelector: { matchLabels: { a: 'b' }, matchExpressions: [own] } }),
    );
  });

  test('has no empty list left where the API server made it', () => {
    const term = { matchLabelKeys: [HASH], labelSelector: { matchExpressions: [hash] } };
    expect(withoutMergedLabelKeys(spread(term))).toEqual(
      spread({ matchLabelKeys: [HASH], labelSelector: {} }),
    );
  });

  test.each(['podAffinity', 'podAntiAffinity'])('is freed in %s, required and preferred', (affinity) => {
    const keys = { matchLabelKeys: [HASH], mismatchLabelKeys: [TENANT] };
    const before = { ...keys, labelSelector: { matchExpressions: [hash, own, others] } };
    const after = { ...keys, labelSelector: { matchExpressions: [own] } };
    const pod = (term: JsonObject) => ({
      spec: {
        affinity: {
          [affinity]: {
            requiredDuringSchedulingIgnoredDuringExecution: [term],
            preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, podAffinityTerm: term }],
          },
        },
      },
    });
    expect(withoutMergedLabelKeys(pod(before))).toEqual(pod(after));
  });

  test.each([
    [
      'a key that is not among the keys',
      { matchLabelKeys: [HASH], labelSelector: { matchExpressions: [own] } },
    ],
    ['the other operator', { matchLabelKeys: [TENANT], labelSelector: { matchExpressions: [others] } }],
    [
      'several values',
      { matchLabelKeys: [HASH], labelSelector: { matchExpressions: [{ ...hash, values: ['x', 'y'] }] } },
    ],
    ['no keys at all', { labelSelector: { matchExpressions: [hash] } }],
    ['no selector', { matchLabelKeys: [HASH] }],
  ])('stays as it is with %s', (_what, term) => {
    const pod = spread(term);
    expect(withoutMergedLabelKeys(pod)).toEqual(pod);
  });

  test('without constraints stays as it is', () => {
    const pod = { spec: { containers: [], affinity: { nodeAffinity: {} } } };
    expect(withoutMergedLabelKeys(pod)).toEqual(pod);
  });
});
