import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { equal, parseJson, print } from '../../../src/cluster/memory-json.js';

describe('JSON that keeps what it read', () => {
  test.each([
    '{"n":9007199254740993,"f":1.0,"e":1E+3,"z":-0}',
    '{"b":1,"10":2,"9":3,"a":4}',
    '{"__proto__":{"x":1},"constructor":null}',
    '[[],{},"",true,false,null]',
  ])('%s comes out as it went in', (text) => {
    expect(print(parseJson(text))).toBe(text);
  });

  test('any JSON comes out with the same content and the same order', () => {
    fc.assert(
      fc.property(
        fc.json(),
        (text) => JSON.stringify(JSON.parse(print(parseJson(text)))) === JSON.stringify(JSON.parse(text)),
      ),
    );
  });

  test('spaces and line breaks between the tokens do not matter', () => {
    expect(print(parseJson(' {\n "a" : [ 1 , 2 ] ,\t"b" : { } } \r\n'))).toBe('{"a":[1,2],"b":{}}');
  });

  test.each([
    '',
    '{',
    '{"a":}',
    '{"a":1,}',
    '[1,]',
    '01',
    '1.',
    '"\\x"',
    '"a\nb"',
    'nul',
    '{} {}',
    "{'a':1}",
    '['.repeat(5000),
  ])('what is not JSON is refused: %j', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  test('two objects are equal whatever the order of their keys, and unequal in any other way', () => {
    expect(equal(parseJson('{"a":[1,{"b":2}],"c":"d"}'), parseJson('{"c":"d","a":[1,{"b":2}]}'))).toBe(true);
    expect(equal(parseJson('{"a":[1,2]}'), parseJson('{"a":[2,1]}'))).toBe(false);
    expect(equal(parseJson('{"a":1}'), parseJson('{"a":"1"}'))).toBe(false);
    expect(equal(parseJson('{"a":null}'), parseJson('{}'))).toBe(false);
  });
});
