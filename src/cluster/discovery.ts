import { Fault, isFault, messageOf } from '../faults.js';
import { type Discovery, type ResourceType } from './port.js';
import { readFault } from './status-refusal.js';
import { type Transport } from './transport.js';

/** Newest first; a server that knows none of the aggregated forms answers with the last. */
const ACCEPT = [
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
  'application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList',
  'application/json',
].join(',');

/** How many group versions are asked for at once where the server does not aggregate. */
const LEGACY_AT_ONCE = 8;
/** A dead API among them answers 503 for ever; the others are not to wait the full minute for it. */
const LEGACY_BUDGET_MS = 5_000;

/** A group's versions, the preferred one first; `resources` is absent where the version cannot be discovered now. */
interface Group {
  readonly name: string;
  readonly versions: readonly {
    readonly version: string;
    readonly found: readonly ResourceType[] | Failure;
  }[];
}

interface Failure {
  readonly message: string;
}

/**
 * Every resource, in its preferred version and in all, the core group first. The rules are those of client-go's
 * `ServerPreferredResources`: the group's preferred version wins; what only another version has is taken from the first one
 * that has it; a group version that fails is named and does not stop the rest.
 *
 * Faults: as for any read, when `/api` or `/apis` itself cannot be read.
 */
export const discoverResources = async (transport: Transport, signal: AbortSignal): Promise<Discovery> => {
  const [core, named] = await Promise.all([
    readRoot(transport, '/api', signal),
    readRoot(transport, '/apis', signal),
  ]);
  const groups = [...core, ...named];
  return {
    resources: groups.flatMap(preferred),
    allVersions: groups.flatMap(everyVersion),
    failures: groups.flatMap((group) =>
      group.versions.flatMap(({ version, found }) =>
        'message' in found
          ? [{ groupVersion: groupVersion(group.name, version), message: found.message }]
          : [],
      ),
    ),
  };
};

const everyVersion = (group: Group): readonly ResourceType[] =>
  group.versions.flatMap(({ found }) => ('message' in found ? [] : found));

const preferred = (group: Group): readonly ResourceType[] => {
  const byName = new Map<string, ResourceType>();
  // The preferred version is first, so the first to name a resource is the right one.
  for (const type of everyVersion(group)) if (!byName.has(type.resource)) byName.set(type.resource, type);
  return [...byName.values()];
};

const groupVersion = (group: string, version: string): string =>
  group === '' ? version : `${group}/${version}`;

const readRoot = async (
  transport: Transport,
  path: string,
  signal: AbortSignal,
): Promise<readonly Group[]> => {
  const root = await readJson(transport, path, signal);
  if (root.kind === 'APIGroupDiscoveryList') return records(root.items).map(aggregatedGroup);
  return legacyGroups(transport, legacyRoot(root), signal);
};

// --- aggregated -------------------------------------------------------------------------------------------------------

const aggregatedGroup = (item: Json): Group => {
  const name = text(record(item.metadata).name);
  const versions = records(item.versions).map((entry) => {
    const version = text(entry.version);
    // A dead aggregated API is still listed, with what it served last or nothing at all.
    if (entry.freshness === 'Stale')
      return { version, found: { message: 'the server of this API does not answer' } };
    return {
      version,
      found: records(entry.resources).flatMap((resource) => aggregatedType(name, version, resource)),
    };
  });
  return { name, versions };
};

const aggregatedType = (group: string, version: string, resource: Json): readonly ResourceType[] => {
  const kind = text(record(resource.responseKind).kind);
  // Without a kind it is only there to carry its sub-resources.
  if (kind === '') return [];
  return [
    {
      group,
      version,
      resource: text(resource.resource),
      kind,
      singular: text(resource.singularResource),
      shortNames: texts(resource.shortNames),
      namespaced: resource.scope === 'Namespaced',
      verbs: texts(resource.verbs),
    },
  ];
};

// --- one group version at a time --------------------------------------------------------------------------------------

interface LegacyGroup {
  readonly name: string;
  readonly versions: readonly string[];
}

const legacyRoot = (root: Json): readonly LegacyGroup[] => {
  if (root.kind === 'APIVersions') return [{ name: '', versions: texts(root.versions) }];
  if (root.kind !== 'APIGroupList')
    throw new Fault('LB_CLUSTER_PROTOCOL', 'the answer is no discovery document');
  return records(root.groups).map((group) => {
    const first = text(record(group.preferredVersion).version);
    const all = records(group.versions).map((entry) => text(entry.version));
    return { name: text(group.name), versions: [first, ...all.filter((version) => version !== first)] };
  });
};

const legacyGroups = async (
  transport: Transport,
  groups: readonly LegacyGroup[],
  signal: AbortSignal,
): Promise<readonly Group[]> => {
  const wanted = groups.flatMap(({ name, versions }) => versions.map((version) => ({ name, version })));
  const found = new Map<string, readonly ResourceType[] | Failure>();
  const queue = wanted.values();
  const work = async (): Promise<void> => {
    for (const { name, version } of queue) {
      found.set(groupVersion(name, version), await legacyVersion(transport, name, version, signal));
    }
  };
  await Promise.all(Array.from({ length: LEGACY_AT_ONCE }, work));
  return groups.map(({ name, versions }) => ({
    name,
    versions: versions.map((version) => ({ version, found: found.get(groupVersion(name, version)) ?? [] })),
  }));
};

const legacyVersion = async (
  transport: Transport,
  group: string,
  version: string,
  signal: AbortSignal,
): Promise<readonly ResourceType[] | Failure> => {
  const path = `${group === '' ? '/api' : `/apis/${encodeURIComponent(group)}`}/${encodeURIComponent(version)}`;
  try {
    const resources = records((await readJson(transport, path, signal, LEGACY_BUDGET_MS)).resources);
    return resources
      .filter((resource) => !text(resource.name).includes('/'))
      .map((resource) => ({
        group,
        version,
        resource: text(resource.name),
        kind: text(resource.kind),
        singular: text(resource.singularName),
        shortNames: texts(resource.shortNames),
        namespaced: resource.namespaced === true,
        verbs: texts(resource.verbs),
      }));
  } catch (error) {
    if (isFault(error, 'LB_ABORTED')) throw error;
    return { message: messageOf(error) };
  }
};

// --- JSON -------------------------------------------------------------------------------------------------------------

type Json = Readonly<Record<string, unknown>>;

const record = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
const records = (value: unknown): readonly Json[] => (Array.isArray(value) ? value.map(record) : []);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const texts = (value: unknown): readonly string[] => (Array.isArray(value) ? value.map(text) : []);

const readJson = async (
  transport: Transport,
  path: string,
  signal: AbortSignal,
  budgetMs?: number,
): Promise<Json> => {
  const answer = await transport.request({
    method: 'GET',
    path,
    accept: ACCEPT,
    signal,
    ...(budgetMs === undefined ? {} : { budgetMs }),
  });
  if (answer.status !== 200) throw readFault(answer, 'get', path);
  try {
    return record(JSON.parse(answer.body.toString('utf8')));
  } catch (error) {
    throw new Fault('LB_CLUSTER_PROTOCOL', `${path} is no JSON`, { cause: error });
  }
};
