import { describe, expect, it } from 'vitest';
import {
  addRestoreLabels,
  inNamespace,
  isCompleted,
  isMirrorPod,
  releaseClaim,
  releaseVolume,
  resetObject,
} from '../../../src/domain/restore-item.js';

const big = { isLosslessNumber: true, value: '9007199254740993' };
const kept = {
  name: 'x',
  namespace: 'a',
  labels: { l: '1' },
  annotations: { n: '1' },
  finalizers: ['f'],
  managedFields: [{ manager: 'm' }],
};

describe('an object on its way back', () => {
  it('loses what its cluster gave it and keeps what people gave it', () => {
    const reset = {
      generateName: 'x-',
      selfLink: '/x',
      uid: 'u',
      resourceVersion: '1',
      generation: 2,
      creationTimestamp: 't',
      deletionTimestamp: 't',
      deletionGracePeriodSeconds: 30,
      ownerReferences: [{}],
    };
    const object = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...kept, ...reset },
      spec: { n: big },
      status: {},
    };
    expect(resetObject(object)).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: kept, spec: { n: big } });
    expect(object.metadata.uid).toBe('u');
  });

  it('says which backup and restore it came from, over an older origin', () => {
    const labels = { backupLabel: 'b', restoreLabel: 'r' };
    const expected = { 'velero.io/backup-name': 'b', 'velero.io/restore-name': 'r' };
    expect(
      addRestoreLabels({ metadata: { labels: { l: '1', 'velero.io/restore-name': 'old' } } }, labels),
    ).toEqual({ metadata: { labels: { l: '1', ...expected } } });
    expect(addRestoreLabels({ metadata: { name: 'x' } }, labels)).toEqual({
      metadata: { name: 'x', labels: expected },
    });
  });

  it('goes to its target namespace, if it has one', () => {
    expect(inNamespace({ metadata: { namespace: 'a' } }, 'b')).toEqual({ metadata: { namespace: 'b' } });
    expect(inNamespace({ metadata: { name: 'v' } }, '')).toEqual({ metadata: { name: 'v' } });
  });

  it.each([
    ['pods', { status: { phase: 'Succeeded' } }, true],
    ['pods', { status: { phase: 'Failed' } }, true],
    ['pods', { status: { phase: 'Running' } }, false],
    ['jobs.batch', { status: { completionTime: '2026-01-01T00:00:00Z' } }, true],
    ['jobs.batch', { status: {} }, false],
    ['widgets.example.com', { status: { phase: 'Failed' } }, false],
  ])('of %s with %j has ended: %s', (kind, object, expected) => {
    expect(isCompleted(kind, object)).toBe(expected);
  });

  it('is a mirror pod by its annotation', () => {
    const mirror = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'hash' } } };
    expect(isMirrorPod('pods', mirror)).toBe(true);
    expect(isMirrorPod('configmaps', mirror)).toBe(false);
    expect(isMirrorPod('pods', { metadata: { annotations: { 'kubernetes.io/config.mirror': '' } } })).toBe(
      false,
    );
  });
});

describe('a volume and its claim', () => {
  const annotations = {
    'pv.kubernetes.io/bind-completed': 'yes',
    'pv.kubernetes.io/bound-by-controller': 'yes',
    x: '1',
  };

  it('are freed from each other, the claim in its new namespace', () => {
    const volume = {
      metadata: { annotations },
      spec: { claimRef: { name: 'c', namespace: 'a', uid: 'u', resourceVersion: '1' } },
    };
    expect(releaseVolume(volume, (ns) => `${ns}-new`)).toEqual({
      metadata: { annotations: { x: '1' } },
      spec: { claimRef: { name: 'c', namespace: 'a-new' } },
    });
    expect(releaseVolume({ spec: { capacity: 1 } }, (ns) => ns)).toEqual({ spec: { capacity: 1 } });
  });

  it('part for good when the volume does not come back', () => {
    const claim = { metadata: { annotations }, spec: { volumeName: 'v', size: 1 } };
    expect(releaseClaim(claim, false)).toEqual({
      metadata: { annotations: { x: '1' } },
      spec: { volumeName: 'v', size: 1 },
    });
    expect(releaseClaim(claim, true)).toEqual({ metadata: { annotations: { x: '1' } }, spec: { size: 1 } });
  });
});
