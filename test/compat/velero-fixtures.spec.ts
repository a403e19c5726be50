import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseItem, stringifyItem } from '../../src/archive/json.js';
import { quoteValue } from '../../src/archive/logrus.js';
import { createOperationLog } from '../../src/archive/oplog.js';
import {
  decodeBackupItemOperations,
  decodeBackupMetadata,
  decodeBackupVolumeInfo,
  decodePodVolumeBackups,
  decodeResourceList,
  decodeRestoreItemOperations,
  decodeRestoreVolumeInfo,
  decodeResults,
  decodeVolumeSnapshots,
  encodeBackupMetadata,
  encodeItemOperations,
  encodePodVolumeBackups,
  encodeResourceList,
  encodeResults,
  encodeVolumeInfo,
  encodeVolumeSnapshots,
  parseResourceListEntry,
} from '../../src/archive/sidecars.js';
import { openSpool } from '../../src/archive/spool.js';
import { createTarballWriter } from '../../src/archive/tarball-writer.js';
import { createTarParser, type TarEntry } from '../../src/archive/tar-parser.js';
import { collector, scan, scratchFolder } from '../unit/archive/archives.js';

const scratch = scratchFolder();
const FIXTURES = join(import.meta.dirname, '../fixtures/velero-1.18.2');
const BACKUPS = ['shop', 'whole', 'partial'];
const RESTORES = readdirSync(join(FIXTURES, 'restores'));

const backupFile = (backup: string, suffix: string): Buffer =>
  readFileSync(join(FIXTURES, backup, `${backup}${suffix}`));
const restoreFile = (restore: string, name: string): Buffer =>
  readFileSync(join(FIXTURES, 'restores', restore, name));

interface RawEntry extends TarEntry {
  readonly body: string;
}

const entriesOf = (archive: Buffer): RawEntry[] => {
  const entries: { entry: TarEntry; chunks: Buffer[] }[] = [];
  const parser = createTarParser({
    entry: (entry) => entries.push({ entry, chunks: [] }),
    data: (chunk) => entries.at(-1)?.chunks.push(Buffer.from(chunk)),
    end: () => undefined,
  });
  parser.push(gunzipSync(archive));
  parser.finish();
  return entries.map(({ entry, chunks }) => ({ ...entry, body: Buffer.concat(chunks).toString() }));
};

/** Headers of a tar archive in order, without what depends on the time of writing. */
const headersOf = (archive: Buffer): string[] => {
  const tar = gunzipSync(archive);
  const headers: string[] = [];
  for (let at = 0; at < tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + 512);
    const size = Number.parseInt(header.toString('latin1', 124, 135), 8);
    // PAX records are a matter of taste (names of their own); what they say is compared as the path of the entry.
    if (header[156] === 0x30)
      headers.push(header.toString('latin1', 0, 136) + header.toString('latin1', 156));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return headers;
};

