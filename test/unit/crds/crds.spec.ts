import { readFile, readdir } from 'node:fs/promises';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import { compareTypes, generateTypes } from '../../../scripts/generate-types.js';
import { readCrds, runCrds } from '../../../src/cli/crds.js';
import { type ResourceType } from '../../../src/cluster/port.js';
import { BACKUP_PHASES, VELERO_TYPES, type Backup, type VeleroKind } from '../../../src/domain/velero.gen.js';
import { Fault } from '../../../src/faults.js';

interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly nullable?: boolean;
  readonly enum?: readonly string[];
}

interface Crd {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly labels?: object; readonly annotations: object };
  readonly spec: {
    readonly group: string;
    readonly scope: string;
    readonly names: {
      readonly kind: string;
      readonly listKind: string;
      readonly plural: string;
      readonly singular: string;
      readonly shortNames?: readonly string[];
    };
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly storage: boolean;
      readonly subresources?: object;
      readonly schema: { readonly openAPIV3Schema: Schema };
      readonly additionalPrinterColumns?: readonly {
        readonly name: string;
        readonly jsonPath: string;
        readonly description?: string;
        readonly priority?: number;
      }[];
    }[];
  };
}

/** What the clients of Velero 1.18 rely on; a column is its heading and the last part of its path. */
const FACTS: Readonly<
  Record<VeleroKind, { version?: string; plural: string; short?: string; sub: boolean; columns: string }>
> = {
  Backup: { plural: 'backups', sub: false, columns: '' },
  Restore: { plural: 'restores', sub: false, columns: '' },
  Schedule: {
    plural: 'schedules',
    sub: true,
    columns: 'Status=phase Schedule=schedule LastBackup=lastBackup Age=creationTimestamp Paused=paused',
  },
  BackupStorageLocation: {
    plural: 'backupstoragelocations',
    short: 'bsl',
    sub: true,
    columns: 'Phase=phase Last Validated=lastValidationTime Age=creationTimestamp Default=default',
  },
  VolumeSnapshotLocation: { plural: 'volumesnapshotlocations', short: 'vsl', sub: false, columns: '' },
  DeleteBackupRequest: {
    plural: 'deletebackuprequests',
    sub: true,
    columns: 'BackupName=backupName Status=phase',
  },
  DownloadRequest: { plural: 'downloadrequests', sub: false, columns: '' },
  ServerStatusRequest: { plural: 'serverstatusrequests', short: 'ssr', sub: false, columns: '' },
  PodVolumeBackup: {
    plural: 'podvolumebackups',
    sub: true,
    columns:
      'Status=phase Started=startTimestamp Bytes Done=bytesDone Total Bytes=totalBytes Incremental Bytes=incrementalBytes(10) ' +
      'Storage Location=backupStorageLocation Age=creationTimestamp Node=node Uploader=uploaderType',
  },
  PodVolumeRestore: {
    plural: 'podvolumerestores',
    sub: true,
    columns:
      'Status=phase Started=startTimestamp Bytes Done=bytesDone Total Bytes=totalBytes ' +
      'Storage Location=backupStorageLocation Age=creationTimestamp Node=node Uploader Type=uploaderType',
  },
  BackupRepository: {
    plural: 'backuprepositories',
    sub: true,
    columns: 'Age=creationTimestamp Repository Type=repositoryType',
  },
  DataUpload: {
    version: 'v2alpha1',
    plural: 'datauploads',
    sub: true,
    columns:
      'Status=phase Started=startTimestamp Bytes Done=bytesDone Total Bytes=totalBytes Incremental Bytes=incrementalBytes(10) ' +
      'Storage Location=backupStorageLocation Age=creationTimestamp Node=node',
  },
  DataDownload: {
    version: 'v2alpha1',
    plural: 'datadownloads',
    sub: true,
    columns:
      'Status=phase Started=startTimestamp Bytes Done=bytesDone Total Bytes=totalBytes ' +
      'Storage Location=backupStorageLocation Age=creationTimestamp Node=node',
  },
};

const FOLDER = new URL('../../../crds/', import.meta.url);
const files = (await readdir(FOLDER)).sort();
const crds = await Promise.all(
  files.map(async (file) => [file, parse(await readFile(new URL(file, FOLDER), 'utf8')) as Crd] as const),
);
const byKind = (kind: string): Crd => crds.find(([, crd]) => crd.spec.names.kind === kind)![1];
const only = (crd: Crd) => crd.spec.versions[0]!;

