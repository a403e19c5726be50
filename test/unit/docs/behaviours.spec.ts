import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const read = (path: string): string => readFileSync(path, 'utf8');
const page = read('docs/behaviours.md');
const sectionOf = (text: string, heading: string): string =>
  text.split(`${heading}\n`)[1]?.split('\n## ')[0] ?? '';
const differences = [
  ...sectionOf(read('docs/compatibility.md'), '## Deliberate differences').matchAll(/^\| (.+?) \|/gm),
].map(([, first = '']) => first);

/** A file and what is quoted of it: titles of tests, and of their cases. */
interface Named {
  readonly path: string;
  readonly titles: readonly string[];
}

interface Row {
  readonly id: string;
  readonly text: string;
  /** Why there is none yet. */
  readonly notYet: boolean;
  readonly tests: readonly Named[];
  readonly difference: string;
}

/** `path` “title” “case”, as often as a cell has it. */
const testsIn = (cell: string): readonly Named[] =>
  [...cell.matchAll(/`(test\/[^`]+)`((?: “[^”]+”)+)/g)].map(([, path = '', quoted = '']) => ({
    path,
    titles: [...quoted.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
  }));

/** The rows of the table behind a heading; the cell before the tests of an oddity says whether it is kept. */
const rowsOf = (heading: string): readonly Row[] =>
  sectionOf(page, heading)
    .split('\n')
    .filter((line) => /^\| Q?\d+ \|/.test(line))
    .map((line) => {
      const cells = line.split('|').map((cell) => cell.trim());
      const [id = '', text = '', ...more] = cells.slice(1, -1);
      const difference = more.pop() ?? '';
      return {
        id,
        text,
        difference,
        notYet: more.some((cell) => cell.startsWith('not yet: ')),
        tests: more.flatMap(testsIn),
      };
    });

const behaviours = rowsOf('# Behaviours');
const oddities = rowsOf('## Oddities of Velero');
const rows = [...behaviours, ...oddities];

/** As it stands in the source: a text of its own, in quotes of any sort. */
const isQuotedIn = (source: string, title: string): boolean =>
  ["'", '"', '`'].some((quote) =>
    source.includes(`${quote}${title.replaceAll(quote, `\\${quote}`)}${quote}`),
  );

const numbers = (from: number, to: number, sign = ''): readonly string[] =>
  Array.from({ length: to - from + 1 }, (_, i) => `${sign}${from + i}`);

describe('the page of behaviours', () => {
  it('has each of the 155 behaviours and the 30 oddities once, in order', () => {
    expect(behaviours.map(({ id }) => id)).toEqual(numbers(1, 155));
    expect(oddities.map(({ id }) => id)).toEqual(numbers(1, 30, 'Q'));
  });

  it('says something of each, and nothing twice', () => {
    const texts = rows.map(({ text }) => text);
    expect(texts.filter((text, i) => text === '' || texts.indexOf(text) !== i)).toEqual([]);
  });

  it.each(rows.map((row) => [row.id, row] as const))('quotes what is there of behaviour %s', (_id, row) => {
    for (const { path, titles } of row.tests) {
      expect(existsSync(path), path).toBe(true);
      const source = read(path);
      expect(titles.filter((title) => !isQuotedIn(source, title))).toEqual([]);
    }
    if (row.difference !== '') expect(differences).toContain(row.difference);
  });

  it('has a test or a reason for each, and a test that needs no real server', () => {
    const bare = rows.filter(
      ({ tests, notYet }) => !notYet && tests.every(({ path }) => path.includes('/lab/')),
    );
    expect(bare.map(({ id }) => id)).toEqual([]);
  });

  it('leaves nothing for later of backups, restores, hooks, modifiers and versions', () => {
    const wanted = [...numbers(1, 82), ...numbers(114, 131)];
    const later = behaviours.filter(({ id, notYet }) => notYet && wanted.includes(id));
    expect(later.map(({ id }) => id)).toEqual([]);
  });

  it('has a number in every test title that begins with one of its own', () => {
    const numbered = rows.flatMap(({ id, tests }) =>
      tests.flatMap(({ titles }) =>
        titles.flatMap((title) => {
          const named = /^(?:behaviour )?(Q?\d+): /.exec(title)?.[1];
          return named === undefined ? [] : [[id, named] as const];
        }),
      ),
    );
    expect(numbered.length).toBeGreaterThan(100);
    // Some tests hold more than one behaviour, or an oddity that is a behaviour, too.
    const others = numbered.filter(([id, named]) => id !== named && !id.startsWith('Q'));
    expect(others.map(([id]) => id)).toEqual(['33']);
  });
});
