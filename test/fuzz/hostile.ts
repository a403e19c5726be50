import fc from 'fast-check';
import { isObject, type JsonObject } from '../../src/domain/json.js';

/** Words that mean something to a parser, a prototype or a file system somewhere. */
const WORDS = [
  ...[
    '',
    ' ',
    '*',
    '**',
    '?',
    '[',
    ']',
    '[]',
    '[!',
    '{',
    '{}',
    '}',
    ',',
    '\\',
    '/',
    '-',
    '.',
    '~',
    '=',
    '==',
    '|',
    '#',
  ],
  ...[
    '__proto__',
    'constructor',
    'prototype',
    'toString',
    'hasOwnProperty',
    'length',
    '<<',
    '&a',
    '*a',
    '!!binary',
  ],
  ...[
    'v1',
    'yes',
    'on',
    'null',
    'true',
    'NaN',
    '.inf',
    '1e999',
    '-0',
    '9007199254740993',
    '0x10',
    '1_000',
    '007',
  ],
  ...[
    '30s',
    '-1h',
    '1h30',
    '1.5.5s',
    '10Gi',
    '-1Ki',
    '1e99',
    '10Gi,1Gi',
    ',',
    'add',
    'In',
    'a=b',
    'a/b/c',
    'a,b',
  ],
  ...[
    '/metadata/labels',
    '/spec/-',
    '/~2',
    '\u0000',
    '\ufeff',
    '\u202e',
    '\ud800',
    '😀',
    '\n',
    '\t',
    '"',
    "'",
    '%s',
    '${x}',
  ],
  ...[
    'x'.repeat(300),
    'a.'.repeat(200),
    '9'.repeat(400),
    '['.repeat(600),
    '{a: '.repeat(600),
    '(a+)+$',
    '😀'.repeat(500),
  ],
];

/** Any text, the bad ones first. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...WORDS) },
  { weight: 2, arbitrary: fc.string({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 20 }) },
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(...WORDS.filter((word) => word.length < 20)), { maxLength: 5 })
      .map((all) => all.join('')),
  },
);

const NUMBERS = [
  0,
  -0,
  1,
  -1,
  0.1,
  2 ** 31,
  2 ** 53,
  2 ** 53 + 2,
  1e21,
  1e308,
  5e-324,
  Number.MIN_SAFE_INTEGER,
];

/** Any JSON, as an API server or a parser of YAML gives it. */
export const hostileJson: fc.Arbitrary<unknown> = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(hostileText, fc.constantFrom<unknown>(null, true, false, ...NUMBERS)),
    fc.array(tie('value'), { maxLength: 4 }),
    fc
      .array(fc.tuple(hostileText, tie('value')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries)),
  ),
})).value;

type Path = readonly (string | number)[];

const pathsOf = (value: unknown, here: Path = []): readonly Path[] => {
  const inside: (readonly [string | number, unknown])[] = Array.isArray(value)
    ? value.map((one: unknown, i) => [i, one])
    : isObject(value)
      ? Object.entries(value)
      : [];
  return [here, ...inside.flatMap(([key, one]) => pathsOf(one, [...here, key]))];
};

type Change = (value: unknown) => readonly unknown[];

/** What `change` makes of what is at a path: nothing, one value or several, where several can be. */
const changeAt = (value: unknown, path: Path, change: Change): unknown => {
  const [key, ...rest] = path;
  if (key === undefined) return change(value)[0];
  const inner: Change = rest.length === 0 ? change : (one) => [changeAt(one, rest, change)];
  if (Array.isArray(value)) return value.flatMap((one: unknown, i) => (i === key ? inner(one) : [one]));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, one]) =>
      name !== key
        ? [[name, one]]
        : inner(one).map((changed, i) => [i === 0 ? name : `${name}${i}`, changed]),
    ),
  );
};

