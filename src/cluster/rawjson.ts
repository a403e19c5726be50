import { Fault } from '../faults.js';
import {
  CLOSE_ARRAY,
  COMMA,
  damaged,
  keyIs,
  OPEN_ARRAY,
  parse,
  type Read,
  skipSpace,
  text,
  type Visit,
  walkObject,
  walkWhole,
} from './json-walk.js';

/*
 * Cuts Kubernetes objects out of a larger JSON body without parsing them, so that big numbers, unknown fields and key order
 * survive.
 */

const ITEMS = Buffer.from('items');
const KIND = Buffer.from('kind');
const API_VERSION = Buffer.from('apiVersion');
const METADATA = Buffer.from('metadata');
const TYPE = Buffer.from('type');
const OBJECT = Buffer.from('object');
const NAME = Buffer.from('name');
const NAMESPACE = Buffer.from('namespace');
const RESOURCE_VERSION = Buffer.from('resourceVersion');
const CONTINUE = Buffer.from('continue');
const REMAINING = Buffer.from('remainingItemCount');

/** What a list body holds, with every item as its own slice. */
export interface SlicedList {
  readonly kind: string;
  readonly apiVersion: string;
  readonly items: readonly Buffer[];
  /** '' if the server gave none. */
  readonly resourceVersion: string;
  /** Token of the next page; absent on the last. */
  readonly continue?: string;
  readonly remaining?: number;
}

/**
 * Cuts one list body into its items. Items that name their type are views into `body` (no copy: as long as one of them lives,
 * the memory of the whole page does; copy an item that is to be kept for long). Items that do not, get the list's `apiVersion`
 * and its `kind` without `List` put in front and are copies.
 *
 * Faults: `LB_CLUSTER_PROTOCOL` for a body that is cut short, damaged or not a list.
 */
export const sliceList = (body: Buffer): SlicedList => {
  const seen: {
    kind?: string | undefined;
    apiVersion?: string | undefined;
    metadata?: ListMetadata;
    items?: CutObject[];
  } = {};
  const readItems: Read = (keyFrom, keyTo, from) => {
    if (!keyIs(body, keyFrom, keyTo, ITEMS)) return undefined;
    seen.items = [];
    if (body[from] === OPEN_ARRAY) return cutItems(body, from, seen.items);
    // A nil slice in Go is written as null.
    if (body.toString('latin1', from, from + 4) === 'null') return from + 4;
    throw damaged(body, from, 'items are not a list');
  };
  const visit: Visit = (keyFrom, keyTo, from, to) => {
    if (keyIs(body, keyFrom, keyTo, KIND)) seen.kind = text(parse(body, from, to));
    else if (keyIs(body, keyFrom, keyTo, API_VERSION)) seen.apiVersion = text(parse(body, from, to));
    else if (keyIs(body, keyFrom, keyTo, METADATA)) seen.metadata = listMetadata(body, from);
  };
  walkWhole(body, visit, readItems);
  const { kind: list, apiVersion: version, items, metadata = {} } = seen;
  if (list === undefined || version === undefined || items === undefined) {
    throw new Fault('LB_CLUSTER_PROTOCOL', `a list was expected, the answer is ${list ?? 'without a kind'}`);
  }
  const itemKind = list.endsWith('List') ? list.slice(0, -4) : '';
  const token = metadata.continue ?? '';
  return {
    kind: list,
    apiVersion: version,
    items: items.map((item) => splice(item, version, itemKind)),
    resourceVersion: metadata.resourceVersion ?? '',
    ...(token === '' ? {} : { continue: token }),
    ...(metadata.remaining === undefined ? {} : { remaining: metadata.remaining }),
  };
};

interface ListMetadata {
  resourceVersion?: string | undefined;
  continue?: string | undefined;
  remaining?: number | undefined;
}

const listMetadata = (body: Buffer, at: number): ListMetadata => {
  const metadata: ListMetadata = {};
  walkObject(body, at, (keyFrom, keyTo, from, to) => {
    if (keyIs(body, keyFrom, keyTo, RESOURCE_VERSION)) metadata.resourceVersion = text(parse(body, from, to));
    else if (keyIs(body, keyFrom, keyTo, CONTINUE)) metadata.continue = text(parse(body, from, to));
    else if (keyIs(body, keyFrom, keyTo, REMAINING)) {
      const count = parse(body, from, to);
      metadata.remaining = typeof count === 'number' ? count : undefined;
    }
  });
  return metadata;
};

