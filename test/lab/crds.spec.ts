import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { describe, expect, test } from 'vitest';
import { readCrds } from '../../src/cli/crds.js';

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const lab = process.env['KUBEBUILDER_ASSETS'] !== undefined;
const velero = (process.env['PATH'] ?? '')
  .split(delimiter)
  .some((folder) => isProgram(join(folder, 'velero')));

interface Crd {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly annotations: object; readonly labels?: object };
  readonly spec: object;
}

/** The keys below these are names that somebody chose: a field called `description` is not a description. */
const NAMED = new Set(['properties', 'patternProperties']);

const withoutDescriptions = (value: unknown, named = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutDescriptions(item));
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => named || key !== 'description');
  return Object.fromEntries(
    kept.map(([key, child]) => [key, withoutDescriptions(child, NAMED.has(key) && !named)]),
  );
};

/** What the installed program would create, as it prints it: documents, or one List of them. */
const printedByVelero = async (): Promise<readonly Crd[]> => {
  const flags = ['install', '--crds-only', '--dry-run', '--output', 'yaml'];
  const { stdout } = await promisify(execFile)('velero', flags, { maxBuffer: 64 << 20, timeout: 60_000 });
  return parseAllDocuments(stdout).flatMap((document) => {
    const printed = document.toJS() as Crd | { kind: 'List'; items: Crd[] } | null;
    if (printed === null) return [];
    return 'items' in printed ? printed.items : [printed];
  });
};

const why = !lab
  ? ' (set KUBEBUILDER_ASSETS to run)'
  : !velero
    ? ' (put the velero program on PATH to run)'
    : '';

describe.skipIf(why !== '')(`our custom resource definitions and those of the real Velero${why}`, () => {
  test('have the same fields, types, columns and names, and differ only in their descriptions', async () => {
    const shape = ({ apiVersion, kind, metadata, spec }: Crd) => ({
      ...{ apiVersion, kind, name: metadata.name, annotations: metadata.annotations },
      spec: withoutDescriptions(spec),
    });
    const theirs = (await printedByVelero()).map(shape);
    const ours = (await readCrds()).map(({ object }) => shape(object as Crd));
    const names = (crds: readonly { readonly name: string }[]) => crds.map(({ name }) => name).sort();
    expect(names(ours)).toEqual(names(theirs));
    for (const crd of ours) expect(crd).toEqual(theirs.find(({ name }) => name === crd.name));
  });

  test('share no description of more than a few words', async () => {
    const texts = (value: unknown): readonly string[] => {
      if (typeof value !== 'object' || value === null) return [];
      const own = 'description' in value && typeof value.description === 'string' ? [value.description] : [];
      return [...own, ...Object.values(value).flatMap(texts)];
    };
    const theirs = new Set((await printedByVelero()).flatMap(texts));
    const ours = (await readCrds()).flatMap(({ object }) => texts(object));
    expect(theirs.size).toBeGreaterThan(100);
    expect(ours.filter((text) => text.split(' ').length > 4 && theirs.has(text))).toEqual([]);
  });
});
