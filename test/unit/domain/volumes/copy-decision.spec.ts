import { describe, expect, it } from 'vitest';
import {
  claimsChosenBy,
  copyHindrance,
  decideCopy,
  unknownVolumes,
  whyNotRunning,
  type CopyRules,
} from '../../../../src/domain/volumes/copy-decision.js';
import type { JsonObject } from '../../../../src/domain/json.js';
import type { VolumeAction } from '../../../../src/domain/resource-policies/policies.js';

const podWith = (annotations: Readonly<Record<string, string>> = {}, spec: object = {}): JsonObject => ({
  metadata: { name: 'web', namespace: 'shop', annotations },
  spec: { nodeName: 'n1', ...spec },
  status: { phase: 'Running' },
});
const OPT_IN = { 'backup.velero.io/backup-volumes': 'data' };
const OPT_OUT = { 'backup.velero.io/backup-volumes-excludes': 'data' };
const data = { name: 'data', persistentVolumeClaim: { claimName: 'db' } };
const claim = { metadata: { name: 'db', namespace: 'shop' }, status: { phase: 'Bound' } };
const persistentVolume = { metadata: { name: 'pv' }, spec: { csi: { driver: 'd' } } };

const says = (type: VolumeAction['type']): Pick<CopyRules, 'policies'> => ({
  policies: {
    volumePolicies: [
      {
        conditions: { storageClass: [], volumeTypes: ['csi', 'emptyDir'], pvcLabels: {}, pvcPhase: [] },
        action: { type, parameters: {} },
      },
    ],
  },
});
const rules = (more: Partial<CopyRules> = {}): CopyRules => ({
  copiesAreDefault: false,
  takesClaims: true,
  ...more,
});

describe('Whether a volume of a pod is copied', () => {
  it.each<[string, Readonly<Record<string, string>>, Partial<CopyRules>, boolean]>([
    ['not, where nothing is said', {}, {}, false],
    ['if the pod opts it in', OPT_IN, {}, true],
    ['if copies are the default', {}, { copiesAreDefault: true }, true],
    ['not, if the pod opts it out of that', OPT_OUT, { copiesAreDefault: true }, false],
    ['also if it is opted in where copies are the default', OPT_IN, { copiesAreDefault: true }, true],
    ['not, if a policy skips it, whatever the pod says', OPT_IN, says('skip'), false],
    ['not, if a policy has it snapshotted', OPT_IN, says('snapshot'), false],
    ['not, if a policy leaves it to somebody else', OPT_IN, says('custom'), false],
    ['if a policy says so, without any annotation', {}, says('fs-backup'), true],
    ['not, if the backup takes no claims', OPT_IN, { takesClaims: false }, false],
  ])('%s', (_when, annotations, more, copied) => {
    const volume = { pod: podWith(annotations), volume: data, claim, persistentVolume };
    expect(decideCopy(volume, rules(more)).copy).toBe(copied);
  });

  it('goes by the pod where no policy fits', () => {
    const volume = { name: 'data', nfs: { server: 's', path: '/' } };
    expect(decideCopy({ pod: podWith(OPT_IN), volume }, rules(says('skip'))).copy).toBe(true);
  });

  it('goes by the volume of the pod itself where there is no claim', () => {
    const volume = { name: 'cache', emptyDir: {} };
    expect(decideCopy({ pod: podWith(), volume }, rules(says('fs-backup'))).copy).toBe(true);
  });

  it('takes a claim that is not there by what the pod says, and a policy not at all', () => {
    expect(decideCopy({ pod: podWith(OPT_IN), volume: data }, rules(says('skip'))).copy).toBe(true);
    expect(decideCopy({ pod: podWith(), volume: data }, rules(says('fs-backup'))).copy).toBe(false);
  });

  it.each(['hostPath', 'secret', 'configMap', 'projected', 'downwardAPI'])('never of a %s', (source) => {
    const volume = { name: 'data', [source]: {} };
    expect(decideCopy({ pod: podWith(OPT_IN), volume }, rules()).copy).toBe(false);
  });

  it('reads names as they stand, blanks and all', () => {
    const pod = podWith(
      { 'backup.velero.io/backup-volumes': 'data, cache' },
      { volumes: [data, { name: 'cache' }] },
    );
    expect(decideCopy({ pod, volume: { name: 'cache', emptyDir: {} } }, rules()).copy).toBe(false);
    expect(unknownVolumes(pod)).toEqual([' cache']);
  });

  it('tells which claims are not to be snapshotted, whatever the phase of the pod', () => {
    const pod = { ...podWith(OPT_IN, { volumes: [data] }), status: { phase: 'Pending' } };
    expect([claimsChosenBy(pod, false), claimsChosenBy(podWith({}, { volumes: [data] }), false)]).toEqual([
      ['db'],
      [],
    ]);
  });
});

describe('What keeps a volume from being copied', () => {
  const uses = (use: object) => podWith({}, { containers: [{ name: 'main', ...use }] });
  const mount = { volumeMounts: [{ name: 'data', mountPath: '/data' }] };

  it.each<[string | undefined, JsonObject, JsonObject]>([
    [undefined, uses(mount), persistentVolume],
    ['hostPath', uses(mount), { spec: { hostPath: { path: '/x' } } }],
    ['block volume', uses({ volumeDevices: [{ name: 'data' }] }), persistentVolume],
    ['no container', podWith({}, { initContainers: [mount] }), persistentVolume],
  ])('%s', (why, pod, volume) => {
    const found = copyHindrance({ pod, volume: data, persistentVolume: volume });
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(why);
  });

  it.each<[string | undefined, object]>([
    [undefined, {}],
    ['is Pending', { status: { phase: 'Pending' } }],
    ['not on a node', { spec: {} }],
    ['being deleted', { metadata: { deletionTimestamp: '2026-01-31T10:00:00Z' } }],
  ])('the pod: %s', (why, change) => {
    const found = whyNotRunning({ ...podWith(), ...change });
    if (why === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(why);
  });
});
