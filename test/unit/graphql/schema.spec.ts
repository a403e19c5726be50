import { readFileSync } from 'node:fs';
import { generate } from '@graphql-codegen/cli';
import {
  buildSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
  isSpecifiedScalarType,
  type GraphQLNamedType,
} from 'graphql';
import { parse } from 'yaml';
import { describe, expect, test } from 'vitest';
import codegen from '../../../codegen.js';
import { at, objectAt } from '../../../src/domain/json.js';
import { readSdl } from '../../../src/graphql/schema.js';

const schema = buildSchema(readSdl());
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !type.name.startsWith('__') && !isSpecifiedScalarType(type),
);

type Described = { readonly description?: string | null | undefined };

/** Everything of a type that a reader of the documentation sees, by its path. */
const partsOf = (type: GraphQLNamedType): [string, Described][] => {
  const own: [string, Described][] = [[type.name, type]];
  if (isEnumType(type))
    return [
      ...own,
      ...type.getValues().map((value): [string, Described] => [`${type.name}.${value.name}`, value]),
    ];
  if (isInputObjectType(type))
    return [
      ...own,
      ...Object.values(type.getFields()).map((field): [string, Described] => [
        `${type.name}.${field.name}`,
        field,
      ]),
    ];
  if (!isObjectType(type) && !isInterfaceType(type)) return own;
  const fields = Object.values(type.getFields()).flatMap((field): [string, Described][] => [
    [`${type.name}.${field.name}`, field],
    ...field.args.map((arg): [string, Described] => [`${type.name}.${field.name}(${arg.name})`, arg]),
  ]);
  return [...own, ...fields];
};

const fieldsOf = (name: string): string[] => {
  const type = schema.getType(name);
  return isObjectType(type) || isInputObjectType(type) ? Object.keys(type.getFields()).sort() : [];
};

const crdSpec = (file: string): string[] => {
  const crd: unknown = parse(readFileSync(new URL(`../../../crds/${file}`, import.meta.url), 'utf8'));
  const [version] = at(crd, 'spec', 'versions') as readonly unknown[];
  return Object.keys(
    objectAt(version, 'schema', 'openAPIV3Schema', 'properties', 'spec', 'properties'),
  ).sort();
};

describe('the schema', () => {
  test('describes every type, field, argument and enum value', () => {
    const silent = types.flatMap(partsOf).filter(([, part]) => !part.description?.trim());
    expect(silent.map(([path]) => path)).toEqual([]);
  });

  test.each([
    ['BackupSpec', 'velero.io_backups.yaml'],
    ['BackupSpecInput', 'velero.io_backups.yaml'],
    ['RestoreSpec', 'velero.io_restores.yaml'],
    ['RestoreSpecInput', 'velero.io_restores.yaml'],
  ])("%s carries every field of the custom resource's spec under its own name", (name, file) => {
    expect(fieldsOf(name)).toEqual(crdSpec(file));
  });

  test('every mutation has one input with a key for repetition, and answers with a position and user errors', () => {
    for (const field of Object.values(schema.getMutationType()?.getFields() ?? {})) {
      expect(field.args.map((arg) => arg.name)).toEqual(['input']);
      const input = String(field.args[0]?.type).replace('!', '');
      expect(fieldsOf(input)).toContain('idempotencyKey');
      expect(fieldsOf(String(field.type).replace('!', ''))).toEqual(
        expect.arrayContaining(['position', 'userErrors']),
      );
    }
  });

  test('the generated types are fresh', async () => {
    const [made] = (await generate({ ...codegen, silent: true }, false)) as {
      filename: string;
      content: string;
    }[];
    const committed = readFileSync(new URL('../../../src/graphql/types.gen.ts', import.meta.url), 'utf8');
    expect(made?.content.trim()).toBe(committed.trim());
  });
});
