import { parseGoDuration } from '../../domain/go-duration.js';
import type { Requeue } from '../queue.js';

/** What makes a resource one that was not checked yet: another one of the name, or a changed spec. */
interface Checked {
  readonly metadata: { readonly uid?: string };
  readonly spec?: unknown;
}

const printOf = ({ metadata, spec }: Checked): string => JSON.stringify([metadata.uid, spec]);

/** When each name was last looked at in this life, and what its spec was then. */
export interface ScheduleOfChecks {
  /**
   * The wait until the next look is due; undefined when it is due now: never looked at in this life, a changed spec, or the
   * period is over. Without a period only a changed spec is a reason to look again.
   */
  early(name: string, of: Checked, period: number | undefined, now: Date): Requeue | undefined;
  done(name: string, of: Checked, now: Date): void;
  /** The resource is gone: one of that name that comes later is another one. */
  forget(name: string): void;
}

/** A check writes its time to the resource, and the watch brings that write back: without this, checks would chase their own echo. */
export const createSchedule = (): ScheduleOfChecks => {
  const last = new Map<string, { readonly print: string; readonly at: number }>();
  return {
    early: (name, of, period, now) => {
      const former = last.get(name);
      if (former?.print !== printOf(of)) return undefined;
      if (period === undefined) return { done: true };
      const left = former.at + period - now.getTime();
      return left > 0 ? { after: left } : undefined;
    },
    done: (name, of, now) => {
      last.set(name, { print: printOf(of), at: now.getTime() });
    },
    forget: (name) => {
      last.delete(name);
    },
  };
};

/**
 * The period of a check in milliseconds, from a location's own duration and the server's: zero switches it off (undefined),
 * a negative or unreadable one means the server's (`pkg/controller/backup_storage_location_controller.go`).
 */
export const periodOf = (own: string | null | undefined, serverDefault: number): number | undefined => {
  const chosen = own ? (parseGoDuration(own) ?? serverDefault) : serverDefault;
  if (chosen === 0) return undefined;
  return chosen < 0 ? serverDefault : chosen;
};
