import fc from 'fast-check';
import { describe, it } from 'vitest';
import { backupSpec } from './arbitrary-specs.js';
import { KINDS, smallCluster } from './arbitrary-cluster.js';
import { selectedBackup } from './backup-subject.js';
import { expectedBackup } from './oracle-backup.js';
import { COMPARING, compareAnswers, differenceOf } from './runs.js';

describe('A backup', () => {
  it('selects from any small cluster what the rules say, object by object', COMPARING, async () => {
    const cases = fc.tuple(
      backupSpec,
      smallCluster.map(({ objects }) => objects),
    );
    await compareAnswers(cases, 7_000, async (spec, objects) => {
      const cluster = { kinds: KINDS, objects };
      return differenceOf(expectedBackup(spec, cluster), await selectedBackup(spec, cluster));
    });
  });
});
