import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  getOperationAST,
  GraphQLError,
  parse,
  validate,
  type ExecutionArgs,
  type GraphQLSchema,
} from 'graphql';
import { CloseCode, handleProtocols, type SubscribePayload } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer, type WebSocket } from 'ws';
import type { Authenticate, Caller } from './authenticate.js';
import { correlationIdOf, type Context } from './context.js';
import { present, presentResult, coded, type ApiLog } from './errors.js';
import { demandWithinLimits, LIMITS, measure } from './limits.js';

const LARGEST_MESSAGE = 256 * 1024;
const MOST_SOCKETS = 1_000;
const MOST_OPERATIONS_PER_SOCKET = 50;

export interface WebSocketOptions {
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly authenticate: Authenticate;
  readonly admits: (request: IncomingMessage) => boolean;
  readonly deadlineMs: number;
  /** How often the token of an open connection is looked at again. */
  readonly recheckMs: number;
  readonly log: ApiLog;
}

interface Session {
  readonly authorization: string | undefined;
  readonly timer: NodeJS.Timeout;
}

/** What an operation's context carries beside everybody's. */
interface Measured extends Context {
  readonly cost: number;
}

const isUnauthenticated = (error: unknown): boolean =>
  error instanceof GraphQLError && error.extensions['code'] === 'UNAUTHENTICATED';

const forbid = (socket: WebSocket): void => {
  socket.close(CloseCode.Forbidden, 'Forbidden');
};

/** Browsers cannot set headers on a WebSocket, so the token may come in the first message. */
const authorizationOf = (payload: unknown, request: IncomingMessage): string | undefined => {
  const fields = typeof payload === 'object' && payload !== null ? Object.entries(payload) : [];
  const given: unknown = fields.find(([name]) => name.toLowerCase() === 'authorization')?.[1];
  return typeof given === 'string' ? given : request.headers.authorization;
};

/** Parses, checks and measures one operation, as the HTTP side does. Throws what the caller may see. */
const prepare = (options: WebSocketOptions, payload: SubscribePayload, caller: Caller): ExecutionArgs => {
  const { schema } = options;
  const document = parse(payload.query, { maxLexicalTokens: LIMITS.tokens });
  const [invalid] = validate(schema, document);
  if (invalid) throw new GraphQLError(invalid.message, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
  const operation = getOperationAST(document, payload.operationName);
  if (!operation) throw coded('BAD_USER_INPUT', 'the document holds no operation of this name');
  const variableValues = payload.variables ?? {};
  const measured = measure(schema, document, operation, variableValues);
  demandWithinLimits(measured);
  const contextValue: Measured = {
    caller,
    correlationId: correlationIdOf(undefined),
    signal: AbortSignal.timeout(options.deadlineMs),
    cost: measured.cost,
  };
  return { schema, document, operationName: payload.operationName ?? null, variableValues, contextValue };
};

const syntax = (error: unknown): unknown =>
  error instanceof GraphQLError && error.extensions['code'] === undefined
    ? new GraphQLError(error.message, { extensions: { code: 'GRAPHQL_PARSE_FAILED' } })
    : error;

interface Executed {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
}

const shown = (result: Executed, { correlationId, cost }: Measured, log: ApiLog) => ({
  ...(result.data !== undefined && { data: result.data }),
  ...(result.errors && {
    errors: result.errors.map((error) => presentResult(error, correlationId, log).toJSON()),
  }),
  extensions: { cost: { requested: cost, maximum: LIMITS.cost } },
});

const open = (options: WebSocketOptions, sockets: WebSocketServer) => {
  const { authenticate, log } = options;
  const sessions = new WeakMap<WebSocket, Session>();

  /** A token that expired or was taken back closes the connection; a cluster that does not answer proves nothing. */
  const recheck = (socket: WebSocket, authorization: string | undefined) => {
    authenticate(authorization).catch((error: unknown) => {
      if (isUnauthenticated(error)) forbid(socket);
    });
  };

  return useServer(
    {
      schema: options.schema,
      isProd: true, // reasons of closing never tell what went wrong inside
      onConnect: async ({ connectionParams, extra }) => {
        const authorization = authorizationOf(connectionParams, extra.request);
        try {
          await authenticate(authorization);
        } catch (error) {
          if (isUnauthenticated(error)) return false;
          throw present(error, correlationIdOf(undefined), log);
        }
        const timer = setInterval(() => recheck(extra.socket, authorization), options.recheckMs).unref();
        sessions.set(extra.socket, { authorization, timer });
        return true;
      },
      onClose: ({ extra }) => {
        clearInterval(sessions.get(extra.socket)?.timer);
        sessions.delete(extra.socket);
      },
      onSubscribe: async ({ extra, subscriptions }, _id, payload) => {
        try {
          if (Object.keys(subscriptions).length > MOST_OPERATIONS_PER_SOCKET)
            throw coded(
              'LIMIT_EXCEEDED',
              `at most ${MOST_OPERATIONS_PER_SOCKET} operations at once on one connection`,
            );
          return prepare(options, payload, await authenticate(sessions.get(extra.socket)?.authorization));
        } catch (error) {
          if (isUnauthenticated(error)) forbid(extra.socket);
          return [present(syntax(error), correlationIdOf(undefined), log)];
        }
      },
      onError: (_ctx, _id, _payload, errors) =>
        errors.map((error) => presentResult(error, correlationIdOf(undefined), log).toJSON()),
      onNext: (_ctx, _id, _payload, args, result) => shown(result, args.contextValue as Measured, log),
    },
    sockets,
  );
};

/** Serves graphql-transport-ws on the path of the HTTP server. What it gives back closes every connection. */
export const serveWebSocket = (
  http: Server,
  options: WebSocketOptions,
): { readonly dispose: () => Promise<void> } => {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, handleProtocols });
  const served = open(options, sockets);

  const refuse = (socket: Duplex, status: string) => {
    socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
  };
  http.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== options.path) refuse(socket, '404 Not Found');
    else if (!options.admits(request)) refuse(socket, '403 Forbidden');
    else if (sockets.clients.size >= MOST_SOCKETS) refuse(socket, '503 Service Unavailable');
    else
      sockets.handleUpgrade(request, socket, head, (client) => sockets.emit('connection', client, request));
  });
  return {
    dispose: async () => {
      await served.dispose();
    },
  };
};
