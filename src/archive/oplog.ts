import { messageOf } from '../faults.js';
import { BLOCK, createBlockGzip } from './block-gzip.js';
import { formatJson, formatText, LOG_LEVELS, type LogFields, type LogLevel } from './logrus.js';
import type { Results } from './sidecar-types.js';
import { createResults, type ResultScope, type Severity } from './results.js';
import type { Sealed, Sink } from './spool.js';

export type { LogLevel } from './logrus.js';

/**
 * The log of one backup or restore, as a user downloads it. Lines are taken at once and compressed on the way to the sink. In the
 * log of a backup every warning and every error is also an entry of the results (`pkg/util/logging/log_counter_hook.go`), whatever
 * the level of the log; in that of a restore only `report` makes entries.
 */
export interface OperationLog {
  debug(msg: string, fields?: LogFields): void;
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
  /** The same log with fields that every line gets: `resource`, `namespace`, `name`, `logSource` … */
  with(fields: LogFields): OperationLog;
  /** An entry of the results in the caller's own words, and a line of the log. */
  report(severity: Severity, scope: ResultScope, text: string, fields?: LogFields): void;
  readonly warnings: number;
  readonly errors: number;
  /** The entries so far, as the results file has them. */
  readonly results: Results;
  /** Holds back a writer that is faster than the sink; rejects with the sink's failure. */
  room(): Promise<void>;
  /** Ends the file. Later lines still count, but are not in it, as the results of an upload are not in Velero's. */
  finish(): Promise<Sealed>;
  abort(error: Error): void;
}

export interface OperationLogOptions {
  readonly kind: 'backup' | 'restore';
  /** `velero/nightly`: namespace and name of the Backup or Restore. */
  readonly key: string;
  /** Lines below it are not written. */
  readonly level: LogLevel;
  readonly format: 'text' | 'json';
  readonly sink: Sink;
  readonly now: () => Date;
  /** `src/controllers/backup/collect.ts`: where a line comes from, unless it says itself. */
  readonly logSource?: string;
  /** Bytes of result entries to keep, default 16 MiB; see `createResults`. */
  readonly maxResultBytes?: number;
}

/** Text of a result entry made from a line, every part after a blank. */
const entryText = (msg: string, fields: LogFields): string => {
  const { resource, name, error } = fields;
  const parts = [
    resource === undefined ? '' : ` resource: /${messageOf(resource)}`,
    name === undefined ? '' : ` name: /${messageOf(name)}`,
    ` message: /${msg}`,
    error === undefined ? '' : ` error: /${messageOf(error)}`,
  ];
  return parts.join('');
};

/** A line with a namespace belongs to it, to the cluster if that is empty; one without belongs to Velero. */
const scopeOf = ({ namespace }: LogFields): ResultScope =>
  namespace === undefined
    ? { in: 'velero' }
    : namespace === ''
      ? { in: 'cluster' }
      : { in: 'namespace', namespace: messageOf(namespace) };

/** Lines gathered into blocks for the compressor. */
const createLines = (sink: Sink) => {
  const gzip = createBlockGzip({ sink });
  let sealed: Promise<Sealed> | undefined;
  let gathered: string[] = [];
  let size = 0;
  let empty = true;
  const flush = (): void => {
    if (size === 0 && !empty) return;
    gzip.push(Buffer.from(gathered.join('')));
    gathered = [];
    size = 0;
    empty = false;
  };
  return {
    add(line: string): void {
      if (sealed) return;
      gathered.push(line, '\n');
      size += line.length + 1;
      if (size >= BLOCK) flush();
    },
    room: () => gzip.room(),
    finish(): Promise<Sealed> {
      if (sealed) return sealed;
      flush();
      return (sealed = gzip.finish());
    },
    abort: (error: Error) => gzip.abort(error),
  };
};

export const createOperationLog = (options: OperationLogOptions): OperationLog => {
  const { kind, key, now } = options;
  const threshold = LOG_LEVELS.indexOf(options.level);
  const format = options.format === 'json' ? formatJson : formatText;
  const lines = createLines(options.sink);
  const results = createResults(
    options.maxResultBytes === undefined ? {} : { maxBytes: options.maxResultBytes },
  );

  const write = (level: LogLevel, msg: string, fields: LogFields): void => {
    if (LOG_LEVELS.indexOf(level) <= threshold) lines.add(format({ time: now(), level, msg, fields }));
  };
  const count = (severity: Severity, msg: string, fields: LogFields): void => {
    if (kind === 'backup') results.add(severity, scopeOf(fields), entryText(msg, fields));
  };
  const bound = (base: LogFields): OperationLog => ({
    debug: (msg, fields) => write('debug', msg, { ...base, ...fields }),
    info: (msg, fields) => write('info', msg, { ...base, ...fields }),
    warn(msg, fields) {
      const all = { ...base, ...fields };
      write('warning', msg, all);
      count('warnings', msg, all);
    },
    error(msg, fields) {
      const all = { ...base, ...fields };
      write('error', msg, all);
      count('errors', msg, all);
    },
    with: (fields) => bound({ ...base, ...fields }),
    report(severity, scope, text, fields) {
      const namespace =
        scope.in === 'velero' ? {} : { namespace: scope.in === 'namespace' ? scope.namespace : '' };
      write(severity === 'errors' ? 'error' : 'warning', text, { ...base, ...namespace, ...fields });
      results.add(severity, scope, text);
    },
    get warnings() {
      return results.count('warnings');
    },
    get errors() {
      return results.count('errors');
    },
    get results() {
      return results.finish();
    },
    room: () => lines.room(),
    finish: () => lines.finish(),
    abort: (error) => lines.abort(error),
  });
  return bound({ [kind]: key, logSource: options.logSource ?? `src/controllers/${kind}/run.ts` });
};
