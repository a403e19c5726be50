import { createOperationLog, type OperationLog } from '../../archive/oplog.js';
import type { Spool } from '../../archive/spool.js';
import { printKey } from '../../domain/streams.js';
import type { ControllerPorts } from '../ports.js';
import type { BackupSession } from './session.js';

/** The log of one backup, as the operator wants logs to be. */
export const backupLogOf = (
  { config, clock }: ControllerPorts,
  { key }: BackupSession,
  sink: Spool,
): OperationLog =>
  createOperationLog({
    kind: 'backup',
    key: printKey(key),
    level: config.logLevel,
    format: config.logFormat,
    sink,
    now: clock,
  });
