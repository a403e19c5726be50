import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import type { HookStatus, Restore } from '../../src/domain/velero.gen.js';
import {
  configMap,
  deployment,
  namespaceOf,
  secret,
  service,
  serviceAccount,
  widget,
  widgetDefinition,
  type KubeObject,
} from '../builders.js';
import { startLife, type Life, type Outside } from '../scenarios/life.js';
import { createWorld, type World, type WorldOptions } from '../scenarios/world.js';
import { withCrash, type Crashing } from './crashes.js';

/** A piece of a user's life with the server, which has to end the same way wherever the server dies on the way. */
export interface Plot {
  readonly options?: WorldOptions;
  /** What was before; a server that does not die is there for it. */
  readonly prepare: (world: World) => Promise<void>;
  /** What the user does and waits for, without caring which process of the server it is that answers. */
  readonly act: (world: World) => Promise<void>;
  readonly check: (world: World, seen: Seen) => Promise<void>;
}

/** What happened outside, over all lives. */
export interface Seen {
  /** Names of objects that were made, each as often as it was made. */
  readonly created: readonly string[];
  readonly deleted: readonly string[];
  /** Commands that were run in pods, as `pod: command`, in order. */
  readonly ran: readonly string[];
  /** Hashes of each mark (`velero-backup.json`) that was stored. */
  readonly marks: ReadonlyMap<string, readonly string[]>;
  /** True if the crash came. */
  readonly crashed: boolean;
  /** What the life that crashed had done by then. */
  readonly effects: readonly string[];
}

/** Velero’s own kinds are not counted: the user makes those. */
const recording = (outside: Outside) => {
  const created: string[] = [];
  const deleted: string[] = [];
  const ran: string[] = [];
  const marks = new Map<string, string[]>();
  const watched: Outside = {
    ...outside,
    cluster: {
      ...outside.cluster,
      create: async (type, namespace, body, options) => {
        const written = await outside.cluster.create(type, namespace, body, options);
        // A review is a question in the form of an object: it has no name, and nothing is made.
        const { metadata } = JSON.parse(Buffer.from(body).toString('utf8')) as Partial<KubeObject>;
        if (written.ok && metadata) created.push(`${type.resource}/${namespace ?? ''}/${metadata.name}`);
        return written;
      },
      delete: async (type, ref, options) => {
        const written = await outside.cluster.delete(type, ref, options);
        if (written.ok) deleted.push(`${type.resource}/${ref.name}`);
        return written;
      },
      exec: (pod, request) => {
        ran.push(`${pod.name}: ${request.command.join(' ')}`);
        return outside.cluster.exec(pod, request);
      },
    },
    openLocation: async (spec) => {
      const opened = await outside.openLocation(spec);
      return {
        ...opened,
        store: {
          ...opened.store,
          put: async (key, body, options) => {
            const answer = await opened.store.put(key, body, options);
            if (answer === 'stored' && key.endsWith('velero-backup.json')) {
              const hash = createHash('sha256')
                .update(body as Uint8Array)
                .digest('hex');
              marks.set(key, [...(marks.get(key) ?? []), hash]);
            }
            return answer;
          },
        },
      };
    },
  };
  return { watched, created, deleted, ran, marks };
};

export interface Performance {
  readonly effects: readonly string[];
  readonly crashed: boolean;
}

const settledOrDead = async (doomed: Promise<Life>, crashing: Crashing): Promise<boolean> =>
  Promise.race([doomed.then((life) => life.settled()).then(() => false), crashing.crashed.then(() => true)]);

/** Plays a plot once with a server that dies where `dies` says, and goes on with one that does not. */
export const perform = async (
  plot: Plot,
  dies: Parameters<typeof withCrash>[1],
  config: WorldOptions['config'] = {},
): Promise<Performance> => {
  const world = await createWorld({ ...plot.options, config });
  await plot.prepare(world);
  await world.stop();
  const { watched, ...seen } = recording(world);
  const crashing = withCrash(watched, dies);
  const doomed = startLife(crashing.outside, world.config, crashing.life);
  doomed.catch(() => undefined);
  const acted = plot.act(world);
  acted.catch(() => undefined);
  await Promise.race([acted, crashing.crashed]);
  const over = Promise.all([acted, settledOrDead(doomed, crashing)]);
  over.catch(() => undefined);
  const crashed = await Promise.race([over.then(([, dead]) => dead), crashing.crashed.then(() => true)]);
  if (!crashed) crashing.life.abort();
  await world.start(watched);
  await acted;
  await world.idle();
  await plot.check(world, { ...seen, crashed, effects: crashing.effects });
  await world.stop();
  crashing.bury();
  return { effects: crashing.effects, crashed };
};