describe.each(BACKUPS)('the backup %s that Velero 1.18.2 made', (backup) => {
  it('is read without a warning, every item of it', async () => {
    const archive = await scan(backupFile(backup, '.tar.gz'), scratch);
    const list = await decodeResourceList(backupFile(backup, '-resource-list.json.gz'), 'list');
    const listed = Object.values(list).flatMap((entries) => entries.map(parseResourceListEntry));
    expect(archive).toMatchObject({ formatVersion: '1.1.0', hasResources: true, warnings: [] });
    const items = [...archive.resources.values()].flatMap((resource) => resource.items);
    // The list is made before operations end: what they add is in the archive only.
    const known = new Set(items.map(({ namespace, name }) => `${namespace ?? ''}/${name}`));
    const missing = listed.filter(({ namespace, name }) => !known.has(`${namespace ?? ''}/${name}`));
    // Velero lists an item before it is tried; the pod that failed is listed, but not in the archive.
    expect(missing).toEqual(backup === 'partial' ? [{ namespace: 'shop-data', name: 'writer' }] : []);
    for (const resource of archive.resources.values())
      expect(resource.versions).toContain(resource.preferredVersion);
    for await (const { item, json } of archive.readMany(items, AbortSignal.timeout(10_000))) {
      const { value } = parseItem(json) as unknown as {
        value: { metadata: { name: string; namespace?: string } };
      };
      expect({ name: item.name, namespace: item.namespace }).toEqual({
        name: value.metadata.name,
        namespace: value.metadata.namespace,
      });
      expect(JSON.parse(stringifyItem(value).toString())).toEqual(JSON.parse(json.toString()));
    }
    await archive.dispose();
  });

  it('comes out of our writer with the same paths, headers and bytes', async () => {
    const theirs = backupFile(backup, '.tar.gz');
    const original = entriesOf(theirs);
    const sink = collector();
    const tar = createTarballWriter({ sink, mtime: new Date(0) });
    for (const { path, body } of original) {
      const [, groupResource = '', version, ...rest] = path.split('/');
      if (!version?.endsWith('-preferredversion')) continue;
      const [name = '', namespace] = rest.reverse();
      await tar.addItem({
        groupResource,
        version: version.replace('-preferredversion', ''),
        preferred: true,
        name: name.replace(/\.json$/, ''),
        json: Buffer.from(body),
        ...(rest[2] === 'namespaces' && namespace !== undefined ? { namespace } : {}),
      });
    }
    await tar.finish();
    expect(entriesOf(sink.bytes())).toEqual(original);
    expect(headersOf(sink.bytes())).toEqual(headersOf(theirs));
  });

  it('has a metadata file that we read and write the same', () => {
    const file = readFileSync(join(FIXTURES, backup, 'velero-backup.json'));
    const metadata = decodeBackupMetadata(file, 'velero-backup.json');
    expect(metadata.metadata.name).toBe(backup);
    expect(encodeBackupMetadata(metadata).toString()).toBe(file.toString());
  });

  it('has small files that we read and write the same', async () => {
    const same = async (suffix: string, again: (bytes: Buffer) => Promise<Buffer>): Promise<void> => {
      const file = backupFile(backup, suffix);
      expect(gunzipSync(await again(file)).toString(), suffix).toBe(gunzipSync(file).toString());
    };
    await same('-results.gz', async (bytes) => encodeResults(await decodeResults(bytes, 'f')));
    await same('-resource-list.json.gz', async (bytes) =>
      encodeResourceList(await decodeResourceList(bytes, 'f')),
    );
    await same('-podvolumebackups.json.gz', async (bytes) =>
      encodePodVolumeBackups(await decodePodVolumeBackups(bytes, 'f')),
    );
    await same('-volumesnapshots.json.gz', async (bytes) =>
      encodeVolumeSnapshots(await decodeVolumeSnapshots(bytes, 'f')),
    );
    await same('-itemoperations.json.gz', async (bytes) =>
      encodeItemOperations(await decodeBackupItemOperations(bytes, 'f')),
    );
    await same('-volumeinfo.json.gz', async (bytes) =>
      encodeVolumeInfo(await decodeBackupVolumeInfo(bytes, 'f')),
    );
  });
});

describe.each(RESTORES)('the restore %s that Velero 1.18.2 made', (restore) => {
  it('has small files that we read and write the same', async () => {
    const same = async (name: string, again: (bytes: Buffer) => Promise<Buffer>): Promise<void> => {
      const file = restoreFile(restore, name);
      expect(gunzipSync(await again(file)).toString(), name).toBe(gunzipSync(file).toString());
    };
    await same(`restore-${restore}-results.gz`, async (bytes) =>
      encodeResults(await decodeResults(bytes, 'f')),
    );
    await same(`restore-${restore}-resource-list.json.gz`, async (bytes) =>
      encodeResourceList(await decodeResourceList(bytes, 'f')),
    );
    await same(`restore-${restore}-itemoperations.json.gz`, async (bytes) =>
      encodeItemOperations(await decodeRestoreItemOperations(bytes, 'f')),
    );
    await same(`${restore}-volumeinfo.json.gz`, async (bytes) =>
      encodeVolumeInfo(await decodeRestoreVolumeInfo(bytes, 'f')),
    );
  });

  it('tells the outcome of every item', async () => {
    const list = await decodeResourceList(
      restoreFile(restore, `restore-${restore}-resource-list.json.gz`),
      'f',
    );
    const entries = Object.values(list).flat().map(parseResourceListEntry);
    expect(entries.length).toBeGreaterThan(0);
    for (const entry of entries) expect(entry.outcome).toMatch(/^(created|updated|failed|skipped)$/);
  });
});

