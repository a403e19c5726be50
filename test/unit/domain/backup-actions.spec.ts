import { describe, expect, it } from 'vitest';
import {
  BACKUP_ITEM_ACTIONS,
  indexAccountBindings,
  type BackupActionInput,
} from '../../../src/domain/backup-actions.js';
import type { JsonObject } from '../../../src/domain/json.js';

const run = (groupResource: string, object: JsonObject, more: Partial<BackupActionInput> = {}) => {
  const actions = BACKUP_ITEM_ACTIONS.filter((action) => action.appliesTo(groupResource));
  expect(actions).toHaveLength(1);
  const result = actions[0]!.execute({ object, backupName: 'b', ...more });
  if (result instanceof Promise) return expect.fail('the built-in actions do not wait');
  return result;
};

describe('what a backup adds to a pod', () => {
  it('is its priority class and its claims, each once', () => {
    const claim = (claimName: string) => ({ persistentVolumeClaim: { claimName } });
    const pod = {
      metadata: { name: 'p', namespace: 'a' },
      spec: { priorityClassName: 'high', volumes: [claim('c1'), { emptyDir: {} }, claim('c2'), claim('c1')] },
    };
    expect(run('pods', pod)).toEqual({
      related: [
        { groupResource: 'priorityclasses.scheduling.k8s.io', name: 'high' },
        { groupResource: 'persistentvolumeclaims', namespace: 'a', name: 'c1' },
        { groupResource: 'persistentvolumeclaims', namespace: 'a', name: 'c2' },
      ],
    });
  });

  it('is nothing if it names nothing', () => {
    expect(run('pods', { metadata: { name: 'p', namespace: 'a' }, spec: {} })).toEqual({ related: [] });
  });
});

describe('what a backup makes of a claim', () => {
  const bound = (spec: JsonObject, labels: JsonObject = {}): JsonObject => ({
    metadata: { name: 'c', namespace: 'a', labels },
    spec: { volumeName: 'v', ...spec },
    status: { phase: 'Bound' },
  });

  it('is itself while it is not bound', () => {
    expect(
      run('persistentvolumeclaims', {
        spec: { volumeName: 'v', dataSource: {} },
        status: { phase: 'Pending' },
      }),
    ).toEqual({ related: [] });
    expect(run('persistentvolumeclaims', { spec: { dataSource: {} }, status: { phase: 'Bound' } })).toEqual({
      related: [],
    });
  });

  it('is a claim without its source and selector, with its volume', () => {
    const claim = bound({
      dataSource: { name: 's' },
      dataSourceRef: { name: 's' },
      selector: { matchLabels: { x: '1' } },
      storageClassName: 'fast',
    });
    expect(run('persistentvolumeclaims', claim)).toEqual({
      object: bound({ storageClassName: 'fast' }),
      related: [{ groupResource: 'persistentvolumes', name: 'v' }],
    });
    expect(claim.spec).toHaveProperty('dataSource');
  });

  it('keeps the selector of a claim of no class, but for what Velero put there', () => {
    const claim = bound({
      storageClassName: '',
      selector: { matchLabels: { x: '1', 'velero.io/dynamic-pv-restore': 'y' } },
    });
    expect(run('persistentvolumeclaims', claim).object).toEqual(
      bound({ storageClassName: '', selector: { matchLabels: { x: '1' } } }),
    );
  });

  it('has no labels of earlier backups and restores', () => {
    const old = {
      'velero.io/restore-name': 'r',
      'velero.io/volume-snapshot-name': 's',
      'backup.velero.io/must-include-additional-items': 'true',
    };
    expect(
      run('persistentvolumeclaims', bound({}, { ...old, 'velero.io/backup-name': 'other', x: '1' })).object,
    ).toEqual(bound({}, { x: '1' }));
    expect(run('persistentvolumeclaims', bound({}, { 'velero.io/backup-name': 'b' })).object).toEqual(
      bound({}, { 'velero.io/backup-name': 'b' }),
    );
  });
});

describe('what a backup adds to a service account', () => {
  const binding = (name: string, role: string, ...subjects: JsonObject[]) => ({
    metadata: { name },
    roleRef: { name: role },
    subjects,
  });
  const account = (namespace: string, name: string) => ({ kind: 'ServiceAccount', namespace, name });
  const bindings = indexAccountBindings([
    binding('b1', 'admin', account('a', 's'), account('a', 's')),
    binding('b2', 'view', { kind: 'User', name: 's' }, account('b', 's')),
    binding('b3', 'edit', account('a', 's'), account('b', 's')),
    { metadata: { name: 'empty' } },
  ]);

  it('is every cluster role binding that names it, with the role', () => {
    const { related } = run(
      'serviceaccounts',
      { metadata: { name: 's', namespace: 'a' } },
      { bindingsOfAccounts: bindings },
    );
    expect(related.map(({ groupResource, name }) => `${groupResource.split('.')[0]!}/${name}`)).toEqual([
      'clusterrolebindings/b1',
      'clusterroles/admin',
      'clusterrolebindings/b3',
      'clusterroles/edit',
    ]);
  });

  it('is nothing for an account nobody names, or without the bindings', () => {
    const other = { metadata: { name: 'x', namespace: 'a' } };
    expect(run('serviceaccounts', other, { bindingsOfAccounts: bindings })).toEqual({ related: [] });
    expect(run('serviceaccounts', other)).toEqual({ related: [] });
  });
});
