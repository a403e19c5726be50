import { expect, onTestFinished, vi } from 'vitest';
import { readConfig, type GivenFlags } from '../../src/config.js';
import { createDownloadLinks } from '../../src/download-links.js';
import { createMetrics } from '../../src/metrics/metrics.js';
import { openViews } from '../../src/projections/views.js';
import { startServer, type RunningServer } from '../../src/server.js';
import type { Outside } from './life.js';
import type { World } from './world.js';

/** A whole server of a world, with its API and its metrics. */
export interface Served {
  readonly server: RunningServer;
  /** The series whose name begins with `prefix`, once the views show every fact: `name{labels}` and value. */
  readonly scrape: (prefix: string) => Promise<Readonly<Record<string, number>>>;
  /** What Prometheus gets. */
  readonly text: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

const PATIENCE = { timeout: 10_000, interval: 10 };

/** `name{a="b"} 1` by line; comments left out. */
export const seriesIn = (text: string, prefix: string): Readonly<Record<string, number>> =>
  Object.fromEntries(
    text
      .split('\n')
      .filter((line) => line.startsWith(prefix))
      .map((line) => {
        const space = line.lastIndexOf(' ');
        return [line.slice(0, space), Number(line.slice(space + 1))] as const;
      }),
  );

/** Starts what `lifeboat server` starts. The cluster and the facts outlive it. */
export const serve = async (
  world: World,
  over: Partial<Outside> = {},
  flags: GivenFlags = {},
): Promise<Served> => {
  const config = readConfig(
    {
      listen: '127.0.0.1:0',
      auth: 'none',
      'metrics-address': '127.0.0.1:0',
      'scratch-dir': world.config.scratch,
      'event-store': 'memory:',
      ...flags,
    },
    {},
  );
  const views = openViews(':memory:');
  const clock = () => new Date();
  const stays = { close: () => Promise.resolve() };
  const { cluster, events, openLocation, openSnapshotter } = { ...world, events: world.events, ...over };
  const server = await startServer(config, {
    cluster: { ...cluster, ...stays },
    events: { ...events, ...stays },
    views,
    openLocation,
    openSnapshotter: openSnapshotter ?? (() => expect.fail('nobody takes snapshots here')),
    repositories: over.repositories ?? world.repositories,
    links: createDownloadLinks(clock, world.log),
    clock,
    log: world.log,
    metrics: createMetrics('test'),
  });
  onTestFinished(() => server.stop());
  const text = async () => {
    const answer = await fetch(server.metricsUrl ?? expect.fail('the metrics are off'));
    expect(answer.status).toBe(200);
    return answer.text();
  };
  return {
    server,
    text,
    scrape: async (prefix) => {
      await server.controllers.idle();
      const head = await events.head();
      await vi.waitFor(() => expect(views.position()).toBe(head), PATIENCE);
      return seriesIn(await text(), prefix);
    },
    stop: () => server.stop(),
  };
};