const SHOP = 'shop';

/** Small, but with one of each thing that a restore treats in its own way. */
const objects = (namespace: string): readonly KubeObject[] => [
  namespaceOf(namespace),
  configMap(namespace, 'settings', { a: 'b' }),
  secret(namespace, 'db', { p: 'cQ==' }),
  serviceAccount(namespace, 'web'),
  service(namespace, 'web'),
  deployment(namespace, 'web'),
  widget(namespace, 'w1', { size: 1 }),
];

const MADE = [
  'configmaps',
  'secrets',
  'serviceaccounts',
  'services',
  'deployments.apps',
  'widgets.shop.example',
];

/** With the namespace and the definition of the widgets. */
const ITEMS = MADE.length + 2;

export const once = (names: readonly string[]) =>
  expect([...names].sort()).toEqual([...new Set(names)].sort());

/** Between these two facts a crash interrupts something; before and after them it only delays. */
const RUN = {
  backup: ['BackupStarted', 'BackupContentsStored'],
  restore: ['RestoreStarted', 'RestoreItemsApplied'],
} as const;

const wasInterrupted = ({ crashed, effects }: Seen, kind: 'backup' | 'restore'): boolean => {
  const done = (type: string) =>
    effects.some((effect) => effect.startsWith('events append') && effect.includes(type));
  const [begin, end] = RUN[kind];
  return crashed && done(begin) && !done(end);
};

/** Facts are told once, in one unbroken order, and with the interruption among them if there was one. */
export const checkFacts = async (world: World, seen: Seen, kind: 'backup' | 'restore', name: string) => {
  const facts = await world.facts(kind, name);
  once(facts.map(({ id }) => id));
  expect(facts.map(({ revision }) => revision)).toEqual(facts.map((_, i) => BigInt(i)));
  const attempts = facts.filter(({ type }) => type.endsWith('Started')).length;
  const interruptions = facts.filter(({ type }) => type.endsWith('Interrupted')).length;
  expect(interruptions).toBe(wasInterrupted(seen, kind) ? 1 : 0);
  expect(attempts).toBe(interruptions + 1);
  const story = await world.story(kind, name);
  expect(story.filter((sentence) => sentence.includes('the server stopped while it ran')).length).toBe(
    interruptions,
  );
  for (const type of ['Requested', 'Finished'])
    expect(facts.filter((fact) => fact.type.endsWith(type)).length).toBe(1);
  return facts;
};

export const checkBackup = async (
  world: World,
  seen: Seen,
  name: string,
  hookStatus: HookStatus = {},
): Promise<void> => {
  const { layout } = world;
  const resource = await world.ended('Backup', name);
  expect(resource.status).toMatchObject({
    phase: 'Completed',
    version: 1,
    formatVersion: '1.1.0',
  });
  expect(resource.status?.hookStatus).toEqual(hookStatus);
  for (const field of ['startTimestamp', 'completionTimestamp', 'expiration'] as const)
    expect(resource.status?.[field]).toMatch(/^\d{4}-.*Z$/);
  const mark = (await world.json(layout.backupMetadata(name))) as typeof resource;
  expect(seen.marks.get(layout.backupMetadata(name))?.length).toBe(1);
  expect(mark.status).toEqual(resource.status);
  const facts = await checkFacts(world, seen, 'backup', name);
  expect(facts.at(-1)).toMatchObject({
    type: 'BackupFinished',
    data: { outcome: 'Completed', at: resource.status?.completionTimestamp },
  });
  const stored = facts.find(({ type }) => type === 'BackupContentsStored')?.data as {
    attempt: number;
    sha256: string;
    tally: { items: number };
  };
  const tarball = await world.bytes(layout.backupContents(name));
  expect(createHash('sha256').update(tarball).digest('hex')).toBe(stored.sha256);
  expect(mark.metadata.annotations).toMatchObject({
    'lifeboat.io/attempt': String(stored.attempt),
    'lifeboat.io/contents-sha256': stored.sha256,
  });
  expect(resource.status?.progress).toEqual({
    totalItems: stored.tally.items,
    itemsBackedUp: stored.tally.items,
  });
  expect((await world.keys(layout.backupDir(name))).length).toBe(9);
};

