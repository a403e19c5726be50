import { apiVersionOf, type Refused } from './port.js';
import { badRequest, invalid } from './memory-refusals.js';
import { at, isObject, json, objectAt, textAt, type Json, type JsonObject } from './memory-json.js';
import { placeOf, type ServedType } from './memory-types.js';

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;
const label = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const serviceLabel = /^[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
/** Kinds whose names need only fit into a path of a URL: `system:node` is a role. */
const pathSegment = /^(?!\.{1,2}$)[^/%]+$/;

const namePattern = (type: ServedType): RegExp => {
  if (type.group === 'rbac.authorization.k8s.io' || type.resource === 'ipaddresses') return pathSegment;
  if (placeOf(type) === '/namespaces') return label;
  return placeOf(type) === '/services' ? serviceLabel : subdomain;
};

/** `ConfigMap`, `Gizmo.lab.example`: how a refusal for a field writes a kind. */
export const fieldKind = (type: ServedType): string =>
  type.group === '' ? type.kind : `${type.kind}.${type.group}`;

/** Refuses a name the API would not take. */
export const checkName = (type: ServedType, name: string | undefined): Refused | undefined => {
  if (name === undefined) {
    return invalid(
      fieldKind(type),
      '',
      'metadata.name',
      'name or generateName is required',
      'FieldValueRequired',
    );
  }
  if (name.length <= 253 && namePattern(type).test(name)) return undefined;
  return invalid(
    fieldKind(type),
    name,
    'metadata.name',
    `"${name}" is not a lower-case name as RFC 1123 has it`,
  );
};

const isTextMap = (value: Json | undefined): boolean =>
  value === undefined ||
  value === null ||
  (isObject(value) && [...value.values()].every((one) => typeof one === 'string'));

/** Fields that hold text only, whatever the kind and in the kinds that everybody writes. */
const textFields = (type: ServedType): readonly (readonly string[])[] => {
  const metadata = [
    ['metadata', 'labels'],
    ['metadata', 'annotations'],
  ];
  switch (placeOf(type)) {
    case '/configmaps':
      return [...metadata, ['data'], ['binaryData']];
    case '/secrets':
      return [...metadata, ['data'], ['stringData']];
    default:
      return metadata;
  }
};

/** Refuses bodies of another kind and values of a wrong sort; the deeper schemas of built-in kinds are not known here. */
export const checkShape = (type: ServedType, document: JsonObject): Refused | undefined => {
  const cannot = (why: string) => badRequest(`the object cannot be handled as a ${type.kind}: ${why}`);
  const kind = textAt(document, 'kind') ?? type.kind;
  if (kind !== type.kind) return cannot(`it is a ${kind}`);
  const version = textAt(document, 'apiVersion') ?? apiVersionOf(type);
  if (version !== apiVersionOf(type)) return cannot(`its apiVersion is ${version}`);
  const wrong = textFields(type).find((path) => !isTextMap(at(document, ...path)));
  return wrong && cannot(`a value in ${type.kind}.${wrong.join('.')} is not a string`);
};

const setDefault = (object: JsonObject, key: string, value: Json): void => {
  if (!object.has(key)) object.set(key, value);
};

const specOf = (document: JsonObject): JsonObject => {
  const spec = objectAt(document, 'spec') ?? new Map<string, Json>();
  document.set('spec', spec);
  return spec;
};

const encodeStringData = (document: JsonObject): void => {
  const texts = objectAt(document, 'stringData');
  document.delete('stringData');
  setDefault(document, 'type', 'Opaque');
  if (texts === undefined) return;
  const data = new Map(objectAt(document, 'data') ?? []);
  for (const [key, value] of texts) {
    if (typeof value === 'string') data.set(key, Buffer.from(value, 'utf8').toString('base64'));
  }
  document.set('data', data);
};

/** The phase an API server gives a new object before any controller has seen it. */
const firstPhase: Readonly<Record<string, string>> = {
  '/namespaces': 'Active',
  '/pods': 'Pending',
  '/persistentvolumes': 'Pending',
  '/persistentvolumeclaims': 'Pending',
};

/** What a real API server fills in by itself and a restore would notice the lack of. */
export const fillIn = (type: ServedType, document: JsonObject, name: string): void => {
  const phase = firstPhase[placeOf(type)];
  if (phase !== undefined) document.set('status', json({ phase }));
  if (placeOf(type) === '/secrets') encodeStringData(document);
  if (placeOf(type) !== '/namespaces') return;
  const metadata = objectAt(document, 'metadata');
  const labels = new Map(objectAt(metadata, 'labels') ?? []);
  metadata?.set('labels', labels.set('kubernetes.io/metadata.name', name));
  specOf(document).set('finalizers', ['kubernetes']);
};

/** The addresses of Services: each is given out once, from 10.96.0.1 on. */
export interface ServiceAddresses {
  /** Puts an address in, keeps the one it had before, or refuses one that is taken. */
  assign(document: JsonObject, name: string, before: JsonObject | undefined): Refused | undefined;
  release(document: JsonObject): void;
}

export const createServiceAddresses = (): ServiceAddresses => {
  const taken = new Set<string>();
  let counter = 0;
  const next = (): string => {
    for (;;) {
      counter += 1;
      const address = `10.${96 + ((counter >> 16) & 15)}.${(counter >> 8) & 255}.${counter & 255}`;
      if (!taken.has(address)) return address;
    }
  };
  const addressOf = (document: JsonObject | undefined) => textAt(document, 'spec', 'clusterIP');
  return {
    assign: (document, name, before) => {
      const spec = specOf(document);
      setDefault(spec, 'type', 'ClusterIP');
      if (textAt(spec, 'type') === 'ExternalName') return undefined;
      const had = addressOf(before);
      const asked = addressOf(document) ?? had;
      if (asked !== undefined && asked !== had) {
        const refuse = (why: string) => invalid('Service', name, 'spec.clusterIPs', `["${asked}"]: ${why}`);
        if (had !== undefined) return refuse('may not change once set');
        if (taken.has(asked))
          return refuse(`failed to allocate IP ${asked}: provided IP is already allocated`);
      }
      const address = asked ?? next();
      if (address !== 'None') taken.add(address);
      spec.set('clusterIP', address);
      spec.set('clusterIPs', [address]);
      return undefined;
    },
    release: (document) => void taken.delete(addressOf(document) ?? ''),
  };
};
