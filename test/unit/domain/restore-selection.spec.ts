import { describe, expect, it } from 'vitest';
import { kindResolver } from '../../../src/domain/resource-kinds.js';
import { mapNamespace, restoreSelection } from '../../../src/domain/restore-selection.js';
import type { RestoreSpec } from '../../../src/domain/velero.gen.js';
import { KINDS } from './kinds.js';

const item = (groupResource: string, namespace?: string, labels: Record<string, string> = {}) => ({
  groupResource,
  labels,
  ...(namespace ? { namespace } : {}),
});
const pod = item('pods', 'a', { app: 'web' });
const volume = item('persistentvolumes');
const upload = item('datauploads.velero.io', 'velero');
const content = item('volumesnapshotcontents.snapshot.storage.k8s.io');

describe('an archived item', () => {
  it.each<[string, RestoreSpec, typeof pod, boolean, boolean]>([
    ['comes when nothing is said', {}, pod, true, true],
    ['stays out if its kind is excluded', { excludedResources: ['po'] }, pod, false, false],
    ['comes if its kind is included by a short name', { includedResources: ['po'] }, pod, true, true],
    ['stays out if another kind is included', { includedResources: ['secrets'] }, pod, false, false],
    ['stays out if another namespace is included', { includedNamespaces: ['b'] }, pod, false, false],
    ['comes by a glob of its namespace', { includedNamespaces: ['?'] }, pod, true, true],
    ['stays out by an excluding glob', { excludedNamespaces: ['a*'] }, pod, false, false],
    [
      'stays out if its labels do not match, unless an action asks',
      { labelSelector: { matchLabels: { app: 'db' } } },
      pod,
      false,
      true,
    ],
    [
      'comes if any of several selectors matches',
      { orLabelSelectors: [{ matchLabels: { app: 'db' } }, { matchLabels: { app: 'web' } }] },
      pod,
      true,
      true,
    ],
    ['of the cluster comes when nothing is said', {}, volume, true, true],
    [
      'of the cluster comes with a star for the namespaces',
      { includedNamespaces: ['*'] },
      volume,
      true,
      true,
    ],
    [
      'of the cluster comes only by an action when namespaces are chosen',
      { includedNamespaces: ['a'] },
      volume,
      false,
      true,
    ],
    [
      'of the cluster comes only by an action when namespaces are excluded',
      { excludedNamespaces: ['b'] },
      volume,
      false,
      true,
    ],
    [
      'of the cluster comes with chosen namespaces if that is said',
      { includedNamespaces: ['a'], includeClusterResources: true },
      volume,
      true,
      true,
    ],
    ['of the cluster never comes if that is said', { includeClusterResources: false }, volume, false, false],
    [
      'of the cluster must match labels as others do',
      { includeClusterResources: true, labelSelector: { matchLabels: { a: 'b' } } },
      volume,
      false,
      true,
    ],
    [
      'that volume data needs passes lists and labels',
      { includedResources: ['pods'], includedNamespaces: ['a'], labelSelector: { matchLabels: { a: 'b' } } },
      upload,
      true,
      true,
    ],
    [
      'that volume data needs keeps to the rule for the cluster',
      { includedNamespaces: ['a'] },
      content,
      false,
      true,
    ],
    [
      'that volume data needs stays out with the cluster',
      { includeClusterResources: false },
      content,
      false,
      false,
    ],
  ])('%s', (_rule, spec, archived, directly, additionally) => {
    const selection = restoreSelection(spec, kindResolver(KINDS));
    expect(selection.selects(archived)).toBe(directly);
    expect(selection.allowsAdditional(archived)).toBe(additionally);
  });
});

describe('a VolumeSnapshot', () => {
  it('comes with the claim that names it, though the lists leave its kind out, and not by itself', () => {
    const selection = restoreSelection(
      { includedResources: ['persistentvolumeclaims'], includedNamespaces: ['shop'] },
      kindResolver(KINDS),
    );
    const kind = { groupResource: 'volumesnapshots.snapshot.storage.k8s.io' };
    expect(selection.allowsAdditional({ ...kind, namespace: 'shop' })).toBe(true);
    expect(selection.allowsAdditional({ ...kind, namespace: 'other' })).toBe(false);
    expect(selection.selects({ ...kind, namespace: 'shop', labels: {} })).toBe(false);
  });
});

describe('a namespace mapping', () => {
  it.each([
    [{ a: 'b' }, 'a', 'b'],
    [{ a: 'b' }, 'c', 'c'],
    [undefined, 'a', 'a'],
    [{ 'a*': 'b' }, 'ab', 'ab'],
    [{}, 'constructor', 'constructor'],
  ])('%j takes %s to %s', (mapping, from, to) => {
    expect(mapNamespace(mapping, from)).toBe(to);
  });
});
