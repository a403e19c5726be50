import { type ResourceType } from './port.js';
import { type JsonObject } from './memory-json.js';
import { customTypes, type CustomType } from './memory-custom.js';
import { builtInTypes, placeOf, servedType, type ServedType } from './memory-types.js';

/** Which kinds are served right now. */
export interface TypeRegistry {
  /** The type as served, if the group, the resource and the version are. */
  find(type: Pick<ResourceType, 'group' | 'version' | 'resource'>): ServedType | CustomType | undefined;
  /** Preferred versions, built-in kinds first. */
  preferred(): readonly ServedType[];
  /** Every version of every kind in the same order, the preferred one of a kind first. */
  all(): readonly ServedType[];
  /** Takes in what a definition serves, in place of what the same definition served before. */
  define(name: string, definition: JsonObject): void;
  /** The place of the objects of a definition's kind. */
  placeDefinedBy(name: string): string | undefined;
  forget(name: string): void;
}

/** The fields of the port's type only: what discovery tells and no more. */
export const plainType = (type: ServedType): ResourceType => ({
  group: type.group,
  version: type.version,
  resource: type.resource,
  kind: type.kind,
  singular: type.singular,
  shortNames: type.shortNames,
  namespaced: type.namespaced,
  verbs: type.verbs,
});

export const createTypeRegistry = (extra: readonly ResourceType[]): TypeRegistry => {
  const fixed = new Map([...builtInTypes, ...extra.map(servedType)].map((type) => [placeOf(type), [type]]));
  const defined = new Map<string, readonly CustomType[]>();
  const kinds = (): readonly (readonly ServedType[])[] => [...fixed.values(), ...defined.values()];
  const versionsOf = (place: string): readonly ServedType[] =>
    fixed.get(place) ?? [...defined.values()].find((types) => types[0] && placeOf(types[0]) === place) ?? [];
  return {
    find: (type) => versionsOf(placeOf(type)).find((served) => served.version === type.version),
    preferred: () => kinds().flatMap((types) => types.slice(0, 1)),
    all: () => kinds().flat(),
    define: (name, definition) => void defined.set(name, customTypes(definition)),
    placeDefinedBy: (name) => {
      const [first] = defined.get(name) ?? [];
      return first && placeOf(first);
    },
    forget: (name) => void defined.delete(name),
  };
};

export const isCustom = (type: ServedType | CustomType): type is CustomType => 'schema' in type;
