import { Fault } from '../faults.js';
import { type Refused } from './port.js';

/** The parts of an API server's `Status` object that matter to us. */
export interface ApiStatus {
  readonly reason: string;
  readonly message: string;
  readonly causes: Refused['causes'];
  /** In an `Expired` answer to a list: the token that goes on from the same place in a newer snapshot. */
  readonly continue?: string;
  /** HTTP status the object carries; the only one there is inside a watch. */
  readonly code?: number;
}

/** Messages come from the server and may quote whole objects. */
const MESSAGE_LIMIT = 4096;

const record = (value: unknown): Readonly<Record<string, unknown>> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;

const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value.slice(0, MESSAGE_LIMIT) : undefined;

const parseObject = (body: Buffer): Readonly<Record<string, unknown>> | undefined => {
  try {
    return record(JSON.parse(body.toString('utf8')));
  } catch {
    return undefined; // A proxy's HTML page, or nothing: the HTTP status alone has to do.
  }
};

const causesOf = (details: unknown): Refused['causes'] => {
  const causes = record(details)?.causes;
  if (!Array.isArray(causes)) return [];
  return causes.slice(0, 100).map((entry: unknown) => {
    const cause = record(entry) ?? {};
    const [field, reason] = [text(cause.field), text(cause.reason)];
    return {
      ...(field === undefined ? {} : { field }),
      ...(reason === undefined ? {} : { reason }),
      message: text(cause.message) ?? '',
    };
  });
};

/** Reads a `Status`; `undefined` if the body is something else. */
export const parseStatus = (body: Buffer): ApiStatus | undefined => {
  const status = parseObject(body);
  if (status?.kind !== 'Status') return undefined;
  const token = text(record(status.metadata)?.continue);
  return {
    reason: text(status.reason) ?? '',
    message: text(status.message) ?? '',
    causes: causesOf(status.details),
    ...(token === undefined ? {} : { continue: token }),
    ...(typeof status.code === 'number' ? { code: status.code } : {}),
  };
};

/** Kubernetes' names for HTTP statuses, for answers that carry no reason of their own. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

const plainText = (body: Buffer): string => body.toString('utf8', 0, 200).trim();

/**
 * Whether a failing status is the server's word on this one call, and so a refusal. 500 is one (a failing webhook, say); after other
 * 5xx nobody knows what happened. 401 is about us and not about the call.
 */
export const isRefusal = (status: number): boolean =>
  status === 500 || (status >= 400 && status < 500 && status !== 401);

/** The "no" to a write, as a value. */
export const refusalOf = ({ status, body }: Answer): Refused => {
  const told = parseStatus(body);
  const reason = told?.reason ?? '';
  const message = told?.message ?? '';
  return {
    ok: false,
    status,
    reason: reason === '' ? (REASONS[status] ?? 'Unknown') : reason,
    message: message === '' ? plainText(body) || `HTTP ${status}` : message,
    causes: told?.causes ?? [],
  };
};

/** The fault for an answer that is not what a read asked for. `verb` and `what` are Kubernetes': `list`, `pods`. */
export const readFault = (answer: Answer, verb: string, what: string): Fault => {
  const { status } = answer;
  const { reason, message } = refusalOf(answer);
  const detail = `cannot ${verb} ${what}: ${message} (${status} ${reason})`;
  if (status === 401 || status === 403) return new Fault('LB_CLUSTER_DENIED', detail);
  if (status === 410) return new Fault('LB_CLUSTER_EXPIRED', detail);
  // 429 comes here only after the transport has waited as often as its time allowed.
  if (status === 429 || status >= 500) return new Fault('LB_CLUSTER_UNREACHABLE', detail);
  if (status >= 400) return new Fault('LB_CLUSTER_REFUSED', detail);
  return new Fault(
    'LB_CLUSTER_PROTOCOL',
    `cannot ${verb} ${what}: HTTP ${status} is no answer of the Kubernetes API`,
  );
};
