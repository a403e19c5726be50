import { annotationsOf } from '../item.js';
import {
  at,
  isObject,
  listAt,
  mapList,
  numberOf,
  objectAt,
  put,
  textAt,
  without,
  type JsonObject,
} from '../json.js';
import { forKinds, type PureRestoreItemAction } from './action.js';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';

/** What the user applied: the document, nothing if there is none, or `broken`. */
const lastApplied = (service: JsonObject): JsonObject | undefined | 'broken' => {
  const text = annotationsOf(service)[LAST_APPLIED];
  if (text === undefined) return undefined;
  try {
    const document: unknown = JSON.parse(text);
    if (document === null) return {}; // to Go an empty document
    return isObject(document) ? document : 'broken';
  } catch {
    return 'broken';
  }
};

const fieldSets = (service: JsonObject): readonly JsonObject[] =>
  listAt(service, 'metadata', 'managedFields').map((entry) => objectAt(entry, 'fieldsV1', 'f:spec'));

/** A port is told by its name, and by its number where it has none: the way kubectl merges them. */
const chosenInDocument = (document: JsonObject, port: JsonObject): boolean =>
  listAt(document, 'spec', 'ports').some((applied) => {
    const wanted = numberOf(at(applied, 'nodePort')) ?? 0;
    if (wanted <= 0) return false;
    const name = textAt(port, 'name');
    return name === ''
      ? textAt(applied, 'name') === '' && wanted === numberOf(at(port, 'nodePort'))
      : textAt(applied, 'name') === name;
  });

/** Somebody set the node port by an API call: only then the API server notes a field owner for it. */
const chosenByOwner = (fields: readonly JsonObject[], port: JsonObject): boolean => {
  const number = String(numberOf(at(port, 'port')) ?? '');
  const key = `k:{"port":${number},"protocol":"${textAt(port, 'protocol') || 'TCP'}"}`;
  return fields.some((set) => at(set, 'f:ports', key, 'f:nodePort') !== undefined);
};

const withoutAllocatedPorts = (service: JsonObject, document: JsonObject | undefined): JsonObject => {
  const fields = fieldSets(service);
  return mapList(service, ['spec', 'ports'], (port) => {
    const chosen = document ? chosenInDocument(document, port) : chosenByOwner(fields, port);
    return chosen ? port : without(port, ['nodePort']);
  });
};

const withoutAllocatedHealthPort = (service: JsonObject, document: JsonObject | undefined): JsonObject => {
  const spec = objectAt(service, 'spec');
  if (textAt(spec, 'type') !== 'LoadBalancer' || textAt(spec, 'externalTrafficPolicy') !== 'Local')
    return service;
  const applied = (numberOf(at(document, 'spec', 'healthCheckNodePort')) ?? 0) > 0;
  const owned = fieldSets(service).some((set) => at(set, 'f:healthCheckNodePort') !== undefined);
  return applied || owned ? service : put(service, ['spec', 'healthCheckNodePort'], undefined);
};

const withoutClusterAddress = (service: JsonObject): JsonObject =>
  textAt(service, 'spec', 'clusterIP') === 'None'
    ? service
    : put(service, ['spec'], without(objectAt(service, 'spec'), ['clusterIP', 'clusterIPs']));

/**
 * `pkg/restore/actions/service_action.go`: addresses and ports the old cluster gave out are given out anew; those
 * somebody chose are kept. spec.preserveNodePorts keeps all ports, never the cluster address.
 */
export const serviceAction: PureRestoreItemAction = {
  name: 'velero.io/service',
  appliesTo: forKinds('services'),
  execute: ({ object, restore }) => {
    const free = withoutClusterAddress(object);
    if (restore.preserveNodePorts === true || textAt(object, 'spec', 'type') === 'ExternalName')
      return { object: free };
    const document = lastApplied(object);
    if (document === 'broken') {
      return {
        error: `the annotation ${LAST_APPLIED} is not a JSON object; correct it with a resource modifier`,
      };
    }
    return { object: withoutAllocatedHealthPort(withoutAllocatedPorts(free, document), document) };
  },
};
