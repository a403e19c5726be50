import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  compareExisting,
  decideExisting,
  mergePatch,
  serviceAccountMerge,
} from '../../../src/domain/existing-object.js';
import { isObject, objectAt, put, sameJson, type JsonObject } from '../../../src/domain/json.js';
import { addRestoreLabels, resetObject } from '../../../src/domain/restore-item.js';

const labels = { backupLabel: 'b', restoreLabel: 'r' };
const ours = { 'velero.io/backup-name': 'b', 'velero.io/restore-name': 'r' };
const big = { isLosslessNumber: true, value: '9007199254740993' };

/** RFC 7396, section 2, as it stands there. */
const apply = (target: unknown, patch: unknown): unknown => {
  if (!isObject(patch)) return patch;
  const result = new Map(Object.entries(isObject(target) ? target : {}));
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) result.delete(key);
    else result.set(key, apply(result.get(key), value));
  }
  return Object.fromEntries(result);
};

describe('a merge patch', () => {
  it.each([
    ['changes a value', { a: 1, b: 2 }, { a: 2, b: 2 }, { a: 2 }],
    ['removes with null', { a: 1, b: 2 }, { b: 2 }, { a: null }],
    ['adds', {}, { a: { b: 1 } }, { a: { b: 1 } }],
    ['goes into objects', { a: { b: 1, c: 1 } }, { a: { b: 2 } }, { a: { b: 2, c: null } }],
    ['replaces lists whole', { a: [1, 2] }, { a: [1] }, { a: [1] }],
    ['keeps large numbers', { a: 1 }, { a: big }, { a: big }],
    ['is nothing between equals', { a: { b: [1] } }, { a: { b: [1] } }, undefined],
    ['is nothing between equal large numbers', { a: big }, { a: { ...big } }, undefined],
  ])('%s', (_rule, from, to, expected) => {
    expect(mergePatch(from, to)).toEqual(expected);
  });

  it('makes the one of the other for any two objects', () => {
    const leaf = fc.oneof(fc.integer({ max: 3, min: 0 }), fc.constantFrom('x', 'y', true));
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc.array(leaf, { maxLength: 2 }),
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), tie('node'), { maxKeys: 3, noNullPrototype: true }),
      ),
    })).node;
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c'), value, { noNullPrototype: true });
    fc.assert(
      fc.property(object, object, (from, to) => {
        const patch = mergePatch(from, to);
        expect(patch === undefined).toBe(sameJson(from, to));
        expect(sameJson(apply(from, patch ?? {}), to)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('an object that exists already', () => {
  const archived: JsonObject = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', namespace: 'a', labels: { l: '1' } },
    data: { k: 'v' },
  };
  const prepared = addRestoreLabels(archived, labels);
  const living = (change: JsonObject = {}): JsonObject => ({
    ...archived,
    metadata: {
      name: 'x',
      namespace: 'a',
      labels: { l: '1' },
      uid: 'u',
      resourceVersion: '7',
      creationTimestamp: 't',
    },
    ...change,
  });
  const decide = (inCluster: JsonObject, policy?: string) =>
    decideExisting({ groupResource: 'configmaps', inCluster, prepared, policy, labels });

  it('is equal if only its cluster told it apart', () => {
    expect(compareExisting(living(), prepared, labels)).toBe(true);
    expect(compareExisting(living({ data: { k: 'w' } }), prepared, labels)).toBe(false);
  });

  const writtenBy = (...managers: readonly string[]) => ({
    managedFields: managers.map((manager) => ({ manager, operation: 'Update', time: 'now' })),
  });
  const archivedOwners = put(prepared, ['metadata', 'managedFields'], [{ manager: 'kubectl', time: 'then' }]);
  const livingWith = (metadata: JsonObject): JsonObject => ({
    ...living(),
    metadata: { ...objectAt(living(), 'metadata'), ...metadata },
  });

  it.each<readonly [what: string, metadata: JsonObject, equal: boolean]>([
    [
      'the archived ones are its field owners',
      { managedFields: [{ manager: 'kubectl', time: 'then' }] },
      true,
    ],
    ['a restore of ours made it and nobody else wrote it since', writtenBy('lifeboat', 'lifeboat'), true],
    ['somebody wrote it after our restore', writtenBy('lifeboat', 'kubectl'), false],
    ['somebody else wrote it', writtenBy('kubectl'), false],
    ['it has no field owners', {}, false],
  ])('equals the archived one or not if %s', (_what, metadata, equal) => {
    expect(compareExisting(livingWith(metadata), archivedOwners, labels)).toBe(equal);
  });

  it('and is equal is left alone, or gets the labels under the policy update', () => {
    expect(decide(living())).toEqual({ do: 'skip' });
    expect(decide(living(), 'none')).toEqual({ do: 'skip' });
    expect(decide(living(), 'update')).toEqual({
      do: 'patch',
      result: 'skipped',
      patch: { metadata: { labels: ours } },
    });
  });

  it('and differs is left alone with a warning, without a policy or with none', () => {
    const warning = expect.stringContaining('ConfigMap "x" already exists and differs') as string;
    expect(decide(living({ data: { k: 'w' } }))).toEqual({ do: 'warn', warning });
    expect(decide(living({ data: { k: 'w' } }), 'none')).toEqual({ do: 'warn', warning });
  });

  it('and differs becomes what the backup held under the policy update, newer keys removed', () => {
    expect(decide(living({ data: { k: 'w', extra: '1' } }), 'update')).toEqual({
      do: 'patch',
      result: 'updated',
      patch: { metadata: { labels: ours }, data: { k: 'v', extra: null } },
      labelPatch: { metadata: { labels: ours } },
    });
  });

  it('under the policy update ends up equal to the archived one', () => {
    const inCluster = living({ data: { other: '1' } });
    const decision = decide(inCluster, 'update');
    expect(decision.do).toBe('patch');
    if (decision.do !== 'patch') return;
    expect(apply(resetObject(inCluster), decision.patch)).toEqual(prepared);
  });
});

describe('a service account that exists already', () => {
  const here: JsonObject = {
    kind: 'ServiceAccount',
    metadata: { name: 's', labels: { a: 'here' } },
    secrets: [{ name: 's-token-new' }],
  };
  const archived: JsonObject = {
    kind: 'ServiceAccount',
    metadata: { name: 's', labels: { a: 'there', b: '1' }, annotations: { c: '1' } },
    secrets: [{ name: 'extra' }, { name: 's-token-new' }],
    imagePullSecrets: [{ name: 'pull' }],
  };

  it('gains what it lacks and keeps what it has', () => {
    expect(serviceAccountMerge(here, archived)).toEqual({
      kind: 'ServiceAccount',
      metadata: { name: 's', labels: { a: 'here', b: '1' }, annotations: { c: '1' } },
      secrets: [{ name: 's-token-new' }, { name: 'extra' }],
      imagePullSecrets: [{ name: 'pull' }],
    });
  });

  it.each([undefined, 'none', 'update'])('is merged under the policy %s', (policy) => {
    const decision = decideExisting({
      groupResource: 'serviceaccounts',
      inCluster: here,
      prepared: addRestoreLabels(archived, labels),
      policy,
      labels,
    });
    expect(decision).toMatchObject({
      do: 'patch',
      result: 'updated',
      patch: {
        secrets: [{ name: 's-token-new' }, { name: 'extra' }],
        metadata: { labels: { b: '1' } },
      },
    });
    expect('labelPatch' in decision).toBe(policy === 'update');
  });

  it.each([undefined, 'none', 'update'])(
    'is left alone if it lacks nothing, under the policy %s',
    (policy) => {
      const prepared = addRestoreLabels({ kind: 'ServiceAccount', metadata: { name: 's' } }, labels);
      const groupResource = 'serviceaccounts';
      expect(decideExisting({ groupResource, inCluster: here, prepared, policy, labels })).toEqual({
        do: 'skip',
      });
    },
  );

  it('never gets the labels of a restore: it is the cluster’s own', () => {
    const decision = decideExisting({
      groupResource: 'serviceaccounts',
      inCluster: here,
      prepared: addRestoreLabels(archived, labels),
      policy: 'update',
      labels,
    });
    expect(decision.do === 'patch' && decision.patch).not.toMatchObject({ metadata: { labels: ours } });
  });
});
