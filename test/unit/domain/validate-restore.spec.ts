import { describe, expect, it } from 'vitest';
import { newestCompleted, prepareRestore } from '../../../src/domain/prepare-restore.js';
import { NON_RESTORABLE, validateRestore, type RestoreFacts } from '../../../src/domain/validate-restore.js';
import type { RestoreSpec } from '../../../src/domain/velero.gen.js';

const facts = (spec: RestoreSpec, more: Partial<RestoreFacts> = {}): RestoreFacts => ({
  spec: { backupName: 'b', ...spec },
  backup: { found: true, name: 'b' },
  location: { found: true, name: 'main', phase: 'Available', accessMode: 'ReadOnly', chosenByServer: false },
  ...more,
});
const hook = (...initContainers: Record<string, unknown>[]): RestoreSpec => ({
  hooks: { resources: [{ name: 'h', postHooks: [{ init: { initContainers } }] }] },
});
const modifier = { resourceModifier: { kind: 'ConfigMap', name: 'm' } };

describe('a restore may start', () => {
  it('from a read-only location', () => {
    expect(validateRestore(facts({}))).toEqual([]);
  });

  it('from the newest completed backup of a schedule', () => {
    expect(
      validateRestore(
        facts({ backupName: '', scheduleName: 's' }, { schedule: { backups: 2, hasCompleted: true } }),
      ),
    ).toEqual([]);
  });

  it('with hooks, a policy and a modifier that are fine', () => {
    const spec = {
      ...hook({ name: 'i', image: 'x', command: ['true'] }),
      existingResourcePolicy: 'update',
      ...modifier,
    };
    expect(validateRestore(facts(spec, { modifier: { found: true } }))).toEqual([]);
  });

  it('with a modifier of another kind, which is passed over', () => {
    expect(validateRestore(facts({ resourceModifier: { kind: 'Secret', name: 'm' } }))).toEqual([]);
  });
});

describe('a restore is refused', () => {
  it.each<[string, RestoreSpec, string, RegExp]>([
    [
      'when it includes a kind that cannot be restored',
      { includedResources: ['nodes'] },
      'includedResources',
      /"nodes" cannot be restored/,
    ],
    ['when a star has company', { includedResources: ['*', 'pods'] }, 'includedResources', /write \* alone/],
    ['when excludes are a star', { excludedNamespaces: ['*'] }, 'excludedNamespaces', /everything/],
    [
      'when a namespace is in both lists',
      { includedNamespaces: ['a'], excludedNamespaces: ['a'] },
      'excludedNamespaces',
      /too/,
    ],
    [
      'when both ways of selecting labels are used',
      { labelSelector: {}, orLabelSelectors: [{}] },
      'orLabelSelectors',
      /keep one/,
    ],
    [
      'when both a backup and a schedule are named',
      { scheduleName: 's' },
      'backupName',
      /either a backup or a schedule/,
    ],
    ['when neither is named', { backupName: '' }, 'backupName', /either a backup or a schedule/],
    [
      'when the policy is unknown',
      { existingResourcePolicy: 'Update' },
      'existingResourcePolicy',
      /none or update/,
    ],
    ['when its modifier is missing', modifier, 'resourceModifier', /there is no ConfigMap "m"/],
    [
      'when the timeout is no duration',
      { itemOperationTimeout: '4 hours' },
      'itemOperationTimeout',
      /not a duration/,
    ],
  ])('%s', (_rule, spec, field, message) => {
    expect(validateRestore(facts(spec))).toMatchObject([
      { field: ['spec', field], message: expect.stringMatching(message) as string },
    ]);
  });

  it('when an init container lacks what it needs, named by its place', () => {
    const problems = validateRestore(
      facts(hook({ name: 'i', image: 'x', command: ['true'] }, { name: 'i' })),
    );
    expect(problems).toMatchObject([
      {
        field: ['spec', 'hooks', 'resources', '0', 'postHooks', '0', 'init', 'initContainers', '1'],
        message: expect.stringMatching(/lacks image, command/) as string,
      },
    ]);
  });

  it.each([
    [
      'its backup does not exist',
      { backup: { found: false, name: 'b' } },
      'NOT_FOUND',
      /backup "b" does not exist/,
    ],
    [
      'its location is gone',
      { location: { found: false, name: 'main', chosenByServer: false } },
      'NOT_FOUND',
      /"main" does not exist/,
    ],
    [
      'its location is away',
      { location: { found: true, name: 'main', phase: 'Unavailable', chosenByServer: false } },
      'LOCATION_UNAVAILABLE',
      /Unavailable/,
    ],
  ])('when %s, and its modifier is then not looked at', (_rule, more, code, message) => {
    expect(validateRestore(facts(modifier, more))).toMatchObject([
      { code, message: expect.stringMatching(message) as string },
    ]);
  });

  it.each([
    [{ backups: 0, hasCompleted: false }, /has made no backups/],
    [{ backups: 3, hasCompleted: false }, /no Completed backup/],
  ])('when its schedule offers nothing: %j', (schedule, message) => {
    expect(validateRestore(facts({ backupName: '', scheduleName: 's' }, { schedule }))).toMatchObject([
      { field: ['spec', 'scheduleName'], message: expect.stringMatching(message) as string },
    ]);
  });

  it('when its modifier is broken', () => {
    const broken = { modifier: { found: true, problem: 'rule 1 has no patch' } };
    expect(validateRestore(facts(modifier, broken))).toMatchObject([
      { message: 'ConfigMap "m": rule 1 has no patch' },
    ]);
  });
});

