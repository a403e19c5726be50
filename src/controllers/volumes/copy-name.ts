import { createHash } from 'node:crypto';

/** Agents put the names into labels, which hold no more. */
const LONGEST_NAME = 63;

/**
 * The name of a resource that asks for the copy of one volume: that of the operation, and what follows from the cause. The same cause
 * always gets the same name, so that a crash makes no second copy.
 */
export const copyNameOf = (operation: string, cause: readonly string[]): string => {
  const end = `-${createHash('sha256').update(JSON.stringify(cause)).digest('hex').slice(0, 12)}`;
  // The parts between dots are names of their own, and must not end in a dash.
  return operation.slice(0, LONGEST_NAME - end.length).replace(/[.-]+$/, '') + end;
};
