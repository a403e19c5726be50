import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expressMiddleware } from '@as-integrations/express5';
import express, {
  type Express,
  type ErrorRequestHandler,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import { GraphQLError } from 'graphql';
import { Fault, isFault, messageOf } from '../faults.js';
import { createAccessLog } from './access-log.js';
import { makeApollo } from './apollo.js';
import { createAuthenticate, type Authenticate } from './authenticate.js';
import { createAuthorize } from './authorize.js';
import { correlationIdOf, type Context } from './context.js';
import type { ResolverDeps } from './deps.js';
import { present, type ApiLog } from './errors.js';
import { comesFromHere, isLoopback } from './loopback.js';
import { makeSchema } from './schema.js';
import type { EventStoreKind } from './types.gen.js';
import { serveWebSocket } from './websocket.js';

const PATH = '/graphql';
const LARGEST_BODY = '1mb';
const DEADLINE_MS = 10_000;
const RECHECK_MS = 60_000;
const REACH_MS = 5_000;

/** What the API is made of; `now` is the process's clock. */
export interface ApiDeps extends Pick<
  ResolverDeps,
  | 'namespace'
  | 'appVersion'
  | 'cluster'
  | 'store'
  | 'views'
  | 'runner'
  | 'progress'
  | 'intake'
  | 'files'
  | 'cron'
  | 'defaultBackupStorageLocation'
  | 'features'
  | 'now'
  | 'log'
  | 'onField'
> {
  /** Port 0 takes any free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** `none` lets everybody in as `anonymous` and is refused unless only this machine can reach the address. */
  readonly auth: 'token' | 'none';
  readonly eventStoreKind: EventStoreKind;
  /** More routes on the same port (`/healthz`, `/metrics`, the web page); mounted before ours. */
  readonly routes?: (app: Express) => void;
  /** Milliseconds a query or mutation may take; default 10 s. */
  readonly deadlineMs?: number;
  /** Milliseconds a reader waits for a position (`atLeast`); default 5 s. */
  readonly reachMs?: number;
  /** Milliseconds between two looks at the token of an open WebSocket; default 60 s. */
  readonly recheckMs?: number;
}

export interface Api {
  /** Base address, `http://127.0.0.1:8085`; GraphQL is at `/graphql` below it. */
  readonly url: string;
  close(): Promise<void>;
}

const listen = (server: Server, { host, port }: ApiDeps['listen']): Promise<string> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error) =>
      reject(new Fault('LB_CONFIG', `cannot listen on ${host}:${port}: ${error.message}`, { cause: error }));
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      const { address, port: taken, family } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`);
    });
  });

const contextOf = async (
  authenticate: Authenticate,
  deadlineMs: number,
  log: ApiLog,
  { req, res }: { readonly req: Request; readonly res: Response },
): Promise<Context> => {
  const correlationId = correlationIdOf(req.headers['x-correlation-id']);
  res.setHeader('x-correlation-id', correlationId);
  try {
    const caller = await authenticate(req.headers.authorization);
    return { caller, correlationId, signal: AbortSignal.timeout(deadlineMs) };
  } catch (error) {
    const { message, extensions } = present(error, correlationId, log);
    // Who cannot be checked is not let in; whether it is worth trying again is in the status.
    throw new GraphQLError(message, {
      extensions: { ...(isFault(error) && { http: { status: 503 } }), ...extensions },
    });
  }
};

const onlyFromHere: RequestHandler = (request, response, next) => {
  if (comesFromHere(request)) next();
  else
    response.status(403).json({
      errors: [
        {
          message: 'without authentication only this machine is served',
          extensions: { code: 'FORBIDDEN' },
        },
      ],
    });
};

/** Malformed and oversized bodies; anything else that got here is masked. Express needs the fourth parameter. */
const refusals =
  (log: ApiLog): ErrorRequestHandler =>
  (error: unknown, _request, response, _next) => {
    const status = error instanceof Error && 'status' in error ? Number(error.status) : 500;
    const isTheirs = status >= 400 && status < 500;
    if (!isTheirs) log.error({ error: messageOf(error) }, 'a request failed in a way nobody foresaw');
    const code = isTheirs ? 'BAD_REQUEST' : 'INTERNAL_SERVER_ERROR';
    const message = isTheirs
      ? 'the body of the request cannot be read'
      : 'something went wrong inside the server';
    response.status(isTheirs ? status : 500).json({ errors: [{ message, extensions: { code } }] });
  };

const demandSafe = ({ auth, listen: { host }, log }: ApiDeps): void => {
  if (auth !== 'none') return;
  if (!isLoopback(host))
    throw new Fault(
      'LB_CONFIG',
      `authentication is off, so only a loopback address may be listened on, not ${host}`,
    );
  log.warn({ host }, 'authentication is off: whoever reaches this address may do everything');
};

/**
 * Starts GraphQL over HTTP and WebSocket on one port and path. Resolves once it listens. Faults: `LB_CONFIG` for an address
 * that cannot be used, or that must not be with authentication off.
 */
export const startApi = async (deps: ApiDeps): Promise<Api> => {
  demandSafe(deps);
  const { log, deadlineMs = DEADLINE_MS } = deps;
  const authenticate = createAuthenticate(deps);
  const schema = makeSchema({
    ...deps,
    authorize: createAuthorize(deps),
    accessLog: createAccessLog(deps.store, deps.namespace),
    authMode: deps.auth === 'none' ? 'NONE' : 'TOKEN',
    reachMs: deps.reachMs ?? REACH_MS,
  });

  const app = express().disable('x-powered-by');
  const http = createServer(app);
  const apollo = makeApollo(schema, http, log);
  await apollo.start();
  deps.routes?.(app);
  if (deps.auth === 'none') app.use(PATH, onlyFromHere);
  app.use(
    PATH,
    express.json({ limit: LARGEST_BODY }),
    expressMiddleware(apollo, { context: (given) => contextOf(authenticate, deadlineMs, log, given) }),
  );
  app.use(refusals(log));
  const sockets = serveWebSocket(http, {
    path: PATH,
    schema,
    authenticate,
    admits: deps.auth === 'none' ? comesFromHere : () => true,
    deadlineMs,
    recheckMs: deps.recheckMs ?? RECHECK_MS,
    log,
  });

  const url = await listen(http, deps.listen);
  return {
    url,
    close: async () => {
      await sockets.dispose(); // first: a server with open sockets does not stop
      await apollo.stop();
    },
  };
};
