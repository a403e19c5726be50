import { apiVersionOf, type ObjectRef, type ResourceType } from './port.js';
import { isObject, objectAt, parseJson, print, textAt, type Json, type JsonObject } from './memory-json.js';
import { labelsOf, type Stored } from './memory-store.js';
import { placeOf } from './memory-types.js';

export const refOf = (name: string, namespace: string | undefined): ObjectRef => ({
  name,
  ...(namespace === undefined ? {} : { namespace }),
});

/** Makes `metadata` an object if it is none, and answers it. */
export const metadataOf = (document: JsonObject): JsonObject => {
  const metadata = objectAt(document, 'metadata') ?? new Map<string, Json>();
  document.set('metadata', metadata);
  return metadata;
};

/** The JSON object in a body; undefined if there is none. */
export const readDocument = (body: Uint8Array | string): Json | undefined => {
  try {
    const text = typeof body === 'string' ? body : new TextDecoder('utf-8', { fatal: true }).decode(body);
    return parseJson(text);
  } catch {
    return undefined;
  }
};

/** The document of a stored object: a fresh copy each time, free to be changed. */
export const documentOf = (stored: Pick<Stored, 'bytes'>): JsonObject => {
  const value = readDocument(stored.bytes);
  return isObject(value) ? value : new Map<string, Json>();
};

const bookkeeping = [
  'resourceVersion',
  'uid',
  'creationTimestamp',
  'generation',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
];

/** What only the server may say about an object. */
export const bookkeepingOf = (document: JsonObject): ReadonlyMap<string, Json> => {
  const metadata = metadataOf(document);
  return new Map([...metadata].filter(([key]) => bookkeeping.includes(key)));
};

/** Puts the server's word in place of whatever the client said; new fields go to the end. */
export const setBookkeeping = (document: JsonObject, fields: ReadonlyMap<string, Json>): void => {
  const metadata = metadataOf(document);
  for (const key of bookkeeping) {
    const value = fields.get(key);
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
  }
};

/** `apiVersion` and `kind` first, as every API server writes them; the other fields as they came. */
export const withHead = (type: ResourceType, document: JsonObject): JsonObject => {
  const head: JsonObject = new Map<string, Json>([
    ['apiVersion', apiVersionOf(type)],
    ['kind', type.kind],
  ]);
  for (const [key, value] of document) if (!head.has(key)) head.set(key, value);
  return head;
};

export const toStored = (
  type: ResourceType,
  document: JsonObject,
  name: string,
  namespace: string | undefined,
  resourceVersion: number,
): Stored => {
  metadataOf(document).set('resourceVersion', String(resourceVersion));
  return {
    place: placeOf(type),
    name,
    namespace,
    labels: labelsOf(document),
    resourceVersion,
    bytes: Buffer.from(print(withHead(type, document)), 'utf8'),
  };
};

/** The stored bytes in the version that was asked for: the conversion `None`, which changes the apiVersion only. */
export const inVersion = (type: ResourceType, bytes: Buffer): Buffer => {
  const head = `{"apiVersion":${JSON.stringify(apiVersionOf(type))},`;
  if (bytes.subarray(0, head.length).equals(Buffer.from(head))) return bytes;
  return Buffer.concat([Buffer.from(head), bytes.subarray(bytes.indexOf(',') + 1)]);
};

export const isEnding = (document: JsonObject): boolean =>
  textAt(document, 'metadata', 'deletionTimestamp') !== undefined;

export const hasFinalizers = (document: JsonObject): boolean => {
  const finalizers = metadataOf(document).get('finalizers');
  return Array.isArray(finalizers) && finalizers.length > 0;
};
