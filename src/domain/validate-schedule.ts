import { problem, type Problem } from './problem.js';

/** The value of a label is at most as long, and each backup bears the name of its schedule as one. */
const LONGEST_NAME = 63;

/**
 * What is wrong with the name of a schedule. Velero takes any name and then fails at each backup, since
 * `velero.io/schedule-name` holds it unshortened (`pkg/builder/backup_builder.go`).
 */
export const scheduleNameProblems = (name: string): readonly Problem[] =>
  name.length <= LONGEST_NAME
    ? []
    : [
        problem(
          ['metadata', 'name'],
          `has ${name.length} characters, and backups cannot bear it as the label velero.io/schedule-name, which holds ${LONGEST_NAME}; use a shorter name`,
        ),
      ];
