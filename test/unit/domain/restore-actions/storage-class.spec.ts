import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/domain/json.js';
import type { RefusedLookUp, StorageClassChanges } from '../../../../src/domain/restore-actions/action.js';
import {
  changeStorageClass,
  newStorageClasses,
} from '../../../../src/domain/restore-actions/storage-class.js';

const run = (object: JsonObject, storageClasses?: StorageClassChanges | RefusedLookUp) =>
  changeStorageClass.execute({
    object,
    archived: object,
    restore: {},
    ...(storageClasses && { storageClasses }),
  });

const changes = (
  map: Readonly<Record<string, string>>,
  ...existing: readonly string[]
): StorageClassChanges => ({
  map,
  existing: new Set(existing),
});

const claim = (storageClassName?: string): JsonObject => ({
  kind: 'PersistentVolumeClaim',
  spec: { accessModes: ['ReadWriteOnce'], ...(storageClassName !== undefined && { storageClassName }) },
});

const stateful = (...names: readonly (string | undefined)[]): JsonObject => ({
  kind: 'StatefulSet',
  spec: { replicas: 1, volumeClaimTemplates: names.map(claim) },
});

describe('the storage class of a restored object', () => {
  it('behaviour 77: of a claim or volume is the one it is mapped to', () => {
    expect(run(claim('old'), changes({ old: 'new' }, 'new')).object).toEqual(claim('new'));
    const volume = { ...claim('old'), kind: 'PersistentVolume' };
    expect(run(volume, changes({ old: 'new' }, 'new')).object).toEqual({
      ...volume,
      spec: claim('new')['spec'],
    });
  });

  it('behaviour 77: of claim templates is the one it is mapped to', () => {
    expect(run(stateful('old', 'kept', undefined), changes({ old: 'new' }, 'new')).object).toEqual(
      stateful('new', 'kept', undefined),
    );
  });

  it('behaviour 77: is an error if the cluster does not have the new one', () => {
    const error = expect.stringMatching(/storage class "new" does not exist; create it/) as string;
    expect(run(claim('old'), changes({ old: 'new' }))).toEqual({ error });
    expect(run(stateful('kept', 'old'), changes({ old: 'new' }, 'kept'))).toEqual({ error });
  });

  it.each([
    ['nothing is set up', claim('old'), undefined],
    ['it is not mapped', claim('other'), changes({ old: 'new' })],
    ['there is none', claim(), changes({ old: 'new', '': 'new' })],
    ['it is empty', claim(''), changes({ '': 'new' })],
    ['it is called like what every object has', claim('constructor'), changes({ old: 'new' })],
    ['the set has no templates', { kind: 'StatefulSet', spec: {} }, changes({ old: 'new' })],
  ])('stays where %s', (_why, object, storageClasses) => {
    const result = run(object, storageClasses);
    expect(result.error).toBeUndefined();
    expect(result.object ?? object).toEqual(object);
  });

  it('is not guessed where the look-up was refused', () => {
    expect(run(claim('old'), { problem: 'several ConfigMaps' })).toEqual({ error: 'several ConfigMaps' });
  });

  it('names the new classes to look up, each once', () => {
    expect(newStorageClasses(stateful('old', 'old', 'kept'), { old: 'new', more: 'x' })).toEqual(['new']);
    expect(newStorageClasses(claim('old'), { old: '' })).toEqual(['']);
  });
});
