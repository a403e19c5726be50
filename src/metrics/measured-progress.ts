import { parseStream } from '../domain/streams.js';
import type { ProgressHub } from '../projections/progress.js';
import type { Meters } from './meters.js';

/** The same hub; what running operations have done since their last report is counted, so that a rate shows their speed. */
export const measureProgress = (hub: ProgressHub, { items, archivedBytes }: Meters): ProgressHub => ({
  ...hub,
  report: (stream, progress) => {
    const kind = parseStream(stream)?.kind ?? 'other';
    const former = hub.current(stream);
    // A further attempt begins from nothing again: then all it has done is new.
    const since = (now: number, then = 0) => (now >= then ? now - then : now);
    items.inc({ kind }, since(progress.itemsDone, former?.itemsDone));
    const bytes = since(progress.bytesWritten, former?.bytesWritten);
    if (bytes > 0) archivedBytes.inc({ kind }, bytes); // a restore writes none, and has no series that says so
    hub.report(stream, progress);
  },
});
