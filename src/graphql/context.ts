import { randomUUID } from 'node:crypto';
import type { Caller } from './authenticate.js';

/** What every resolver knows of its request. `signal` aborts when the request's time is over. */
export interface Context {
  readonly caller: Caller;
  /** Ties log, facts and answers of one request together. */
  readonly correlationId: string;
  readonly signal: AbortSignal;
}

const SANE = /^[A-Za-z0-9._:/=+-]{8,128}$/;

/** The caller's own correlation id if it can be logged and stored without harm, else a new one. */
export const correlationIdOf = (header: string | readonly string[] | undefined): string =>
  typeof header === 'string' && SANE.test(header) ? header : randomUUID();
