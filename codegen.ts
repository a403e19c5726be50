import type { CodegenConfig } from '@graphql-codegen/cli';

const velero = '../domain/velero.gen.js';
const rows = '../projections/rows.js';
const connection = './connection.js#Connection';

/** Types that are parts of the custom resources' specs under the same name. */
const SAME_SHAPE = [
  'BackupSpec',
  'BackupMetadata',
  'BackupHooks',
  'BackupResourceHookSpec',
  'BackupResourceHook',
  'BackupExecHook',
  'RestoreSpec',
  'RestoreHooks',
  'RestoreResourceHookSpec',
  'RestoreResourceHook',
  'RestoreExecHook',
  'RestoreInitHook',
  'ScheduleSpec',
  'LabelSelector',
  'LabelSelectorRequirement',
];

/** Writes src/graphql/types.gen.ts from the SDL; resolvers get our own row types and the custom resources' specs. */
const config: CodegenConfig = {
  schema: 'src/graphql/schema.graphql',
  generates: {
    'src/graphql/types.gen.ts': {
      plugins: ['typescript', 'typescript-resolvers'],
      config: {
        contextType: './context.js#Context',
        useTypeImports: true,
        enumsAsTypes: true,
        immutableTypes: true,
        strictScalars: true,
        defaultScalarType: 'unknown',
        maybeValue: 'T | null | undefined',
        makeResolverTypeCallable: true,
        scalars: {
          ID: 'string',
          BigInt: { input: 'bigint', output: 'number | bigint' },
          DateTime: 'string',
          Duration: 'string',
          JSON: 'unknown',
          Position: 'bigint',
        },
        mappers: {
          Backup: `${rows}#NamedBackup`,
          Restore: `${rows}#NamedRestore`,
          BackupStorageLocation: `${rows}#NamedLocation`,
          Schedule: `${rows}#NamedSchedule`,
          Event: `${rows}#AuditRow`,
          Actor: '../eventstore/port.js#Actor as ActorModel',
          BackupConnection: `${connection}<NamedBackup>`,
          RestoreConnection: `${connection}<NamedRestore>`,
          BackupStorageLocationConnection: `${connection}<NamedLocation>`,
          ScheduleConnection: `${connection}<NamedSchedule>`,
          EventConnection: `${connection}<AuditRow>`,
          BackupItemConnection: `${connection}<BackupItem>`,
          RestoreItemConnection: `${connection}<RestoreItem>`,
          BackupVolumeConnection: `${connection}<BackupVolume>`,
          RestoreVolumeConnection: `${connection}<RestoreVolume>`,
          ...Object.fromEntries(SAME_SHAPE.map((name) => [name, `${velero}#${name} as ${name}Resource`])),
        },
      },
    },
  },
};

export default config;
