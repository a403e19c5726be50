import { Readable } from 'node:stream';
import type { OperationLog } from '../archive/oplog.js';
import { openSpool, type Spool } from '../archive/spool.js';
import type { ObjectStore } from '../objectstore/port.js';
import type { ControllerPorts } from './ports.js';

/** Where the log of a cancelled operation goes, and how a log of it is made. */
export interface CancelledLog {
  readonly store: ObjectStore;
  readonly key: string;
  readonly logIn: (sink: Spool) => OperationLog;
  /** What its last line says. */
  readonly told: string;
}

const joined = async function* (parts: readonly Spool[]): AsyncGenerator<Buffer> {
  for (const part of parts) for await (const chunk of part.read()) yield chunk as Buffer;
};

/**
 * Stores the log of an operation that was cancelled, so that `velero backup logs` explains its end: `before`, what the run has written
 * so far and finished, and one more line. Both are gzip of their own: readers take them as one file.
 */
export const storeCancelledLog = async (
  { config }: ControllerPorts,
  { store, key, logIn, told }: CancelledLog,
  before: readonly Spool[],
  signal: AbortSignal,
): Promise<void> => {
  const end = await openSpool(config.scratch);
  try {
    const log = logIn(end);
    log.error(told);
    await log.finish();
    await store.put(key, Readable.from(joined([...before, end])), { signal });
  } finally {
    await end.dispose();
  }
};
