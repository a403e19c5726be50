import { GraphQLError, isObjectType, type GraphQLFieldResolver, type GraphQLSchema } from 'graphql';
import type { Context } from './context.js';
import { coded, present, type ApiLog } from './errors.js';

type Resolve = GraphQLFieldResolver<unknown, Context, Record<string, unknown>>;

const isPromise = (value: unknown): value is Promise<unknown> => value instanceof Promise;

/** Gives up waiting when the request's time is over; the work itself sees the same signal. */
const inTime = (work: Promise<unknown>, signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const late = () =>
      reject(coded('DEADLINE_EXCEEDED', 'the request took longer than it may; ask for less, or try again'));
    if (signal.aborted) late();
    signal.addEventListener('abort', late, { once: true });
    void work.then(resolve, reject).finally(() => signal.removeEventListener('abort', late));
  });

/** Told how a root field was answered: `ok` or the code of its error, and the milliseconds it took. */
export type OnField = (field: string, outcome: string, tookMs: number) => void;

const guardedResolve =
  (resolve: Resolve, isRoot: boolean, log: ApiLog): Resolve =>
  (source, args, context, info) => {
    try {
      const answer = resolve(source, args, context, info);
      if (!isPromise(answer)) return answer;
      const awaited = isRoot ? inTime(answer, context.signal) : answer;
      return awaited.catch((error: unknown) => {
        throw present(error, context.correlationId, log);
      });
    } catch (error) {
      throw present(error, context.correlationId, log);
    }
  };

const codeOf = (error: unknown): string => {
  const code = error instanceof GraphQLError ? error.extensions['code'] : undefined;
  return typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR';
};

/** Outside of the masking, so that what is measured is what callers see. */
const measuredResolve =
  (resolve: Resolve, onField: OnField): Resolve =>
  async (source, args, context, info) => {
    const begun = performance.now();
    const tell = (outcome: string) => onField(info.fieldName, outcome, performance.now() - begun);
    try {
      const answer = await resolve(source, args, context, info);
      tell('ok');
      return answer;
    } catch (error) {
      tell(codeOf(error));
      throw error;
    }
  };

/**
 * Puts every resolver of a schema behind the masking of errors, and every root field of queries and mutations under the
 * deadline of its request. One place, so that HTTP and WebSocket behave alike.
 */
export const guardSchema = (schema: GraphQLSchema, log: ApiLog, onField?: OnField): GraphQLSchema => {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue;
    for (const field of Object.values(type.getFields())) {
      const isRoot = roots.includes(type);
      if (field.resolve) field.resolve = guardedResolve(field.resolve, isRoot, log);
      if (field.resolve && isRoot && onField) field.resolve = measuredResolve(field.resolve, onField);
      if (field.subscribe) field.subscribe = guardedResolve(field.subscribe, false, log);
    }
  }
  return schema;
};
