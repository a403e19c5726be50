import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  type HeadObjectCommandOutput,
  type ListObjectsV2CommandOutput,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Readable } from 'node:stream';
import { Fault } from '../faults.js';
import { download } from './body.js';
import { checkAborted, compareKeys } from './keys.js';
import { type Listed, type ObjectStore } from './port.js';
import {
  createS3Clients,
  DEFAULT_TIMEOUTS,
  type S3Clients,
  type S3StoreOptions,
  type S3Timeouts,
} from './s3-client.js';
import { within } from './s3-deadline.js';
import { isNotFound, s3Fault, s3Status } from './s3-errors.js';
import { putObject } from './s3-upload.js';

interface Context {
  readonly clients: S3Clients;
  readonly options: S3StoreOptions;
  readonly timeouts: S3Timeouts;
  readonly readHeaders: Readonly<Record<string, string>>;
}

/** A bucket with a key of the customer gives an object only to who sends the key along. */
const readHeadersOf = ({ encryption }: S3StoreOptions): Record<string, string> =>
  encryption?.kind === 'customer'
    ? { SSECustomerAlgorithm: 'AES256', SSECustomerKey: Buffer.from(encryption.key).toString('base64') }
    : {};

/** A 404 to a request that names no object. */
const bucketFault = (error: unknown, bucket: string): Fault =>
  isNotFound(error) ? new Fault('LB_STORE_BUCKET_MISSING', bucket) : s3Fault(error, bucket);

/**
 * After a 404 that names nothing: is it the bucket that is missing? Asked by a listing, because its answer has a body
 * that says why. A refusal says nothing here: some may read objects and not list them.
 */
const checkBucket = async ({ clients, options, timeouts }: Context, signal?: AbortSignal): Promise<void> => {
  const doing = `looking for the bucket ${options.bucket}`;
  const command = new ListObjectsV2Command({ Bucket: options.bucket, MaxKeys: 1 });
  try {
    await within(timeouts.operationMs, signal, doing, (abortSignal) =>
      clients.main.send(command, { abortSignal }),
    );
  } catch (error) {
    checkAborted(signal, doing);
    if (s3Status(error) === 404) throw bucketFault(error, options.bucket);
  }
};

const missing = async (
  context: Context,
  error: unknown,
  doing: string,
  signal?: AbortSignal,
): Promise<undefined> => {
  if (!isNotFound(error)) throw s3Fault(error, doing);
  await checkBucket(context, signal);
  return undefined;
};

const headObject = async (
  context: Context,
  key: string,
  signal?: AbortSignal,
): Promise<HeadObjectCommandOutput | undefined> => {
  const { clients, options, timeouts, readHeaders } = context;
  const doing = `looking at ${key}`;
  const command = new HeadObjectCommand({ Bucket: options.bucket, Key: key, ...readHeaders });
  return within(timeouts.operationMs, signal, doing, (abortSignal) =>
    clients.main.send(command, { abortSignal }),
  ).catch((error: unknown) => missing(context, error, doing, signal));
};

const getObject = async (context: Context, key: string, signal?: AbortSignal) => {
  const { clients, options, timeouts, readHeaders } = context;
  const doing = `reading ${key}`;
  const command = new GetObjectCommand({ Bucket: options.bucket, Key: key, ...readHeaders });
  const answer = await within(timeouts.operationMs, signal, doing, (abortSignal) =>
    clients.main.send(command, { abortSignal }),
  ).catch((error: unknown) => missing(context, error, doing, signal));
  if (answer === undefined) return undefined;
  if (!(answer.Body instanceof Readable) || answer.ContentLength === undefined) {
    throw new Fault('LB_STORE_REFUSED', `${doing}: the answer is not that of an object storage`);
  }
  const { idleMs } = timeouts;
  const body = download(answer.Body, { doing, signal, idleMs, toFault: (error) => s3Fault(error, doing) });
  return { size: answer.ContentLength, modified: answer.LastModified ?? new Date(0), body };
};

