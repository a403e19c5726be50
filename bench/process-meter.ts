import { readFileSync, writeFileSync } from 'node:fs';

/** What one process used over a stretch of time. */
export interface Usage {
  readonly seconds: number;
  readonly cpuSeconds: number;
  /** Largest resident memory in the stretch, in MiB. */
  readonly peakMiB: number;
}

/** USER_HZ of Linux on every platform this runs on. */
const TICKS_PER_SECOND = 100;

const cpuSeconds = (pid: number): number => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
};

const peakMiB = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;

/** Runs `work` and measures a process other than this one while it lasts. */
export const measure = async (pid: number, work: () => Promise<void>): Promise<Usage> => {
  writeFileSync(`/proc/${pid}/clear_refs`, '5'); // resets the peak
  const [started, cpu] = [performance.now(), cpuSeconds(pid)];
  await work();
  return {
    seconds: (performance.now() - started) / 1000,
    cpuSeconds: cpuSeconds(pid) - cpu,
    peakMiB: peakMiB(pid),
  };
};
