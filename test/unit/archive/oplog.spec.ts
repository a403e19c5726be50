import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createOperationLog, type LogLevel, type OperationLogOptions } from '../../../src/archive/oplog.js';
import { openSpool } from '../../../src/archive/spool.js';
import { isFault } from '../../../src/faults.js';
import { scratchFolder } from './archives.js';

const scratch = scratchFolder();

const open = async (more: Partial<OperationLogOptions> = {}) => {
  const sink = await openSpool(scratch);
  const log = createOperationLog({
    kind: 'backup',
    key: 'velero/nightly',
    level: 'info' satisfies LogLevel,
    format: 'text',
    sink,
    now: () => new Date('2026-11-22T15:34:10.987Z'),
    logSource: 'src/controllers/backup/collect.ts',
    ...more,
  });
  const lines = async (): Promise<string[]> => {
    const { bytes } = await log.finish();
    const text = gunzipSync(await sink.readAt(0, bytes)).toString();
    await sink.dispose();
    return text === '' ? [] : text.replace(/\n$/, '').split('\n');
  };
  return { log, lines, sink };
};

describe('the log of a backup', () => {
  it('is written as logrus writes it', async () => {
    const { log, lines } = await open();
    log.info('Backing up item', { resource: 'pods', namespace: 'shop', name: 'web', progress: '' });
    log.warn('one', { name: 'system:x', 'original name': 'a b', count: 3, ok: true, absent: undefined });
    log.error('tab\there "quoted" \\ é 日本 \u00a0\u2028\u0001\x7f🚢\u{e0001}', {
      error: new Error('no <way>'),
      msg: 'clash',
    });
    expect(await lines()).toEqual([
      'time="2026-11-22T15:34:10Z" level=info msg="Backing up item" backup=velero/nightly logSource=src/controllers/backup/collect.ts name=web namespace=shop progress= resource=pods',
      'time="2026-11-22T15:34:10Z" level=warning msg=one backup=velero/nightly count=3 logSource=src/controllers/backup/collect.ts name="system:x" ok=true original name="a b"',
      'time="2026-11-22T15:34:10Z" level=error msg="tab\\there \\"quoted\\" \\\\ é 日本 \\u00a0\\u2028\\x01\\x7f🚢\\U000e0001" backup=velero/nightly error="no <way>" fields.msg=clash logSource=src/controllers/backup/collect.ts',
    ]);
  });

  it('is one JSON object a line when that format is asked for', async () => {
    const { log, lines } = await open({ format: 'json' });
    log.error('Error backing up item', { name: 'a<b', error: new Error('boom') });
    expect(await lines()).toEqual([
      '{"backup":"velero/nightly","error.message":"boom","level":"error","logSource":"src/controllers/backup/collect.ts","msg":"Error backing up item","name":"a\\u003cb","time":"2026-11-22T15:34:10Z"}',
    ]);
  });

  it('leaves out what is below its level, but counts it', async () => {
    const { log, lines } = await open({ level: 'error' });
    log.debug('d');
    log.info('i');
    log.warn('w');
    log.error('e');
    expect(log).toMatchObject({ warnings: 1, errors: 1 });
    expect((await lines()).map((line) => / msg=(\w)/.exec(line)?.[1])).toEqual(['e']);
  });

  it('makes every warning and error an entry of the results, under whom it concerns', async () => {
    const { log, lines } = await open();
    log.warn('Skip pod volume data', {
      resource: 'pods',
      name: 'writer',
      namespace: 'shop',
      error: new Error('no agent'),
    });
    log.error('Error listing items', { resource: 'clusterroles', namespace: '' });
    log.with({ name: 'writer' }).error('Error backing up item', { error: 'boom' });
    log.error('plain');
    log.info('nothing');
    expect(log).toMatchObject({ warnings: 1, errors: 3 });
    expect(log.results).toEqual({
      errors: {
        velero: [' name: /writer message: /Error backing up item error: /boom', ' message: /plain'],
        cluster: [' resource: /clusterroles message: /Error listing items'],
      },
      warnings: {
        namespaces: {
          shop: [' resource: /pods name: /writer message: /Skip pod volume data error: /no agent'],
        },
      },
    });
    expect(await lines()).toHaveLength(5);
  });

  it('keeps the results small and still counts all of them', async () => {
    const { log, lines } = await open({ maxResultBytes: 100 });
    for (let i = 0; i < 50; i++) log.error(`failure number ${i}`, { namespace: 'shop' });
    expect(log.errors).toBe(50);
    const { velero = [], namespaces = {} } = log.results.errors;
    expect(velero).toEqual([`… and ${50 - (namespaces.shop?.length ?? 0)} more`]);
    expect(namespaces.shop?.length).toBeGreaterThan(0);
    expect(await lines()).toHaveLength(50);
  });

  it('is a valid gzip file without a single line', async () => {
    const { lines } = await open();
    expect(await lines()).toEqual([]);
  });

  it('holds many lines in their order', async () => {
    const { log, lines } = await open();
    for (let i = 0; i < 30_000; i++) {
      log.info(`line ${i}`);
      if (i % 1000 === 0) await log.room();
    }
    const found = await lines();
    expect(found).toHaveLength(30_000);
    expect(found[29_999]).toContain('msg="line 29999"');
  });

  it('stays whole when somebody logs after its end', async () => {
    const { log, lines } = await open();
    log.info('in');
    const sealed = await log.finish();
    log.error('too late for the file');
    expect(await log.finish()).toEqual(sealed);
    expect(log.errors).toBe(1);
    expect(await lines()).toHaveLength(1);
  });
});

