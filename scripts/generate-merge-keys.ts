/**
 * Writes src/domain/resource-modifiers/merge-keys.gen.ts from what a kube-apiserver tells of its types (OpenAPI v3, the extensions
 * x-kubernetes-patch-strategy and x-kubernetes-patch-merge-key). Run by hand when Kubernetes has new types; KUBEBUILDER_ASSETS names
 * the folder with etcd and kube-apiserver.
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';
import { Agent, request } from 'undici';
import { envtestAssets, startApiServer, type ApiServer } from '../test/contract/apiserver.js';

const TARGET = new URL('../src/domain/resource-modifiers/merge-keys.gen.ts', import.meta.url);

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly 'x-kubernetes-patch-strategy'?: string;
  readonly 'x-kubernetes-patch-merge-key'?: string;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}
type Schemas = ReadonlyMap<string, Schema>;

const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';

/** Kinds Velero knows beside those that an API server tells; in all of them only the metadata is merged by key. */
const OTHERS = [
  ...[
    'Backup',
    'BackupRepository',
    'BackupStorageLocation',
    'DeleteBackupRequest',
    'DownloadRequest',
    'PodVolumeBackup',
    'PodVolumeRestore',
    'Restore',
    'Schedule',
    'ServerStatusRequest',
    'VolumeSnapshotLocation',
  ].map((kind) => `velero.io/v1/${kind}`),
  'certificates.k8s.io/v1beta1/ClusterTrustBundle',
  'storagemigration.k8s.io/v1alpha1/StorageVersionMigration',
  ...['DataDownload', 'DataUpload'].map((kind) => `velero.io/v2alpha1/${kind}`),
  ...['', 'Class', 'Content'].flatMap((part) => [
    `snapshot.storage.k8s.io/v1/VolumeSnapshot${part}`,
    `groupsnapshot.storage.k8s.io/v1beta2/VolumeGroupSnapshot${part}`,
  ]),
];

/** Kinds that were in another group once. Former versions of the same group need no telling: `merge-keys.ts` finds them. */
const FORMER: Readonly<Record<string, string>> = {
  'extensions/v1beta1/DaemonSet': 'apps/v1/DaemonSet',
  'extensions/v1beta1/Deployment': 'apps/v1/Deployment',
  'extensions/v1beta1/Ingress': 'networking.k8s.io/v1/Ingress',
  'extensions/v1beta1/NetworkPolicy': 'networking.k8s.io/v1/NetworkPolicy',
  'extensions/v1beta1/ReplicaSet': 'apps/v1/ReplicaSet',
};

const fetchSchemas = async ({ url, adminToken }: ApiServer): Promise<Schemas> => {
  const dispatcher = new Agent({ connect: { rejectUnauthorized: false } });
  const get = async (path: string): Promise<unknown> => {
    const answer = await request(url + path, {
      dispatcher,
      headers: { authorization: `Bearer ${adminToken}` },
      headersTimeout: 30_000,
      bodyTimeout: 30_000,
    });
    return answer.body.json();
  };
  const all = new Map<string, Schema>();
  try {
    const index = (await get('/openapi/v3')) as {
      readonly paths: Record<string, { readonly serverRelativeURL: string }>;
    };
    for (const { serverRelativeURL } of Object.values(index.paths)) {
      const part = (await get(serverRelativeURL)) as {
        readonly components?: { readonly schemas?: Record<string, Schema> };
      };
      for (const [name, schema] of Object.entries(part.components?.schemas ?? {})) all.set(name, schema);
    }
  } finally {
    await dispatcher.close();
  }
  return all;
};

const refOf = (schema: Schema): string | undefined =>
  (schema.$ref ?? schema.allOf?.[0]?.$ref ?? (schema.items && refOf(schema.items)))?.split('/').at(-1);

const strategyOf = (schema: Schema): string =>
  (schema['x-kubernetes-patch-strategy'] ?? '')
    .split(',')
    .filter((strategy) => strategy !== 'retainKeys')
    .join();

/** Types with a strategy of their own, or that hold such a type. */
const merging = (schemas: Schemas): ReadonlySet<string> => {
  const found = new Set<string>();
  let before = -1;
  while (found.size !== before) {
    before = found.size;
    for (const [name, { properties = {} }] of schemas) {
      const leads = Object.values(properties).some(
        (field) => strategyOf(field) !== '' || found.has(refOf(field) ?? ''),
      );
      if (leads) found.add(name);
    }
  }
  return found;
};

type Types = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Fields of each type as `type|strategy|key`, with trailing bars left out. */
const describe = (schemas: Schemas): Types => {
  const types = merging(schemas);
  const fieldsOf = (name: string): Record<string, string> =>
    Object.fromEntries(
      Object.entries(schemas.get(name)?.properties ?? {})
        .map(([field, schema]) => {
          const ref = refOf(schema) ?? '';
          const key = schema['x-kubernetes-patch-merge-key'] ?? '';
          const text = [types.has(ref) ? ref : '', strategyOf(schema), key].join('|');
          return [field, text.replace(/\|+$/, '')] as const;
        })
        .filter(([, text]) => text !== ''),
    );
  return Object.fromEntries([...types].sort().map((name) => [name, fieldsOf(name)]));
};

