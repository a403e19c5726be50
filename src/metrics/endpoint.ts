import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { Fault, messageOf } from '../faults.js';
import type { Log } from '../log.js';

/** Where the metrics can be read. */
export interface MetricsEndpoint {
  /** `http://127.0.0.1:8085/metrics`. */
  readonly url: string;
  close(): Promise<void>;
}

const PATH = '/metrics';
/** Nobody sends us more than a few headers: who takes longer holds a connection for nothing. */
const REQUEST_DEADLINE_MS = 10_000;

const listening = (server: Server, { host, port }: { host: string; port: number }): Promise<string> =>
  new Promise((resolve, reject) => {
    const failed = (error: Error) =>
      reject(
        new Fault(
          'LB_CONFIG',
          `cannot listen on ${host}:${port} for metrics: ${error.message}; choose another address with --metrics-address, or "off"`,
          { cause: error },
        ),
      );
    server.once('error', failed);
    server.listen(port, host, () => {
      server.off('error', failed);
      const { address, port: taken, family } = server.address() as AddressInfo;
      resolve(`http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`);
    });
  });

/** Questions of a kubelet by their paths: `/healthz`, `/readyz`. */
export type Probes = Readonly<Record<string, () => boolean>>;

/**
 * Serves the registry on an address of its own, without a token, as Velero does: nothing secret is in it, and it can be kept
 * from others by the address. Probes are answered beside it, with 200 or 503. Fault `LB_CONFIG` for an address that cannot be
 * listened on.
 */
export const startMetricsEndpoint = async (
  listen: { readonly host: string; readonly port: number },
  registry: Registry,
  log: Log,
  probes: Probes = {},
): Promise<MetricsEndpoint> => {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://metrics');
    const probe = Object.hasOwn(probes, pathname) ? probes[pathname] : undefined;
    if (probe) {
      const good = probe();
      response.writeHead(good ? 200 : 503, { 'content-type': 'text/plain' }).end(good ? 'ok\n' : 'not yet\n');
      return;
    }
    if (pathname !== PATH || (request.method !== 'GET' && request.method !== 'HEAD')) {
      response.writeHead(404, { 'content-type': 'text/plain' }).end(`the metrics are at ${PATH}\n`);
      return;
    }
    registry.metrics().then(
      (text) => void response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      (error: unknown) => {
        log.warn(`the metrics could not be read: ${messageOf(error)}`);
        response.writeHead(500, { 'content-type': 'text/plain' }).end('the metrics could not be read\n');
      },
    );
  });
  server.requestTimeout = REQUEST_DEADLINE_MS;
  server.headersTimeout = REQUEST_DEADLINE_MS;
  const base = await listening(server, listen);
  return {
    url: `${base}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};
