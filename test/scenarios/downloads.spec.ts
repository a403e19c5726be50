import { describe, expect, it } from 'vitest';
import { sentenceOf } from '../../src/domain/story.js';
import { upcast } from '../../src/domain/events.js';
import { streamOf } from '../../src/domain/streams.js';
import { withCrash } from '../crash/crashes.js';
import { shop } from '../builders.js';
import { startLife } from './life.js';
import { createRunningWorld, soon, type World } from './world.js';

const asks = (world: World, kind: string, target: object) =>
  world.apply({
    apiVersion: 'velero.io/v1',
    kind,
    metadata: { name: 'cli', namespace: 'velero' },
    spec: target,
  });
const LOG = { target: { kind: 'BackupLog', name: 'b1' } };
const isProcessed = ({ status }: { readonly status?: { readonly phase?: string } }) =>
  status?.phase === 'Processed';

const linksToldOf = async (world: World): Promise<readonly string[]> => {
  const day = new Date().toISOString().slice(0, 10);
  const facts = await world.events.read(streamOf('access', { namespace: 'velero', name: day }), soon());
  return facts.map((fact) => sentenceOf(upcast(fact) ?? expect.fail(fact.type)));
};

describe('A request of the velero program', () => {
  it('for a file is answered with a link to it, and the audit says so', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await asks(world, 'DownloadRequest', LOG);
    const { status } = await world.until('DownloadRequest', 'cli', isProcessed);
    expect(status?.downloadURL).toContain('backups/b1/b1-logs.gz');
    expect(await linksToldOf(world)).toEqual([
      expect.stringMatching(/^A link to the BackupLog of velero\/b1 was made; it is good until /),
    ]);
  });

  it.each(['DownloadRequest', 'ServerStatusRequest'] as const)(
    'that came while no server ran (%s) is answered by the next one',
    async (kind) => {
      const world = await createRunningWorld();
      await world.apply(...shop());
      await world.backup('b1', { includedNamespaces: ['shop'] });
      await world.stop();
      await asks(world, kind, kind === 'DownloadRequest' ? LOG : {});
      await world.start();
      await world.until(kind, 'cli', isProcessed);
    },
  );

  it('whose server dies before the link is shown gets another link, and both are told', async () => {
    const world = await createRunningWorld();
    await world.apply(...shop());
    await world.backup('b1', { includedNamespaces: ['shop'] });
    await world.stop();
    await asks(world, 'DownloadRequest', LOG);
    const crashing = withCrash(world, ({ verb, target }) =>
      verb === 'patch' && target === 'downloadrequests/cli' ? 'before' : undefined,
    );
    startLife(crashing.outside, world.config, crashing.life).catch(() => undefined);
    await crashing.crashed;
    await world.start();
    await world.until('DownloadRequest', 'cli', isProcessed);
    expect((await linksToldOf(world)).length).toBe(2);
    crashing.bury();
  });
});
