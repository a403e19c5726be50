import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../../src/domain/json.js';
import { matchVolumePolicy } from '../../../../src/domain/resource-policies/match.js';
import { parseResourcePolicies } from '../../../../src/domain/resource-policies/policies.js';
import type { VolumeInput } from '../../../../src/domain/resource-policies/volume-traits.js';

const policies = (...rules: readonly (readonly [conditions: unknown, action: string])[]) => {
  const parsed = parseResourcePolicies({
    version: 'v1',
    volumePolicies: rules.map(([conditions, type]) => ({ conditions, action: { type } })),
  });
  return 'policies' in parsed ? parsed.policies : expect.fail(JSON.stringify(parsed.problems));
};

const actionOf = (input: VolumeInput, ...rules: readonly (readonly [unknown, string])[]) =>
  matchVolumePolicy(policies(...rules), input)?.type;

const fits = (conditions: unknown, input: VolumeInput): boolean =>
  actionOf(input, [conditions, 'skip']) === 'skip';

const disk = (spec: JsonObject = {}, storage: unknown = '10Gi'): VolumeInput => ({
  persistentVolume: { spec: { capacity: { storage }, ...spec } },
});
const claim = (labels: JsonObject = {}, phase = 'Bound', spec: JsonObject = {}): JsonObject => ({
  metadata: { labels },
  spec,
  status: { phase },
});

