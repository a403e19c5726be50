import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { runDoctor } from '../../src/cli/doctor/run.js';
import type { DoctorDeps } from '../../src/cli/doctor/doctor.js';
import type { Examined } from '../../src/cli/doctor/finding.js';
import { readConfig } from '../../src/config.js';
import { snapshotterOpener } from '../../src/locations.js';
import { createLayout } from '../../src/objectstore/layout.js';
import { createMemoryObjectStore } from '../../src/objectstore/memory.js';
import type { ObjectStore } from '../../src/objectstore/port.js';
import type { World } from './world.js';

/** A folder that goes with the test. */
export const folderOf = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-doctor-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Serves what a store holds by its links, with its own clock. */
export const serveLinks = async (answer: (request: IncomingMessage, response: ServerResponse) => void) => {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};

/** A store whose links can be followed. */
export const linkedStore = async (skewMs = 0): Promise<ObjectStore> => {
  const reading: { store?: ObjectStore } = {};
  const base = await serveLinks((request, response) => {
    const key = decodeURIComponent(new URL(request.url ?? '/', 'http://x').pathname.slice(1));
    response.setHeader('date', new Date(Date.now() + skewMs).toUTCString());
    void reading.store?.get(key).then((found) => {
      if (found) found.body.pipe(response);
      else response.writeHead(404).end();
    });
  });
  reading.store = createMemoryObjectStore({ presignBase: base });
  return reading.store;
};

/** What the doctor said. */
export interface Diagnosis {
  readonly code: number;
  readonly said: string;
  /** The one finding of this check. */
  readonly of: (check: string) => Examined | undefined;
}

/** What the doctor is given beside the cluster. */
export interface Ward {
  readonly store?: ObjectStore;
  readonly over?: Partial<DoctorDeps>;
  readonly eventStore?: string;
  readonly deadlineMs?: number;
  readonly kopia?: string;
}

/** Lets the doctor look twice, once for people and once for programs, and holds one to the other. */
export const diagnose = async (world: Pick<World, 'cluster'>, ward: Ward = {}): Promise<Diagnosis> => {
  const folder = await folderOf();
  const store = ward.store ?? (await linkedStore());
  const config = readConfig(
    {
      'scratch-dir': folder,
      'event-store': ward.eventStore ?? `sqlite://${join(folder, 'new', 'events.db')}`,
      listen: '127.0.0.1:1',
      kopia: ward.kopia ?? '/nowhere/kopia',
    },
    {},
  );
  const deps: DoctorDeps = {
    config,
    connect: () => ({ ...world.cluster, close: () => Promise.resolve() }),
    serverAhead: () => 200,
    openLocation: () => () =>
      Promise.resolve({ store: { ...store, close: () => undefined }, layout: createLayout() }),
    openSnapshotter: (cluster) => snapshotterOpener(cluster, 'velero'),
    now: Date.now,
    deadlineMs: ward.deadlineMs ?? 5_000,
    ...ward.over,
  };
  const lines: string[] = [];
  const code = await runDoctor(deps, 'text', (text) => lines.push(text));
  const json: string[] = [];
  const second = await runDoctor(deps, 'json', (text) => json.push(text));
  expect(second).toBe(code);
  const told = JSON.parse(json.join('')) as { ok: boolean; checks: readonly Examined[] };
  expect(told.ok).toBe(code === 0);
  return {
    code,
    said: lines.join('\n'),
    of: (check) => told.checks.find((one) => one.check === check),
  };
};
