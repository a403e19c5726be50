import { describe, expect, it } from 'vitest';
import { backupHookProblems, restoreHookProblems } from '../../../../src/domain/hooks/hook-problems.js';
import { printProblem } from '../../../../src/domain/problem.js';
import type { BackupResourceHookSpec, RestoreResourceHookSpec } from '../../../../src/domain/velero.gen.js';

const backup = (set: object) =>
  backupHookProblems({ hooks: { resources: [{ name: 'h' }, set as BackupResourceHookSpec] } }).map(
    printProblem,
  );
const restore = (set: object) =>
  restoreHookProblems({ hooks: { resources: [{ name: 'h' }, set as RestoreResourceHookSpec] } }).map(
    printProblem,
  );
const exec = (more: object) => ({ exec: { command: ['true'], ...more } });
const badSelector = { labelSelector: { matchExpressions: [{ key: 'a', operator: 'Is' }] } };

describe('hooks of a backup’s spec', () => {
  it.each<[string, object]>([
    ['a whole one', { name: 'h', pre: [exec({ timeout: '-1s', onError: 'Fail' })], post: [exec({})] }],
    ['one without a name', { pre: [exec({ timeout: '' })] }],
    ['one with nothing in it', { pre: null, labelSelector: null }],
  ])('may be %s', (_what, set) => {
    expect(backup(set)).toEqual([]);
  });

  it.each<[string, object, string, RegExp]>([
    ['a selector nobody can read', badSelector, 'labelSelector', /operator "Is"/],
    ['no command', { pre: [exec({}), exec({ command: [] })] }, 'pre.1.exec.command', /at least the program/],
    [
      'a command that is one text',
      { post: [exec({ command: 'ls' })] },
      'post.0.exec.command',
      /list of texts/,
    ],
    ['nothing to execute', { pre: [{}] }, 'pre.0.exec', /is missing/],
    [
      'an unknown mode',
      { pre: [exec({ onError: 'fail' })] },
      'pre.0.exec.onError',
      /"fail" is unknown; write Continue or Fail/,
    ],
    [
      'a timeout that is none',
      { post: [exec({ timeout: '5' })] },
      'post.0.exec.timeout',
      /"5" is not a duration; write it like 30s/,
    ],
  ])('may not have %s', (_what, set, field, message) => {
    const problems = backup(set);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toContain(`spec.hooks.resources.1.${field}: `);
  });
});

describe('hooks of a restore’s spec', () => {
  it.each<[string, object]>([
    [
      'a whole one',
      {
        postHooks: [
          exec({ waitTimeout: '1m' }),
          { init: { initContainers: [{ name: 'i', image: 'x', command: ['a'] }] } },
        ],
      },
    ],
    ['one with nothing in it', { postHooks: [{}, { init: { timeout: '1m', initContainers: null } }] }],
  ])('may be %s', (_what, set) => {
    expect(restore(set)).toEqual([]);
  });

  it.each<[string, object, string, RegExp]>([
    ['a selector nobody can read', badSelector, 'labelSelector', /operator "Is"/],
    [
      'no command',
      { postHooks: [exec({ command: null })] },
      'postHooks.0.exec.command',
      /at least the program/,
    ],
    [
      'an unknown mode',
      { postHooks: [exec({ onError: 'x' })] },
      'postHooks.0.exec.onError',
      /"x" is unknown/,
    ],
    [
      'a limit of the command that is none',
      { postHooks: [exec({ execTimeout: 'x' })] },
      'postHooks.0.exec.execTimeout',
      /not a duration/,
    ],
    [
      'a limit of the wait that is none',
      { postHooks: [exec({ waitTimeout: 'x' })] },
      'postHooks.0.exec.waitTimeout',
      /not a duration/,
    ],
    [
      'a limit of init containers that is none',
      { postHooks: [{ init: { timeout: 'x' } }] },
      'postHooks.0.init.timeout',
      /not a duration/,
    ],
    [
      'an init container without a command',
      { postHooks: [{ init: { initContainers: [{ name: 'i', image: 'x' }] } }] },
      'postHooks.0.init.initContainers.0',
      /lacks command/,
    ],
    [
      'an init container that is a text',
      { postHooks: [{ init: { initContainers: ['x'] } }] },
      'postHooks.0.init.initContainers.0',
      /lacks name, image, command/,
    ],
  ])('may not have %s', (_what, set, field, message) => {
    const problems = restore(set);
    expect(problems).toEqual([expect.stringMatching(message)]);
    expect(problems[0]).toContain(`spec.hooks.resources.1.${field}: `);
  });
});
