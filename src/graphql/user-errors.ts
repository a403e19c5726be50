import type { Refused } from '../cluster/port.js';
import type { Refusal } from '../domain/decider.js';
import { MOST_PROBLEMS, morePast, type Problem } from '../domain/problem.js';
import { Fault } from '../faults.js';
import type { UserError, UserErrorCode } from './types.gen.js';

export const userError = (code: UserErrorCode, message: string, field?: readonly string[]): UserError => ({
  code,
  message,
  field: field ?? null,
});

/** The path of a field of the custom resource as a path into the mutation's input. */
const inputPath = (field: readonly string[]): readonly string[] => [
  'input',
  ...(field[0] === 'metadata' ? field.slice(1) : field),
];

/** A problem found by our own checks. */
const fromProblem = ({ field, message, code }: Problem): UserError => {
  const path = inputPath(field);
  return userError(code, `${path.slice(1).join('.')}: ${message}`, path);
};

/** The first of them, and how many more there are. */
export const fromProblems = (problems: readonly Problem[]): readonly UserError[] => {
  const told = problems.slice(0, MOST_PROBLEMS).map(fromProblem);
  return problems.length > MOST_PROBLEMS ? [...told, userError('INVALID', morePast(problems.length))] : told;
};

/** `spec.hooks.resources[0].name` in parts. */
const parts = (field: string): readonly string[] => field.split(/[.[\]]+/).filter((part) => part !== '');

/**
 * The API server's "no" to a create. What only its operator can put right is a fault: 401, 429 and what has no place here.
 */
export const fromRefused = (refused: Refused): readonly UserError[] => {
  const { status, message, causes } = refused;
  switch (status) {
    case 403:
      return [userError('FORBIDDEN', message)];
    case 404:
      return [userError('NOT_FOUND', message)];
    case 409:
      return [userError('CONFLICT', message)];
    case 400:
    case 413:
    case 422:
      return causes.length === 0
        ? [userError('INVALID', message)]
        : causes.map((cause) =>
            userError(
              'INVALID',
              cause.message,
              cause.field === undefined ? undefined : inputPath(parts(cause.field)),
            ),
          );
    default:
      throw new Fault('LB_CLUSTER_REFUSED', message);
  }
};

/** A decider's refusal: the custom resource exists, but its story could not begin. */
export const fromRefusal = ({ refused, message }: Refusal): UserError =>
  userError(
    refused === 'NAME_TAKEN' ? 'NAME_TAKEN' : refused === 'WRONG_PHASE' ? 'WRONG_PHASE' : 'CONFLICT',
    message,
  );
