import fc from 'fast-check';
import { describe, it } from 'vitest';
import { KINDS, smallCluster } from './arbitrary-cluster.js';
import { restoreSpec } from './arbitrary-specs.js';
import { expectedRestore } from './oracle-restore.js';
import { selectedRestore } from './restore-subject.js';
import { COMPARING, compareAnswers, differenceOf } from './runs.js';

describe('A restore', () => {
  it('brings back from any small archive what the rules say, object by object', COMPARING, async () => {
    const cases = fc.tuple(
      restoreSpec,
      smallCluster.map(({ objects }) => objects),
    );
    await compareAnswers(cases, 3_000, async (spec, objects) => {
      const expected = expectedRestore(spec, objects, KINDS);
      fc.pre(expected.refused || !expected.ambiguous);
      return differenceOf(expected, await selectedRestore(spec, objects));
    });
  });
});
