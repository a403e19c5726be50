import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const page = readFileSync('docs/compatibility.md', 'utf8');

/** Rows of the tables of one section, header and rule left out, as cells. */
const rowsOf = (section: string): readonly (readonly string[])[] =>
  (page.split(`\n## ${section}\n`)[1]?.split('\n## ')[0] ?? '')
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

/** Tests named by a cell; a bare name lies beside the one before it. */
const testsIn = (cell: string): readonly string[] => {
  let folder = '';
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => {
    const path = name.startsWith('test/') ? name : `${folder}${name}`;
    folder = path.slice(0, path.lastIndexOf('/') + 1);
    return path;
  });
};

describe('the page of compatibility', () => {
  const differences = rowsOf('Deliberate differences');

  it('has its tables', () => {
    expect(rowsOf('What is the same').length).toBeGreaterThan(5);
    expect(differences.length).toBeGreaterThan(20);
  });

  it.each(differences.map((row) => [row[0] ?? '', row[4] ?? ''] as const))(
    'points to a test of the difference: %s',
    (_behaviour, cell) => {
      const tests = testsIn(cell);
      expect(tests.length).toBeGreaterThan(0);
      expect(tests.filter((path) => !existsSync(path))).toEqual([]);
    },
  );

  it('points to tests that exist for what is the same', () => {
    const tests = rowsOf('What is the same').flatMap((row) => testsIn(row[1] ?? ''));
    expect(tests.filter((path) => !existsSync(path))).toEqual([]);
  });

  it('names each difference once', () => {
    const names = differences.map(([behaviour]) => behaviour);
    expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
  });
});
