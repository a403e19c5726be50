import { randomUUID } from 'node:crypto';
import type { OpenedLocation } from '../../controllers/ports.js';
import type { BackupStorageLocation } from '../../domain/velero.gen.js';
import { messageOf } from '../../faults.js';
import type { LocationOpener } from '../../locations.js';
import { checkLocation } from '../../objectstore/location.js';
import { examine, fail, judgeClock, ok, skip, warn, type Examined, type Finding } from './finding.js';

const LINK_SECONDS = 60;
const RACERS = 6;
const OPEN_REMEDY = 'correct the field, or the Secret it names';
const ACCESS_REMEDY = 'check bucket, address and credentials; the identity needs list, get, put and delete';

/** What the looks at one location share. `ahead` is what its clock was ahead of ours, once that is known. */
interface Probe extends OpenedLocation {
  readonly key: string;
  readonly raceKey: string;
  readonly readOnly: boolean;
  readonly bytes: Buffer;
  readonly now: () => number;
  ahead?: number;
}

const contentOf = async (body: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const chunks: Uint8Array[] = [];
  for await (const chunk of body) chunks.push(chunk);
  return Buffer.concat(chunks);
};

const writeAndRead = async (probe: Probe, signal: AbortSignal): Promise<Finding> => {
  const { store, key, bytes } = probe;
  await store.put(key, bytes, { signal });
  const found = await store.get(key, signal);
  if (!found) return fail('what was just written is not there', 'use a storage that reads its own writes');
  const read = await contentOf(found.body);
  const head = await store.head(key, signal);
  if (head) probe.ahead = head.modified.getTime() - probe.now();
  return read.equals(bytes)
    ? ok('an object was written and read back')
    : fail('what was read is not what was written', 'look for a proxy that changes bodies');
};

/** One after the other shows a server that ignores the condition; side by side, one for which we have to look first. */
const putOnlyIfAbsent = async (probe: Probe, signal: AbortSignal): Promise<Finding> => {
  const { store, key, raceKey, bytes } = probe;
  const remedy =
    'let no two clusters write to this bucket and prefix, or use a storage with conditional writes';
  if ((await store.put(key, bytes, { ifAbsent: true, signal })) === 'stored')
    return fail('If-None-Match is ignored: an object was written over', remedy);
  const answers = await Promise.all(
    Array.from({ length: RACERS }, (_, i) =>
      store.put(raceKey, Buffer.from(`${i}`), { ifAbsent: true, signal }),
    ),
  );
  const winners = answers.filter((answer) => answer === 'stored').length;
  return winners === 1
    ? ok('of writers that race, one wins')
    : warn(`of ${RACERS} writers that raced, ${winners} believed to be first`, remedy);
};

const followLink = async (probe: Probe, signal: AbortSignal): Promise<Finding> => {
  const url = await probe.store.presign(probe.key, LINK_SECONDS);
  const remedy = 'check spec.config.publicUrl and s3Url: "velero backup logs" and its like follow such links';
  let answer: Response;
  try {
    answer = await fetch(url, { signal });
  } catch (error) {
    // Never the address itself: the signature is in it.
    const cause = error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : '';
    return warn(`a download link cannot be followed from here: ${cause || messageOf(error)}`, remedy);
  }
  const date = Date.parse(answer.headers.get('date') ?? '');
  if (!Number.isNaN(date)) probe.ahead ??= date - probe.now();
  const content = Buffer.from(await answer.arrayBuffer());
  const wanted = probe.readOnly ? 404 : 200;
  const good = answer.status === wanted && (probe.readOnly || content.equals(probe.bytes));
  return good
    ? ok('a download link works')
    : fail(`a download link answers ${answer.status} instead of ${wanted}`, remedy);
};

/** Also after failures, as far as possible: nothing of ours stays. */
const takeAway = async ({ store, key, raceKey }: Probe, signal: AbortSignal): Promise<Finding> => {
  await Promise.all([store.delete(key, signal), store.delete(raceKey, signal)]);
  return (await store.head(key, signal))
    ? fail(
        `${key} is still there after it was deleted`,
        `delete ${key}; check versions and locks of the bucket`,
      )
    : ok('what was written is deleted again');
};

const clockOf = ({ ahead }: Probe): Promise<Finding> =>
  Promise.resolve(ahead === undefined ? skip('the storage does not tell its time') : judgeClock(ahead));

export interface LocationsDeps {
  readonly openLocation: LocationOpener;
  readonly now: () => number;
  readonly deadlineMs: number;
}

/** Every look at one storage location, in order. Nothing is written into a read-only one, nor where something else lives. */
export const examineLocation = async function* (
  { metadata, spec }: BackupStorageLocation,
  { openLocation, now, deadlineMs }: LocationsDeps,
): AsyncGenerator<Examined> {
  const title = `location ${metadata.name}`;
  const look = (what: string, remedy: string, work: (signal: AbortSignal) => Promise<Finding>) =>
    examine(`${title}: ${what}`, remedy, work, deadlineMs);
  let opened: OpenedLocation | undefined;
  const opening = await look('settings', OPEN_REMEDY, async () => {
    if (!spec) return fail('spec is empty', 'name a provider and a bucket');
    opened = await openLocation(spec);
    return ok(`provider ${spec.provider}, bucket ${spec.objectStorage.bucket}`);
  });
  yield opening;
  if (!opened) return;
  const { store, layout } = opened;
  try {
    const listing = await look('access', ACCESS_REMEDY, async (signal) => {
      await checkLocation(store, layout, signal);
      return ok('it can be listed, and nothing else lives there');
    });
    yield listing;
    if (listing.verdict !== 'ok') return;
    const readOnly = spec?.accessMode === 'ReadOnly';
    const [key, raceKey] = [layout.probe(randomUUID()), layout.probe(randomUUID())];
    const probe: Probe = { store, layout, key, raceKey, readOnly, now, bytes: Buffer.from(`probe ${key}`) };
    const writing = readOnly
      ? undefined
      : await look('write', ACCESS_REMEDY, (signal) => writeAndRead(probe, signal));
    yield writing ?? { check: `${title}: write`, ...skip('the location is read-only') };
    if (writing?.verdict === 'ok')
      yield await look('conditional write', ACCESS_REMEDY, (signal) => putOnlyIfAbsent(probe, signal));
    if (spec?.provider.endsWith('filesystem'))
      yield { check: `${title}: link`, ...skip('the running server gives the links of a folder') };
    else if (writing?.verdict !== 'fail')
      yield await look('link', ACCESS_REMEDY, (signal) => followLink(probe, signal));
    yield await look('clock', '', () => clockOf(probe));
    if (writing) yield await look('delete', ACCESS_REMEDY, (signal) => takeAway(probe, signal));
  } finally {
    store.close();
  }
};
