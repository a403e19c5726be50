/**
 * Writes src/domain/velero.gen.ts from crds/*.yaml, so that the shape of a custom resource is said in one place.
 * `--check` writes nothing and exits with 1 when the committed file is not what the CRDs say.
 */
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const CRDS = new URL('../crds/', import.meta.url);
const TARGET = new URL('../src/domain/velero.gen.ts', import.meta.url);

/** The part of an OpenAPI v3 structural schema that controller-gen uses for these kinds. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly enum?: readonly string[];
  readonly nullable?: boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

interface Crd {
  readonly spec: {
    readonly group: string;
    readonly names: {
      readonly kind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames?: readonly string[];
    };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

/** A whole schema that is repeated below another: the copy takes the types of the original. */
const COPIES: Readonly<Record<string, string>> = { 'Schedule.spec.template': 'Backup.spec' };

/** Types that several kinds share, with what they mean wherever they stand. */
const SHARED: Readonly<Record<string, string>> = {
  LabelSelector:
    'Selects objects by their labels; all its conditions must hold. An empty selector matches everything.',
  LabelSelectorRequirement: 'One condition on a label.',
  SecretKeySelector: 'One key of a Secret in the namespace of the object that names it.',
  TypedLocalObjectReference: 'An object in the namespace of the object that names it.',
  ObjectReference: 'An object anywhere in the cluster.',
  DataMovementProgress: 'How far the copying of one volume is, in bytes.',
  HookStatus: 'How many hooks ran and how many of them failed.',
};

/** Names for nested schemas, by the end of their path; the first match counts. Without one, the path is the name. */
const NAMES: readonly (readonly [RegExp, string])[] = [
  [/\.(labelSelector|orLabelSelectors\[\])$/, 'LabelSelector'],
  [/\.matchExpressions\[\]$/, 'LabelSelectorRequirement'],
  [/\.(credential|caCertRef)$/, 'SecretKeySelector'],
  [/\.(resourcePolicy|resourceModifier)$/, 'TypedLocalObjectReference'],
  [/\.spec\.pod$/, 'ObjectReference'],
  [/\.hookStatus$/, 'HookStatus'],
  [/^(PodVolume|Data)\w+\.status\.progress$/, 'DataMovementProgress'],
  [/^Backup\.spec\.metadata$/, 'BackupMetadata'],
  [/^Backup\.spec\.hooks\.resources\[\]\.(pre|post)\[\]\.exec$/, 'BackupExecHook'],
  [/^Backup\.spec\.hooks\.resources\[\]\.(pre|post)\[\]$/, 'BackupResourceHook'],
  [/^Backup\.spec\.hooks\.resources\[\]$/, 'BackupResourceHookSpec'],
  [/^Restore\.spec\.hooks\.resources\[\]\.postHooks\[\]\.exec$/, 'RestoreExecHook'],
  [/^Restore\.spec\.hooks\.resources\[\]\.postHooks\[\]\.init$/, 'RestoreInitHook'],
  [/^Restore\.spec\.hooks\.resources\[\]\.postHooks\[\]$/, 'RestoreResourceHook'],
  [/^Restore\.spec\.hooks\.resources\[\]$/, 'RestoreResourceHookSpec'],
  [/^Restore\.spec\.restoreStatus$/, 'RestoreStatusSelection'],
  [/\.objectStorage$/, 'ObjectStorageLocation'],
  [/^DownloadRequest\.spec\.target$/, 'DownloadTarget'],
  [/^DownloadRequest\.spec\.target\.kind$/, 'DownloadTargetKind'],
  [/\.plugins\[\]$/, 'PluginInfo'],
  [/\.recentMaintenance\[\]$/, 'RepositoryMaintenance'],
  [/\.recentMaintenance\[\]\.result$/, 'RepositoryMaintenanceResult'],
  [/\.onError$/, 'HookErrorMode'],
  [/\.uploaderType$/, 'UploaderType'],
  [/\.repositoryType$/, 'RepositoryType'],
  [/\.nodeOS$/, 'NodeOS'],
];