describe('a volume policy', () => {
  it.each([
    ['0,10Gi', '10Gi', true],
    ['0,10Gi', '10737418241', false],
    [',10Gi', '1Gi', true],
    ['10Gi,', '10Gi', true],
    ['10Gi,', '9Gi', false],
    ['10Gi,20Gi', '15Gi', true],
    ['10Gi,20Gi', '21Gi', false],
    ['10Gi,20Gi', '9Gi', false],
    ['1G,1G', 1_000_000_000, true],
    [',', '100Ti', true],
    ['1,', 'nonsense', false],
  ])('behaviour 107: capacity "%s" takes a volume of %s: %s', (capacity, storage, expected) => {
    expect(fits({ capacity }, disk({}, storage))).toBe(expected);
  });

  it('behaviour 108: goes by the storage class of the volume', () => {
    const gold = disk({ storageClassName: 'gold' });
    expect(actionOf(gold, [{ storageClass: ['silver', 'gold'] }, 'fs-backup'])).toBe('fs-backup');
    expect(fits({ storageClass: ['silver'] }, gold)).toBe(false);
    expect(fits({ storageClass: ['silver'] }, disk())).toBe(false);
    expect(fits({ storageClass: [] }, disk())).toBe(true);
  });

  it('behaviour 109: gives way to the first that fits', () => {
    expect(actionOf(disk(), [{ capacity: '1Ti,' }, 'skip'], [{}, 'snapshot'], [{}, 'fs-backup'])).toBe(
      'snapshot',
    );
    expect(actionOf(disk(), [{ capacity: '1Ti,' }, 'skip'])).toBeUndefined();
  });

  it('fits only if all its conditions do', () => {
    const gold = disk({ storageClassName: 'gold' });
    expect(fits({ storageClass: ['gold'], capacity: '0,10Gi' }, gold)).toBe(true);
    expect(fits({ storageClass: ['gold'], capacity: '0,1Gi' }, gold)).toBe(false);
  });

  it.each([
    [{}, true],
    [{ server: 's' }, true],
    [{ path: '/p' }, true],
    [{ server: 's', path: '/p' }, true],
    [{ server: 't' }, false],
    [{ server: 's', path: '/q' }, false],
  ])('with nfs %j takes the share s:/p: %s', (nfs, expected) => {
    const share = { nfs: { server: 's', path: '/p' } };
    expect(fits({ nfs }, disk(share))).toBe(expected);
    expect(fits({ nfs }, { podVolume: { name: 'v', ...share } })).toBe(expected);
    expect(fits({ nfs }, disk())).toBe(false);
  });

  it.each([
    [{}, true],
    [{ driver: 'd' }, true],
    [{ driver: 'e' }, false],
    [{ driver: 'd', volumeAttributes: {} }, true],
    [{ driver: 'd', volumeAttributes: { a: '1' } }, true],
    [{ driver: 'd', volumeAttributes: { a: '1', b: '2' } }, false],
    [{ driver: 'd', volumeAttributes: { a: '1', b: '' } }, true],
    [{ driver: 'd', volumeAttributes: { constructor: 'x' } }, false],
  ])('with csi %j takes a volume of driver d with a=1: %s', (csi, expected) => {
    const source = { csi: { driver: 'd', volumeAttributes: { a: '1' } } };
    expect(fits({ csi }, disk(source))).toBe(expected);
    expect(fits({ csi }, disk())).toBe(false);
  });

  it('with attributes takes no volume that has none', () => {
    const csi = { driver: 'd', volumeAttributes: { a: '' } };
    expect(fits({ csi }, disk({ csi: { driver: 'd' } }))).toBe(false);
  });

  it.each([
    ['csi', disk({ csi: { driver: 'd' } })],
    ['local', disk({ local: { path: '/' } })],
    ['storageOS', disk({ storageos: {} })],
    ['emptyDir', { podVolume: { name: 'v', emptyDir: {} } }],
    ['hostPath', { podVolume: { name: 'v', hostPath: { path: '/' } } }],
    ['configMap', { podVolume: { name: 'v', configMap: {} } }],
  ] as const)('with volumeTypes [%s] takes such volumes and no others', (type, input) => {
    expect(fits({ volumeTypes: ['nfs', type] }, input)).toBe(true);
    expect(fits({ volumeTypes: ['nfs', 'floppy'] }, input)).toBe(false);
  });

  it('goes by labels and phase of the claim', () => {
    const bound = { ...disk(), claim: claim({ tier: 'gold', keep: 'no' }) };
    expect(fits({ pvcLabels: { tier: 'gold' } }, bound)).toBe(true);
    expect(fits({ pvcLabels: { tier: 'gold', keep: 'yes' } }, bound)).toBe(false);
    expect(fits({ pvcPhase: ['Pending', 'Bound'] }, bound)).toBe(true);
    expect(fits({ pvcPhase: ['Lost'] }, bound)).toBe(false);
  });

  it('about claims fits no volume whose claim is not known', () => {
    expect(fits({ pvcLabels: { tier: 'gold' } }, disk())).toBe(false);
    expect(fits({ pvcPhase: ['Bound'] }, disk())).toBe(false);
  });

  it('sees of an unbound claim its labels and phase only, and a capacity of 0', () => {
    const pending = {
      claim: claim({ tier: 'gold' }, 'Pending', {
        storageClassName: 'gold',
        resources: { requests: { storage: '10Gi' } },
      }),
    };
    expect(fits({ pvcPhase: ['Pending'], pvcLabels: { tier: 'gold' } }, pending)).toBe(true);
    expect(fits({ capacity: '0,1Gi' }, pending)).toBe(true);
    expect(fits({ capacity: '5Gi,' }, pending)).toBe(false);
    for (const condition of [{ storageClass: ['gold'] }, { nfs: {} }, { csi: {} }, { volumeTypes: ['csi'] }])
      expect(fits(condition, pending)).toBe(false);
  });

  it('sees of a volume of a pod its source only', () => {
    const podVolume = { name: 'cache', emptyDir: { sizeLimit: '10Gi' } };
    expect(fits({ capacity: '5Gi,' }, { podVolume })).toBe(false);
    expect(fits({ volumeTypes: ['emptyDir'] }, { podVolume })).toBe(true);
    expect(fits({ volumeTypes: ['emptyDir'] }, { ...disk(), podVolume })).toBe(false);
  });

  it('without conditions takes every volume, and says nothing where there is none', () => {
    expect(fits({}, disk())).toBe(true);
    expect(fits(undefined, { claim: claim() })).toBe(true);
    expect(fits({}, {})).toBe(false);
  });
});
