import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { backupHooksOf, compileBackupHooks } from '../../src/domain/hooks/backup-hooks.js';
import { hookObstacle } from '../../src/domain/hooks/hook.js';
import { restoreExecHooksOf } from '../../src/domain/hooks/restore-exec-hooks.js';
import { compileRestoreHooks } from '../../src/domain/hooks/restore-hook-sets.js';
import { initHooksOf } from '../../src/domain/hooks/restore-init-hooks.js';
import { namesInOrder } from '../../src/domain/ordered-resources.js';
import { printProblems, type Problem } from '../../src/domain/problem.js';
import { validateBackup } from '../../src/domain/validate-backup.js';
import { validateRestore } from '../../src/domain/validate-restore.js';
import type { BackupSpec, RestoreSpec } from '../../src/domain/velero.gen.js';
import { bounded, expectCleanPrototype } from '../bounded.js';
import { pod } from '../builders.js';
import { COMPARING, runsOf } from '../property/runs.js';
import { hostileText, retyped } from './hostile.js';

const SECRET = 'hunter2';
const command = ['/bin/sh', '-c', `mysql -p${SECRET}`];
const selector = {
  matchLabels: { app: 'db' },
  matchExpressions: [
    { key: 'tier', operator: 'In', values: ['a', 'b'] },
    { key: 'gone', operator: 'DoesNotExist' },
  ],
};
const choice = {
  name: 'quiet',
  includedNamespaces: ['sh*'],
  excludedNamespaces: ['[x-z]*'],
  labelSelector: selector,
};

const BACKUP: BackupSpec = {
  includedNamespaces: ['shop', 'sh*', '[a-c]?'],
  excludedNamespaces: ['kube-*'],
  includedResources: ['pods'],
  excludedResources: ['secrets'],
  labelSelector: selector,
  orLabelSelectors: [selector],
  orderedResources: { pods: 'shop/b,shop/a', persistentvolumes: 'x' },
  resourcePolicy: { kind: 'ConfigMap', name: 'rules' },
  storageLocation: 'default',
  ttl: '720h0m0s',
  itemOperationTimeout: '4h',
  csiSnapshotTimeout: '10m',
  hooks: {
    resources: [
      {
        ...choice,
        pre: [{ exec: { command, container: 'main', onError: 'Fail', timeout: '30s' } }],
        post: [{ exec: { command, timeout: '1h30m' } }],
      },
    ],
  },
};

const RESTORE: RestoreSpec = {
  backupName: 'b1',
  includedNamespaces: ['shop'],
  excludedNamespaces: ['kube-*'],
  includedResources: ['pods'],
  excludedResources: ['nodes'],
  labelSelector: selector,
  orLabelSelectors: [selector],
  namespaceMapping: { shop: 'shop-2' },
  existingResourcePolicy: 'update',
  itemOperationTimeout: '4h',
  resourceModifier: { kind: 'ConfigMap', name: 'rules' },
  hooks: {
    resources: [
      {
        ...choice,
        postHooks: [
          { exec: { command, execTimeout: '30s', waitTimeout: '1m', onError: 'Continue' } },
          { init: { timeout: '5m', initContainers: [{ name: 'load', image: 'i', command: ['c'] }] } },
        ],
      },
    ],
  },
};

const location = { found: true, name: 'default', phase: 'Available', chosenByServer: false };

