import type { Cluster } from '../../cluster/port.js';
import { DEFINITIONS } from '../../domain/known-kinds.js';
import { VELERO_TYPES } from '../../domain/velero.gen.js';
import { isFault } from '../../faults.js';
import { readCrds } from '../crds.js';
import { fail, ok, warn, type Finding } from './finding.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly schema?: { readonly openAPIV3Schema?: Schema };
    }[];
  };
}

/** Fields of our schema that theirs would drop, by path. Both are finite: a schema of a definition cannot refer to itself. */
export const droppedFields = (ours: Schema, theirs: Schema | undefined, path = ''): readonly string[] => {
  if (theirs?.['x-kubernetes-preserve-unknown-fields'] === true) return [];
  const inside = (mine: Schema | boolean | undefined, other: Schema | boolean | undefined, at: string) =>
    typeof mine === 'object' ? droppedFields(mine, typeof other === 'object' ? other : undefined, at) : [];
  return [
    ...Object.entries(ours.properties ?? {}).flatMap(([name, schema]) => {
      const at = path === '' ? name : `${path}.${name}`;
      const other = theirs?.properties?.[name];
      return other === undefined ? [at] : droppedFields(schema, other, at);
    }),
    ...inside(ours.items, theirs?.items, `${path}[]`),
    ...inside(ours.additionalProperties, theirs?.additionalProperties, `${path}.*`),
  ];
};

const SHOWN = 3;
const APPLY = 'run "lifeboat crds --apply"';

const schemaOf = ({ spec }: Definition, version: string): Schema | undefined =>
  spec.versions.find(({ name }) => name === version)?.schema?.openAPIV3Schema;

/** Whether every kind is served in the version this program speaks, and no field of ours would be dropped. */
export const checkDefinitions = async (cluster: Cluster, signal: AbortSignal): Promise<Finding> => {
  const { allVersions } = await cluster.discover(signal);
  const served = new Set(allVersions.map((type) => `${type.resource}.${type.group}/${type.version}`));
  const types = Object.values(VELERO_TYPES);
  const missing = types.filter((type) => !served.has(`${type.resource}.${type.group}/${type.version}`));
  if (missing.length > 0)
    return fail(
      `not served: ${missing.map(({ resource, version }) => `${resource}/${version}`).join(', ')}`,
      APPLY,
    );
  const dropped: string[] = [];
  for (const { name, object } of await readCrds()) {
    const bytes = await cluster.get(DEFINITIONS, { name }, { signal }).catch((error: unknown) => {
      if (isFault(error, 'LB_CLUSTER_DENIED')) return undefined; // who may not look still uses what is served
      throw error;
    });
    if (!bytes) continue;
    const theirs = JSON.parse(bytes.toString('utf8')) as Definition;
    for (const { name: version, schema } of (object as Definition).spec.versions)
      dropped.push(
        ...droppedFields(schema?.openAPIV3Schema ?? {}, schemaOf(theirs, version)).map(
          (field) => `${name.split('.', 1)[0] ?? ''} ${field}`,
        ),
      );
  }
  if (dropped.length === 0) return ok(`all ${types.length} kinds are served`);
  const more = dropped.length > SHOWN ? ` and ${dropped.length - SHOWN} more` : '';
  return warn(`older definitions, which drop fields: ${dropped.slice(0, SHOWN).join(', ')}${more}`, APPLY);
};
