import { createServer, type IncomingMessage } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { type Duplex } from 'node:stream';
import { onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { certificate, certificateKey } from './certificate.js';

/** What happens on one connection: the n-th for the n-th command, the last one for all further. */
type Scene = (socket: WebSocket, request: IncomingMessage) => void;

/** Instead of a WebSocket: an HTTP answer, or a cut connection. */
export type Refusal =
  | { readonly status: number; readonly body: unknown; readonly headers?: Readonly<Record<string, string>> }
  | 'cut'
  | 'hang';

export interface ExecServer {
  readonly url: URL;
  /** The upgrades that were asked for. */
  readonly upgrades: readonly IncomingMessage[];
  /** Resolves when every WebSocket is closed. */
  readonly allClosed: () => Promise<void>;
}

interface ServerOptions {
  /** Default: the newest that is offered. */
  readonly protocol?: string;
  /** Default true. */
  readonly answersPings?: boolean;
  /** Default: any free one. */
  readonly port?: number;
  /** With the certificate of `certificate.ts`. */
  readonly tls?: boolean;
}

const httpAnswer = ({ status, body, headers = {} }: Exclude<Refusal, string>): string => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const lines = { ...headers, 'content-length': String(Buffer.byteLength(text)), connection: 'close' };
  const head = Object.entries(lines).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${status} Told\r\n${head.join('')}\r\n${text}`;
};

/** An API server on loopback that knows nothing but exec. */
export const serveExec = async (
  steps: readonly (Scene | Refusal)[],
  { protocol, answersPings = true, port = 0, tls = false }: ServerOptions = {},
): Promise<ExecServer> => {
  const upgrades: IncomingMessage[] = [];
  const sockets = new WebSocketServer({
    noServer: true,
    autoPong: answersPings,
    handleProtocols: (offered) => {
      const chosen = protocol ?? [...offered][0] ?? false;
      return chosen !== false && offered.has(chosen) && chosen;
    },
  });
  const server = tls ? createTlsServer({ cert: certificate, key: certificateKey }) : createServer();
  const streams = new Set<Duplex>();
  server.on('upgrade', (request, stream, head) => {
    upgrades.push(request);
    streams.add(stream.on('error', () => undefined));
    const step = steps[Math.min(upgrades.length, steps.length) - 1];
    if (step === 'cut') stream.destroy();
    else if (typeof step === 'object') stream.end(httpAnswer(step));
    else if (typeof step === 'function')
      sockets.handleUpgrade(request, stream, head, (socket) => {
        socket.on('error', () => undefined);
        step(socket, request);
      });
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const allClosed = async (): Promise<void> => {
    const closing = [...sockets.clients].map(
      (socket) => new Promise((resolve) => socket.once('close', resolve)),
    );
    await Promise.all(closing);
  };
  onTestFinished(async () => {
    for (const stream of streams) stream.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = new URL(`${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { url, upgrades, allClosed };
};

const frame = (channel: number, data: Uint8Array | string): Buffer =>
  Buffer.concat([Buffer.from([channel]), Buffer.from(data)]);

export const stdout = (data: Uint8Array | string): Buffer => frame(1, data);
export const stderr = (data: Uint8Array | string): Buffer => frame(2, data);
export const ended = (status: unknown): Buffer => frame(3, JSON.stringify(status));

export const success = { metadata: {}, status: 'Success' };

export const exitStatus = (code: number): object => ({
  metadata: {},
  status: 'Failure',
  message: `command terminated with non-zero exit code: exit status ${code}`,
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: String(code) }] },
});

/** Sends each frame as it is, and then nothing more. */
export const says =
  (...frames: readonly Buffer[]): Scene =>
  (socket) => {
    for (const one of frames) socket.send(one);
  };