describe('a prepared restore', () => {
  const env = { itemOperationTimeoutMs: 4 * 3_600_000 };

  it('excludes what can never be restored, in Velero’s order, once', () => {
    const once = prepareRestore({ backupName: 'b', excludedResources: ['secrets', 'nodes'] }, env);
    expect(once.excludedResources).toEqual([
      'secrets',
      'nodes',
      ...NON_RESTORABLE.filter((kind) => kind !== 'nodes'),
    ]);
    expect(once.itemOperationTimeout).toBe('4h0m0s');
    expect(prepareRestore(once, env)).toEqual(once);
  });

  it('names the backup its schedule stands for', () => {
    expect(prepareRestore({ scheduleName: 's' }, { ...env, backupOfSchedule: 's-2' }).backupName).toBe('s-2');
    expect(prepareRestore({ scheduleName: 's' }, env)).not.toHaveProperty('backupName');
  });

  it('names the schedule its backup came from, unless it names one', () => {
    expect(prepareRestore({ backupName: 'b' }, { ...env, scheduleOfBackup: 's' }).scheduleName).toBe('s');
    expect(
      prepareRestore({ backupName: 'b', scheduleName: 'x' }, { ...env, scheduleOfBackup: 's' }).scheduleName,
    ).toBe('x');
  });

  it('takes the newest Completed backup of a schedule, never a partly failed one', () => {
    const backups = [
      { name: 'old', phase: 'Completed', startTimestamp: '2026-01-01T00:00:00Z' },
      { name: 'new', phase: 'Completed', startTimestamp: '2026-01-03T00:00:00Z' },
      { name: 'partial', phase: 'PartiallyFailed', startTimestamp: '2026-01-04T00:00:00Z' },
    ];
    expect(newestCompleted(backups)).toBe('new');
    expect(newestCompleted([...backups].reverse())).toBe('new');
    expect(newestCompleted([backups[2]!])).toBeUndefined();
  });
});

describe('a restore takes only a backup that has ended', () => {
  const location = { found: true, name: 'default', phase: 'Available', chosenByServer: false } as const;
  const problemsOf = (phase?: string) =>
    validateRestore({
      spec: { backupName: 'b' },
      backup: { found: true, name: 'b', ...(phase !== undefined && { phase }) },
      location,
    });

  it.each(['Completed', 'PartiallyFailed'])('%s will do', (phase) => {
    expect(problemsOf(phase)).toEqual([]);
  });

  it.each(['', 'New', 'Queued', 'InProgress', 'Finalizing', 'Failed', 'FailedValidation', 'Deleting'])(
    '"%s" is refused, with what to do',
    (phase) => {
      expect(problemsOf(phase)).toEqual([
        expect.objectContaining({
          field: ['spec', 'backupName'],
          message: expect.stringContaining('Completed') as string,
        }),
      ]);
    },
  );
});