const anyChange: fc.Arbitrary<Change> = fc.oneof(
  fc.constant<Change>(() => []),
  fc.constant<Change>((value) => [value, value]),
  fc.constant<Change>((value) => [[value]]),
  fc.constant<Change>((value) => [Array<unknown>(40).fill(value)]),
  hostileText.map((key): Change => (value) => [Object.fromEntries([[key, value]])]),
  hostileText.map((key): Change => (value) => [
    isObject(value) ? { ...value, ...Object.fromEntries([[key, value]]) } : key,
  ]),
  hostileJson.map((other): Change => () => [other]),
);

/** Keeps the type of each field, as the schema of a custom resource does. */
const typedChange: fc.Arbitrary<Change> = fc.oneof(
  fc.tuple(hostileText, fc.constantFrom<unknown>(...NUMBERS)).map(([text, number]): Change => (value) => {
    if (typeof value === 'string') return [text];
    if (typeof value === 'number') return [number];
    if (typeof value === 'boolean') return [!value];
    return [Array.isArray(value) ? [] : value];
  }),
  fc.constant<Change>((value) => [
    Array.isArray(value) ? [...(value as unknown[]), ...(value as unknown[])] : value,
  ]),
  // A field that is no list and no map of texts may go altogether.
  fc.constant<Change>((value) => (typeof value === 'string' ? [''] : [value])),
);

const changed = (valid: JsonObject, change: fc.Arbitrary<Change>): fc.Arbitrary<unknown> =>
  fc.array(fc.tuple(fc.nat(), change), { minLength: 1, maxLength: 4 }).map((changes) =>
    changes.reduce<unknown>((value, [where, edit]) => {
      const paths = pathsOf(value);
      return changeAt(value, paths[where % paths.length] ?? [], edit);
    }, valid),
  );

/** A valid document with parts taken out, doubled, wrapped, or replaced by anything. */
export const mutated = (valid: JsonObject): fc.Arbitrary<unknown> => changed(valid, anyChange);

/** A valid document with other values of the same types. */
export const retyped = (valid: JsonObject): fc.Arbitrary<unknown> => changed(valid, typedChange);

const SNIPPETS = [
  ...[
    '&a ',
    '*a',
    '<<: *a',
    '<<: [*a, *a]',
    '!!binary ',
    '!foo ',
    '!!set ',
    '? ',
    ': ',
    '- ',
    '| ',
    '>-\n',
    '---\n',
    '...\n',
  ],
  ...[
    '%YAML 1.1\n',
    '%TAG ! x\n',
    '# ',
    '"',
    "'",
    '`',
    '@',
    '{',
    '}',
    '[',
    ']',
    ',',
    '\t',
    '\r',
    '\u2028',
    '\u0000',
    '\ufeff',
  ],
  ...[
    '__proto__: {polluted: yes}\n',
    'constructor: {prototype: {polluted: yes}}\n',
    '~: 1\n',
    '.nan',
    '9007199254740993',
  ],
  ...[
    'a: &a [*a, *a]\n',
    'a: &a {b: *a}\n',
    '['.repeat(900),
    '  '.repeat(300),
    '- '.repeat(400),
    '"\\ud800"',
    '\\q',
    '😀',
  ],
];

/** A valid text with pieces taken out, doubled and put in, as a slip of the hand or somebody else would. */
export const scribbled = (valid: string): fc.Arbitrary<string> => {
  const edit = fc.record({
    at: fc.nat(valid.length),
    cut: fc.oneof(fc.constant(0), fc.nat(30)),
    double: fc.boolean(),
    put: fc.oneof(fc.constantFrom(...SNIPPETS), hostileText, fc.constant('')),
  });
  return fc.array(edit, { minLength: 1, maxLength: 5 }).map((edits) =>
    edits.reduce((text, { at, cut, double, put }) => {
      const piece = text.slice(at, at + cut);
      return text.slice(0, at) + (double ? piece + piece : '') + put + text.slice(at + cut);
    }, valid),
  );
};
