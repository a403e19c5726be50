import type { JsonObject } from '../domain/json.js';
import type { CallOptions, Cluster, ObjectRef, ResourceType } from './port.js';

/** An object as an answer of the API server shows it. For looking only: numbers beyond 2^53 are not exact. */
export const parseObject = (bytes: Buffer): JsonObject => JSON.parse(bytes.toString('utf8')) as JsonObject;

/** One object, parsed for looking; `undefined` if there is none. Faults are those of `Cluster.get`. */
export const getObject = async (
  cluster: Pick<Cluster, 'get'>,
  type: ResourceType,
  ref: ObjectRef,
  options: CallOptions,
): Promise<JsonObject | undefined> => {
  const bytes = await cluster.get(type, ref, options);
  return bytes && parseObject(bytes);
};