const upperFirst = (word: string): string => word.charAt(0).toUpperCase() + word.slice(1);
const quote = (text: string): string => `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
const list = (texts: readonly string[]): string => `[${texts.map(quote).join(', ')}]`;
const key = (name: string): string => (/^[A-Za-z_]\w*$/.test(name) ? name : quote(name));
const doc = (text: string | undefined, indent = ''): string =>
  text === undefined
    ? ''
    : `${indent}/** ${text.replaceAll('*/', '*\\/').replaceAll(/\s+/g, ' ').trim()} */\n`;

/** `Backup.status.phase` -> `BackupPhase`, `Backup.spec` -> `BackupSpec`. */
const nameOf = (path: string): string => {
  const known = NAMES.find(([pattern]) => pattern.test(path));
  if (known) return known[1];
  const [kind = '', part, ...rest] = path.replaceAll('[]', '').split('.');
  return kind + (rest.length > 0 ? rest : [part ?? '']).map(upperFirst).join('');
};

/** `BackupPhase` -> `BACKUP_PHASES`; `NodeOS` -> `NODE_OSES`. */
const constantOf = (name: string): string => {
  const words = name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase();
  return words.endsWith('S') ? `${words}ES` : `${words}S`;
};

/** Declarations by name, in the order in which they were first met. */
type Declarations = Map<string, { head: string; body: string }>;

const declare = (into: Declarations, name: string, head: string, body: () => string): string => {
  const before = into.get(name);
  const entry = before ?? { head, body: '' };
  if (!before) into.set(name, entry);
  const text = body();
  if (before && before.body !== text) throw new Error(`Two different schemas want the name ${name}.`);
  entry.body = text;
  return name;
};

const propertiesOf = (into: Declarations, schema: Schema, path: string): string =>
  Object.entries(schema.properties ?? {})
    .map(([name, property]) => {
      const optional = schema.required?.includes(name) ? '' : '?';
      const type = typeOf(into, property, `${path}.${name}`);
      return `${doc(property.description, '  ')}  readonly ${key(name)}${optional}: ${type};\n`;
    })
    .join('');

const objectOf = (into: Declarations, schema: Schema, path: string): string => {
  if (schema.additionalProperties)
    return `Readonly<Record<string, ${typeOf(into, schema.additionalProperties, `${path}{}`)}>>`;
  if (schema['x-kubernetes-preserve-unknown-fields']) return 'Readonly<Record<string, unknown>>';
  const name = nameOf(path);
  const head = doc(SHARED[name] ?? schema.description);
  if (!schema.properties)
    return declare(into, name, head, () => `export type ${name} = Readonly<Record<string, never>>;\n`);
  return declare(
    into,
    name,
    head,
    () => `export interface ${name} {\n${propertiesOf(into, schema, path)}}\n`,
  );
};

const enumOf = (into: Declarations, values: readonly string[], path: string): string => {
  const name = nameOf(path);
  const constant = constantOf(name);
  const body = `export const ${constant} = ${list(values)} as const;\nexport type ${name} = (typeof ${constant})[number];\n`;
  return declare(into, name, '', () => body);
};

const plainTypeOf = (into: Declarations, schema: Schema, path: string): string => {
  if (schema.enum) return enumOf(into, schema.enum, path);
  switch (schema.type) {
    case 'string':
    case 'boolean':
      return schema.type;
    case 'integer':
    case 'number':
      return 'number';
    case 'array': {
      if (!schema.items) throw new Error(`The list ${path} does not say what it holds.`);
      const item = typeOf(into, schema.items, `${path}[]`);
      return `readonly ${item.includes(' | ') ? `(${item})` : item}[]`;
    }
    case 'object':
      return objectOf(into, schema, path);
    case undefined:
    default:
      throw new Error(`${path} has the type ${String(schema.type)}, which this generator does not know.`);
  }
};

const typeOf = (into: Declarations, schema: Schema, path: string): string =>
  plainTypeOf(into, schema, COPIES[path] ?? path) + (schema.nullable ? ' | null' : '');

