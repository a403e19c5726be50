import fc from 'fast-check';
import { describe, it } from 'vitest';
import { backupSpec } from './arbitrary-specs.js';
import { KINDS, smallCluster } from './arbitrary-cluster.js';
import { selectedBackup } from './backup-subject.js';
import { expectedBackup } from './oracle-backup.js';
import { compareAnswers, differenceOf } from './runs.js';

/** Only machines that are busy with other things need it. */
const LONG_MS = 300_000;

describe('A backup', () => {
  it(
    'selects from any small cluster what the rules say, object by object',
    async () => {
      const cases = fc.tuple(
        backupSpec,
        smallCluster.map(({ objects }) => objects),
      );
      await compareAnswers(cases, 7_000, async (spec, objects) => {
        const cluster = { kinds: KINDS, objects };
        return differenceOf(expectedBackup(spec, cluster), await selectedBackup(spec, cluster));
      });
    },
    LONG_MS,
  );
});
