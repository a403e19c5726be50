import { describe, it } from 'vitest';
import { dieEverywhere } from './everywhere.js';
import {
  nativeClonePlot,
  nativeDeletionPlot,
  nativeRestorePlot,
  nativeSnapshotPlot,
} from './native-snapshot-plots.js';

describe('Wherever the server dies,', () => {
  const timeout = 120_000;

  it(
    'a backup of two volumes ends Completed, and their provider holds one snapshot of each',
    { timeout },
    () => dieEverywhere(nativeSnapshotPlot),
  );
  it('a restore of two volumes ends Completed, and each got one new disk', { timeout }, () =>
    dieEverywhere(nativeRestorePlot),
  );
  it('a restore beside two volumes in use ends Completed, with one clone of each', { timeout }, () =>
    dieEverywhere(nativeClonePlot),
  );
  it('a backup is deleted with its snapshots, and no other ones', { timeout }, () =>
    dieEverywhere(nativeDeletionPlot),
  );
});
