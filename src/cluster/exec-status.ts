import { isObject, listAt, textAt } from '../domain/json.js';

/** What the server says at the end of a command: it ended, or it could not be carried out. */
export type CommandStatus =
  | { readonly kind: 'exit'; readonly exitCode: number }
  | { readonly kind: 'failed'; readonly message: string };

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
  const causes = textAt(status, 'reason') === 'NonZeroExitCode' ? listAt(status, 'details', 'causes') : [];
  const code = textAt(
    causes.find((cause) => textAt(cause, 'reason') === 'ExitCode'),
    'message',
  );
  return /^-?\d{1,10}$/.test(code) ? { kind: 'exit', exitCode: Number(code) } : { kind: 'failed', message };
};

const parse = (bytes: Buffer): unknown => {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
};
