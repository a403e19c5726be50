import fc from 'fast-check';
import { Kind } from 'graphql';
import { describe, expect, test } from 'vitest';
import { correlationIdOf } from '../../../src/graphql/context.js';
import { fromId, toId } from '../../../src/graphql/ids.js';
import { isLoopback } from '../../../src/graphql/loopback.js';
import { nameForBackup, nameForRestore, requestIdOf } from '../../../src/graphql/request-id.js';
import { scalars } from '../../../src/graphql/scalars.js';
import { createTtlCache } from '../../../src/graphql/ttl-cache.js';

const name = fc.stringMatching(/^[a-z0-9]([a-z0-9.-]{0,40}[a-z0-9])?$/);

describe('ids', () => {
  test('come back as what they were made from', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Backup', 'Restore', 'BackupStorageLocation'),
        name,
        name,
        (kind, namespace, own) => {
          const key = { namespace, name: own };
          expect(fromId(toId(kind, key))).toEqual({ kind, key });
        },
      ),
    );
  });

  test('any other text is no id, and never an error', () => {
    fc.assert(
      fc.property(fc.string(), (text) => fromId(text) === undefined || fromId(text)?.kind !== undefined),
    );
    expect(fromId(Buffer.from('Secret/velero/cloud').toString('base64url'))).toBeUndefined();
  });
});

describe('scalars', () => {
  test('a time is brought to UTC, and what is no time is refused', () => {
    expect(scalars.DateTime.parseValue('2026-01-31T03:00:00+01:00')).toBe('2026-01-31T02:00:00.000Z');
    for (const wrong of ['yesterday', '2026-13-01T00:00:00Z', '2026-01-01', 5])
      expect(() => scalars.DateTime.parseValue(wrong)).toThrow();
  });

  test('a position survives the way out and back, however large', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -1n, max: 2n ** 63n - 1n }), (position) => {
        expect(scalars.Position.parseValue(scalars.Position.serialize(position))).toBe(position);
      }),
    );
    for (const wrong of ['', 'x', '1.5', '99999999999999999999', '-2', 5])
      expect(() => scalars.Position.parseValue(wrong)).toThrow();
  });

  test('JSON written into a query is read like JSON sent as a variable', () => {
    const literal = scalars.JSON.parseLiteral({
      kind: Kind.OBJECT,
      fields: [
        {
          kind: Kind.OBJECT_FIELD,
          name: { kind: Kind.NAME, value: 'a' },
          value: { kind: Kind.LIST, values: [{ kind: Kind.INT, value: '1' }, { kind: Kind.NULL }] },
        },
      ],
    });
    expect(literal).toEqual({ a: [1, null] });
  });
});

describe('request ids', () => {
  const base = {
    mutation: 'createBackup',
    namespace: 'velero',
    user: 'alice',
    idempotencyKey: 'k',
    input: { spec: {} },
  };

  test('are the same for the same, and share their first part with other input under the same key', () => {
    const first = requestIdOf(base);
    expect(requestIdOf(base)).toEqual(first);
    const other = requestIdOf({ ...base, input: { spec: { ttl: '1h' } } });
    expect([other.keyed === first.keyed, other.id === first.id]).toEqual([true, false]);
    for (const change of [
      { user: 'bob' },
      { mutation: 'createRestore' },
      { idempotencyKey: 'l' },
      { namespace: 'x' },
    ])
      expect(requestIdOf({ ...base, ...change }).keyed).not.toBe(first.keyed);
  });

  test('hold nothing of the key itself', () => {
    expect(requestIdOf({ ...base, idempotencyKey: 'my-secret-key' }).id).not.toContain('my-secret-key');
  });

  test('without a key every request is its own', () => {
    expect(requestIdOf({ ...base, idempotencyKey: null }).id).not.toBe(
      requestIdOf({ ...base, idempotencyKey: null }).id,
    );
  });
});

describe('names the server makes', () => {
  const now = new Date('2026-12-31T23:59:59Z');

  test('tell when, in UTC', () => {
    expect(nameForBackup(now)).toMatch(/^backup-20261231235959-[a-z0-9]{5}$/);
    expect(nameForRestore('nightly', now, () => false)).toBe('nightly-20261231235959');
  });

  test('a restore takes the next second that is free', () => {
    expect(nameForRestore('nightly', now, (taken) => taken === 'nightly-20261231235959')).toBe(
      'nightly-20270101000000',
    );
    expect(nameForRestore('nightly', now, () => true)).toMatch(/^nightly-20261231235959-[a-z0-9]{5}$/);
  });
});

describe('short memories', () => {
  test('ask once for the same thing, also when asked at the same time, until the time is over', async () => {
    let time = 0;
    let asked = 0;
    const cache = createTtlCache<number>({ ttlMs: 10, most: 2, now: () => new Date(time) });
    const ask = () => cache.get('a', () => Promise.resolve(++asked));
    expect(await Promise.all([ask(), ask()])).toEqual([1, 1]);
    time = 10;
    expect(await ask()).toBe(2);
  });

  test('do not remember failures, nor more than they may', async () => {
    let asked = 0;
    const cache = createTtlCache<number>({ ttlMs: 1_000, most: 2, now: () => new Date(0) });
    await expect(cache.get('a', () => Promise.reject(new Error('no')))).rejects.toThrow();
    const ask = (key: string) => cache.get(key, () => Promise.resolve(++asked));
    for (const key of ['a', 'b', 'c', 'c', 'a']) await ask(key);
    expect(asked).toBe(4);
  });
});

describe('addresses and headers', () => {
  test('only addresses of this machine are loopback', () => {
    expect(['127.0.0.1', '127.9.9.9', '::1', 'localhost'].every(isLoopback)).toBe(true);
    expect(
      ['0.0.0.0', '::', '10.0.0.1', '127.0.0.1.evil.example', 'localhost.evil.example', ''].some(isLoopback),
    ).toBe(false);
  });

  test('a correlation id is taken over only if it is harmless', () => {
    expect(correlationIdOf('ticket-4711')).toBe('ticket-4711');
    for (const bad of [
      'short',
      'a b c d e f g',
      'x'.repeat(129),
      'line\nbreak-----',
      undefined,
      ['ticket-4711'],
    ])
      expect(correlationIdOf(bad)).toMatch(/^[0-9a-f-]{36}$/);
  });
});