describe('the log of a restore', () => {
  it('makes no results of its lines, only of what the restore reports', async () => {
    const { log, lines } = await open({ kind: 'restore', key: 'velero/back' });
    log.warn('just a line', { namespace: 'shop' });
    log.report('warnings', { in: 'namespace', namespace: 'shop' }, 'could not restore, it exists', {
      name: 'web',
    });
    log.report('errors', { in: 'cluster' }, 'refused');
    log.report('errors', { in: 'velero' }, 'unreadable');
    expect(log.results).toEqual({
      errors: { velero: ['unreadable'], cluster: ['refused'] },
      warnings: { namespaces: { shop: ['could not restore, it exists'] } },
    });
    expect((await lines())[1]).toBe(
      'time="2026-11-22T15:34:10Z" level=warning msg="could not restore, it exists" logSource=src/controllers/backup/collect.ts name=web namespace=shop restore=velero/back',
    );
  });
});

describe('a scratch file', () => {
  it('refuses more than its limit and says what it holds', async () => {
    const spool = await openSpool(scratch, { limit: 10 });
    await spool.write(Buffer.from('0123456789'));
    await expect(spool.write(Buffer.from('x'))).rejects.toSatisfy((e) => isFault(e, 'LB_SPOOL_FAILED'));
    await spool.finish();
    const chunks: Buffer[] = [];
    for await (const chunk of spool.read()) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('0123456789');
    await spool.dispose();
    await spool.dispose();
  });

  it('is read whole by two readers at once', async () => {
    const spool = await openSpool(scratch);
    const bytes = Buffer.alloc(5_000_000, 'abc');
    for (let at = 0; at < bytes.length; at += 1000) await spool.write(bytes.subarray(at, at + 1000));
    await spool.finish();
    const read = async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of spool.read()) chunks.push(chunk as Buffer);
      return Buffer.concat(chunks);
    };
    const [one, two] = await Promise.all([read(), read()]);
    expect(one.equals(bytes) && two.equals(bytes)).toBe(true);
    await spool.dispose();
  });

  it('is a fault when its folder cannot be made', async () => {
    await expect(openSpool('/dev/null/nowhere')).rejects.toSatisfy((e) => isFault(e, 'LB_SPOOL_FAILED'));
  });
});