const kindOf = (into: Declarations, crd: Crd): string => {
  const { group, names, versions } = crd.spec;
  const [version, ...others] = versions;
  if (!version || others.length > 0) throw new Error(`${names.kind} must have exactly one version.`);
  const { properties = {}, description } = version.schema.openAPIV3Schema;
  const { spec = {}, status = {} } = properties;
  declare(into, names.kind, doc(description), () =>
    [
      `export interface ${names.kind} {\n`,
      `  readonly apiVersion: ${quote(`${group}/${version.name}`)};\n`,
      `  readonly kind: ${quote(names.kind)};\n`,
      `  readonly metadata: ObjectMeta;\n`,
      `  readonly spec?: ${typeOf(into, spec, `${names.kind}.spec`)};\n`,
      `  readonly status?: ${typeOf(into, status, `${names.kind}.status`)};\n`,
      '}\n',
    ].join(''),
  );
  const type = [
    `group: ${quote(group)}, version: ${quote(version.name)}, resource: ${quote(names.plural)}, kind: ${quote(names.kind)}`,
    `singular: ${quote(names.singular)}, shortNames: ${list(names.shortNames ?? [])}, namespaced: true, verbs: VERBS`,
  ];
  return `  ${names.kind}: {\n    ${type.join(',\n    ')},\n  },\n`;
};

const HEADER = `// Made by scripts/generate-types.ts from crds/*.yaml. Do not edit: change the CRD and run \`npm run generate\`.
`;

const METADATA = `/** What every Kubernetes object carries. The API server fills in what is missing here. */
export interface ObjectMeta {
  /** Unique among the objects of its kind in its namespace. */
  readonly name: string;
  readonly namespace?: string;
  /** Tells an object from an earlier one of the same name. */
  readonly uid?: string;
  /** Opaque; changes with every write. In a write it makes the write conditional. */
  readonly resourceVersion?: string;
  /** Counts changes of anything but metadata; for these kinds that includes the status. */
  readonly generation?: number;
  /** RFC 3339, UTC. */
  readonly creationTimestamp?: string;
  /** Set once somebody asked for the deletion; the object stays until it has no finalizers. RFC 3339, UTC. */
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  readonly finalizers?: readonly string[];
}

/** An object on which this one depends: when all owners are gone, this one is collected. */
export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  /** The one owner that manages this object. */
  readonly controller?: boolean;
  readonly blockOwnerDeletion?: boolean;
}
`;

/** The text of velero.gen.ts for these CRDs, in the order given. */
export const generateTypes = (crds: readonly Crd[]): string => {
  const into: Declarations = new Map();
  const rows = crds.map((crd) => kindOf(into, crd)).join('');
  const declarations = [...into.values()].map(({ head, body }) => head + body);
  const kinds = crds.map((crd) => crd.spec.names.kind);
  return [
    HEADER,
    METADATA,
    ...declarations,
    `const VERBS = ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'] as const;\n`,
    `/** Every kind of Velero's API by its name, in the shape in which discovery describes a kind. */\nexport const VELERO_TYPES = {\n${rows}} as const;\n`,
    `export type VeleroKind = keyof typeof VELERO_TYPES;\n`,
    `/** The type of the objects of each kind. */\nexport interface VeleroObjects {\n${kinds.map((kind) => `  readonly ${kind}: ${kind};\n`).join('')}}\n`,
  ].join('\n');
};

/** The committed CRDs by file name, which is also the order of the types. */
const readCommittedCrds = async (): Promise<readonly Crd[]> => {
  const names = (await readdir(CRDS)).filter((name) => name.endsWith('.yaml')).sort();
  return Promise.all(names.map(async (name) => parse(await readFile(new URL(name, CRDS), 'utf8')) as Crd));
};

/** What the CRDs say and what is committed; the two differ when somebody changed one without the other. */
export const compareTypes = async (): Promise<{ readonly expected: string; readonly committed: string }> => ({
  expected: generateTypes(await readCommittedCrds()),
  committed: await readFile(TARGET, 'utf8').catch(() => ''),
});

const main = async (check: boolean): Promise<number> => {
  const { expected, committed } = await compareTypes();
  if (expected === committed) return 0;
  if (check) {
    process.stderr.write('src/domain/velero.gen.ts is not what crds/ says: run `npm run generate`.\n');
    return 1;
  }
  await writeFile(TARGET, expected);
  return 0;
};

if (process.argv[1] === fileURLToPath(import.meta.url))
  process.exitCode = await main(process.argv.includes('--check'));
