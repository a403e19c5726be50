import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { openSqliteEventStore } from '../../../src/eventstore/sqlite.js';

const CHILD = fileURLToPath(new URL('appender.child.ts', import.meta.url));
const ROUNDS = 5;

/** Runs the appender, kills it (no handler can run) once it has acknowledged `count` events, and gives the ids it printed. */
const appendAndKill = (path: string, count: number): Promise<string[]> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--import', 'tsx', CHILD, path], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let printed = '';
    let errors = '';
    child.stderr.on('data', (text: Buffer) => (errors += text.toString()));
    child.stdout.on('data', (text: Buffer) => {
      printed += text.toString();
      if (printed.length >= count * 37) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (signal !== 'SIGKILL') reject(new Error(`the appender ended by itself with ${code}: ${errors}`));
      else resolve(printed.split('\n').slice(0, -1));
    });
  });

// A killed process proves the order "commit, then acknowledge" and the recovery of the log; only a power cut could prove the sync.
it('every acknowledged event is there after the process was killed, and no stream has a hole', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-durability-'));
  const path = join(folder, 'events.db');
  const acknowledged: string[] = [];
  let head = 0n;
  for (let round = 0; round < ROUNDS; round++) {
    acknowledged.push(...(await appendAndKill(path, 1 + Math.floor(Math.random() * 400))));
    const store = openSqliteEventStore(path);
    const stored = new Set<string>();
    const next = new Map<string, bigint>();
    for (let after = -1n, page; (page = await store.readAll({ after, limit: 1_000 })).length > 0;) {
      for (const { id, stream, revision, position } of page) {
        expect(position > after, 'positions grow').toBe(true);
        expect(revision, `a hole in ${stream}`).toBe(next.get(stream) ?? 0n);
        next.set(stream, revision + 1n);
        stored.add(id);
        after = position;
      }
    }
    expect(acknowledged.filter((id) => !stored.has(id))).toEqual([]);
    // Both events of an append or none: what was not acknowledged may be there, but never half of it.
    expect([...next.values()].filter((count) => count % 2n !== 0n)).toEqual([]);
    expect((await store.head()) > head, 'each round wrote').toBe(true);
    head = await store.head();
    await store.close();
  }
  expect(acknowledged.length).toBeGreaterThan(ROUNDS);
  await rm(folder, { recursive: true });
}, 60_000);
