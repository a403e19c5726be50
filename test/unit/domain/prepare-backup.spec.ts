import { describe, expect, it } from 'vitest';
import {
  chooseStorageLocation,
  prepareBackup,
  type BackupEnvironment,
} from '../../../src/domain/prepare-backup.js';
import { validateBackup } from '../../../src/domain/validate-backup.js';
import type { BackupSpec } from '../../../src/domain/velero.gen.js';

const MINUTE = 60_000;
const env: BackupEnvironment = {
  defaults: {
    ttlMs: 720 * 60 * MINUTE,
    csiSnapshotTimeoutMs: 10 * MINUTE,
    itemOperationTimeoutMs: 240 * MINUTE,
    resourceTimeoutMs: 10 * MINUTE,
    volumeGroupSnapshotLabelKey: 'velero.io/volume-group',
    defaultVolumesToFsBackup: false,
    snapshotMoveData: false,
  },
  storageLocation: 'default',
  storageLocationLabel: 'default',
  version: { gitVersion: 'v1.34.4', major: '1', minor: '34' },
  namespacesExcludedByLabel: [],
};
const prepared = (spec: BackupSpec, more: Partial<BackupEnvironment> = {}) =>
  prepareBackup(spec, { ...env, ...more }).spec;

describe('a prepared backup', () => {
  it('that says nothing gets every default', () => {
    expect(prepareBackup({}, env)).toEqual({
      spec: {
        ttl: '720h0m0s',
        csiSnapshotTimeout: '10m0s',
        itemOperationTimeout: '4h0m0s',
        volumeGroupSnapshotLabelKey: 'velero.io/volume-group',
        defaultVolumesToFsBackup: false,
        snapshotMoveData: false,
        storageLocation: 'default',
        includedNamespaces: ['*'],
        excludedNamespaceScopedResources: ['volumesnapshots.snapshot.storage.k8s.io'],
        excludedClusterScopedResources: ['volumesnapshotcontents.snapshot.storage.k8s.io'],
      },
      labels: { 'velero.io/storage-location': 'default' },
      annotations: {
        'velero.io/source-cluster-k8s-gitversion': 'v1.34.4',
        'velero.io/source-cluster-k8s-major-version': '1',
        'velero.io/source-cluster-k8s-minor-version': '34',
        'velero.io/resource-timeout': '10m0s',
      },
      ttlMs: 720 * 60 * MINUTE,
    });
  });

  it.each<[string, BackupSpec, BackupSpec]>([
    ['keeps a ttl as it was spelled', { ttl: '24h' }, { ttl: '24h' }],
    ['takes a ttl of zero for none', { ttl: '0s' }, { ttl: '720h0m0s' }],
    [
      'keeps a false that was said',
      { defaultVolumesToFsBackup: false, snapshotMoveData: false },
      { defaultVolumesToFsBackup: false, snapshotMoveData: false },
    ],
    ['keeps a true that was said', { snapshotMoveData: true }, { snapshotMoveData: true }],
    [
      'lets the old restic switch win when it is on',
      { defaultVolumesToRestic: true, defaultVolumesToFsBackup: false },
      { defaultVolumesToFsBackup: true },
    ],
    [
      'passes over the old restic switch when it is off',
      { defaultVolumesToRestic: false, defaultVolumesToFsBackup: true },
      { defaultVolumesToFsBackup: true },
    ],
    ['takes null namespaces for all', { includedNamespaces: null }, { includedNamespaces: ['*'] }],
    ['keeps named namespaces', { includedNamespaces: ['a'] }, { includedNamespaces: ['a'] }],
    [
      'with old filters excludes the snapshot kinds there',
      { includedResources: ['pods', 'volumesnapshots.snapshot.storage.k8s.io'] },
      {
        includedResources: ['pods'],
        excludedResources: [
          'volumesnapshots.snapshot.storage.k8s.io',
          'volumesnapshotcontents.snapshot.storage.k8s.io',
        ],
      },
    ],
    [
      'takes a snapshot kind out of a scoped include',
      { includedNamespaceScopedResources: ['volumesnapshots.snapshot.storage.k8s.io', 'pods'] },
      { includedNamespaceScopedResources: ['pods'] },
    ],
    ['leaves lists alone that are wrong', { excludedResources: ['*'] }, { excludedResources: ['*'] }],
  ])('%s', (_rule, spec, expected) => {
    expect(prepared(spec)).toMatchObject(expected);
  });

  it('never sets snapshotVolumes, whose silence has a meaning of its own', () => {
    expect(prepared({})).not.toHaveProperty('snapshotVolumes');
  });

  it('excludes the namespaces whose label asks for it', () => {
    expect(
      prepared({ excludedNamespaces: ['a', 'x'] }, { namespacesExcludedByLabel: ['x', 'y'] })
        .excludedNamespaces,
    ).toEqual(['a', 'x', 'y']);
    expect(prepared({})).not.toHaveProperty('excludedNamespaces');
  });

  it('names one volume snapshot location for each provider', () => {
    const snapshotLocations = {
      existing: [
        { name: 'a1', provider: 'aws' },
        { name: 'a2', provider: 'aws' },
        { name: 'g', provider: 'gcp' },
      ],
      defaults: { aws: 'a2' },
    };
    expect(prepared({}, { snapshotLocations }).volumeSnapshotLocations).toEqual(['a2', 'g']);
    expect(
      prepared({ volumeSnapshotLocations: ['a1'] }, { snapshotLocations }).volumeSnapshotLocations,
    ).toEqual(['a1', 'g']);
    expect(prepared({}, { snapshotLocations: { existing: [], defaults: {} } })).not.toHaveProperty(
      'volumeSnapshotLocations',
    );
  });

  it.each<BackupSpec>([
    {},
    { excludedNamespaceScopedResources: ['*'] },
    { includedResources: ['pods'] },
    { ttl: '1h', includedNamespaces: ['a'] },
  ])('prepared once more stays as it is and stays valid: %j', (spec) => {
    const once = prepared(spec, { namespacesExcludedByLabel: ['x'] });
    const location = { found: true, name: 'default', phase: 'Available', chosenByServer: false };
    expect(prepared(once, { namespacesExcludedByLabel: ['x'] })).toEqual(once);
    expect(validateBackup({ spec: once, location })).toEqual([]);
  });
});

describe('the storage location of a backup', () => {
  const locations = [
    { name: 'a', isDefault: false },
    { name: 'b', isDefault: true },
    { name: 'c', isDefault: true },
  ];

  it.each([
    ['the one it names', { storageLocation: 'a' }, locations, 'a', false],
    ['the first default', {}, locations, 'b', true],
    ["the server's if none is a default", { storageLocation: '' }, [], 'default', true],
  ])('is %s', (_rule, spec, existing, name, chosenByServer) => {
    expect(chooseStorageLocation(spec, existing, 'default')).toEqual({ name, chosenByServer });
  });
});
