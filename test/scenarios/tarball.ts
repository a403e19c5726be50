import { gunzipSync } from 'node:zlib';
import { createTarParser } from '../../src/archive/tar-parser.js';

/** Every file of a backup's archive by its path, as text. */
export const entriesOf = (archive: Buffer): ReadonlyMap<string, string> => {
  const entries: { path: string; chunks: Buffer[] }[] = [];
  const parser = createTarParser({
    entry: ({ path }) => entries.push({ path, chunks: [] }),
    data: (chunk) => entries.at(-1)?.chunks.push(Buffer.from(chunk)),
    end: () => undefined,
  });
  parser.push(gunzipSync(archive));
  parser.finish();
  return new Map(entries.map(({ path, chunks }) => [path, Buffer.concat(chunks).toString('utf8')]));
};
