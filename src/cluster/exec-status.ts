import { isObject, listAt, textAt } from '../domain/json.js';

/** What the server says at the end of a command: it ended, or something else became of it. */
export type CommandStatus =
  | { readonly kind: 'exit'; readonly exitCode: number }
  /** `ran` is true if it surely ran, only how it ended is not told. */
  | { readonly kind: 'failed'; readonly ran: boolean; readonly message: string };

/** Messages come from the node and may be long. */
const MESSAGE_LIMIT = 4096;

/**
 * Reads the `Status` that ends a command (`k8s.io/apimachinery/pkg/util/remotecommand`); `undefined` for what is no JSON object, as the
 * first half of one. Unlike other ones it has no `kind`.
 */
export const readCommandStatus = (bytes: Buffer): CommandStatus | undefined => {
  const status = parse(bytes);
  if (!isObject(status)) return undefined;
  if (textAt(status, 'status') === 'Success') return { kind: 'exit', exitCode: 0 };
  const message = textAt(status, 'message').slice(0, MESSAGE_LIMIT) || 'the server gives no reason';
  const ran = textAt(status, 'reason') === 'NonZeroExitCode';
  if (!ran) return { kind: 'failed', ran, message };
  const cause = listAt(status, 'details', 'causes').find((one) => textAt(one, 'reason') === 'ExitCode');
  const code = textAt(cause, 'message');
  return /^-?\d{1,10}$/.test(code)
    ? { kind: 'exit', exitCode: Number(code) }
    : { kind: 'failed', ran, message };
};

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};