/** The types under other names; of those that come to the same name one stays. */
const rename = (types: Types, names: ReadonlyMap<string, string>): Types => {
  const nameOf = (type: string): string => names.get(type) ?? type;
  const renameField = (text: string): string => {
    const [type = '', ...rest] = text.split('|');
    return [nameOf(type), ...rest].join('|');
  };
  return Object.fromEntries(
    Object.entries(types).map(([name, fields]) => [
      nameOf(name),
      Object.fromEntries(Object.entries(fields).map(([field, text]) => [field, renameField(text)])),
    ]),
  );
};

/** Which type stands for each, when types with the same fields are one: many kinds have nothing but metadata. */
const unite = (types: Types): ReadonlyMap<string, string> => {
  let names = new Map(Object.keys(types).map((name) => [name, name]));
  for (;;) {
    const first = new Map<string, string>();
    for (const [name, fields] of Object.entries(rename(types, names))) {
      const content = JSON.stringify(fields);
      if (!first.has(content)) first.set(content, name);
    }
    const current = rename(types, names);
    const next = new Map(
      [...names].map(([name, stands]) => [name, first.get(JSON.stringify(current[stands])) ?? stands]),
    );
    if ([...next].every(([name, stands]) => names.get(name) === stands)) return next;
    names = next;
  }
};

/** Kinds, as group/version/kind, with the type that describes each. */
const rootsOf = (schemas: Schemas): readonly (readonly [string, string])[] =>
  [...schemas].flatMap(([name, schema]) =>
    refOf(schema.properties?.['metadata'] ?? {}) === META
      ? (schema['x-kubernetes-group-version-kind'] ?? []).map(
          ({ group, version, kind }) =>
            [[group, version, kind].filter((part) => part !== '').join('/'), name] as const,
        )
      : [],
  );

/** Types to which a way leads from a kind; the lists of a kind are left out by this. */
const reachable = (types: Types, from: Iterable<string>): ReadonlySet<string> => {
  const found = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (found.has(name) || name === '') continue;
    found.add(name);
    open.push(...Object.values(types[name] ?? {}).map((text) => text.split('|')[0] ?? ''));
  }
  return found;
};

const METADATA_ONLY = 'MetadataOnly';

/** `PodSpec` for `io.k8s.api.core.v1.PodSpec` where no other type is called so. */
const shortNames = (types: ReadonlySet<string>, metadataOnly: string): ReadonlyMap<string, string> => {
  const names = new Map<string, string>();
  for (const type of types) {
    const short = type.split('.').at(-1) ?? type;
    const taken = [...names.values()].includes(short);
    names.set(type, type === metadataOnly ? METADATA_ONLY : taken ? type : short);
  }
  return names;
};

const print = async (schemas: Schemas): Promise<string> => {
  const described = describe(schemas);
  const united = unite(described);
  const roots = rootsOf(schemas).map(([kind, type]) => [kind, united.get(type) ?? type] as const);
  const types = rename(described, united);
  const metadataOnly = Object.keys(types).find(
    (name) => Object.keys(types[name] ?? {}).join() === 'metadata',
  );
  if (metadataOnly === undefined) throw new Error('no kind has nothing but metadata: the names have changed');
  const used = reachable(
    types,
    roots.map(([, type]) => type),
  );
  const names = shortNames(used, metadataOnly);
  const kinds = new Map(roots.map(([kind, type]) => [kind, names.get(type) ?? type]));
  for (const kind of OTHERS) kinds.set(kind, METADATA_ONLY);
  for (const [kind, like] of Object.entries(FORMER)) kinds.set(kind, kinds.get(like) ?? METADATA_ONLY);
  const byType = [...new Set(kinds.values())]
    .sort()
    .map((type) => [type, [...kinds.keys()].filter((kind) => kinds.get(kind) === type).sort()] as const);
  const fields = rename(Object.fromEntries(Object.entries(types).filter(([name]) => used.has(name))), names);
  const text = `/* Written by scripts/generate-merge-keys.ts. Do not edit. */

/** Kinds by the type that tells their fields. */
export const ROOTS: Readonly<Record<string, readonly string[]>> = ${JSON.stringify(Object.fromEntries(byType))};

/** Fields by type, as \`type of what it holds|strategy|merge key\`; only those that lead to a strategy. */
export const FIELDS: Readonly<Record<string, Readonly<Record<string, string>>>> = ${JSON.stringify(fields)};
`;
  const options = await resolveConfig(fileURLToPath(TARGET));
  return format(text, { ...options, parser: 'typescript' });
};

const assets = envtestAssets();
if (assets === undefined)
  throw new Error('KUBEBUILDER_ASSETS must name a folder with etcd and kube-apiserver');
const server = await startApiServer(assets, ['--runtime-config=api/all=true']);
try {
  await writeFile(TARGET, await print(await fetchSchemas(server)));
} finally {
  await server.stop();
}
