import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backupHooksOf, compileBackupHooks, hasHooks } from '../../../../src/domain/hooks/backup-hooks.js';
import { kindResolver } from '../../../../src/domain/resource-kinds.js';
import type { BackupResourceHookSpec } from '../../../../src/domain/velero.gen.js';
import { KINDS } from '../kinds.js';
import { aPod } from './pods.js';

const resolve = kindResolver(KINDS);
const compiled = (...resources: BackupResourceHookSpec[]) => compileBackupHooks({ resources }, resolve);
const exec = (program: string) => ({ exec: { command: [program] } });
const programs = (...args: Parameters<typeof backupHooksOf>) =>
  backupHooksOf(...args).hooks.map(({ command }) => command[0]);
const PRE = 'pre.hook.backup.velero.io';
const POST = 'post.hook.backup.velero.io';
const LEGACY = 'hook.backup.velero.io';

describe('hooks of a pod’s annotations', () => {
  it('behaviour 114: a pod with pre and post annotations has one hook before and one after', () => {
    const pod = aPod({ [`${PRE}/command`]: 'sync', [`${POST}/command`]: 'thaw' });
    expect(programs(pod, 'pre', [])).toEqual(['sync']);
    expect(programs(pod, 'post', [])).toEqual(['thaw']);
  });

  it('say everything about the hook', () => {
    const pod = aPod({
      [`${PRE}/command`]: '["/bin/sh", "-c", "sync"]',
      [`${PRE}/container`]: 'sidecar',
      [`${PRE}/on-error`]: 'Fail',
      [`${PRE}/timeout`]: '1m30s',
    });
    expect(backupHooksOf(pod, 'pre', [])).toEqual({
      hooks: [
        {
          name: '<from-annotation>',
          source: 'annotation',
          index: 0,
          container: 'sidecar',
          command: ['/bin/sh', '-c', 'sync'],
          onError: 'Fail',
          timeoutMs: 90_000,
        },
      ],
      warnings: [],
    });
  });

  it('behaviour 116: without on-error a failure is passed over; the first container and 30 seconds are the defaults', () => {
    expect(backupHooksOf(aPod({ [`${PRE}/command`]: 'sync' }), 'pre', []).hooks).toMatchObject([
      { container: 'app', onError: 'Continue', timeoutMs: 30_000 },
    ]);
  });

  it('may have no limit of time', () => {
    const pod = aPod({ [`${PRE}/command`]: 'sync', [`${PRE}/timeout`]: '-1s' });
    expect(backupHooksOf(pod, 'pre', []).hooks[0]).not.toHaveProperty('timeoutMs');
  });

  it('without a phase mean before the backup, if there is no command with the phase', () => {
    const legacy = { [`${LEGACY}/command`]: 'old', [`${LEGACY}/container`]: 'sidecar' };
    expect(backupHooksOf(aPod(legacy), 'pre', []).hooks).toMatchObject([
      { command: ['old'], container: 'sidecar' },
    ]);
    expect(programs(aPod(legacy), 'post', [])).toEqual([]);
    expect(backupHooksOf(aPod({ ...legacy, [`${PRE}/command`]: 'new' }), 'pre', []).hooks).toMatchObject([
      { command: ['new'], container: 'app' },
    ]);
  });

  it('behaviour 118: keep a container that the pod lacks, so that it becomes an error of the hook', () => {
    const pod = aPod({ [`${PRE}/command`]: 'sync', [`${PRE}/container`]: 'db' });
    expect(backupHooksOf(pod, 'pre', []).hooks).toMatchObject([{ container: 'db' }]);
  });

  it.each([
    ['timeout', 'soon', /"soon" is not a duration, so 30s counts; write it like 30s/],
    ['on-error', 'fail', /"fail" is unknown and acts like Continue; write Continue or Fail/],
    ['command', '["sync"', /begins like a JSON array/],
  ])('warn of a %s that cannot be read, and the hook runs all the same', (key, value, message) => {
    const pod = aPod({ [`${PRE}/command`]: 'sync', [`${PRE}/${key}`]: value });
    const { hooks, warnings } = backupHooksOf(pod, 'pre', []);
    expect(hooks).toMatchObject([{ onError: 'Continue', timeoutMs: 30_000 }]);
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(warnings[0]).toContain(`pod shop/web, annotation ${PRE}/${key}: `);
  });

  it('never show the command in a warning', () => {
    const pod = aPod({ [`${PRE}/command`]: '["mysqldump", "-phunter2"' });
    expect(backupHooksOf(pod, 'pre', []).warnings.join()).not.toContain('hunter2');
  });

  it('crash nothing, whatever they say', () => {
    const text = fc.oneof(fc.string(), fc.json(), fc.constant('['), fc.constant('__proto__'));
    const keys = ['container', 'command', 'on-error', 'timeout'];
    const annotations = fc.dictionary(
      fc.constantFrom(...[PRE, POST, LEGACY].flatMap((prefix) => keys.map((key) => `${prefix}/${key}`))),
      fc.oneof(text, fc.anything()),
    );
    fc.assert(
      fc.property(annotations, fc.constantFrom('pre' as const, 'post' as const), (given, phase) => {
        const { hooks } = backupHooksOf(aPod(given), phase, []);
        expect(hooks.length).toBeLessThanOrEqual(1);
        if (hooks.length === 1) expect(hasHooks(aPod(given))).toBe(true);
      }),
    );
  });
});

