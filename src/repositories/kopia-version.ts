import { execFile } from 'node:child_process';
import { Fault } from '../faults.js';

/** From here on the program reads and writes what Velero's library does, and knows every option that is used. */
export const LEAST_KOPIA = '0.16';
const LIMIT_MS = 20_000;

/** `0.22.3` of `0.22.3 build: … from: …`; undefined for anything else. */
const versionIn = (text: string): string | undefined => /^v?(\d+\.\d+(\.\d+)?)\b/.exec(text.trim())?.[1];

const isOld = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [leastMajor = 0, leastMinor = 0] = LEAST_KOPIA.split('.').map(Number);
  return major < leastMajor || (major === leastMajor && minor < leastMinor);
};

/** What to do where the program is missing. */
export const KOPIA_WAY_OUT = `put the program of kopia ${LEAST_KOPIA} or newer into the PATH, or name it with --kopia (LIFEBOAT_KOPIA)`;

/** What a program says its version is. Fault `LB_REPOSITORY_PROGRAM` if it cannot be started, says none, or is too old. */
export const kopiaVersion = (program: string, signal: AbortSignal): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, ['--version'], { signal, timeout: LIMIT_MS }, (error, stdout, stderr) => {
      const version = versionIn(stdout) ?? versionIn(stderr);
      const problem = (text: string) =>
        new Fault('LB_REPOSITORY_PROGRAM', `"${program}" ${text}; ${KOPIA_WAY_OUT}`);
      if (error) reject(problem('cannot be started'));
      else if (version === undefined) reject(problem('does not say its version as kopia does'));
      else if (isOld(version)) reject(problem(`is of version ${version}`));
      else resolve(version);
    });
  });
