import { pipeline, Readable, Transform } from 'node:stream';
import type { Listed, ObjectStore } from '../objectstore/port.js';
import { faultLabel } from './measured-cluster.js';
import { stopwatch, type Meters } from './meters.js';

/** Passes bytes on and counts them. An error of the source reaches the reader; a reader that leaves ends the source. */
const counted = (body: Readable, count: (bytes: number) => void): Readable => {
  const meter = new Transform({
    transform(chunk: Buffer | string, _encoding, done) {
      count(Buffer.byteLength(chunk));
      done(undefined, chunk);
    },
  });
  pipeline(body, meter, () => undefined); // what went wrong is told by the meter to whoever reads it
  return meter;
};

type Measure = <T>(operation: string, call: () => Promise<T>, outcome: (answer: T) => string) => Promise<T>;

const measureWith =
  ({ storeRequests }: Meters): Measure =>
  async (operation, call, outcome) => {
    const elapsed = stopwatch();
    try {
      const answer = await call();
      storeRequests.observe({ operation, outcome: outcome(answer) }, elapsed());
      return answer;
    } catch (error) {
      storeRequests.observe({ operation, outcome: faultLabel(error) }, elapsed());
      throw error;
    }
  };

/** Counts once, by the time it spent waiting for entries: what the reader does meanwhile is not the store's. */
const listed = async function* (
  source: AsyncIterable<Listed>,
  { storeRequests }: Meters,
): AsyncGenerator<Listed> {
  const iterator = source[Symbol.asyncIterator]();
  let waited = 0;
  let outcome = 'ok';
  try {
    for (;;) {
      const elapsed = stopwatch();
      const next = await iterator.next();
      waited += elapsed();
      if (next.done === true) return;
      yield next.value;
    }
  } catch (error) {
    outcome = faultLabel(error);
    throw error;
  } finally {
    storeRequests.observe({ operation: 'list', outcome }, waited);
    await iterator.return?.();
  }
};

/** The same store, with every call measured. */
export const measureObjectStore = (store: ObjectStore, meters: Meters): ObjectStore => {
  const measure = measureWith(meters);
  const sent = (bytes: number) => meters.storeBytes.inc({ operation: 'put' }, bytes);
  const received = (bytes: number) => meters.storeBytes.inc({ operation: 'get' }, bytes);
  return {
    put: (key, body, options) => {
      const streamed = body instanceof Readable ? counted(body, sent) : undefined;
      const outcome = (answer: 'stored' | 'exists') => {
        if (answer === 'stored' && body instanceof Uint8Array) sent(body.byteLength);
        return answer === 'stored' ? 'ok' : answer;
      };
      return measure('put', () => store.put(key, streamed ?? body, options), outcome);
    },
    get: async (key, signal) => {
      const found = await measure(
        'get',
        () => store.get(key, signal),
        (answer) => (answer ? 'ok' : 'absent'),
      );
      return found && { ...found, body: counted(found.body, received) };
    },
    head: (key, signal) =>
      measure(
        'head',
        () => store.head(key, signal),
        (answer) => (answer ? 'ok' : 'absent'),
      ),
    list: (prefix, options) => listed(store.list(prefix, options), meters),
    delete: (key, signal) =>
      measure(
        'delete',
        () => store.delete(key, signal),
        () => 'ok',
      ),
    presign: (key, seconds) =>
      measure(
        'presign',
        () => store.presign(key, seconds),
        () => 'ok',
      ),
    close: () => store.close(),
  };
};