const checkRestore = async (
  world: World,
  seen: Seen,
  name: string,
  namespaces: readonly string[],
): Promise<Restore> => {
  const resource = await world.ended('Restore', name);
  expect(resource.status).toMatchObject({ phase: 'Completed', hookStatus: {} });
  for (const field of ['startTimestamp', 'completionTimestamp'] as const)
    expect(resource.status?.[field]).toMatch(/^\d{4}-.*Z$/);
  expect([resource.status?.warnings, resource.status?.errors]).toEqual([undefined, undefined]);
  const facts = await checkFacts(world, seen, 'restore', name);
  const applied = facts.find(({ type }) => type === 'RestoreItemsApplied')?.data as {
    tally: { items: number; created: number };
  };
  // The interruptions do not show in the counts: they are those of a restore that nothing disturbed.
  expect(applied.tally).toMatchObject({ items: ITEMS, created: ITEMS });
  expect(resource.status?.progress).toEqual({
    totalItems: applied.tally.items,
    itemsRestored: applied.tally.items,
  });
  once(seen.created);
  expect(seen.deleted).toEqual([]);
  for (const namespace of namespaces)
    for (const kind of MADE) {
      const found = await world.all(kind, namespace);
      expect(found.map(({ metadata }) => metadata.labels?.['velero.io/restore-name'])).toEqual([name]);
    }
  const list = (await world.json(world.layout.restoreResourceList(name))) as Record<string, string[]>;
  expect(
    Object.values(list)
      .flat()
      .every((entry) => entry.endsWith('(created)')),
  ).toBe(true);
  expect(Object.values(list).flat().length).toBe(applied.tally.items);
  return resource;
};

export const available = async (world: World): Promise<void> => {
  await world.start();
  await world.until('BackupStorageLocation', 'default', ({ status }) => status?.phase === 'Available');
  await world.idle();
};

export const isOver = ({ status }: { readonly status?: { readonly phase?: string } }) =>
  ['Completed', 'PartiallyFailed', 'Failed', 'FailedValidation'].includes(status?.phase ?? '');

export const backupPlot: Plot = {
  prepare: async (world) => {
    await available(world);
    await world.apply(widgetDefinition(), ...objects(SHOP));
  },
  act: async (world) => {
    await world.request('Backup', 'b1', { includedNamespaces: [SHOP] });
    await world.until('Backup', 'b1', isOver);
  },
  check: (world, seen) => checkBackup(world, seen, 'b1'),
};

export const restorePlot: Plot = {
  prepare: async (world) => {
    await backupPlot.prepare(world);
    await world.backup('b1', { includedNamespaces: [SHOP] });
    await world.remove('namespaces', SHOP);
    await world.remove('customresourcedefinitions.apiextensions.k8s.io', 'widgets.shop.example');
  },
  act: async (world) => {
    await world.request('Restore', 'r1', { backupName: 'b1' });
    await world.until('Restore', 'r1', isOver);
  },
  check: async (world, seen) => {
    await checkRestore(world, seen, 'r1', [SHOP]);
    expect((await world.find('namespaces', SHOP))?.metadata.name).toBe(SHOP);
  },
};

export const mappingPlot: Plot = {
  prepare: backupPlot.prepare,
  act: async (world) => {
    await backupPlot.act(world);
    await world.request('Restore', 'r1', { backupName: 'b1', namespaceMapping: { [SHOP]: 'copy' } });
    await world.until('Restore', 'r1', isOver);
  },
  check: async (world, seen) => {
    await checkBackup(world, seen, 'b1');
    const original = await world.all('configmaps', SHOP);
    expect(original.map(({ metadata }) => metadata.labels)).toEqual([undefined]);
    const resource = await world.resources.read('Restore', 'r1', AbortSignal.timeout(5_000));
    expect(resource?.status?.phase).toBe('Completed');
    await checkFacts(world, seen, 'restore', 'r1');
    once(seen.created);
    for (const kind of MADE) expect((await world.all(kind, 'copy')).length).toBe(1);
  },
};

export const locationPlot: Plot = {
  options: { location: false },
  prepare: () => Promise.resolve(),
  act: async (world) => {
    await world.location('default');
    await world.until(
      'BackupStorageLocation',
      'default',
      ({ status }) => status?.phase === 'Available' && status.lastSyncedTime !== undefined,
    );
  },
  check: async (world) => {
    expect(await world.story('location', 'default')).toEqual([
      'Storage location registered: bucket bucket, ReadWrite.',
      expect.stringMatching(/^Storage location (became available|changed)/),
    ]);
    const facts = await world.facts('location', 'default');
    once(facts.map(({ id }) => id));
    const location = await world.resources.read(
      'BackupStorageLocation',
      'default',
      AbortSignal.timeout(5_000),
    );
    expect(location?.status).toMatchObject({ phase: 'Available' });
  },
};