/** Objects and common prefixes come as two lists; one page of both covers one stretch of keys. */
const entriesOf = (page: ListObjectsV2CommandOutput): Listed[] => {
  const objects = (page.Contents ?? []).flatMap(({ Key, Size, LastModified }) =>
    Key === undefined
      ? []
      : [
          {
            at: Key,
            entry: {
              kind: 'object',
              key: Key,
              size: Size ?? 0,
              modified: LastModified ?? new Date(0),
            } as const,
          },
        ],
  );
  const prefixes = (page.CommonPrefixes ?? []).flatMap(({ Prefix }) =>
    Prefix === undefined ? [] : [{ at: Prefix, entry: { kind: 'prefix', prefix: Prefix } as const }],
  );
  if (prefixes.length === 0) return objects.map(({ entry }) => entry);
  return [...objects, ...prefixes].sort((a, b) => compareKeys(a.at, b.at)).map(({ entry }) => entry);
};

const listObjects = async function* (
  { clients, options, timeouts }: Context,
  prefix: string,
  { delimiter, signal }: { readonly delimiter?: '/'; readonly signal?: AbortSignal },
): AsyncGenerator<Listed> {
  const doing = `listing ${options.bucket}/${prefix}`;
  let token: string | undefined;
  do {
    const command = new ListObjectsV2Command({
      Bucket: options.bucket,
      Prefix: prefix,
      ...(delimiter !== undefined && { Delimiter: delimiter }),
      ...(token !== undefined && { ContinuationToken: token }),
    });
    const page = await within(timeouts.operationMs, signal, doing, (abortSignal) =>
      clients.main.send(command, { abortSignal }),
    ).catch((error: unknown) => {
      throw isNotFound(error) ? bucketFault(error, options.bucket) : s3Fault(error, doing);
    });
    yield* entriesOf(page);
    const next = page.IsTruncated === true ? page.NextContinuationToken : undefined;
    if (next !== undefined && next === token)
      throw new Fault('LB_STORE_REFUSED', `${doing}: the pages do not end`);
    token = next;
  } while (token !== undefined);
};

const deleteObject = async ({ clients, options, timeouts }: Context, key: string, signal?: AbortSignal) => {
  const doing = `deleting ${key}`;
  const command = new DeleteObjectCommand({ Bucket: options.bucket, Key: key });
  try {
    await within(timeouts.operationMs, signal, doing, (abortSignal) =>
      clients.main.send(command, { abortSignal }),
    );
  } catch (error) {
    if (!isNotFound(error)) throw s3Fault(error, doing);
  }
};

/** The link carries no customer key (SSE-C): such objects can be read through Lifeboat only, as with Velero's plugin. */
const presignObject = async ({ clients, options, timeouts }: Context, key: string, seconds: number) => {
  const doing = `signing a link to ${key}`;
  const command = new GetObjectCommand({ Bucket: options.bucket, Key: key });
  try {
    return await within(timeouts.operationMs, undefined, doing, () =>
      getSignedUrl(clients.signer, command, { expiresIn: seconds }),
    );
  } catch (error) {
    throw s3Fault(error, doing);
  }
};

/** A bucket of Amazon S3 or of any server that speaks its protocol. Opening it sends nothing. */
export const openS3Store = (options: S3StoreOptions): ObjectStore => {
  const clients = createS3Clients(options);
  const timeouts = { ...DEFAULT_TIMEOUTS, ...options.timeouts };
  const context: Context = { clients, options, timeouts, readHeaders: readHeadersOf(options) };
  const upload = {
    client: clients.main,
    options,
    operationMs: timeouts.operationMs,
    readHeaders: context.readHeaders,
    metadata: async (key: string, signal?: AbortSignal) => {
      const found = await headObject(context, key, signal);
      return found && (found.Metadata ?? {});
    },
  };
  return {
    put: (key, body, putOptions = {}) => putObject(upload, key, body, putOptions),
    get: (key, signal) => getObject(context, key, signal),
    async head(key, signal) {
      const found = await headObject(context, key, signal);
      return found && { size: found.ContentLength ?? 0, modified: found.LastModified ?? new Date(0) };
    },
    list: (prefix, listOptions = {}) => listObjects(context, prefix, listOptions),
    delete: (key, signal) => deleteObject(context, key, signal),
    presign: (key, seconds) => presignObject(context, key, seconds),
    close: () => clients.destroy(),
  };
};
