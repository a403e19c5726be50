import type { Requeue } from './queue.js';

/** When each name was last looked at in this life, and what its spec was then. */
export interface ScheduleOfChecks {
  /**
   * The wait until the next look is due; undefined when it is due now: never looked at in this life, a changed spec, or the
   * period is over. Without a period only a changed spec is a reason to look again.
   */
  early(name: string, spec: unknown, period: number | undefined, now: Date): Requeue | undefined;
  done(name: string, spec: unknown, now: Date): void;
}

/** A check writes its time to the resource, and the watch brings that write back: without this, checks would chase their own echo. */
export const createSchedule = (): ScheduleOfChecks => {
  const last = new Map<string, { readonly spec: string; readonly at: number }>();
  return {
    early: (name, spec, period, now) => {
      const former = last.get(name);
      if (former?.spec !== JSON.stringify(spec)) return undefined;
      if (period === undefined) return { done: true };
      const left = former.at + period - now.getTime();
      return left > 0 ? { after: left } : undefined;
    },
    done: (name, spec, now) => {
      last.set(name, { spec: JSON.stringify(spec), at: now.getTime() });
    },
  };
};
