import { describe, expect, it } from 'vitest';
import { decideItem, type ItemRules } from '../../../src/domain/item-filter.js';

const rules: ItemRules = {
  resources: { lists: (kind) => kind === 'pods', allowsAdditional: (kind) => kind === 'persistentvolumes' },
  namespaces: { includes: (name) => name === 'app' },
};
const pod = (metadata: Record<string, unknown> = {}) => ({
  metadata: { name: 'x', namespace: 'app', ...metadata },
});
const volume = { metadata: { name: 'v' } };
const excluded = { labels: { 'velero.io/exclude-from-backup': 'true' } };

describe('one object of a backup', () => {
  it.each([
    ['is taken when its kind and namespace are', pod(), 'pods', false, 'taken'],
    ['stays out with the exclude label', pod(excluded), 'pods', false, 'EXCLUDE_LABEL'],
    [
      'is taken with another value of that label',
      pod({ labels: { 'velero.io/exclude-from-backup': 'True' } }),
      'pods',
      false,
      'taken',
    ],
    ['stays out in a namespace not included', pod({ namespace: 'other' }), 'pods', false, 'NAMESPACE'],
    ['stays out if its kind is not listed', pod(), 'secrets', false, 'KIND'],
    ['is taken if cluster-scoped and not shut out', volume, 'persistentvolumes', false, 'taken'],
    ['stays out if cluster-scoped and shut out', volume, 'nodes', false, 'KIND'],
    ['is taken if it is a Namespace, which has its own rule', volume, 'namespaces', false, 'taken'],
    [
      'stays out while it is being deleted',
      pod({ deletionTimestamp: '2026-01-01T00:00:00Z' }),
      'pods',
      false,
      'TERMINATING',
    ],
    [
      'is taken past all filters when an action insists',
      pod({ namespace: 'other', ...excluded }),
      'secrets',
      true,
      'taken',
    ],
    [
      'stays out while being deleted even when an action insists',
      pod({ deletionTimestamp: '2026-01-01T00:00:00Z' }),
      'pods',
      true,
      'TERMINATING',
    ],
  ])('%s', (_rule, object, kind, mustInclude, expected) => {
    const decision = decideItem(object, kind, rules, mustInclude);
    expect(decision.take ? 'taken' : decision.because).toBe(expected);
  });
});
