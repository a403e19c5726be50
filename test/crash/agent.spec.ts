import { describe, it } from 'vitest';
import { performOnNode, volumeBackupPlot, volumeRestorePlot } from './agent-plots.js';
import { dataDownloadPlot, dataUploadPlot, loseNode } from './agent-move-plots.js';
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
  it(
    'the data of a snapshot is moved, one copy is left, and of the snapshot nothing',
    { timeout: 240_000 },
    () => everyDeath((dies) => performOnNode(dataUploadPlot, dies)),
  );
  it('a claim gets the volume that was filled for it, once', { timeout: 240_000 }, () =>
    everyDeath((dies) => performOnNode(dataDownloadPlot, dies)),
  );
});

describe('Wherever a node is lost,', () => {
  it('another one moves the data of the snapshot', { timeout: 240_000 }, () =>
    everyDeath((dies) => performOnNode(dataUploadPlot, dies, loseNode)),
  );
  it('another one fills the volume of the claim', { timeout: 240_000 }, () =>
    everyDeath((dies) => performOnNode(dataDownloadPlot, dies, loseNode)),
  );
});
