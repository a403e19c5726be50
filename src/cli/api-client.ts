import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { Fault } from '../faults.js';

/** A client of a server's GraphQL API, for the commands that show something to people. */
export interface ApiClient {
  query<T>(document: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  subscribe<T>(document: string, variables: Readonly<Record<string, unknown>>): AsyncIterable<T>;
  close(): Promise<void>;
}

const DEADLINE_MS = 30_000;

interface Answer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string }[];
}

/** `url` is that of the server, without `/graphql`; `token` a Kubernetes bearer token, if the server asks for one. */
export const createApiClient = (url: string, token?: string): ApiClient => {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const socket = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: authorization,
  });
  return {
    query: async <T>(query: string, variables: Readonly<Record<string, unknown>> = {}) => {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...authorization },
        body: JSON.stringify({ query, variables }),
        signal: AbortSignal.timeout(DEADLINE_MS),
      }).catch((error: unknown) => {
        throw new Fault('LB_CONFIG', `no server answers at ${url}; is it running?`, { cause: error });
      });
      const { data, errors } = (await response.json()) as Answer;
      if (errors?.[0]) throw new Fault('LB_CONFIG', `the server at ${url} answered: ${errors[0].message}`);
      return data as T;
    },
    subscribe: <T>(query: string, variables: Readonly<Record<string, unknown>>) => ({
      async *[Symbol.asyncIterator]() {
        for await (const result of socket.iterate({ query, variables })) {
          if (result.errors?.[0])
            throw new Fault('LB_CONFIG', `the server at ${url} answered: ${result.errors[0].message}`);
          yield result.data as T;
        }
      },
    }),
    close: async () => {
      await socket.dispose();
    },
  };
};
