import { describe, expect, it } from 'vitest';
import { stringifyItem } from '../../../src/archive/json.js';
import { parseYaml } from '../../../src/controllers/yaml.js';
import { bounded } from '../../bounded.js';

const MODIFIERS = 'sigs.k8s.io/yaml';

/** The JSON that a text without quotes becomes as the value of a key, or what is wrong. */
const valueOf = (text: string, reader: Parameters<typeof parseYaml>[1]): string => {
  const read = parseYaml(`a: ${text}\n`, reader);
  return 'problem' in read ? read.problem : stringifyItem(read.document).toString().slice(5, -1);
};

describe('YAML of a user', () => {
  it.each([
    ['a key that comes twice', 'a: 1\nb: 2\na: 3', 'line 3: the key "a" comes twice; keep one'],
    ['a key that comes twice further in', '- {x: 1, x: 2}', 'line 1: the key "x" comes twice; keep one'],
    ['a key that is a list', '? [a]\n: 1', 'line 1: a key is not a text; write a simple one'],
    ['a key that is nothing', '~: 1', 'line 1: a key is not a text; write a simple one'],
    ['an alias of nothing', 'a: *b', 'line 1: the alias *b repeats nothing; write &b before what it repeats'],
    ['an alias of itself', 'a: &a [x, *a]', 'line 1: the alias *a stands in what it repeats; write it out'],
    [
      'merging into itself',
      'x: 1\na: &a {<<: *a}',
      expect.stringMatching(/^line 2: the alias \*a/) as string,
    ],
    ['a second document', 'a: 1\n---\nb: 1', 'line 2: a second document begins; keep one'],
    [
      'an unknown tag',
      'a: 1\nb: !!binary aGk=',
      expect.stringMatching(/^line 2: .*binary; remove/) as string,
    ],
    ['a tag that does not fit', 'a: !!int x', expect.stringMatching(/^line 1: .*int; remove/) as string],
    ['half of a character', String.raw`a: "\ud800"`, expect.stringMatching(/^line 1: an escape/) as string],
    ['an unknown escape', String.raw`a: "\q"`, expect.stringMatching(/^line 1: a backslash/) as string],
    [
      'text that never ends',
      `${'x'.repeat(2 ** 20)}x`,
      expect.stringMatching(/at most 1048576 are read/) as string,
    ],
    ['parts without number', '- x\n'.repeat(60_000), expect.stringContaining('too many parts') as string],
    [
      'aliases of aliases',
      ['a: &a [x,x,x]', 'b: &b [*a,*a,*a,*a,*a]', 'c: &c [*b,*b,*b,*b,*b]', 'd: [*c,*c,*c,*c,*c]'].join('\n'),
      expect.stringContaining('its aliases repeat too much') as string,
    ],
  ])('is refused for %s', (_what, text, problem) => {
    expect(parseYaml(text, 'yaml.v3')).toEqual({ problem });
    expect(parseYaml(text, MODIFIERS)).toEqual({ problem });
  });

  it.each([
    ['in brackets', '['.repeat(2_000) + ']'.repeat(2_000)],
    ['in braces', '{a: '.repeat(8_000)],
    ['in lists', `${'- '.repeat(3_000)}a`],
    ['in keys', '? '.repeat(9_000)],
    ['by indentation', Array.from({ length: 400 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')],
  ])('that nests without end %s is refused before the parser runs out of stack', (_where, text) => {
    expect(parseYaml(text, 'yaml.v3')).toEqual({
      problem: expect.stringMatching(/^line \d+: it nests more than 200 levels deep/) as string,
    });
  });

  it.each([
    ['merge keys', 'a: &a {x: 1}\nb: {<<: *a, y: 2}', { a: { x: 1 }, b: { x: 1, y: 2 } }],
    ['a separator at the end', 'a: 1\n---\n', { a: 1 }],
    ['a key that objects have of their own', '"__proto__": 1', Object.fromEntries([['__proto__', 1]])],
    ['tags that say what is there anyway', 'a: !!str 5\nb: !!map {c: !!float 5}', { a: '5', b: { c: 5 } }],
    ['a directive', '%YAML 1.1\n---\na: 1:30', { a: '1:30' }],
    [
      'all escapes',
      String.raw`a: "\0\a\b\t\n\v\f\r\e\ \"\/\\\N\_\L\P\x41\u0042\U0001F600"`,
      expect.anything() as object,
    ],
    ['a block that begins with a quote', '--- |\n"\\q\n', '"\\q\n'],
  ])('may have %s', (_what, text, document) => {
    expect(parseYaml(text, 'yaml.v3')).toEqual({ document });
  });

  // What Velero's two readers make of these: each was tried with sigs.k8s.io/yaml 1.4 and yaml.v3 3.0.1.
  it.each([
    ['yes', 'true', '"yes"'],
    ['on', 'true', '"on"'],
    ['y', 'true', '"y"'],
    ['Off', 'false', '"Off"'],
    ['TRUE', 'true', 'true'],
    ['tRue', '"tRue"', '"tRue"'],
    ['~', 'null', 'null'],
    ['0777', '511', '511'],
    ['0o777', '511', '511'],
    ['-0b1', '-1', '-1'],
    ['0x_F', '15', '15'],
    ['1_000', '1000', '1000'],
    ['08', '8', '8'],
    ['+5', '5', '5'],
    ['1:30', '"1:30"', '"1:30"'],
    ['1.10', '1.1', '1.1'],
    ['1e3', '1000', '1000'],
    ['5.', '5', '5'],
    ['-.5', '-0.5', '-0.5'],
    ['1e400', '"1e400"', '"1e400"'],
    ['_1', '"_1"', '"_1"'],
    ['0x1p3', '"0x1p3"', '"0x1p3"'],
    ['2001-01-01', '"2001-01-01"', '"2001-01-01"'],
    ['9007199254740993', '9007199254740993', '9007199254740993'],
    ['18446744073709551615', '18446744073709551615', '18446744073709551615'],
    ['{yes: 1, 010: 2, 1.50: 3}', '{"8":2,"true":1,"1.5":3}', '{"yes":1,"010":2,"1.50":3}'],
    ['.inf', expect.stringContaining('.inf is not a number of JSON') as string, '".inf"'],
  ])('means with %s what it means to Velero', (text, inModifiers, inPolicies) => {
    expect(valueOf(text, MODIFIERS)).toEqual(inModifiers);
    expect(valueOf(text, 'yaml.v3')).toEqual(inPolicies);
  });

  it('keeps every digit of a number, where Go rounds', () => {
    const digits = '123456789012345678901234567890';
    expect(valueOf(digits, MODIFIERS)).toBe(digits);
    expect(valueOf(`-${digits}`, MODIFIERS)).toBe(`-${digits}`);
    expect(valueOf('9'.repeat(400), MODIFIERS)).toBe(`"${'9'.repeat(400)}"`);
  });

  it('says in short what is wrong with something long', () => {
    for (const text of [
      `${'k'.repeat(900)}: 1\n`.repeat(2),
      `a: *${'x'.repeat(9_000)}`,
      `a: !${'x'.repeat(9_000)} 1`,
    ]) {
      const read = parseYaml(text, 'yaml.v3');
      expect('problem' in read && read.problem.length).toBeLessThan(400);
    }
  });

  const chain = (links: number, levels: number): string =>
    Array.from({ length: links }, (_, i) => {
      const inner = i === 0 ? 'x' : `*a${i - 1}`;
      return `a${i}: &a${i} ${'['.repeat(levels)}${inner}${']'.repeat(levels)}`;
    }).join('\n');

  it.each([
    ['documents without number', '---\n'.repeat(16_000)],
    ['brackets that do not fit', '[}'.repeat(20_000)],
    ['bad escapes', `- "${String.raw`\q`.repeat(500_000)}"`],
    ['bad numbers of characters', `- "${String.raw`\UFFFFFFFF`.repeat(100_000)}"`],
    ['aliases of one anchor', `a: &a x\nb: [${Array(15_000).fill('*a').join()}]`],
    ['wide lists repeated', `a: &a [${'x,'.repeat(9_000)}]\nb: [${Array(90).fill('*a').join()}]`],
    ['a chain of aliases', chain(60, 150)],
    ['a long chain of aliases', chain(3_000, 1)],
    ['an endless number', `a: 0x${'f'.repeat(1_000_000)}`],
    ['endless lines', `a: "${'k\n '.repeat(300_000)}"`],
    ['colons', ': '.repeat(20_000)],
    [
      'keys that are merged over and over',
      `a: &a {${Array.from({ length: 2_000 }, (_, i) => `k${i}: 1`).join()}}\nb: {<<: [${Array(90).fill('*a').join()}]}`,
    ],
  ])('ends soon with %s', (_what, text) => {
    bounded(() => parseYaml(text, MODIFIERS));
  });
});