/** One object found in a larger body, with what is known about its own type keys. */
interface CutObject {
  readonly bytes: Buffer;
  readonly hasVersion: boolean;
  readonly hasKind: boolean;
  readonly empty: boolean;
}

/** Walks the object at `from` once: its end and its type keys come out of the same pass, which is what makes a list cheap. */
const cutObject = (body: Buffer, from: number): CutObject => {
  const seen = { hasVersion: false, hasKind: false, empty: true };
  const end = walkObject(body, from, (keyFrom, keyTo) => {
    seen.empty = false;
    if (keyIs(body, keyFrom, keyTo, API_VERSION)) seen.hasVersion = true;
    else if (keyIs(body, keyFrom, keyTo, KIND)) seen.hasKind = true;
  });
  return { bytes: body.subarray(from, end), ...seen };
};

/** `into` gets the items; the answer is just after the end of the list. */
const cutItems = (body: Buffer, from: number, into: CutObject[]): number => {
  let at = skipSpace(body, from + 1);
  if (body[at] === CLOSE_ARRAY) return at + 1;
  for (;;) {
    const item = cutObject(body, at);
    into.push(item);
    at = skipSpace(body, at + item.bytes.length);
    if (body[at] === CLOSE_ARRAY) return at + 1;
    if (body[at] !== COMMA) throw damaged(body, at, 'a comma or the end of the items was expected');
    at = skipSpace(body, at + 1);
  }
};

/** Puts `apiVersion` and `kind` in front where the object lacks them; an object that has both comes back as it is, the same bytes. */
export const spliceType = (object: Buffer, apiVersion: string, kind: string): Buffer =>
  splice(cutObject(object, skipSpace(object, 0)), apiVersion, kind);

const splice = (
  { bytes, hasVersion, hasKind, empty }: CutObject,
  apiVersion: string,
  kind: string,
): Buffer => {
  if (hasVersion && hasKind) return bytes;
  if (kind === '')
    throw new Fault('LB_CLUSTER_PROTOCOL', 'neither the items nor the list say what kind they are');
  const version = hasVersion ? '' : `"apiVersion":${JSON.stringify(apiVersion)}`;
  const name = hasKind ? '' : `"kind":${JSON.stringify(kind)}`;
  const prefix = `{${version}${version === '' || name === '' ? '' : ','}${name}${empty ? '' : ','}`;
  return Buffer.concat([Buffer.from(prefix), bytes.subarray(1)]);
};

/** The parts of `metadata` that tell an object from others; '' where it has none. */
export interface ObjectMetadata {
  readonly namespace: string;
  readonly name: string;
  readonly resourceVersion: string;
}

/** Reads name, namespace and resourceVersion of one object without parsing the rest of it. */
export const readMetadata = (object: Buffer): ObjectMetadata => {
  const seen = { namespace: '', name: '', resourceVersion: '' };
  walkObject(object, skipSpace(object, 0), (keyFrom, keyTo, valueFrom) => {
    if (!keyIs(object, keyFrom, keyTo, METADATA)) return;
    walkObject(object, valueFrom, (from, to, start, end) => {
      if (keyIs(object, from, to, NAME)) seen.name = text(parse(object, start, end)) ?? '';
      else if (keyIs(object, from, to, NAMESPACE)) seen.namespace = text(parse(object, start, end)) ?? '';
      else if (keyIs(object, from, to, RESOURCE_VERSION))
        seen.resourceVersion = text(parse(object, start, end)) ?? '';
    });
  });
  return seen;
};

/** Takes one line of a watch, `{"type":…,"object":…}`, apart; the object is a view into the line. */
export const sliceWatchEvent = (line: Buffer): { readonly type: string; readonly object: Buffer } => {
  const seen: { type?: string | undefined; object?: Buffer } = {};
  walkWhole(line, (keyFrom, keyTo, from, to) => {
    if (keyIs(line, keyFrom, keyTo, TYPE)) seen.type = text(parse(line, from, to));
    else if (keyIs(line, keyFrom, keyTo, OBJECT)) seen.object = line.subarray(from, to);
  });
  if (seen.type === undefined || seen.object === undefined) {
    throw damaged(line, 0, 'a watch event lacks its type or its object');
  }
  return { type: seen.type, object: seen.object };
};