const expectTold = (problems: readonly Problem[]): void => {
  for (const { field, message } of problems) {
    expect(field[0]).toBe('spec');
    expect(field.length).toBeGreaterThan(1);
    expect(message.length).toBeLessThan(600);
    expect(message).not.toMatch(/undefined|\[object|call stack|TypeError/);
    expect(message).not.toContain(SECRET);
  }
  expect(printProblems(problems).length).toBeLessThanOrEqual(51);
};

/** The commands of hooks hold passwords, and so may what is scribbled over them. */
const PODS = [
  pod('shop', 'db'),
  { kind: 'Pod', metadata: { name: 'x' } },
  { spec: { containers: [null, 1, {}] } },
];

afterEach(expectCleanPrototype);

describe('The spec of a backup, whatever texts are in it', () => {
  it('is fine, or has problems that each name a field', COMPARING, () => {
    fc.assert(
      fc.property(retyped({ ...BACKUP }), (changed) => {
        const spec = changed as BackupSpec;
        const problems = bounded(() =>
          validateBackup({ spec, location, policy: { found: true, hasIncludeExclude: true } }),
        );
        expectTold(problems);
        const sets = compileBackupHooks(spec.hooks, (name) => name);
        for (const one of PODS)
          for (const phase of ['pre', 'post'] as const)
            for (const hook of backupHooksOf(one, phase, sets).hooks)
              expect(hookObstacle(one, hook) ?? '').not.toContain(SECRET);
        for (const kind of Object.keys(spec.orderedResources ?? {}))
          namesInOrder(spec.orderedResources, kind);
      }),
      { numRuns: runsOf(600) },
    );
  });
});

describe('The spec of a restore, whatever texts are in it', () => {
  it('is fine, or has problems that each name a field', COMPARING, () => {
    fc.assert(
      fc.property(retyped({ ...RESTORE }), (changed) => {
        const spec = changed as RestoreSpec;
        const backup = { found: true, name: 'b1', phase: 'Completed' };
        expectTold(bounded(() => validateRestore({ spec, location, backup, modifier: { found: false } })));
        const sets = compileRestoreHooks(spec.hooks);
        for (const one of PODS) {
          for (const warning of restoreExecHooksOf(one, sets).warnings) expect(warning).not.toContain(SECRET);
          expect(initHooksOf(one, 'shop', sets).error ?? 'the init container').toContain(
            'the init container',
          );
        }
      }),
      { numRuns: runsOf(600) },
    );
  });
});

describe('The annotations of a pod, whatever they say', () => {
  const PREFIXES = ['pre.hook.backup.velero.io', 'post.hook.backup.velero.io', 'hook.backup.velero.io'];
  const RESTORED = ['post.hook.restore.velero.io', 'init.hook.restore.velero.io'];
  const NAMES = [
    'container',
    'on-error',
    'timeout',
    'exec-timeout',
    'wait-timeout',
    'wait-for-ready',
    'container-image',
    'container-name',
  ];
  const commands = fc.oneof(
    fc.constantFrom(
      '["/bin/sh"]',
      `["${SECRET}"`,
      `[1, "${SECRET}"]`,
      `[["${SECRET}"]]`,
      `{"a": "${SECRET}"}`,
    ),
    hostileText.map((text) => `[${text}${SECRET}`),
  );
  const annotations = fc
    .tuple(
      fc.dictionary(
        fc.constantFrom(
          ...[...PREFIXES, ...RESTORED].flatMap((one) => NAMES.map((name) => `${one}/${name}`)),
        ),
        hostileText,
      ),
      fc.dictionary(fc.constantFrom(...[...PREFIXES, ...RESTORED].map((one) => `${one}/command`)), commands, {
        minKeys: 1,
      }),
    )
    .map(([texts, ran]) => ({ ...texts, ...ran }));

  it('give hooks, and warnings that name the pod and the annotation but not the command', COMPARING, () => {
    fc.assert(
      fc.property(annotations, (given) => {
        const plain = pod('shop', 'db');
        const annotated = { ...plain, metadata: { ...plain.metadata, annotations: given } };
        const warnings = bounded(() => [
          ...backupHooksOf(annotated, 'pre', []).warnings,
          ...backupHooksOf(annotated, 'post', []).warnings,
          ...restoreExecHooksOf(annotated, []).warnings,
          ...initHooksOf(annotated, 'shop', []).warnings,
        ]);
        for (const warning of warnings) {
          expect(warning).toMatch(/^pod shop\/db(?:, annotation [a-z.]+\/[a-z-]+: | has no container ")./s);
          expect(warning).not.toContain(SECRET);
          expect(warning.length).toBeLessThan(500);
        }
      }),
      { numRuns: runsOf(600) },
    );
  });
});
