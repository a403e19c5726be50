import { readFileSync } from 'node:fs';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import type { ResolverDeps } from './deps.js';
import { guardSchema } from './guard.js';
import { mutationResolvers } from './mutation.js';
import { objectResolvers } from './objects.js';
import { queryResolvers } from './query.js';
import { scalars } from './scalars.js';
import { specResolvers } from './specs.js';
import { subscriptionResolvers } from './subscription.js';

/** The SDL: the API's single source, shipped beside this file. */
export const readSdl = (): string => readFileSync(new URL('./schema.graphql', import.meta.url), 'utf8');

/** The SDL with everything that answers it, errors masked and root fields under their deadline. */
export const makeSchema = (deps: ResolverDeps): GraphQLSchema =>
  guardSchema(
    makeExecutableSchema({
      typeDefs: readSdl(),
      resolvers: {
        ...scalars,
        ...objectResolvers(deps),
        ...specResolvers,
        Query: queryResolvers(deps),
        Mutation: mutationResolvers(deps),
        Subscription: subscriptionResolvers(deps),
      },
    }),
    deps.log,
    deps.onField,
  );
