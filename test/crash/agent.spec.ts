import { describe, it } from 'vitest';
import { performOnNode, volumeBackupPlot, volumeRestorePlot } from './agent-plots.js';
import { everyDeath } from './everywhere.js';

describe('Wherever the agent of a node dies,', () => {
  it(
    'a volume of a pod is copied, and one copy is left, which its resource names',
    { timeout: 120_000 },
    () => everyDeath((dies) => performOnNode(volumeBackupPlot, dies)),
  );
  it('a volume of a restored pod is filled, and the pod may start', { timeout: 120_000 }, () =>
    everyDeath((dies) => performOnNode(volumeRestorePlot, dies)),
  );
});
