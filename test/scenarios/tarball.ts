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

/** What tells the entries of a backup's archive. */
interface Archives {
  readonly archive: (backup: string) => Promise<ReadonlyMap<string, string>>;
}

/** `kind|namespace|name` of everything in a backup's archive, from its paths. */
export const itemsOf = async (world: Archives, backup: string): Promise<readonly string[]> =>
  [...(await world.archive(backup)).keys()]
    .flatMap((path) => {
      const scoped = /^resources\/([^/]+)\/namespaces\/([^/]+)\/([^/]+)\.json$/.exec(path);
      if (scoped) return [`${scoped[1] ?? ''}|${scoped[2] ?? ''}|${scoped[3] ?? ''}`];
      const cluster = /^resources\/([^/]+)\/cluster\/([^/]+)\.json$/.exec(path);
      return cluster ? [`${cluster[1] ?? ''}||${cluster[2] ?? ''}`] : [];
    })
    .sort();
