import { pino, type Logger } from 'pino';

export type Log = Logger;

const LEVELS = {
  trace: 'trace',
  debug: 'debug',
  info: 'info',
  warning: 'warn',
  error: 'error',
  fatal: 'fatal',
  panic: 'fatal',
} as const;

/** Velero's names of log levels (`--log-level`), with the level each means here. */
export type LogLevel = keyof typeof LEVELS;
export const LOG_LEVELS = Object.keys(LEVELS) as readonly LogLevel[];

/**
 * The server's own log: one JSON object a line on stderr. What could hold a credential is blanked by path, in case an error
 * object of a client drags its request along.
 */
export const createLog = (level: LogLevel): Log =>
  pino(
    {
      level: LEVELS[level],
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: {
        paths: [
          '*.authorization',
          '*.token',
          '*.password',
          '*.secretAccessKey',
          '*.credentials',
          '*.headers.authorization',
        ],
        censor: '(hidden)',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );

/** A log that goes nowhere, for programs that show something else on the terminal. */
export const silentLog = (): Log => pino({ level: 'silent' });
