import { printProblems } from '../../domain/problem.js';
import { scheduleNameProblems } from '../../domain/validate-schedule.js';
import { readCron } from './cron.js';

/** Everything that keeps a schedule from being used, as `status.validationErrors` shows it; the words about the line are Velero's. */
export const scheduleProblems = (name: string, line: string): readonly string[] => {
  const cron = readCron(line);
  return [...(cron.ok ? [] : [cron.problem]), ...printProblems(scheduleNameProblems(name))];
};
