import { type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { WebSocket } from 'ws';
import { Fault, messageOf } from '../faults.js';
import { type TlsMaterial, tlsOptions } from './credentials.js';
import { type Output } from './exec-output.js';
import { type CommandStatus, readCommandStatus } from './exec-status.js';

/** How long a connection may be silent. Milliseconds. */
export interface ExecTimes {
  /** From the first packet to the answer to the upgrade. */
  readonly connectMs: number;
  /** Between two pings. */
  readonly pingMs: number;
  /** Pings without an answer, after which the connection is dead. */
  readonly pings: number;
}

export const EXEC_TIMES: ExecTimes = { connectMs: 10_000, pingMs: 10_000, pings: 3 };

/** Where one command is to be run, as a WebSocket asks for it. */
export interface ExecAddress {
  /** `ws:` or `wss:`. */
  readonly url: URL;
  readonly headers: OutgoingHttpHeaders;
  readonly tls: TlsMaterial;
  /** For messages; without the command, which may hold secrets. */
  readonly what: string;
}

/** The status that ended the command, or the HTTP answer that the server gave instead of a WebSocket. */
export type SocketEnd =
  | CommandStatus
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly retryAfter: string | undefined;
      readonly body: Buffer;
    };

/** Both begin every message with a byte that names its channel; the fifth version can close a channel, which we never do. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];
const CHANNEL = { stdout: 1, stderr: 2, status: 3 } as const;

/** API servers send pieces of some 32 KiB. */
const MAX_MESSAGE_BYTES = 16 << 20;
const MAX_STATUS_BYTES = 1 << 20;
const MAX_ANSWER_BYTES = 64 << 10;

type Ending = { readonly end: SocketEnd } | { readonly error: Error };

/**
 * One connection, from the upgrade to the status that ends the command. What is written goes to `output` as it comes. Whatever it
 * comes to, the socket is closed then and nothing is left waiting. Throws faults, or what `judgeLoss` judges if the connection was
 * never made.
 */
export const runInSocket = (
  address: ExecAddress,
  times: ExecTimes,
  output: Output,
  signal: AbortSignal,
): Promise<SocketEnd> =>
  new Promise((resolve, reject) => {
    if (signal.aborted) throw new Fault('LB_ABORTED', address.what);
    const socket = openSocket(address);
    const settle = (ending: Ending): void => {
      stopWatching();
      signal.removeEventListener('abort', abort);
      socket.removeAllListeners();
      // Giving up a handshake makes an error that nobody waits for.
      socket.on('error', () => undefined);
      socket.terminate();
      if ('end' in ending) resolve(ending.end);
      else reject(ending.error);
    };
    const lose = (why: string): void =>
      settle({ error: new Fault('LB_CLUSTER_UNREACHABLE', `${address.what}: ${why}`) });
    const abort = (): void => settle({ error: new Fault('LB_ABORTED', address.what) });
    signal.addEventListener('abort', abort, { once: true });
    const stopWatching = watchLife(socket, times, lose);
    socket.on('unexpected-response', (_request, response) => readAnswer(response, (end) => settle({ end })));
    socket.on('message', createReader(address.what, output, settle));
    socket.on('error', (error) => settle({ error: judgeSocket(error, socket, address.what) }));
    socket.on('close', (code) => lose(`the connection ended before the command did (${code})`));
  });

const openSocket = ({ url, headers, tls }: ExecAddress): WebSocket =>
  new WebSocket(url, PROTOCOLS, {
    ...tlsOptions(tls),
    headers,
    perMessageDeflate: false,
    followRedirects: false,
    maxPayload: MAX_MESSAGE_BYTES,
  });

/**
 * Notices a server that does not answer, before the upgrade and after it. Pings are counted and not the time, so that a pause of this
 * process is not taken for one of the server. Answers how to stop.
 */
const watchLife = (socket: WebSocket, times: ExecTimes, lose: (why: string) => void): (() => void) => {
  let unanswered = 0;
  let pinging: NodeJS.Timeout | undefined;
  const deadline = setTimeout(() => lose(`no answer within ${times.connectMs / 1_000} s`), times.connectMs);
  const heard = (): void => void (unanswered = 0);
  const ping = (): void => {
    if (unanswered >= times.pings) {
      lose(`nothing was heard for ${(times.pings * times.pingMs) / 1_000} s`);
    } else {
      unanswered += 1;
      socket.ping();
    }
  };
  socket.on('open', () => {
    clearTimeout(deadline);
    pinging = setInterval(ping, times.pingMs);
  });
  socket.on('pong', heard);
  socket.on('message', heard);
  return () => {
    clearTimeout(deadline);
    clearInterval(pinging);
  };
};

/** Sorts messages by their channel; the status on the third one is the end. */
const createReader = (
  what: string,
  output: Output,
  settle: (ending: Ending) => void,
): ((message: WebSocket.RawData) => void) => {
  let status = Buffer.alloc(0);
  const readStatus = (data: Buffer): void => {
    status = Buffer.concat([status, data]);
    const end = readCommandStatus(status);
    if (end !== undefined) settle({ end });
    else if (status.length > MAX_STATUS_BYTES)
      settle({ error: new Fault('LB_CLUSTER_PROTOCOL', `${what}: the status is no JSON`) });
  };
  return (message) => {
    const bytes = bytesOf(message);
    const data = bytes.subarray(1);
    if (bytes[0] === CHANNEL.stdout) output.stdout.add(data);
    if (bytes[0] === CHANNEL.stderr) output.stderr.add(data);
    if (bytes[0] === CHANNEL.status) readStatus(data);
  };
};

const bytesOf = (message: WebSocket.RawData): Buffer => {
  if (Buffer.isBuffer(message)) return message;
  return Array.isArray(message) ? Buffer.concat(message) : Buffer.from(message);
};

/** The answer given instead of an upgrade, with the beginning of its body; the deadline of the connection bounds the wait. */
const readAnswer = (response: IncomingMessage, done: (end: SocketEnd) => void): void => {
  const chunks: Buffer[] = [];
  let length = 0;
  const finish = (): void =>
    done({
      kind: 'answer',
      status: response.statusCode ?? 0,
      retryAfter: response.headers['retry-after'],
      body: Buffer.concat(chunks),
    });
  response.on('error', () => undefined);
  response.on('close', finish);
  response.on('data', (chunk: Buffer) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length > MAX_ANSWER_BYTES) finish();
  });
};

/** Errors after the upgrade are final: the command may run. What breaks the protocol has no code, or one of ws. */
const judgeSocket = (error: Error, socket: WebSocket, what: string): Error => {
  const code: unknown = 'code' in error ? error.code : undefined;
  if (code === undefined || (typeof code === 'string' && code.startsWith('WS_ERR_')))
    return new Fault('LB_CLUSTER_PROTOCOL', `${what}: ${messageOf(error)}`, { cause: error });
  if (socket.protocol === '') return error;
  return new Fault('LB_CLUSTER_UNREACHABLE', `${what}: ${messageOf(error)}`, { cause: error });
};
