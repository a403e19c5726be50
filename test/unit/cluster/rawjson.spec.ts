import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readMetadata, sliceList, sliceWatchEvent, spliceType } from '../../../src/cluster/rawjson.js';

interface Item {
  readonly apiVersion?: unknown;
  readonly kind?: unknown;
}

const nastyText = fc.oneof(
  fc.constantFrom(
    '"items":[',
    '","continue":"x',
    '}]}',
    '{"kind":"Trap"}',
    '\\',
    '\\"',
    '\u2028',
    '🦊',
    '\u0000',
    'é',
  ),
  fc.string({ unit: 'binary' }),
);
const value = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    nastyText,
    fc.integer(),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.constantFrom(null, true, false),
    fc.array(tie('tree'), { maxLength: 4 }),
    fc.dictionary(nastyText, tie('tree'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).tree;
const item = fc
  .record(
    {
      apiVersion: fc.constant('example.com/v1'),
      kind: fc.constant('Own'),
      metadata: fc.record({
        name: nastyText,
        namespace: nastyText,
        resourceVersion: nastyText,
        annotations: value,
      }),
      items: value,
      spec: value,
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .chain((object) =>
    // Keys in any order, as no order is promised.
    fc
      .shuffledSubarray(Object.entries(object), { minLength: Object.keys(object).length })
      .map((all) => Object.fromEntries(all)),
  );
const list = fc.record({
  items: fc.array(item, { maxLength: 6 }),
  token: nastyText,
  resourceVersion: nastyText,
  extra: value,
  indent: fc.constantFrom(undefined, 1, '\t'),
  itemsFirst: fc.boolean(),
});

const print = ({
  items,
  token,
  resourceVersion,
  extra,
  indent,
  itemsFirst,
}: typeof list extends fc.Arbitrary<infer T> ? T : never) => {
  const head = { kind: 'ThingList', apiVersion: 'example.com/v2' };
  const metadata = { selfLink: extra, continue: token, resourceVersion, remainingItemCount: 7 };
  const object = itemsFirst ? { items, extra, metadata, ...head } : { ...head, metadata, extra, items };
  return JSON.stringify(object, null, indent);
};

const withType = (object: Item): unknown => ({ apiVersion: 'example.com/v2', kind: 'Thing', ...object });

describe('slicing a list', () => {
  test('finds the same items and metadata as JSON.parse, however the list is written', () => {
    fc.assert(
      fc.property(list, (given) => {
        const sliced = sliceList(Buffer.from(print(given)));
        expect(sliced.items.map((slice) => JSON.parse(slice.toString()) as unknown)).toEqual(
          (JSON.parse(JSON.stringify(given.items)) as Item[]).map(withType),
        );
        expect(sliced.kind).toBe('ThingList');
        expect(sliced.resourceVersion).toBe(given.resourceVersion);
        expect(sliced.continue ?? '').toBe(given.token);
        expect(sliced.remaining).toBe(7);
      }),
      { numRuns: 400 },
    );
  });

  test('a list cut short anywhere is damaged, never a shorter list', () => {
    fc.assert(
      fc.property(list, fc.nat(), (given, at) => {
        const whole = Buffer.from(print(given));
        const part = whole.subarray(0, at % whole.length);
        expect(() => sliceList(part)).toThrow(expect.objectContaining({ code: 'LB_CLUSTER_PROTOCOL' }));
      }),
      { numRuns: 400 },
    );
  });

  test('items that name their type stay as they are, byte for byte', () => {
    const text = '{ "kind":"Own" , "n":9007199254740993,"z":1.0,"a":"\\u00e9", "apiVersion":"v9" }';
    const sliced = sliceList(
      Buffer.from(`{"kind":"OwnList","apiVersion":"v1","items":[\n${text} ,${text}]}`),
    );
    expect(sliced.items.map(String)).toEqual([text, text]);
  });

  test('items that do not name it get the type of the list in front and keep all else', () => {
    const sliced = sliceList(
      Buffer.from(
        '{"kind":"PodList","apiVersion":"v1","items":[{"n":9007199254740993},{ },{"kind":"Own"},{"apiVersion":"v9"}]}',
      ),
    );
    expect(sliced.items.map(String)).toEqual([
      '{"apiVersion":"v1","kind":"Pod","n":9007199254740993}',
      '{"apiVersion":"v1","kind":"Pod" }',
      '{"apiVersion":"v1","kind":"Own"}',
      '{"kind":"Pod","apiVersion":"v9"}',
    ]);
  });

  test('a type named only further down or with an escaped key is judged as JSON does', () => {
    const sliced = sliceList(
      Buffer.from(
        '{"kind":"PodList","apiVersion":"v1","items":[{"spec":{"kind":"X","apiVersion":"y"}},{"k\\u0069nd":"A","apiVersion":"b"}]}',
      ),
    );
    expect(sliced.items.map(String)).toEqual([
      '{"apiVersion":"v1","kind":"Pod","spec":{"kind":"X","apiVersion":"y"}}',
      '{"k\\u0069nd":"A","apiVersion":"b"}',
    ]);
  });

  test('null items are no items, and an empty continue is none', () => {
    const sliced = sliceList(
      Buffer.from('{"kind":"PodList","apiVersion":"v1","metadata":{"continue":""},"items":null}\n'),
    );
    expect(sliced).toEqual({ kind: 'PodList', apiVersion: 'v1', items: [], resourceVersion: '' });
  });

  test.each([
    '',
    'null',
    '[]',
    '<html>',
    '{"kind":"Status","apiVersion":"v1"}',
    '{"kind":"PodList","apiVersion":"v1","items":{}}',
    '{"kind":"PodList","apiVersion":"v1","items":[1]}',
    '{"kind":"PodList","apiVersion":"v1","items":[{}{}]}',
    '{"kind":"PodList","apiVersion":"v1","items":[{}],}',
    '{"kind":"PodList","apiVersion":"v1","items":[{"a":[1}]}',
    '{"kind":"PodList","apiVersion":"v1","items":[]} {}',
    '{"kind":"PodList" "apiVersion":"v1","items":[]}',
    '{"kind":"Odd","apiVersion":"v1","items":[{}]}',
  ])('%s is no list', (text) => {
    expect(() => sliceList(Buffer.from(text))).toThrow(
      expect.objectContaining({ code: 'LB_CLUSTER_PROTOCOL' }),
    );
  });
});

describe('single objects', () => {
  test('reading the metadata agrees with JSON.parse', () => {
    fc.assert(
      fc.property(item, fc.constantFrom(undefined, 2), (object, indent) => {
        const {
          name = '',
          namespace = '',
          resourceVersion = '',
        } = (object.metadata ?? {}) as Record<string, string>;
        const bytes = Buffer.from(JSON.stringify(object, null, indent));
        expect(readMetadata(bytes)).toEqual({ name, namespace, resourceVersion });
      }),
    );
  });

  test('splicing a type that is there changes nothing, not even the buffer', () => {
    const bytes = Buffer.from('{"apiVersion":"v1","kind":"Pod"}');
    expect(spliceType(bytes, 'v2', 'Other')).toEqual(bytes);
    expect(spliceType(bytes, 'v2', 'Other').buffer).toBe(bytes.buffer);
  });

  test('a watch event comes apart without touching the object', () => {
    const line = Buffer.from('{"type":"ADDED","object":{"n":9007199254740993, "type":"inner"}}');
    const event = sliceWatchEvent(line);
    expect([event.type, event.object.toString()]).toEqual([
      'ADDED',
      '{"n":9007199254740993, "type":"inner"}',
    ]);
    expect(() => sliceWatchEvent(line.subarray(0, 50))).toThrow(
      expect.objectContaining({ code: 'LB_CLUSTER_PROTOCOL' }),
    );
  });
});
