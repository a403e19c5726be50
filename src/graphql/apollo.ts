import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageDisabled } from '@apollo/server/plugin/disabled';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import type { Server } from 'node:http';
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql';
import { messageOf } from '../faults.js';
import { correlationIdOf, type Context } from './context.js';
import { present, type ApiLog } from './errors.js';
import { demandWithinLimits, LIMITS, measure } from './limits.js';

/** Refuses an operation that asks for too much before anything of it runs, and says in every answer what it cost. */
const limits: ApolloServerPlugin<Context> = {
  requestDidStart: () => {
    let cost: number | undefined;
    return Promise.resolve({
      didResolveOperation: ({ schema, document, operation, request }) => {
        if (!operation) return Promise.resolve(); // a name that no operation has: answered by Apollo itself
        const measured = measure(schema, document, operation, request.variables ?? {});
        cost = measured.cost;
        demandWithinLimits(measured);
        return Promise.resolve();
      },
      willSendResponse: ({ response }) => {
        if (response.body.kind === 'single' && cost !== undefined) {
          const { singleResult } = response.body;
          singleResult.extensions = {
            ...singleResult.extensions,
            cost: { requested: cost, maximum: LIMITS.cost },
          };
        }
        return Promise.resolve();
      },
    });
  },
};

const MASKED = 'INTERNAL_SERVER_ERROR';

/** The last door out: resolvers have presented their errors before, what is still without a code was foreseen by nobody. */
const lastDoor =
  (log: ApiLog) =>
  (formatted: GraphQLFormattedError, error: unknown): GraphQLFormattedError => {
    const { stacktrace: _never, ...extensions } = formatted.extensions ?? {};
    const known = extensions['code'] !== undefined && extensions['code'] !== MASKED;
    if (known || extensions['correlationId'] !== undefined) return { ...formatted, extensions };
    const { message, extensions: masked } = present(
      new Error(messageOf(error)),
      correlationIdOf(undefined),
      log,
    );
    return { ...formatted, message, extensions: masked };
  };

/** The HTTP side of GraphQL. Drains connections when it is stopped. */
export const makeApollo = (schema: GraphQLSchema, httpServer: Server, log: ApiLog): ApolloServer<Context> =>
  new ApolloServer<Context>({
    schema,
    introspection: true, // nobody gets here without a token, and then the schema is no secret
    csrfPrevention: true,
    includeStacktraceInErrorResponses: false,
    persistedQueries: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxLexicalTokens: LIMITS.tokens },
    formatError: lastDoor(log),
    logger: {
      debug: () => undefined,
      info: () => undefined,
      warn: (message: unknown) => log.warn({}, messageOf(message)),
      error: (message: unknown) => log.error({}, messageOf(message)),
    },
    plugins: [
      limits,
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: 2_000 }),
    ],
  });
