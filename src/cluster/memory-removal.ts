import { type Written } from './port.js';
import { documentOf, hasFinalizers, isEnding, metadataOf, refOf, toStored } from './memory-document.js';
import { type ServiceAddresses } from './memory-admission.js';
import { json, objectAt, type JsonObject } from './memory-json.js';
import { type TypeRegistry } from './memory-registry.js';
import { type MemoryStore, type Stored } from './memory-store.js';
import { type ServedType } from './memory-types.js';

/** What every write works on. */
export interface World {
  readonly store: MemoryStore;
  readonly types: TypeRegistry;
  readonly addresses: ServiceAddresses;
  /** What was last applied, by uid of the object and name of the manager. */
  readonly applied: Map<string, JsonObject>;
  /** The present as the API writes it, in whole seconds. */
  readonly time: () => string;
}

const namespacePlace = '/namespaces';
const definitionPlace = 'apiextensions.k8s.io/customresourcedefinitions';

/** What has to go before the object itself can go. */
const contentsOf = (world: World, stored: Stored): readonly Stored[] => {
  if (stored.place === namespacePlace) return world.store.inNamespace(stored.name);
  if (stored.place !== definitionPlace) return [];
  const place = world.types.placeDefinedBy(stored.name);
  return place === undefined ? [] : world.store.all(place);
};

/** Nothing holds it any more: no finalizer, no contents. */
export const isFree = (world: World, stored: Stored, document: JsonObject): boolean =>
  !hasFinalizers(document) && contentsOf(world, stored).length === 0;

/** The type of a stored object, in any version that is served. */
const typeOfPlace = (world: World, place: string): ServedType | undefined =>
  world.types.preferred().find((type) => `${type.group}/${type.resource}` === place);

/** Ends what only waited for its contents to go: the namespace or the definition around a removed object. */
const settle = (world: World, removed: Stored): void => {
  const around = [
    removed.namespace === undefined
      ? undefined
      : world.store.get(namespacePlace, { name: removed.namespace }),
    ...world.store
      .all(definitionPlace)
      .filter((crd) => world.types.placeDefinedBy(crd.name) === removed.place),
  ];
  for (const stored of around) {
    if (stored === undefined) continue;
    const document = documentOf(stored);
    if (isEnding(document) && isFree(world, stored, document)) remove(world, stored, document);
  }
};

/** Takes an object out, with the last state it had. */
export const remove = (world: World, stored: Stored, document: JsonObject): void => {
  const type = typeOfPlace(world, stored.place);
  if (type === undefined) return;
  world.store.remove(toStored(type, document, stored.name, stored.namespace, world.store.nextVersion()));
  if (stored.place === '/services') world.addresses.release(document);
  if (stored.place === definitionPlace) world.types.forget(stored.name);
  settle(world, stored);
};

/** Marks an object as ending and then its contents; it stays until nothing holds it. */
const startEnding = (world: World, type: ServedType, stored: Stored, document: JsonObject): void => {
  const metadata = metadataOf(document);
  metadata.set('deletionTimestamp', world.time());
  metadata.set('deletionGracePeriodSeconds', { number: '0' });
  if (stored.place === namespacePlace) {
    const status = objectAt(document, 'status');
    if (status === undefined) document.set('status', json({ phase: 'Terminating' }));
    else status.set('phase', 'Terminating');
  }
  const marked = toStored(type, document, stored.name, stored.namespace, world.store.nextVersion());
  world.store.put(marked, 'MODIFIED');
  for (const content of contentsOf(world, stored)) {
    const contentType = typeOfPlace(world, content.place);
    if (contentType !== undefined) removeOrMark(world, contentType, content);
  }
};

/** Deletes an object that exists. With finalizers or contents it is only marked, as often as one asks. */
export const removeOrMark = (world: World, type: ServedType, stored: Stored): Written => {
  const document = documentOf(stored);
  if (isFree(world, stored, document)) remove(world, stored, document);
  else if (!isEnding(document)) startEnding(world, type, stored, document);
  return {
    ok: true,
    body: world.store.get(stored.place, refOf(stored.name, stored.namespace))?.bytes ?? stored.bytes,
  };
};
