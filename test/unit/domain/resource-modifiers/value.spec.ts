import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { typeValue } from '../../../../src/domain/resource-modifiers/value.js';
import { parsers, vectors } from './vectors.js';

interface Vector {
  readonly text: string;
  readonly json?: string;
  readonly error?: boolean;
}

const typed = (text: string): unknown => {
  const value = typeValue(text, parsers);
  return value.ok ? value.value : 'refused';
};

describe('the value of a patch', () => {
  it.each([
    ['3', 3],
    ['"3"', '3'],
    ['true', true],
    ['"true"', 'true'],
    ['null', null],
    ['', ''],
    ['[1,{"a":null}]', [1, { a: null }]],
    ['1.2.3', '1.2.3'],
    ['two words', 'two words'],
    [String.raw`a\nb`, 'a\nb'],
    ['1e400', '1e400'],
  ])('%s is %j', (text, value) => {
    expect(typed(text)).toEqual(value);
  });

  it('is what Velero makes of it', () => {
    for (const { text, json } of vectors('values.json') as readonly Vector[]) {
      expect([text, typed(text)]).toEqual([
        text,
        json === undefined ? 'refused' : (JSON.parse(json) as unknown),
      ]);
    }
  });

  it.each([
    ['True', /write true/],
    ['007', /not one of JSON/],
    ['NaN', /to have a text/],
    ['{"a":1}, "op": "remove"', /correct it/],
    ['a"b', /write \\"/],
  ])('%s is refused with the way out', (text, reason) => {
    const value = typeValue(text, parsers);
    expect(value.ok ? '' : value.problem).toMatch(reason);
  });

  it('keeps large numbers as the parser of JSON gives them', () => {
    const exact = { isLosslessNumber: true, value: '9007199254740993' };
    const lossless = { ...parsers, json: () => ({ document: exact }) };
    expect(typeValue('9007199254740993', lossless)).toEqual({ ok: true, value: exact });
  });

  it('never throws, and refusals do not quote it', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const value = typeValue(`{secret${text}`, parsers);
        expect(value.ok ? '' : value.problem).not.toContain('secret');
      }),
    );
  });
});