describe('what Velero keeps that a careless reader loses', () => {
  it('is the number 9007199254740993 in a custom resource', async () => {
    const archive = await scan(backupFile('shop', '.tar.gz'), scratch);
    const widget = archive.resources.get('widgets.lifeboat.example')?.items[0];
    const json = widget && (await archive.read(widget));
    expect(json?.toString()).toContain('"big":9007199254740993');
    expect(json && stringifyItem(parseItem(json).value).toString()).toContain('"big":9007199254740993');
    await archive.dispose();
  });

  it('are names with colons and names longer than a tar header', async () => {
    const archive = await scan(backupFile('shop', '.tar.gz'), scratch);
    const names = [...archive.resources.values()].flatMap((resource) =>
      resource.items.map(({ name }) => name),
    );
    expect(names).toContain('system:shop-web');
    expect(names.some((name) => name.length > 200)).toBe(true);
    await archive.dispose();
  });
});

/** Fields of a log line, the way logrus wrote them. A key may hold a blank (`original name`). */
const fieldsOf = (line: string): [key: string, raw: string][] =>
  [...line.matchAll(/(?:^| )([^="]+?)=("(?:[^"\\]|\\.)*"|[^ "]*)(?= |$)/g)].map(([, key = '', raw = '']) => [
    key,
    raw,
  ]);

/** Go's %q read back; all it wrote in these logs is also a JSON string, but for \x and \a and the like. */
const unquote = (raw: string): string => (raw.startsWith('"') ? (JSON.parse(raw) as string) : raw);

const allLogs = (): string[] =>
  [
    ...BACKUPS.map((backup) => backupFile(backup, '-logs.gz')),
    ...RESTORES.map((restore) => restoreFile(restore, `restore-${restore}-logs.gz`)),
  ].flatMap((file) => gunzipSync(file).toString().trimEnd().split('\n'));

describe('the logs Velero wrote', () => {
  it('quote every value as we would', () => {
    const values = allLogs().flatMap(fieldsOf);
    expect(values.length).toBeGreaterThan(10_000);
    for (const [, raw] of values) expect(quoteValue(unquote(raw))).toBe(raw);
  });

  it('come out of our log line by line when the same things are said', async () => {
    for (const kind of ['backup', 'restore'] as const) {
      const original = allLogs().filter((line) => line.includes(` ${kind}=`));
      let now = '';
      const key = /(?:backup|restore)=(\S+)/;
      for (const name of new Set(original.map((line) => key.exec(line)?.[1] ?? ''))) {
        const mine = original.filter((line) => key.exec(line)?.[1] === name);
        const spool = await openSpool(scratch);
        const log = createOperationLog({
          kind,
          key: name,
          level: 'debug',
          format: 'text',
          sink: spool,
          now: () => new Date(now),
        });
        for (const line of mine) {
          const {
            time = '',
            level,
            msg = '',
            [kind]: _,
            ...fields
          } = Object.fromEntries(fieldsOf(line).map(([k, raw]) => [k, unquote(raw)]));
          now = time;
          const method = level === 'warning' ? 'warn' : (level as 'info' | 'error');
          log[method](msg, fields);
        }
        const { bytes } = await log.finish();
        expect(
          gunzipSync(await spool.readAt(0, bytes))
            .toString()
            .trimEnd()
            .split('\n'),
        ).toEqual(mine);
        await spool.dispose();
      }
    }
  });

  it('give the same results file that Velero made of them', async () => {
    const file = backupFile('partial', '-results.gz');
    const lines = gunzipSync(backupFile('partial', '-logs.gz')).toString().trimEnd().split('\n');
    const spool = await openSpool(scratch);
    const log = createOperationLog({
      kind: 'backup',
      key: 'velero/partial',
      level: 'info',
      format: 'text',
      sink: spool,
      now: () => new Date(0),
    });
    for (const line of lines) {
      const {
        level,
        msg = '',
        time: _,
        ...fields
      } = Object.fromEntries(fieldsOf(line).map(([k, raw]) => [k, unquote(raw)]));
      if (level === 'warning') log.warn(msg, fields);
      if (level === 'error') log.error(msg, fields);
    }
    await log.finish();
    await spool.dispose();
    expect(log).toMatchObject({ errors: 2, warnings: 1 });
    expect(gunzipSync(await encodeResults(log.results)).toString()).toBe(gunzipSync(file).toString());
  });
});
