import { describe, expect, it } from 'vitest';
import type { DataUpload } from '../../../../src/domain/velero.gen.js';
import {
  endedMoveEntry,
  endedMoveOperation,
  type EndedMove,
} from '../../../../src/domain/volumes/move-info.js';

const END = '2026-02-03T04:05:09Z';
const entry = { snapshotDataMovementInfo: { snapshotHandle: '', size: 0, Phase: '' } };
const operation = { status: { phase: 'New', created: '2026-02-03T04:05:00Z' } };

const uploadWith = (status: DataUpload['status']): DataUpload => ({
  apiVersion: 'velero.io/v2alpha1',
  kind: 'DataUpload',
  metadata: { name: 'u' },
  ...(status && { status }),
});
const failed = (upload?: DataUpload): EndedMove => ({
  operation: 'du-1',
  end: { is: 'failed', reason: 'too late', at: END },
  ...(upload && { upload }),
});

describe('The files of a backup say of a move', () => {
  it('when its work began and ended, and what came of it', () => {
    const times = { startTimestamp: '2026-02-03T04:05:06Z', completionTimestamp: '2026-02-03T04:05:08Z' };
    const move: EndedMove = {
      operation: 'du-1',
      end: { is: 'moved', snapshotId: 'copy', bytes: 100, incrementalBytes: 60, at: END },
      upload: uploadWith({ ...times, phase: 'Completed', progress: { bytesDone: 100, totalBytes: 100 } }),
    };
    expect(endedMoveEntry(entry, move)).toEqual({
      ...times,
      result: 'succeeded',
      snapshotDataMovementInfo: {
        snapshotHandle: 'copy',
        size: 100,
        incrementalSize: 60,
        Phase: 'Completed',
      },
    });
    expect(endedMoveOperation(operation, move).status).toMatchObject({
      phase: 'Completed',
      nCompleted: 100,
      description: 'Completed',
      started: times.startTimestamp,
      updated: times.completionTimestamp,
    });
  });

  it('nothing of work that nobody had begun when its time was up', () => {
    const move = failed(uploadWith(undefined));
    expect(endedMoveEntry(entry, move)).toEqual({ result: 'failed', ...entry });
    expect(endedMoveOperation(operation, move).status).toEqual({
      phase: 'Failed',
      error: 'too late',
      created: operation.status.created,
    });
  });

  it('what the history of the backup knows, where its upload is gone', () => {
    expect(endedMoveEntry(entry, failed())).toMatchObject({
      completionTimestamp: END,
      result: 'failed',
      snapshotDataMovementInfo: { Phase: 'Failed' },
    });
    expect(endedMoveOperation(operation, failed()).status).toMatchObject({ phase: 'Failed', updated: END });
  });
});
