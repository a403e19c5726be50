import { GraphQLError } from 'graphql';
import { isFault, messageOf } from '../faults.js';

/** What the API needs of a log. */
export interface ApiLog {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

/** Codes of top-level errors that are not faults; faults come under their own code (`LB_…`). */
export type ErrorCode =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'NOT_FOUND'
  | 'BAD_USER_INPUT'
  | 'LIMIT_EXCEEDED'
  | 'POSITION_NOT_REACHED'
  | 'DEADLINE_EXCEEDED';

/** The HTTP status where nothing of the request was carried out. */
const STATUS: Partial<Record<ErrorCode, number>> = { UNAUTHENTICATED: 401, LIMIT_EXCEEDED: 400 };

/** An error the caller may see, with a code for programs. */
export const coded = (code: ErrorCode, message: string): GraphQLError => {
  const status = STATUS[code];
  return new GraphQLError(message, {
    extensions: { code, ...(status !== undefined && { http: { status } }) },
  });
};

const MASKED = 'INTERNAL_SERVER_ERROR';

/**
 * What the caller is told of anything that was thrown: coded errors as they are, faults under their code, and of everything
 * else nothing but the correlation id under which it is logged.
 */
export const present = (error: unknown, correlationId: string, log: ApiLog): GraphQLError => {
  if (error instanceof GraphQLError && typeof error.extensions['code'] === 'string') return error;
  if (isFault(error)) {
    log.warn({ correlationId, code: error.code, fault: error.message }, 'a request met a fault');
    const { code, retriable } = error;
    return new GraphQLError(error.message, { extensions: { code, retriable, correlationId } });
  }
  log.error({ correlationId, error: messageOf(error) }, 'a request failed in a way nobody foresaw');
  return new GraphQLError(
    'something went wrong inside the server; its log tells more under the correlation id',
    {
      extensions: { code: MASKED, correlationId },
    },
  );
};

const where = ({ nodes, source, positions, path }: GraphQLError) => ({
  nodes: nodes ?? null,
  source: source ?? null,
  positions: positions ?? null,
  path: path ?? null,
});

/** For errors that graphql-js makes by itself while it executes: what a resolver threw has been presented before. */
export const presentResult = (error: GraphQLError, correlationId: string, log: ApiLog): GraphQLError => {
  if (typeof error.extensions['code'] === 'string') return error;
  const { originalError } = error;
  if (originalError === undefined || originalError instanceof GraphQLError)
    return new GraphQLError(error.message, { ...where(error), extensions: { code: 'BAD_USER_INPUT' } });
  const shown = present(originalError, correlationId, log);
  return new GraphQLError(shown.message, { ...where(error), extensions: shown.extensions });
};
