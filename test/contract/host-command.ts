import { execFile } from 'node:child_process';
import { type RunCommand } from '../../src/cluster/memory-exec.js';

/** Runs a command of the simulated cluster as a process of this host, as the simulated nodes of a real cluster do. */
export const runOnThisHost: RunCommand = (_pod, { command: [program = '', ...args], signal }) =>
  new Promise((resolve, reject) => {
    const child = execFile(program, args, { maxBuffer: 64 << 20, signal }, (error, stdout, stderr) => {
      const exitCode = error === null ? 0 : error.code;
      if (typeof exitCode === 'number') resolve({ exitCode, stdout, stderr });
      else reject(error ?? new Error('no exit code'));
    });
    child.stdin?.end();
  });
