import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createDownloadLinks } from '../../src/download-links.js';
import { silentLog } from '../../src/log.js';

/** A folder with one file, and links to it that are served on a real port. */
const served = async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-links-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, 'b1-logs.gz');
  await writeFile(file, 'not unpacked on the way');
  let now = new Date('2026-01-02T10:00:00Z');
  const links = createDownloadLinks(() => now, silentLog());
  const app = express();
  links.mount(app);
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  links.publish(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return {
    folder,
    file,
    links,
    pass: (seconds: number) => (now = new Date(now.getTime() + seconds * 1_000)),
  };
};

const changed = (link: string, change: (query: URLSearchParams) => void): string => {
  const url = new URL(link);
  change(url.searchParams);
  return url.toString();
};

describe('a link to a file in a folder', () => {
  it('gives the file as it is, with its size and its name', async () => {
    const { file, links } = await served();
    const answer = await fetch(links.sign(file, 600));
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-encoding')).toBeNull();
    expect(answer.headers.get('content-type')).toBe('application/octet-stream');
    expect(answer.headers.get('content-length')).toBe('23');
    expect(answer.headers.get('content-disposition')).toContain('b1-logs.gz');
    expect(await answer.text()).toBe('not unpacked on the way');
  });

  it('can be asked for its size alone', async () => {
    const { file, links } = await served();
    const answer = await fetch(links.sign(file, 600), { method: 'HEAD' });
    expect([answer.status, answer.headers.get('content-length')]).toEqual([200, '23']);
    expect(await answer.text()).toBe('');
  });

  it('works until it expires', async () => {
    const { file, links, pass } = await served();
    const link = links.sign(file, 600);
    pass(600);
    expect((await fetch(link)).status).toBe(200);
    pass(1);
    expect((await fetch(link)).status).toBe(403);
  });

  it('answers 404 where there is no file, which the velero program takes for an answer', async () => {
    const { folder, links } = await served();
    expect((await fetch(links.sign(join(folder, 'missing'), 600))).status).toBe(404);
    expect((await fetch(links.sign(folder, 600))).status).toBe(404);
  });

  it('does not lead out of the bucket by a link somebody laid there', async () => {
    const { folder, links } = await served();
    await symlink('/etc/hostname', join(folder, 'sly'));
    expect((await fetch(links.sign(join(folder, 'sly'), 600))).status).toBe(404);
  });

  it.each([
    [
      'another path',
      (query: URLSearchParams) => query.set('path', Buffer.from('/etc/passwd').toString('base64url')),
    ],
    ['a later end', (query: URLSearchParams) => query.set('expires', '99999999999')],
    ['no end', (query: URLSearchParams) => query.delete('expires')],
    ['no signature', (query: URLSearchParams) => query.delete('signature')],
    ['an empty signature', (query: URLSearchParams) => query.set('signature', '')],
    [
      'a signature of its own',
      (query: URLSearchParams) => query.set('signature', Buffer.alloc(32).toString('base64url')),
    ],
    ['two paths', (query: URLSearchParams) => query.append('path', 'L2V0Yy9wYXNzd2Q')],
  ])('is worth nothing with %s', async (_what, change) => {
    const { file, links } = await served();
    expect((await fetch(changed(links.sign(file, 600), change))).status).toBe(403);
  });

  it('of another process is worth nothing', async () => {
    const [mine, other] = [await served(), await served()];
    const link = new URL(mine.links.sign(other.file, 600));
    const there = new URL(other.links.sign(other.file, 600));
    link.port = there.port;
    expect((await fetch(link)).status).toBe(403);
  });
});
