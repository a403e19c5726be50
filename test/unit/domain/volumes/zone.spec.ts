import { describe, expect, it } from 'vitest';
import { zoneOf } from '../../../../src/domain/volumes/zone.js';

const term = (key: string, values: readonly string[], operator = 'In') => ({
  matchExpressions: [{ key, operator, values }],
});
const volume = (labels: Record<string, string>, terms: readonly object[] = []) => ({
  metadata: { name: 'pv', labels },
  spec: { nodeAffinity: { required: { nodeSelectorTerms: terms } } },
});

const EBS = 'topology.ebs.csi.aws.com/zone';
const GKE = 'topology.gke.io/zone';

describe('The zone of a volume', () => {
  it.each([
    ['its label', volume({ 'topology.kubernetes.io/zone': 'a' }, [term(EBS, ['b'])]), 'a'],
    ['its label of former times', volume({ 'failure-domain.beta.kubernetes.io/zone': 'a' }), 'a'],
    [
      'where its driver lets it be',
      volume({}, [term('topology.kubernetes.io/zone', ['c']), term(EBS, ['b', 'x'])]),
      'b',
    ],
    ['both zones of a regional disk', volume({}, [term(GKE, ['b']), term(GKE, ['c'])]), 'b__c'],
    ['nothing, where it may be anywhere else', volume({}, [term(EBS, ['b'], 'NotIn')]), ''],
    ['nothing, where nobody says', { metadata: { name: 'pv' } }, ''],
  ])('is %s', (_what, object, zone) => {
    expect(zoneOf(object)).toBe(zone);
  });
});
