import { createOperationLog, type OperationLog } from '../../archive/oplog.js';
import type { Spool } from '../../archive/spool.js';
import { printKey } from '../../domain/streams.js';
import type { ControllerPorts } from '../ports.js';
import type { RestoreSession } from './session.js';

/** The log of one restore, as the operator wants logs to be. */
export const restoreLogOf = (
  { config, clock }: ControllerPorts,
  { key }: RestoreSession,
  sink: Spool,
): OperationLog =>
  createOperationLog({
    kind: 'restore',
    key: printKey(key),
    level: config.logLevel,
    format: config.logFormat,
    sink,
    now: clock,
  });
