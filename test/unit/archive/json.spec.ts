import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  deepEqualJson,
  goJson,
  keepsNumbers,
  parseItem,
  stringifyItem,
  type Json,
} from '../../../src/archive/json.js';
import { isFault } from '../../../src/faults.js';

const again = (text: string): string => stringifyItem(parseItem(Buffer.from(text)).value).toString();

describe('an object that is read, changed and written', () => {
  it.each([
    ['9007199254740993'],
    ['-9223372036854775808'],
    ['18446744073709551615'],
    ['1.0'],
    ['-0'],
    ['-0.0'],
    ['1e400'],
    ['1E5'],
    ['1e-7'],
    ['0.10'],
    ['1234567890123456'],
    ['3.141592653589793238462643383279'],
  ])('still has the number %s', (literal) => {
    const text = `{"a":[${literal}],"b":"${literal}","c":{"d":${literal}}}`;
    expect(again(text)).toBe(text);
    expect(goJson(parseItem(Buffer.from(text)).value)).toBe(text);
  });

  it('is read by the fast parser as long as nothing can be lost', () => {
    expect(
      parseItem(Buffer.from('{"replicas":3,"x":-1,"f":1.5,"t":1700000000000,"s":"1.0 9007199254740993"}'))
        .exact,
    ).toBe(true);
    expect(parseItem(Buffer.from('{"big":9007199254740993}')).exact).toBe(false);
  });

  it('keeps the odd number when its neighbours are changed', () => {
    const { value } = parseItem(Buffer.from('{"spec":{"big":9007199254740993,"name":"a"}}')) as unknown as {
      value: { spec: object };
    };
    const changed = { ...value, spec: { ...value.spec, name: 'b' } };
    expect(stringifyItem(changed).toString()).toBe('{"spec":{"big":9007199254740993,"name":"b"}}');
  });

  it('cannot be made to write an object as a number by imitating one', () => {
    const text = '{"a":{"isLosslessNumber":true,"value":"1},\\"owned\\":{"},"b":1.0}';
    expect(again(text)).toBe(text);
  });

  it('keeps a key that is called __proto__, with both parsers', () => {
    const fast = '{"data":{"__proto__":{"x":1},"constructor":"y"}}';
    const slow = '{"data":{"__proto__":{"x":1.0},"constructor":"y"}}';
    expect(again(fast)).toBe(fast);
    expect(again(slow)).toBe(slow);
  });

  it('takes the last of two equal keys, with both parsers', () => {
    expect(again('{"a":1,"a":2}')).toBe('{"a":2}');
    expect(again('{"a":1.0,"a":2.0}')).toBe('{"a":2.0}');
  });

  it.each(['', '{', '{"a":01}', '{"a":1.}', 'nonsense 9007199254740993', '[1.0,]'])(
    'is a fault that quotes nothing when it is %j',
    (text) => {
      try {
        parseItem(Buffer.from(text));
        expect.unreachable();
      } catch (error) {
        expect(isFault(error, 'LB_ARCHIVE_DAMAGED')).toBe(true);
        expect((error as Error).message).not.toContain('nonsense');
        expect((error as Error).cause).toBeUndefined();
      }
    },
  );

  const literal = fc.oneof(
    fc.bigInt().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => JSON.stringify(n)),
    fc.stringMatching(/^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,20})?([eE][-+]?[0-9]{1,3})?$/),
  );
  const text = fc.letrec<{ value: string }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      literal,
      fc.string({ unit: 'grapheme' }).map((s) => JSON.stringify(s)),
      fc.constantFrom('true', 'false', 'null'),
      fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join(',')}]`),
      fc
        .uniqueArray(
          fc.tuple(
            fc.string().filter((key) => !/^\d/.test(key)),
            tie('value'),
          ),
          { maxLength: 4, selector: ([key]) => key },
        )
        .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(',')}}`),
    ),
  })).value;

  it('comes back letter by letter, whatever it holds', () => {
    fc.assert(
      fc.property(text, (json) => {
        expect(again(json)).toBe(json);
      }),
      { numRuns: 500 },
    );
  });

  it('is equal to itself with its numbers written otherwise, and not to another', () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        const [left, right] = [parseItem(Buffer.from(a)).value, parseItem(Buffer.from(b)).value];
        expect(deepEqualJson(left, parseItem(Buffer.from(` ${a} `)).value)).toBe(true);
        if (!deepEqualJson(left, right)) expect(a).not.toBe(b);
      }),
      { numRuns: 300 },
    );
  });
});

describe('telling whether the fast parser may be used', () => {
  it('looks at numbers only, not at text that looks like one', () => {
    expect(keepsNumbers(Buffer.from('{"a":"\\\\","b":"\\"9007199254740993","c":"1e400"}'))).toBe(true);
    expect(keepsNumbers(Buffer.from('{"a":"\\\\","b":9007199254740993}'))).toBe(false);
  });
});

describe('comparing two objects', () => {
  const equal = (a: string, b: string): boolean =>
    deepEqualJson(parseItem(Buffer.from(a)).value, parseItem(Buffer.from(b)).value);

  it.each([
    ['{"a":1,"b":[1,2]}', '{"b":[1,2],"a":1}', true],
    ['[1,2]', '[2,1]', false],
    ['1', '1.0', true],
    ['10', '1e1', true],
    ['0', '-0.0', true],
    ['9007199254740992', '9007199254740993', false],
    ['1e400', '1e401', false],
    ['"1"', '1', false],
    ['{"a":null}', '{}', false],
    ['{"a":null}', '{"b":null}', false],
    ['[]', '{}', false],
    ['null', '{}', false],
    ['[null]', '[]', false],
  ])('%s and %s: %s', (a, b, expected) => {
    expect(equal(a, b)).toBe(expected);
    expect(equal(b, a)).toBe(expected);
  });
});

describe('JSON as Go writes it', () => {
  it('sorts keys by bytes and escapes what Go escapes', () => {
    expect(
      goJson({ b: '<a & b>', a: '\u2028\u2029', Z: 'é🚢', '<': [] as Json[], '\uffff': 1, '🚢': 2 }),
    ).toBe('{"\\u003c":[],"Z":"é🚢","a":"\\u2028\\u2029","b":"\\u003ca \\u0026 b\\u003e","\uffff":1,"🚢":2}');
  });

  it('indents by two spaces, with empty lists and objects on one line', () => {
    expect(
      goJson({ kind: 'Backup', a: { b: [], c: {} }, l: [1, { x: null }] }, { indent: true, first: ['kind'] }),
    ).toBe(
      '{\n  "kind": "Backup",\n  "a": {\n    "b": [],\n    "c": {}\n  },\n  "l": [\n    1,\n    {\n      "x": null\n    }\n  ]\n}',
    );
  });

  it('means the same as JSON.stringify, whatever the value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.boolean(), (value, indent) => {
        expect(JSON.parse(goJson(value, { indent }))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
