import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import { type ClusterAccess, type Credentials } from '../../../src/cluster/credentials.js';
import { type ResourceType } from '../../../src/cluster/port.js';
import { openTransport, type Transport, type TransportOptions } from '../../../src/cluster/transport.js';

/** A call as it came over the wire. */
interface Seen {
  readonly method: string;
  readonly url: URL;
  /** Name, value, name, value …, every header line on its own. */
  readonly rawHeaders: readonly string[];
  readonly body: string;
}

export type Answer = (call: Seen, response: ServerResponse, request: IncomingMessage) => void;

export interface LocalServer {
  readonly url: URL;
  readonly calls: readonly Seen[];
}

/** A server on loopback that answers each call as told: the n-th answer for the n-th call, the last one for all further. */
export const serve = async (...answers: readonly Answer[]): Promise<LocalServer> => {
  const calls: Seen[] = [];
  const listener: RequestListener = (request, response) => {
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '/', 'http://local');
      const call = {
        method: request.method ?? '',
        url,
        rawHeaders: request.rawHeaders,
        body: Buffer.concat(chunks).toString(),
      };
      calls.push(call);
      answers[Math.min(calls.length, answers.length) - 1]?.(call, response, request);
    });
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`), calls };
};

export const answer =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (_call, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };

/** Says nothing, ever. */
export const hang: Answer = () => undefined;

/** Cuts the connection, before an answer or in the middle of one. */
export const cut: Answer = (_call, _response, request) => request.socket.destroy();
export const cutInTheMiddle: Answer = (_call, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"half":', () => response.destroy());
};

export const status = (code: number, reason: string, rest: object = {}): object => ({
  kind: 'Status',
  apiVersion: 'v1',
  status: 'Failure',
  code,
  reason,
  message: `${reason} it is`,
  ...rest,
});

export const accessTo = (server: URL, token = 'secret-token'): ClusterAccess => {
  const credentials: Credentials = { authorization: `Bearer ${token}`, tls: { insecure: false } };
  return { server, credentials: () => Promise.resolve(credentials) };
};

/** A transport without patience: pauses of a few milliseconds. */
export const impatient = (
  server: URL,
  options: Partial<TransportOptions> & { readonly budgetMs?: number } = {},
): Transport => {
  const { budgetMs = 2_000, ...rest } = options;
  const transport = openTransport({
    access: accessTo(server),
    times: { firstMs: 2, maxMs: 10, budgetMs },
    ...rest,
  });
  onTestFinished(() => transport.close());
  return transport;
};

export const never = (): AbortSignal => new AbortController().signal;

export const configMaps: ResourceType = {
  group: '',
  version: 'v1',
  resource: 'configmaps',
  kind: 'ConfigMap',
  singular: 'configmap',
  shortNames: ['cm'],
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
};

export const configMap = (name: string, resourceVersion = '1'): object => ({
  metadata: { name, namespace: 'shop', resourceVersion },
});

export const listOf = (names: readonly string[], metadata: object = {}): object => ({
  kind: 'ConfigMapList',
  apiVersion: 'v1',
  metadata: { resourceVersion: '10', ...metadata },
  items: names.map((name) => configMap(name)),
});
