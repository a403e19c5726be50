import { setMaxListeners } from 'node:events';
import type { Dispatcher, Pool } from 'undici';
import { Fault, messageOf } from '../faults.js';
import { isAborted, type Repetition } from './retry.js';
import type { Impersonation } from './port.js';

/** One call to the API server. `path` begins with `/` and is already percent-encoded. */
export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  /** `undefined` values are left out. */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: Uint8Array | string;
  readonly contentType?: string;
  readonly accept?: string;
  readonly as?: Impersonation;
  readonly signal: AbortSignal;
  /** For one attempt, in milliseconds; default 60 s, the API server's own limit for a call. */
  readonly deadlineMs?: number;
  /** For all attempts and pauses together, in milliseconds; the transport's own budget is the most there is. */
  readonly budgetMs?: number;
  /** Default: `read` for GET, `once` for all others. */
  readonly repetition?: Repetition;
}

export interface TransportResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

/** A 200 whose body is still arriving (leaving the loop over `chunks` closes the connection), or any other answer, whole. */
export type TransportStream =
  | { readonly status: 200; readonly chunks: AsyncIterable<Buffer> }
  | { readonly status: number; readonly chunks?: never; readonly body: Buffer };

const DEADLINE_MS = 60_000;

export const describe = (call: TransportRequest): string => `${call.method} ${call.path}`;

/** A signal that ends with the caller's or at the deadline, whichever is first. `done` must be called, or the timer stays. */
const deadlineOf = (
  call: TransportRequest,
): { signal: AbortSignal; inTime: () => void; done: () => void } => {
  const controller = new AbortController();
  const ms = call.deadlineMs ?? DEADLINE_MS;
  const timer = setTimeout(() => {
    controller.abort(
      new Fault('LB_CLUSTER_UNREACHABLE', `${describe(call)}: no answer within ${ms / 1_000} s`),
    );
  }, ms);
  const stop = (): void => controller.abort(new Fault('LB_ABORTED', describe(call)));
  // Hundreds of calls may rightly hang on one signal; Node would call that a leak from the eleventh on.
  setMaxListeners(0, call.signal);
  call.signal.addEventListener('abort', stop, { once: true });
  if (call.signal.aborted) stop();
  const inTime = (): void => clearTimeout(timer);
  const done = (): void => {
    inTime();
    call.signal.removeEventListener('abort', stop);
  };
  return { signal: controller.signal, inTime, done };
};

/** One attempt at a call, with its own deadline. Any answer is a value; what undici throws comes through. */
export const callOnce = async (
  pool: Pool,
  call: TransportRequest,
  options: Dispatcher.RequestOptions,
): Promise<TransportResponse> => {
  const deadline = deadlineOf(call);
  try {
    const { statusCode, headers, body } = await pool.request({ ...options, signal: deadline.signal });
    const bytes = await body.bytes();
    return {
      status: statusCode,
      headers,
      body: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
    };
  } finally {
    deadline.done();
  }
};

/** One attempt at a call whose body is read as it comes. */
export const streamOnce = async (
  pool: Pool,
  call: TransportRequest & { readonly idleMs: number },
  options: Dispatcher.RequestOptions,
): Promise<TransportStream> => {
  const deadline = deadlineOf(call);
  try {
    const answer = await pool.request({ ...options, bodyTimeout: call.idleMs, signal: deadline.signal });
    if (answer.statusCode === 200) {
      deadline.inTime();
      return { status: 200, chunks: readChunks(call, answer.body, deadline.done) };
    }
    const body = await answer.body.bytes();
    deadline.done();
    return { status: answer.statusCode, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  } catch (error) {
    deadline.done();
    throw error;
  }
};

/** The body as it comes; errors on the way become faults. */
const readChunks = (
  call: TransportRequest,
  body: AsyncIterable<Buffer>,
  done: () => void,
): AsyncIterable<Buffer> => ({
  async *[Symbol.asyncIterator]() {
    try {
      yield* body;
    } catch (error) {
      if (isAborted(call.signal)) throw new Fault('LB_ABORTED', describe(call), { cause: error });
      throw new Fault('LB_CLUSTER_UNREACHABLE', `${describe(call)}: ${messageOf(error)}`, { cause: error });
    } finally {
      done();
    }
  },
});
