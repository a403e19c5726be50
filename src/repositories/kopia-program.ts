import { spawn, type ChildProcess } from 'node:child_process';
import { Fault } from '../faults.js';
import type { Connection } from './kopia-connection.js';
import { KOPIA_WAY_OUT } from './kopia-version.js';

/** How one run ended. */
export interface Ended {
  readonly code: number | string;
  readonly stdout: string;
  /** The last lines of stderr. */
  readonly lines: readonly string[];
}

const KEPT_LINES = 40;
const LONGEST_LINE = 2_000;
const LONGEST_OUTPUT = 256 * 1024 * 1024;
/** A copy that is told to end writes what it has; it gets this long. */
const PATIENCE_MS = 10_000;

/** The environment of this process without what would steer the program elsewhere. */
const cleanEnvironment = (): Record<string, string> => {
  const clean: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env))
    if (value !== undefined && !/^(KOPIA_|AWS_)/.test(name)) clean[name] = value;
  return clean;
};

/** Cuts what comes at line ends and at carriage returns: progress is written over itself. */
const lineReader = (onLine: (line: string) => void) => {
  let rest = '';
  return (chunk: string) => {
    const parts = (rest + chunk).split(/[\r\n]+/);
    rest = (parts.pop() ?? '').slice(-LONGEST_LINE);
    for (const part of parts) if (part.trim() !== '') onLine(part.trim().slice(0, LONGEST_LINE));
  };
};

/** SIGTERM, and SIGKILL for one that does not heed it. The returned function takes the threat back. */
const endSoon = (child: ChildProcess): (() => void) => {
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS);
  return () => clearTimeout(timer);
};

/** What every run has in common: nothing in the user's home, no updates, no upkeep that was not asked for, no log files. */
const COMMON = [
  '--no-auto-maintenance',
  '--disable-file-logging',
  '--no-use-keyring',
  '--no-persist-credentials',
];

interface Run {
  readonly program: string;
  readonly args: readonly string[];
  readonly connection: Connection;
  readonly signal: AbortSignal;
  readonly onLine?: (line: string) => void;
}

/**
 * Runs the program to its end. Faults: `LB_REPOSITORY_PROGRAM` when it cannot be started, `LB_ABORTED` when the signal ended it.
 * Any other end, good or bad, is told.
 */
export const runKopia = ({ program, args, connection, signal, onLine }: Run): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const aborted = () => reject(new Fault('LB_ABORTED', `kopia ${args.slice(0, 2).join(' ')}`));
    if (signal.aborted) {
      aborted();
      return;
    }
    const { configFile, home, environment } = connection;
    const child = spawn(program, [`--config-file=${configFile}`, ...COMMON, ...args], {
      cwd: home,
      env: {
        ...cleanEnvironment(),
        HOME: home,
        XDG_CACHE_HOME: home,
        KOPIA_LOG_DIR: `${home}/log`,
        KOPIA_CHECK_FOR_UPDATES: 'false',
        AWS_EC2_METADATA_DISABLED: 'true',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    const output: string[] = [];
    let length = 0;
    let calmDown = () => {};
    const stop = () => {
      calmDown();
      calmDown = endSoon(child);
    };
    const read = lineReader((line) => {
      lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
      onLine?.(line);
    });
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      length += chunk.length;
      if (length > LONGEST_OUTPUT) stop();
      else output.push(chunk);
    });
    child.stderr.setEncoding('utf8').on('data', read);
    signal.addEventListener('abort', stop, { once: true });
    child.on('error', (error) => {
      signal.removeEventListener('abort', stop);
      calmDown();
      reject(
        new Fault('LB_REPOSITORY_PROGRAM', `"${program}" cannot be started; ${KOPIA_WAY_OUT}`, {
          cause: error,
        }),
      );
    });
    child.on('close', (code, name) => {
      signal.removeEventListener('abort', stop);
      calmDown();
      read('\n');
      if (signal.aborted) aborted();
      else resolve({ code: code ?? name ?? 'no code', stdout: output.join(''), lines });
    });
  });

/** Runs the program against one repository. An end that is not good is the fault it means. */
export type Kopia = {
  readonly try: (args: readonly string[], onLine?: (line: string) => void) => Promise<Ended>;
  readonly run: (doing: string, args: readonly string[], onLine?: (line: string) => void) => Promise<string>;
  readonly fault: (doing: string, ended: Ended) => Fault;
};