describe('hooks of a spec', () => {
  it('behaviour 119: are ignored in the phase for which the pod has an annotation, and only there', () => {
    const sets = compiled({ name: 'h', pre: [exec('spec-pre')], post: [exec('spec-post')] });
    const pod = aPod({ [`${PRE}/command`]: 'mine' });
    expect(programs(pod, 'pre', sets)).toEqual(['mine']);
    expect(programs(pod, 'post', sets)).toEqual(['spec-post']);
  });

  it('come in the order of the spec, each with its place in its list', () => {
    const sets = compiled(
      { name: 'one', pre: [exec('a'), { exec: { command: ['b'], container: 'sidecar', onError: 'Fail' } }] },
      { name: 'two', pre: [exec('c')] },
    );
    expect(backupHooksOf(aPod(), 'pre', sets).hooks).toMatchObject([
      { name: 'one', index: 0, source: 'spec', command: ['a'], container: 'app', onError: 'Continue' },
      { name: 'one', index: 1, command: ['b'], container: 'sidecar', onError: 'Fail' },
      { name: 'two', index: 0, command: ['c'] },
    ]);
  });

  it.each(['30s', '0s', undefined])('have 30 seconds with timeout %s', (timeout) => {
    const sets = compiled({ name: 'h', pre: [{ exec: { command: ['a'], ...(timeout && { timeout }) } }] });
    expect(backupHooksOf(aPod(), 'pre', sets).hooks).toMatchObject([{ timeoutMs: 30_000 }]);
  });

  it.each<[string, Partial<BackupResourceHookSpec>, boolean]>([
    ['that choose nothing', {}, true],
    ['of its namespace', { includedNamespaces: ['shop'] }, true],
    ['of a glob of its namespace', { includedNamespaces: ['sh*'] }, true],
    ['of another namespace', { includedNamespaces: ['bank'] }, false],
    ['not of its namespace', { excludedNamespaces: ['s?op'] }, false],
    ['of pods by their short name', { includedResources: ['po'] }, true],
    ['of pods by any name and more', { includedResources: ['deployments', 'Pod'] }, true],
    ['of everything', { includedResources: ['*'] }, true],
    ['of other kinds', { includedResources: ['deployments'] }, false],
    ['not of pods', { excludedResources: ['po'] }, false],
    ['with a star excluded, which counts for nothing', { excludedResources: ['*'] }, true],
    ['of its label', { labelSelector: { matchLabels: { app: 'web' } } }, true],
    ['of another label', { labelSelector: { matchLabels: { app: 'db' } } }, false],
    ['with lists that are null', { includedNamespaces: null, labelSelector: null }, true],
  ])('are for a pod if they are those %s: %j', (_which, selector, applies) => {
    const sets = compiled({ name: 'h', pre: [exec('a')], ...selector });
    expect(programs(aPod(), 'pre', sets)).toEqual(applies ? ['a'] : []);
    expect(hasHooks(aPod(), sets)).toBe(applies);
  });

  it('are none where the spec has none', () => {
    expect(compileBackupHooks(undefined, resolve)).toEqual([]);
    expect(compileBackupHooks({ resources: null }, resolve)).toEqual([]);
    expect(hasHooks(aPod(), compiled({ name: 'empty' }))).toBe(false);
  });
});
