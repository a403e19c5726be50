import { plainVersion, type ItemPlace } from './item-path.js';
import type { IndexedItem, ScannedResource } from './scanned-archive.js';

interface Scope {
  readonly namespace?: string;
  readonly items: Map<string, IndexedItem>;
}

/** By namespace, '' for cluster scope. */
type Scopes = Map<string, Scope>;

interface Gathered {
  readonly groupResource: string;
  readonly versions: Set<string>;
  preferredVersion?: string;
  /** By version, '' for the copy without one. */
  readonly byVersion: Map<string, Scopes>;
}

const inOrder = (scopes: Scopes): readonly IndexedItem[] =>
  [...scopes.values()].flatMap((scope) => [...scope.items.values()]).sort((a, b) => a.offset - b.offset);

/** A string of its own memory: what `slice` returns would keep the whole path alive. */
const own = (text: string): string => Buffer.from(text).toString();

const found = <V>(map: Map<string, V>, key: string, make: (key: string) => V): V => {
  const present = map.get(key);
  if (present !== undefined) return present;
  const kept = own(key);
  const fresh = make(kept);
  map.set(kept, fresh);
  return fresh;
};

/** Collects the items of an archive as they come by. Items share the strings of their resource and namespace. */
export const createArchiveIndex = () => {
  const gathered = new Map<string, Gathered>();
  const of = (name: string): Gathered =>
    found(gathered, name, (groupResource) => ({ groupResource, versions: new Set(), byVersion: new Map() }));

  return {
    /** There is a copy under this version. */
    version(groupResource: string, version: string): void {
      const resource = of(groupResource);
      const plain = own(plainVersion(version));
      if (plain !== version) resource.preferredVersion = plain;
      resource.versions.add(plain);
    },
    /** An item that comes again replaces the former one, as unpacking over it would. */
    item(place: ItemPlace, offset: number, length: number): void {
      const { groupResource, byVersion } = of(place.groupResource);
      const scopes = found(byVersion, place.version ?? '', (): Scopes => new Map());
      const { namespace, items } = found(scopes, place.namespace ?? '', (key) => ({
        ...(place.namespace === undefined ? {} : { namespace: key }),
        items: new Map<string, IndexedItem>(),
      }));
      const name = own(place.name);
      items.set(
        name,
        namespace === undefined
          ? { groupResource, name, offset, length }
          : { groupResource, namespace, name, offset, length },
      );
    },
    /** The finished index. The collector is empty afterwards. */
    finish(): ReadonlyMap<string, ScannedResource> {
      const resources = new Map<string, ScannedResource>();
      for (const [key, { versions, preferredVersion, byVersion }] of gathered) {
        const byPlace = new Map([...byVersion].map(([version, scopes]) => [version, inOrder(scopes)]));
        const items = byPlace.get('') ?? [];
        byPlace.delete('');
        const preferred = preferredVersion === undefined ? {} : { preferredVersion };
        resources.set(key, { versions: [...versions], ...preferred, items, otherVersions: byPlace });
      }
      gathered.clear();
      return resources;
    },
  };
};
