import { randomInt, randomUUID } from 'node:crypto';
import { type ObjectRef, type PatchType, type Refused, type Written } from './port.js';
import { checkName, checkShape, fieldKind, fillIn } from './memory-admission.js';
import { checkDefinition, establish, fitSchema } from './memory-custom.js';
import {
  bookkeepingOf,
  documentOf,
  isEnding,
  metadataOf,
  readDocument,
  refOf,
  setBookkeeping,
  toStored,
  withHead,
} from './memory-document.js';
import { at, equal, isObject, textAt, type Json, type JsonObject } from './memory-json.js';
import { isPatchProblem, jsonPatch, mergePatch } from './memory-patch.js';
import {
  alreadyExists,
  badRequest,
  conflict,
  invalid,
  namespaceEnding,
  notFound,
  notServed,
  patchDoesNotApply,
  unsupportedPatch,
} from './memory-refusals.js';
import { isCustom } from './memory-registry.js';
import { isFree, remove, type World } from './memory-removal.js';
import { type Stored } from './memory-store.js';
import { placeOf, type ServedType } from './memory-types.js';

type Body = Uint8Array | string;
const isRefused = (value: JsonObject | Refused): value is Refused => !isObject(value as Json);

const definitionPlace = 'apiextensions.k8s.io/customresourcedefinitions';

const suffix = (): string =>
  Array.from({ length: 5 }, () => 'bcdfghjklmnpqrstvwxz2456789'.charAt(randomInt(27))).join('');

/** The body as an object of this type, with a namespace that agrees with the path. */
const readBody = (type: ServedType, namespace: string | undefined, body: Body): JsonObject | Refused => {
  const document = readDocument(body);
  if (!isObject(document))
    return badRequest(`the object provided is not JSON (must be of type ${type.kind})`);
  const wrong = checkShape(type, document);
  if (wrong !== undefined) return wrong;
  const metadata = metadataOf(document);
  if ((textAt(metadata, 'namespace') ?? namespace) !== namespace) {
    return badRequest(
      'the namespace of the provided object does not match the namespace sent on the request',
    );
  }
  if (namespace === undefined) metadata.delete('namespace');
  return withHead(type, document);
};

/** Why nothing can be made in this namespace. */
const checkNamespace = (world: World, type: ServedType, namespace: string | undefined, name: string) => {
  if ((namespace !== undefined) !== type.namespaced) return notServed();
  if (namespace === undefined) return undefined;
  const home = world.store.get('/namespaces', { name: namespace });
  if (home === undefined) return notFound({ group: '', resource: 'namespaces' }, namespace);
  return isEnding(documentOf(home)) ? namespaceEnding(type, name, namespace) : undefined;
};

/** The rules that go beyond one kind's shape. They come last, because giving out an address cannot be taken back. */
const admit = (world: World, type: ServedType, document: JsonObject, name: string, before?: JsonObject) => {
  if (isCustom(type)) fitSchema(document, type.schema);
  if (placeOf(type) === definitionPlace) return checkDefinition(document);
  return placeOf(type) === '/services' ? world.addresses.assign(document, name, before) : undefined;
};

const chooseName = (world: World, type: ServedType, namespace: string | undefined, document: JsonObject) => {
  const given = textAt(document, 'metadata', 'name');
  const prefix = textAt(document, 'metadata', 'generateName');
  if (given !== undefined || prefix === undefined) return given;
  const free = (name: string) => world.store.get(placeOf(type), refOf(name, namespace)) === undefined;
  const tries = Array.from({ length: 8 }, () => prefix + suffix());
  return tries.find(free) ?? tries[0];
};

/** Stores a new object of a type that is served. */
export const createObject = (
  world: World,
  type: ServedType,
  namespace: string | undefined,
  body: Body,
): Written => {
  const document = readBody(type, namespace, body);
  if (isRefused(document)) return document;
  const name = chooseName(world, type, namespace, document) ?? '';
  const no =
    checkNamespace(world, type, namespace, name) ??
    checkName(type, name === '' ? undefined : name) ??
    undefined;
  if (no !== undefined) return no;
  if (textAt(document, 'metadata', 'resourceVersion') !== undefined) {
    return badRequest('resourceVersion should not be set on objects to be created');
  }
  if (world.store.get(placeOf(type), refOf(name, namespace)) !== undefined) return alreadyExists(type, name);
  if (type.statusSubresource) document.delete('status');
  const refused = admit(world, type, document, name);
  if (refused !== undefined) return refused;
  fillIn(type, document, name);
  const metadata = metadataOf(document);
  metadata.set('name', name);
  if (namespace !== undefined) metadata.set('namespace', namespace);
  const given: [string, Json][] = [
    ['uid', randomUUID()],
    ['creationTimestamp', world.time()],
    ...(type.countsGeneration ? [['generation', { number: '1' }] satisfies [string, Json]] : []),
  ];
  setBookkeeping(document, new Map(given));
  if (placeOf(type) === definitionPlace) {
    establish(document, world.time());
    world.types.define(name, document);
  }
  const stored = toStored(type, document, name, namespace, world.store.nextVersion());
  world.store.put(stored, 'ADDED');
  return { ok: true, body: stored.bytes };
};

