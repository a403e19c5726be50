import { createHash, randomBytes } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFault } from '../../src/faults.js';
import { type Listed, type ObjectStore } from '../../src/objectstore/port.js';

export interface StoreUnderTest {
  readonly store: ObjectStore;
  /** Everything the suite writes lies under it. */
  readonly prefix: string;
  readonly cleanUp: () => Promise<void>;
  /** The longest name between two slashes, in bytes, where the server behind the adapter has such a limit. */
  readonly longestName?: number;
}

const MIB = 1024 * 1024;

const collect = async (entries: AsyncIterable<Listed>): Promise<Listed[]> => {
  const all: Listed[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
};

const nameOf = (entry: Listed): string => (entry.kind === 'object' ? entry.key : entry.prefix);

const sha256 = async (body: AsyncIterable<Uint8Array>): Promise<string> => {
  const hash = createHash('sha256');
  for await (const chunk of body) hash.update(chunk);
  return hash.digest('hex');
};

const oneByOne = (bytes: Buffer, size: number): Readable =>
  Readable.from(
    (function* () {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    })(),
  );

const faultOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
  } catch (error) {
    return isFault(error) ? error.code : error;
  }
  return 'no fault';
};

/** The law of `ObjectStore`: what every adapter promises, told against a real one. */
export const objectStoreContract = (name: string, make: () => Promise<StoreUnderTest>): void => {
  describe(`object store: ${name}`, () => {
    let store: ObjectStore;
    let prefix: string;
    let cleanUp: StoreUnderTest['cleanUp'];
    let longestName: number;

    beforeAll(async () => {
      ({ store, prefix, cleanUp, longestName = Infinity } = await make());
    });
    afterAll(async () => {
      await cleanUp();
    });

    const at = (key: string) => `${prefix}${key}`;
    const read = async (key: string): Promise<string | undefined> => {
      const found = await store.get(at(key));
      return found && text(found.body);
    };
    const names = async (under: string, delimiter?: '/'): Promise<string[]> =>
      (await collect(store.list(at(under), delimiter ? { delimiter } : {}))).map((e) =>
        nameOf(e).slice(prefix.length),
      );

    describe('one object', () => {
      it('gives back the bytes that were put, and their number', async () => {
        expect(await store.put(at('one/a'), Buffer.from('hello'))).toBe('stored');
        const found = await store.get(at('one/a'));
        expect(found?.size).toBe(5);
        expect(await text(found!.body)).toBe('hello');
      });

      it('tells size and time without the bytes', async () => {
        const before = Date.now();
        await store.put(at('one/head'), Buffer.from('12345678'));
        const found = await store.head(at('one/head'));
        expect(found?.size).toBe(8);
        expect(Math.abs(found!.modified.getTime() - before)).toBeLessThan(60_000);
      });

      it('is replaced by the next put', async () => {
        await store.put(at('one/again'), Buffer.from('a long first text'));
        expect(await store.put(at('one/again'), Buffer.from('second'))).toBe('stored');
        expect(await read('one/again')).toBe('second');
      });

      it('is a copy: changing the buffer after a put changes nothing', async () => {
        const bytes = Buffer.from('fixed');
        await store.put(at('one/copy'), bytes);
        bytes.fill(0);
        expect(await read('one/copy')).toBe('fixed');
      });

      it('that nobody put is undefined and no fault, also under a key that is only a folder', async () => {
        await store.put(at('one/folder/inside'), Buffer.from('x'));
        for (const key of ['one/absent', 'one/absent/deeper', 'one/folder', 'one/folder/inside/below']) {
          expect(await store.get(at(key))).toBeUndefined();
          expect(await store.head(at(key))).toBeUndefined();
        }
      });

      it('is gone after a delete, and deleting it again is fine', async () => {
        await store.put(at('one/gone'), Buffer.from('x'));
        await store.delete(at('one/gone'));
        expect(await store.get(at('one/gone'))).toBeUndefined();
        await store.delete(at('one/gone'));
        await store.delete(at('never/was/there'));
        expect(await names('one/gone')).toEqual([]);
      });

      it('can be read by many at once', async () => {
        const bytes = randomBytes(300_000);
        await store.put(at('one/shared'), bytes);
        const expected = createHash('sha256').update(bytes).digest('hex');
        const readers = Array.from({ length: 8 }, async () =>
          sha256((await store.get(at('one/shared')))!.body),
        );
        expect(new Set(await Promise.all(readers))).toEqual(new Set([expected]));
      });

      it('is old or new as a whole for who reads while it is replaced', async () => {
        const versions = [Buffer.alloc(200_000, 'a'), Buffer.alloc(300_000, 'b')];
        const whole = new Set(await Promise.all(versions.map((v) => sha256(Readable.from([v])))));
        await store.put(at('one/replaced'), versions[0]!);
        // A server may notice that it mixed two versions, and say so: the reader reads again and never sees a mixture.
        const readWhole = async (): Promise<string> => {
          for (let tries = 1; ; tries++) {
            try {
              return await sha256((await store.get(at('one/replaced')))!.body);
            } catch (error) {
              if (!isFault(error, 'LB_STORE_UNREACHABLE') || tries === 20) throw error;
            }
          }
        };
        const reading = Array.from({ length: 12 }, readWhole);
        const writing = Array.from({ length: 6 }, (_, i) =>
          store.put(at('one/replaced'), versions[(i + 1) % 2]!),
        );
        for (const hash of await Promise.all(reading)) expect(whole).toContain(hash);
        await Promise.all(writing);
      });

      it('can be left in the middle by its reader', async () => {
        await store.put(at('one/left'), randomBytes(500_000));
        const found = await store.get(at('one/left'));
        for await (const chunk of found!.body) {
          expect((chunk as Buffer).length).toBeGreaterThan(0);
          break;
        }
        expect(found!.body.destroyed).toBe(true);
        expect((await store.head(at('one/left')))?.size).toBe(500_000);
      });
    });

    describe('a put only if absent', () => {
      it('stores the first and leaves it alone afterwards', async () => {
        expect(await store.put(at('once/a'), Buffer.from('first'), { ifAbsent: true })).toBe('stored');
        expect(await store.put(at('once/a'), Buffer.from('second'), { ifAbsent: true })).toBe('exists');
        expect(await read('once/a')).toBe('first');
      });

      it('lets exactly one of eight racing writers win, and the winner is what is read', async () => {
        const racers = Array.from({ length: 8 }, (_, i) =>
          store.put(at('once/race'), Buffer.from(`writer ${i}`), { ifAbsent: true }),
        );
        const results = await Promise.all(racers);
        expect(results.filter((r) => r === 'stored')).toHaveLength(1);
        expect(await read('once/race')).toBe(`writer ${results.indexOf('stored')}`);
      });

      it('holds for streams that need several requests', async () => {
        const big = randomBytes(9 * MIB);
        expect(await store.put(at('once/big'), oneByOne(big, 64 * 1024), { ifAbsent: true })).toBe('stored');
        expect(
          await store.put(at('once/big'), oneByOne(Buffer.alloc(9 * MIB), MIB), { ifAbsent: true }),
        ).toBe('exists');
        expect(await sha256((await store.get(at('once/big')))!.body)).toBe(
          createHash('sha256').update(big).digest('hex'),
        );
      });

      it('works again after a delete', async () => {
        await store.put(at('once/again'), Buffer.from('1'), { ifAbsent: true });
        await store.delete(at('once/again'));
        expect(await store.put(at('once/again'), Buffer.from('2'), { ifAbsent: true })).toBe('stored');
      });
    });

    describe('a stream of unknown length', () => {
      it.each([
        ['no bytes', 0],
        ['one byte', 1],
        ['20 MiB', 20 * MIB],
        ['exactly two parts', 16 * MIB],
      ])('arrives as it was: %s', async (title, size) => {
        const bytes = randomBytes(size);
        const key = at(`stream/${title}`);
        expect(await store.put(key, oneByOne(bytes, 50_000))).toBe('stored');
        const found = await store.get(key);
        expect(found?.size).toBe(size);
        expect(await sha256(found!.body)).toBe(createHash('sha256').update(bytes).digest('hex'));
      });

      it.each([
        ['at once', 0],
        ['after a piece', 1000],
        ['after 9 MiB', 9 * MIB],
      ])('that fails %s leaves no object and gives its own error', async (title, size) => {
        const broken = new Error('the pump is dry');
        const source = async function* () {
          if (size > 0) yield randomBytes(size);
          await Promise.resolve();
          throw broken;
        };
        const key = at(`failing/${title}`);
        expect(await faultOf(store.put(key, Readable.from(source())))).toBe(broken);
        expect(await store.head(key)).toBeUndefined();
      });

      it('that is cut off without an error leaves no object', async () => {
        const source = new PassThrough();
        source.write('half of it');
        const putting = faultOf(store.put(at('failing/cut'), source));
        setImmediate(() => source.destroy());
        expect(await putting).not.toBe('no fault');
        expect(await store.head(at('failing/cut'))).toBeUndefined();
      });

      it('that fails keeps the object that was there', async () => {
        await store.put(at('failing/kept'), Buffer.from('old'));
        const source = async function* () {
          yield await Promise.resolve(randomBytes(10));
          throw new Error('no more');
        };
        await faultOf(store.put(at('failing/kept'), Readable.from(source())));
        expect(await read('failing/kept')).toBe('old');
      });
    });

    describe('stopping', () => {
      it('ends a put whose source is silent, leaves no object and ends the source', async () => {
        const source = new PassThrough();
        source.write(randomBytes(9 * MIB));
        const stop = new AbortController();
        const putting = faultOf(store.put(at('abort/silent'), source, { signal: stop.signal }));
        setImmediate(() => stop.abort());
        expect(await putting).toBe('LB_ABORTED');
        expect(source.destroyed).toBe(true);
        expect(await store.head(at('abort/silent'))).toBeUndefined();
      });

      it('before the start does nothing', async () => {
        const signal = AbortSignal.abort();
        expect(await faultOf(store.put(at('abort/early'), Buffer.from('x'), { signal }))).toBe('LB_ABORTED');
        expect(await store.head(at('abort/early'))).toBeUndefined();
        expect(await faultOf(store.get(at('abort/early'), signal))).toBe('LB_ABORTED');
        expect(await faultOf(collect(store.list(at(''), { signal })))).toBe('LB_ABORTED');
      });
    });

    describe('keys', () => {
      const strange = [
        'with space',
        'percent%41and%',
        'plus+and&=?#',
        'colon:semi;quote"\'',
        'umlaut-äöü-漢字-🚢',
        '..double',
        'triple...dots/..x/y..',
        '.hidden',
        'back\\slash',
        `long-${'n'.repeat(300)}`,
        `${'b'.repeat(253)}/${'b'.repeat(253)}-csi-volumesnapshotcontents.json.gz`,
      ];

      it('of every legal kind lead to their own object and come back from a listing', async () => {
        const fits = (key: string) => key.split('/').every((part) => Buffer.byteLength(part) <= longestName);
        const keys = strange.filter(fits);
        for (const key of keys) await store.put(at(`keys/${key}`), Buffer.from(key));
        for (const key of keys) expect(await read(`keys/${key}`)).toBe(key);
        expect(new Set(await names('keys/'))).toEqual(new Set(keys.map((key) => `keys/${key}`)));
        for (const key of keys) await store.delete(at(`keys/${key}`));
        expect(await names('keys/')).toEqual([]);
      });

      it.each([
        '',
        '/absolute',
        'a//b',
        'a/',
        '../up',
        'a/../b',
        './a',
        'a/.',
        'nul\0byte',
        'x'.repeat(1025),
      ])('that could lead astray are refused: %j', async (key) => {
        expect(await faultOf(store.put(key, Buffer.from('x')))).toBe('LB_STORE_REFUSED');
      });
    });

    describe('a listing', () => {
      it('of more than a thousand objects is complete, in byte order and with sizes', async () => {
        const keys = Array.from(
          { length: 1050 },
          (_, i) => `many/${String((i * 7919) % 1050).padStart(4, '0')}`,
        );
        for (let i = 0; i < keys.length; i += 50) {
          await Promise.all(keys.slice(i, i + 50).map((key) => store.put(at(key), Buffer.from(key))));
        }
        const found = await collect(store.list(at('many/')));
        expect(found.map((e) => nameOf(e).slice(prefix.length))).toEqual([...keys].sort());
        expect(found.every((e) => e.kind === 'object' && e.size === 9)).toBe(true);
      });

      it('sorts by the bytes of the key and not by folders or letters', async () => {
        const keys = ['a-b', 'a.b', 'a/b', 'a0', 'B', 'ab', 'é', '\uFF5E', '\u{1F6A2}'];
        for (const key of keys) await store.put(at(`order/${key}`), Buffer.from('x'));
        const expected = keys
          .map((k) => `order/${k}`)
          .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
        expect(await names('order/')).toEqual(expected);
      });

      it('with a delimiter shows the next level only, folders among the objects', async () => {
        for (const key of ['a', 'b/1', 'b/2/3', 'c', 'd/1'])
          await store.put(at(`level/${key}`), Buffer.from('x'));
        expect(await names('level/', '/')).toEqual(['level/a', 'level/b/', 'level/c', 'level/d/']);
        expect(await names('level/b/', '/')).toEqual(['level/b/1', 'level/b/2/']);
        expect(await names('level', '/')).toEqual(['level/']);
      });

      it('takes a prefix that ends in the middle of a name', async () => {
        for (const key of ['back-a', 'back-b/x', 'bad', 'front'])
          await store.put(at(`mid/${key}`), Buffer.from('x'));
        expect(await names('mid/ba')).toEqual(['mid/back-a', 'mid/back-b/x', 'mid/bad']);
        expect(await names('mid/back-', '/')).toEqual(['mid/back-a', 'mid/back-b/']);
      });

      it('of what is not there is empty', async () => {
        expect(await names('nothing/here/')).toEqual([]);
        expect(await names('nothing/here/', '/')).toEqual([]);
      });

      it('shows no folder once its last object is deleted', async () => {
        await store.put(at('empty/x/y/z'), Buffer.from('x'));
        await store.delete(at('empty/x/y/z'));
        expect(await names('empty/', '/')).toEqual([]);
      });

      it('of the whole bucket holds what was put', async () => {
        await store.put(at('whole/a'), Buffer.from('x'));
        const all = await collect(store.list(''));
        expect(all.map(nameOf)).toContain(at('whole/a'));
      });

      it('shows nothing of a put that is still going on', async () => {
        const source = new PassThrough();
        const putting = store.put(at('unfinished/a'), source);
        source.write(randomBytes(MIB));
        expect(await names('unfinished/')).toEqual([]);
        expect(
          (await collect(store.list(''))).filter((e) => !nameOf(e).startsWith(prefix.split('/')[0]!)),
        ).toEqual([]);
        source.end();
        expect(await putting).toBe('stored');
        expect(await names('unfinished/')).toEqual(['unfinished/a']);
      });
    });
  });
};
