import { describe, expect, it } from 'vitest';
import { decideSnapshot, type VolumeInQuestion } from '../../../../src/domain/volumes/snapshot-decision.js';

const bound = { spec: { volumeName: 'pv-1' }, status: { phase: 'Bound' } };
const pending = { spec: {}, status: { phase: 'Pending' } };
const csi = { metadata: { name: 'pv-1' }, spec: { csi: { driver: 'disk.csi.example' } } };
const hostPath = { metadata: { name: 'pv-1' }, spec: { hostPath: { path: '/data' } } };

const usual: VolumeInQuestion = { claim: bound, volume: csi, copied: false, snapshotVolumes: true };
const { volume: _none, ...without } = usual;

const yes = { take: true, driver: 'disk.csi.example' };
const no = (wanted: boolean) => ({ take: false, wanted, reason: expect.any(String) as string });
const problem = (text: string) => ({ problem: expect.stringContaining(text) as string });

describe('Whether a volume is snapshotted', () => {
  it.each<[string, VolumeInQuestion, object]>([
    ['is yes for a volume of a CSI driver, which also says the driver', usual, yes],
    ['is no, though wanted, for any other volume', { ...usual, volume: hostPath }, no(true)],
    ['is no if the backup takes no snapshots', { ...usual, snapshotVolumes: false }, no(false)],
    ['is no if a pod chose a copy', { ...usual, copied: true }, no(false)],
    [
      'is yes if a policy says so, whatever else was said',
      { ...usual, policyAction: 'snapshot', snapshotVolumes: false, copied: true },
      yes,
    ],
    ['is no if a policy says skip', { ...usual, policyAction: 'skip' }, no(false)],
    ['is no if a policy says fs-backup', { ...usual, policyAction: 'fs-backup' }, no(false)],
    ['is no if a policy says custom', { ...usual, policyAction: 'custom' }, no(false)],
    ['cannot be said of a claim that is not bound', { ...without, claim: pending }, problem('not bound')],
    ['cannot be said if the volume is gone', without, problem('pv-1 does not exist')],
    [
      'is no for an unbound claim that a policy skips',
      { ...without, claim: pending, policyAction: 'skip' },
      no(false),
    ],
    [
      'is no for an unbound claim where nobody wants data',
      { ...without, claim: pending, snapshotVolumes: false },
      no(false),
    ],
  ])('%s', (_what, question, expected) => {
    expect(decideSnapshot(question)).toEqual(expected);
  });
});
