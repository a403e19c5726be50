import { Fault } from '../faults.js';
import { type Meta, type NewEvent } from './port.js';

/** Where an event stands, to name it when it cannot be read. */
export interface Place {
  readonly stream: string;
  readonly revision: bigint;
}

/** An event whose data and metadata are JSON texts. */
export interface EncodedEvent {
  readonly id: string;
  readonly type: string;
  readonly v: number;
  readonly data: string;
  readonly meta: string;
}

const damaged = (place: Place, what: string, cause?: unknown): Fault =>
  new Fault('LB_EVENTSTORE_DAMAGED', `${place.stream}, revision ${place.revision.toString()}: ${what}`, {
    cause,
  });

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Data and metadata as JSON. What would not come back (a bigint, a cycle, a bare Date, metadata without an actor) throws
 * a TypeError that names the event: nothing gets in that could not be read again.
 */
export const encodeEvent = (event: NewEvent): EncodedEvent => {
  const { id, type, v, meta } = event;
  if (!Number.isSafeInteger(v)) throw new TypeError(`the version of ${type} is not a whole number`);
  if (!isMeta(meta)) throw new TypeError(`the metadata of ${type} does not say who caused it`);
  const data = stringify(event);
  if (!data.startsWith('{') && !data.startsWith('['))
    throw new TypeError(`the data of ${type} is not an object`);
  return { id, type, v, data, meta: JSON.stringify(meta) };
};

const stringify = ({ type, data }: NewEvent): string => {
  try {
    return JSON.stringify(data);
  } catch (cause) {
    throw new TypeError(`the data of ${type} is not JSON`, { cause });
  }
};

const parse = (text: string, place: Place, what: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(place, `its ${what} is not JSON`, cause);
  }
};

/** The data of an event, given as parsed JSON. `LB_EVENTSTORE_DAMAGED` if it is no object. */
export const checkData = (value: unknown, place: Place): object => {
  if (typeof value !== 'object' || value === null) throw damaged(place, 'its data is not an object');
  return value;
};

/** The metadata of an event, given as parsed JSON. `LB_EVENTSTORE_DAMAGED` if it does not tell who, why and by which version. */
export const checkMeta = (value: unknown, place: Place): Meta => {
  if (!isMeta(value)) throw damaged(place, 'its metadata does not say who caused it');
  return value;
};

const isMeta = (value: unknown): value is Meta =>
  isRecord(value) &&
  isRecord(value['actor']) &&
  ['kind', 'name', 'via'].every(
    (key) => typeof (value['actor'] as Record<string, unknown>)[key] === 'string',
  ) &&
  typeof value['correlationId'] === 'string' &&
  typeof value['appVersion'] === 'string' &&
  ['string', 'undefined'].includes(typeof value['causationId']);

export const decodeData = (text: string, place: Place): object =>
  checkData(parse(text, place, 'data'), place);
export const decodeMeta = (text: string, place: Place): Meta =>
  checkMeta(parse(text, place, 'metadata'), place);