/** Every place of a schema that a person can read about, as [path, schema]. */
const propertiesOf = (schema: Schema, path: string): readonly (readonly [string, Schema])[] => [
  ...Object.entries(schema.properties ?? {}).flatMap(([name, property]) => [
    [`${path}.${name}`, property] as const,
    ...propertiesOf(property, `${path}.${name}`),
  ]),
  ...(schema.items ? propertiesOf(schema.items, `${path}[]`) : []),
  ...(schema.additionalProperties ? propertiesOf(schema.additionalProperties, `${path}{}`) : []),
];

const at = (kind: string, path: string): Schema => {
  const found = new Map(propertiesOf(only(byKind(kind)).schema.openAPIV3Schema, kind)).get(`${kind}.${path}`);
  if (!found) throw new Error(`${kind} has no ${path}`);
  return found;
};

describe('the custom resource definitions', () => {
  test('there is one file for each of the thirteen kinds, named after its plural', () => {
    expect(files).toEqual(
      Object.values(FACTS)
        .map(({ plural }) => `velero.io_${plural}.yaml`)
        .sort(),
    );
  });

  test.each(Object.entries(FACTS))('%s has the names and columns Velero clients expect', (kind, fact) => {
    const crd = byKind(kind);
    const version = only(crd);
    const columns = (version.additionalPrinterColumns ?? []).map(
      ({ name, jsonPath, priority }) =>
        `${name}=${jsonPath.split('.').at(-1)!}${priority ? `(${priority})` : ''}`,
    );
    expect(crd).toMatchObject({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' });
    expect(crd.metadata.name).toBe(`${fact.plural}.velero.io`);
    expect(crd.metadata.labels).toBeUndefined();
    expect(crd.metadata.annotations).toEqual({ 'controller-gen.kubebuilder.io/version': 'v0.16.5' });
    expect(crd.spec.group).toBe('velero.io');
    expect(crd.spec.scope).toBe('Namespaced');
    const singular = kind.toLowerCase();
    expect(crd.spec.names).toEqual({
      ...{ kind, listKind: `${kind}List`, plural: fact.plural, singular },
      ...(fact.short ? { shortNames: [fact.short] } : {}),
    });
    expect(crd.spec.versions).toHaveLength(1);
    expect(version).toMatchObject({ name: fact.version ?? 'v1', served: true, storage: true });
    expect(columns.join(' ')).toBe(fact.columns);
    expect(version.subresources).toEqual(fact.sub ? {} : undefined);
  });

  test.each(crds)('%s tells a person what every field and column means', (_, crd) => {
    const { openAPIV3Schema: schema } = only(crd).schema;
    // The API server refuses a CRD that says anything about metadata.
    const fields = propertiesOf(schema, crd.spec.names.kind).filter(
      ([path]) => !/^\w+\.metadata$/.test(path),
    );
    const mute = [[crd.spec.names.kind, schema] as const, ...fields].filter(
      ([, { description = '' }]) => description.length < 10 || !description.endsWith('.'),
    );
    expect(mute.map(([path]) => path)).toEqual([]);
    const columns = only(crd).additionalPrinterColumns ?? [];
    expect(columns.filter(({ description = '' }) => description.length < 10)).toEqual([]);
    expect(schema.properties?.['metadata']).toEqual({ type: 'object' });
  });

  test('no description speaks of two fields of one object in the same words', () => {
    const objects = crds.flatMap(([, crd]) => {
      const { openAPIV3Schema: schema } = only(crd).schema;
      return [schema, ...propertiesOf(schema, '').map(([, property]) => property.items ?? property)];
    });
    for (const { properties = {} } of objects) {
      const texts = Object.values(properties).flatMap(({ description }) => description ?? []);
      expect(texts).toEqual([...new Set(texts)]);
    }
  });

  test('a schedule template is a backup spec, word for word', () => {
    const { description: _said, ...template } = at('Schedule', 'spec.template');
    const { description: _meant, ...spec } = at('Backup', 'spec');
    expect(template).toEqual(spec);
  });

  test('a Backup may leave out everything, a Schedule may not', () => {
    expect(at('Backup', 'spec').required).toBeUndefined();
    expect(at('Schedule', 'spec').required).toEqual(['schedule', 'template']);
    expect(at('Schedule', 'spec.skipImmediately').nullable).toBeUndefined();
    expect(at('Schedule', 'spec.useOwnerReferencesInBackup').nullable).toBe(true);
    expect(at('BackupRepository', 'spec').required).toContain('maintenanceFrequency');
    expect(at('DataDownload', 'spec.dataMoverConfig').nullable).toBeUndefined();
    expect(at('DataUpload', 'spec.dataMoverConfig').nullable).toBe(true);
    expect(at('DownloadRequest', 'spec.target.kind').enum).toHaveLength(14);
  });
});

describe('the generated types', () => {
  test('are what the custom resource definitions say (run `npm run generate` if not)', async () => {
    const { expected, committed } = await compareTypes();
    expect(committed).toBe(expected);
  });

  test('describe each kind as discovery does', () => {
    const types: Readonly<Record<VeleroKind, ResourceType>> = VELERO_TYPES;
    for (const [kind, fact] of Object.entries(FACTS)) {
      expect(types[kind as VeleroKind]).toEqual({
        ...{ group: 'velero.io', version: fact.version ?? 'v1', resource: fact.plural, kind },
        ...{ singular: kind.toLowerCase(), shortNames: fact.short ? [fact.short] : [], namespaced: true },
        verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
      });
    }
    expect(Object.keys(types).sort()).toEqual(Object.keys(FACTS).sort());
  });

  test('take null where the API takes null, and know the phases', () => {
    const backup: Backup = {
      apiVersion: 'velero.io/v1',
      kind: 'Backup',
      metadata: { name: 'nightly' },
      spec: { labelSelector: null, snapshotVolumes: null, orderedResources: { pods: 'a/b' } },
      status: { phase: 'Finalizing', completionTimestamp: null },
    };
    expect(BACKUP_PHASES).toEqual(at('Backup', 'status.phase').enum);
    expect(BACKUP_PHASES).toContain(backup.status?.phase);
  });

  const crdWith = (properties: Record<string, Schema>): Crd => {
    const crd = byKind('DeleteBackupRequest');
    const spec: Schema = { type: 'object', properties };
    const schema = { openAPIV3Schema: { type: 'object', properties: { spec, status: { type: 'object' } } } };
    return { ...crd, spec: { ...crd.spec, versions: [{ ...only(crd), schema }] } };
  };

  test('change when a field becomes nullable, required or different', () => {
    const text = (property: Schema) => generateTypes([crdWith({ some: property })]);
    expect(text({ type: 'string' })).toContain('  readonly some?: string;\n');
    expect(text({ type: 'string', nullable: true })).toContain('  readonly some?: string | null;\n');
    expect(text({ type: 'array', items: { type: 'string', nullable: true } })).toContain(
      '  readonly some?: readonly (string | null)[];\n',
    );
  });

  test('are refused for a schema with a type the generator does not know', () => {
    expect(() => generateTypes([crdWith({ some: { type: 'oneOf' } })])).toThrow(
      'DeleteBackupRequest.spec.some',
    );
  });

  test('are refused when two different schemas would get one name', () => {
    const labelled = (type: string): Schema => ({ type: 'object', properties: { key: { type } } });
    const some: Schema = { type: 'object', properties: { labelSelector: labelled('string') } };
    expect(() => generateTypes([crdWith({ some, labelSelector: labelled('boolean') })])).toThrow(
      'LabelSelector',
    );
  });
});

describe('lifeboat crds', () => {
  test('prints every definition, so that the output can be piped into kubectl', async () => {
    const printed: string[] = [];
    const signal = new AbortController().signal;
    expect(await runCrds({ apply: false, out: (text) => printed.push(text), signal })).toBe(0);
    const documents = printed.join('').split(/^---$/m).slice(1);
    expect(documents.map((document) => (parse(document) as Crd).metadata.name)).toEqual(
      (await readCrds()).map(({ name }) => name),
    );
    expect(documents).toHaveLength(13);
  });

  test('refuses to apply without a cluster', async () => {
    const signal = new AbortController().signal;
    await expect(runCrds({ apply: true, out: () => undefined, signal })).rejects.toThrow(Fault);
  });
});
