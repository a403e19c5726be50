import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { sourceOf } from './body.js';
import { checkAborted, checkKey } from './keys.js';
import { type PutOptions } from './port.js';
import { type S3StoreOptions } from './s3-client.js';
import { within } from './s3-deadline.js';
import {
  isConditionalConflict,
  isNotImplemented,
  isPreconditionFailed,
  s3Code,
  s3Fault,
} from './s3-errors.js';

/** 10,000 parts of it are 78 GiB, and three at a time keep an upload near 32 MiB of memory. */
const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_ONCE = 3;
const CONFLICT_TRIES = 5;

/** The metadata entry by which an upload finds out that an attempt whose answer was lost did arrive. */
const MARK = 'lifeboat-put';

export interface UploadContext {
  readonly client: S3Client;
  readonly options: S3StoreOptions;
  readonly operationMs: number;
  /** Headers that reading an encrypted object needs. */
  readonly readHeaders: Readonly<Record<string, string>>;
  /** Metadata of the object; undefined if there is none. */
  metadata(key: string, signal?: AbortSignal): Promise<Record<string, string> | undefined>;
}

const encryptionHeaders = ({ options, readHeaders }: UploadContext): Record<string, string> => {
  switch (options.encryption?.kind) {
    case undefined:
      return {};
    case 'managed':
      return { ServerSideEncryption: options.encryption.algorithm };
    case 'kms':
      return { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: options.encryption.keyId };
    case 'customer':
      return { ...readHeaders };
  }
};

interface Attempt {
  readonly context: UploadContext;
  readonly key: string;
  readonly signal: AbortSignal | undefined;
  /** The first refusal of the store; what follows from it (a cut body) is noise. */
  failed?: { readonly error: unknown };
  /** Ends the body: nobody would read on. */
  readonly stop: () => void;
}

type Conditional = PutObjectCommand | CompleteMultipartUploadCommand;

const unconditional = (command: Conditional): Conditional =>
  command instanceof PutObjectCommand
    ? new PutObjectCommand({ ...command.input, IfNoneMatch: undefined })
    : new CompleteMultipartUploadCommand({ ...command.input, IfNoneMatch: undefined });

/** The write that makes the object appear, only if there is none, on every kind of server. */
const sendConditional = async (
  attempt: Attempt,
  command: Conditional,
  send: (c: Conditional) => Promise<unknown>,
) => {
  for (let tries = 1; ; tries++) {
    try {
      return await send(command);
    } catch (error) {
      const conflict =
        isConditionalConflict(error) && command instanceof PutObjectCommand && tries < CONFLICT_TRIES;
      if (!conflict && !isNotImplemented(error)) throw error;
      // A server without conditional writes: look first. Two racing writers are then told apart by time alone.
      const there = await attempt.context.metadata(attempt.key, attempt.signal);
      if (there !== undefined)
        throw Object.assign(new Error('the object is there'), { name: 'PreconditionFailed' });
      if (!conflict) return send(unconditional(command));
    }
  }
};

/**
 * The client as `Upload` sees it: every request has a deadline and obeys the signal (Upload passes neither on), a
 * failed part ends the body at once, and cleaning up is tried to its end even when the caller has gone.
 */
const supervised = (attempt: Attempt): S3Client => {
  const { client, operationMs } = attempt.context;
  const doing = `writing ${attempt.key}`;
  const raw = client.send.bind(client) as (command: object, options: object) => Promise<unknown>;
  const send = async (command: object): Promise<unknown> => {
    const cleaning = command instanceof AbortMultipartUploadCommand;
    const signal = cleaning ? undefined : attempt.signal;
    const plain = (c: object) => within(operationMs, signal, doing, (abortSignal) => raw(c, { abortSignal }));
    try {
      const conditional =
        command instanceof PutObjectCommand || command instanceof CompleteMultipartUploadCommand;
      return await (conditional && command.input.IfNoneMatch !== undefined
        ? sendConditional(attempt, command, plain)
        : plain(command));
    } catch (error) {
      // What stays behind is no object, only parts, and the bucket's rules for unfinished uploads sweep them.
      if (cleaning) return {};
      attempt.failed ??= { error };
      attempt.stop();
      throw error;
    }
  };
  return Object.create(client, { send: { value: send } }) as S3Client;
};

const uploadOf = (attempt: Attempt, body: Uint8Array | Readable, ifAbsent: boolean, mark: string): Upload => {
  const { options } = attempt.context;
  const { checksumAlgorithm, tagging } = options;
  return new Upload({
    client: supervised(attempt),
    queueSize: PARTS_AT_ONCE,
    partSize: PART_BYTES,
    params: {
      Bucket: options.bucket,
      Key: attempt.key,
      Body: body,
      // Never an encoding: a client that honours one would unpack what its user wants packed.
      ContentType: 'application/octet-stream',
      Metadata: { [MARK]: mark },
      ...(ifAbsent && { IfNoneMatch: '*' }),
      ...(checksumAlgorithm !== 'none' && { ChecksumAlgorithm: checksumAlgorithm ?? 'CRC32' }),
      ...(tagging !== undefined && { Tagging: tagging }),
      ...encryptionHeaders(attempt.context),
    },
  });
};

/** A repeated request can be refused by its own first attempt; the mark tells. */
const arrived = async (attempt: Attempt, mark: string): Promise<boolean> =>
  (await attempt.context.metadata(attempt.key, attempt.signal))?.[MARK] === mark;

/** Uploads a body of any length: one request up to 8 MiB, in parts above. Nothing is left of one that fails. */
export const putObject = async (
  context: UploadContext,
  key: string,
  body: Uint8Array | Readable,
  { ifAbsent = false, signal }: PutOptions,
): Promise<'stored' | 'exists'> => {
  const doing = `writing ${key}`;
  const mark = randomUUID();
  const source = sourceOf(body, signal);
  const attempt: Attempt = { context, key, signal, stop: () => source.close() };
  try {
    checkKey(key);
    checkAborted(signal, doing);
    const bytes = body instanceof Uint8Array ? body : Readable.from(source.chunks(), { objectMode: false });
    await uploadOf(attempt, bytes, ifAbsent, mark).done();
    return 'stored';
  } catch (error) {
    checkAborted(signal, doing);
    const first = attempt.failed ? attempt.failed.error : error;
    if (ifAbsent && isPreconditionFailed(first)) return (await arrived(attempt, mark)) ? 'stored' : 'exists';
    if (s3Code(first) === 'NoSuchUpload' && (await arrived(attempt, mark))) return 'stored';
    const failure = attempt.failed ? undefined : source.failure();
    throw failure ? failure.error : s3Fault(first, doing);
  } finally {
    source.close();
  }
};