/** Whether anything but the metadata and the status differs. */
const contentDiffers = (a: JsonObject, b: JsonObject): boolean => {
  const content = (document: JsonObject) =>
    new Map([...document].filter(([key]) => key !== 'metadata' && key !== 'status'));
  return !equal(content(a), content(b));
};

const copyField = (from: JsonObject, to: JsonObject, key: string): void => {
  const value = from.get(key);
  if (value === undefined) to.delete(key);
  else to.set(key, value);
};

/** Refuses an update that is meant for another object or another state of this one. */
const checkIdentity = (type: ServedType, stored: Stored, next: JsonObject, how: 'replace' | 'patch') => {
  const name = textAt(next, 'metadata', 'name') ?? stored.name;
  if (name !== stored.name) {
    return badRequest(`the name of the object (${name}) does not match the name on the URL (${stored.name})`);
  }
  const version = textAt(next, 'metadata', 'resourceVersion');
  if (version === undefined && how === 'replace' && isCustom(type)) {
    return invalid(fieldKind(type), name, 'metadata.resourceVersion', '0: must be specified for an update');
  }
  if ((version ?? String(stored.resourceVersion)) !== String(stored.resourceVersion))
    return conflict(type, name);
  const uid = textAt(documentOf(stored), 'metadata', 'uid');
  if ((textAt(next, 'metadata', 'uid') ?? uid) === uid) return undefined;
  return how === 'replace'
    ? conflict(type, name)
    : invalid(fieldKind(type), name, 'metadata.uid', 'field is immutable');
};

/** Puts `next` in the place of `stored`, or removes it if its last finalizer has gone. */
const update = (world: World, type: ServedType, stored: Stored, next: JsonObject): Written => {
  const before = documentOf(stored);
  metadataOf(next).set('name', stored.name);
  if (stored.namespace !== undefined) metadataOf(next).set('namespace', stored.namespace);
  const fields = new Map(bookkeepingOf(before));
  const refused = admit(world, type, next, stored.name, before);
  if (refused !== undefined) return refused;
  setBookkeeping(next, fields);
  if (equal(before, next)) return { ok: true, body: stored.bytes };
  if (type.countsGeneration && contentDiffers(before, next)) {
    const generation = at(before, 'metadata', 'generation');
    const count =
      typeof generation === 'object' && generation !== null && 'number' in generation
        ? generation.number
        : '0';
    metadataOf(next).set('generation', { number: String(Number(count) + 1) });
  }
  if (placeOf(type) === definitionPlace) world.types.define(stored.name, next);
  const written = toStored(type, next, stored.name, stored.namespace, world.store.nextVersion());
  if (isEnding(next) && isFree(world, written, next)) remove(world, written, next);
  else world.store.put(written, 'MODIFIED');
  return { ok: true, body: written.bytes };
};

/** PUT. With `status` only the status is taken from the body, without it everything but the status. */
export const replaceObject = (
  world: World,
  type: ServedType,
  ref: ObjectRef,
  body: Body,
  status: boolean,
): Written => {
  const stored = world.store.get(placeOf(type), ref);
  if (stored === undefined || (status && !type.statusSubresource)) return notFound(type, ref.name);
  const next = readBody(type, ref.namespace, body);
  if (isRefused(next)) return next;
  const no = checkIdentity(type, stored, next, 'replace');
  if (no !== undefined) return no;
  const before = documentOf(stored);
  if (status) {
    copyField(next, before, 'status');
    return update(world, type, stored, before);
  }
  if (type.statusSubresource) copyField(before, next, 'status');
  return update(world, type, stored, next);
};

const hasObjectList = (value: Json): boolean => {
  if (Array.isArray(value)) return value.some(isObject);
  return isObject(value) && [...value.values()].some(hasObjectList);
};

const applyPatch = (
  type: ServedType,
  kind: PatchType,
  before: JsonObject,
  patch: Json,
): JsonObject | Refused => {
  if (kind === 'json') {
    const patched = jsonPatch(before, patch);
    if (!isPatchProblem(patched)) return patched;
    return patched.kind === 'document' ? badRequest(patched.problem) : patchDoesNotApply(patched.problem);
  }
  if (kind === 'strategic' && isCustom(type))
    return unsupportedPatch('strategic merges need a built-in kind');
  // Merging lists of objects by their keys needs the schemas of all kinds; without such lists both merges are one.
  if (kind === 'strategic' && hasObjectList(patch)) {
    return unsupportedPatch('the simulated cluster merges no lists of objects strategically');
  }
  const patched = isObject(patch) ? mergePatch(before, patch) : undefined;
  return isObject(patched) ? patched : badRequest('error decoding patch: it is not an object');
};

/** PATCH of an object that exists. */
export const patchObject = (
  world: World,
  type: ServedType,
  ref: ObjectRef,
  kind: PatchType,
  body: Body,
): Written => {
  const stored = world.store.get(placeOf(type), ref);
  if (stored === undefined) return notFound(type, ref.name);
  const patch = readDocument(body);
  if (patch === undefined) return badRequest('error decoding patch: it is not JSON');
  const before = documentOf(stored);
  const next = applyPatch(type, kind, before, patch);
  if (isRefused(next)) return next;
  const no = checkShape(type, next) ?? checkIdentity(type, stored, next, 'patch');
  if (no !== undefined) return no;
  if (type.statusSubresource) copyField(before, next, 'status');
  return update(world, type, stored, next);
};
