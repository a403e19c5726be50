import { describe, it } from 'vitest';
import { dieEverywhere } from './everywhere.js';
import { adoptingPlot, defaultPlot, orphanPlot } from './sync-plots.js';

describe('Wherever the server dies,', () => {
  it('backups of another cluster come in once each, with their PodVolumeBackups', { timeout: 60_000 }, () =>
    dieEverywhere(adoptingPlot),
  );
  it('the resource of a backup without files goes, and its story says why once', { timeout: 60_000 }, () =>
    dieEverywhere(orphanPlot),
  );
  it('one location is left as the default', { timeout: 60_000 }, () => dieEverywhere(defaultPlot));
});
