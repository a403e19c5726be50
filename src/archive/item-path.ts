/** Where an item lies in the archive. `version` is absent for the copy that every restore reads. */
export interface ItemPlace {
  readonly groupResource: string;
  /** `v1`, or `v1-preferredversion`. */
  readonly version?: string;
  /** Absent for a cluster-scoped item. */
  readonly namespace?: string;
  readonly name: string;
}

const PREFERRED = '-preferredversion';

/** The directory name of the second copy of a preferred version. */
export const preferredVersion = (version: string): string => `${version}${PREFERRED}`;

/** `v1-preferredversion` → `v1`; any other text as it is. */
export const plainVersion = (version: string): string =>
  version.endsWith(PREFERRED) ? version.slice(0, -PREFERRED.length) : version;

/** Path of an item in the archive (`pkg/archive/filesystem.go`). */
export const printItemPath = (place: ItemPlace): string => {
  const version = place.version === undefined ? '' : `${place.version}/`;
  const scope = place.namespace === undefined ? 'cluster' : `namespaces/${place.namespace}`;
  return `resources/${place.groupResource}/${version}${scope}/${place.name}.json`;
};

/** The way back; `undefined` for a path that is not an item's. Expects a path that `pathDanger` has nothing against. */
export const parseItemPath = (path: string): ItemPlace | undefined => {
  const parts = path.split('/');
  const [root, groupResource, ...rest] = parts;
  if (root !== 'resources' || groupResource === undefined || groupResource === '') return undefined;
  const version = rest[0] === 'cluster' || rest[0] === 'namespaces' ? undefined : rest.shift();
  const scope = rest.shift();
  const namespace = scope === 'namespaces' ? rest.shift() : undefined;
  const [file, ...more] = rest;
  if (scope !== 'cluster' && (scope !== 'namespaces' || namespace === undefined)) return undefined;
  if (more.length > 0 || file === undefined || !file.endsWith('.json') || file === '.json') return undefined;
  return {
    groupResource,
    ...(version === undefined ? {} : { version }),
    ...(namespace === undefined ? {} : { namespace }),
    name: file.slice(0, -'.json'.length),
  };
};

/**
 * Why a path could point outside of the archive; `undefined` if it cannot. A backslash is legal in the name of a Role, so the last
 * segment may hold one, unless a system that reads it as a separator would climb up.
 */
export const pathDanger = (path: string): string | undefined => {
  if (path.includes('\0')) return 'holds a NUL';
  if (path.startsWith('/') || path.startsWith('\\') || /^[A-Za-z]:[\\/]/.test(path)) return 'is absolute';
  if (path.split(/[\\/]/).includes('..')) return 'climbs out with ..';
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return folder.includes('\\') ? 'holds a backslash' : undefined;
};
