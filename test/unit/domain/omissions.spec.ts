import { describe, expect, it } from 'vitest';
import { asksForHooks, backupOmissions, restoreOmissions } from '../../../src/domain/omissions.js';

const nothing = { volumes: 0, podsWithHooks: 0 };
const resources = [{ name: 'freeze' }];

describe('a backup says what it leaves out', () => {
  it('nothing, where nothing is left out', () => {
    expect(backupOmissions({}, nothing)).toEqual([]);
  });

  it('the data of volumes, with how many there are', () => {
    expect(backupOmissions({}, { ...nothing, volumes: 3 })).toEqual([
      expect.stringContaining('data of 3 persistent volumes'),
    ]);
  });

  it('no word about data that nobody wants', () => {
    expect(backupOmissions({ snapshotVolumes: false }, { ...nothing, volumes: 3 })).toEqual([]);
    expect(
      backupOmissions({ snapshotVolumes: false, defaultVolumesToFsBackup: true }, { ...nothing, volumes: 3 }),
    ).toHaveLength(1);
  });

  it('hooks, asked for in the spec or on a pod, once', () => {
    expect(backupOmissions({ hooks: { resources } }, { ...nothing, podsWithHooks: 2 })).toEqual([
      expect.stringContaining('hooks'),
    ]);
    expect(backupOmissions({}, { ...nothing, podsWithHooks: 1 })).toHaveLength(1);
  });

  it('an order of objects', () => {
    expect(backupOmissions({ orderedResources: { pods: 'a/b' } }, nothing)).toHaveLength(1);
    expect(backupOmissions({ orderedResources: {} }, nothing)).toEqual([]);
  });
});

describe('a restore says what it leaves out', () => {
  it.each([
    ['nothing', {}, 0],
    ['hooks', { hooks: { resources } }, 1],
  ])('%s', (_what, spec, count) => {
    expect(restoreOmissions(spec)).toHaveLength(count);
  });
});

it.each([
  ['pre.hook.backup.velero.io/command', true],
  ['post.hook.backup.velero.io/command', true],
  ['hook.backup.velero.io/command', true],
  ['pre.hook.backup.velero.io/container', false],
])('a pod with the annotation %s asks for hooks: %s', (key, asks) => {
  expect(asksForHooks({ metadata: { annotations: { [key]: 'sync' } } })).toBe(asks);
});
