import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  containersOf,
  errorMode,
  execTimeout,
  hookObstacle,
  LONGEST_MS,
  parseCommand,
} from '../../../../src/domain/hooks/hook.js';
import { aHook, aPod } from './pods.js';

describe('the command of an annotation', () => {
  it.each<[string, readonly string[], boolean]>([
    ['["/bin/sh","-c","x"]', ['/bin/sh', '-c', 'x'], false],
    ['["a", null]', ['a', ''], false],
    ['[]', [], false],
    ['ls -l', ['ls -l'], false],
    ['{"a":1}', ['{"a":1}'], false],
    [' ["a"]', [' ["a"]'], false],
    ['["a",', ['["a",'], true],
    ['["a", 1]', ['["a", 1]'], true],
    ['[["a"]]', ['[["a"]]'], true],
  ])('behaviour 117: %s is the argv %j', (text, command, looksBroken) => {
    expect(parseCommand(text)).toEqual({ command, looksBroken });
  });

  it('is some argv whatever the text, and never a crash', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.string().map((tail) => `[${tail}`),
    );
    fc.assert(
      fc.property(text, (any) => {
        const { command } = parseCommand(any);
        expect(command.every((argument) => typeof argument === 'string')).toBe(true);
      }),
    );
  });

  it('is taken apart exactly where it is a JSON array of texts', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (argv) => {
        expect(parseCommand(JSON.stringify(argv))).toEqual({ command: argv, looksBroken: false });
      }),
    );
  });
});

describe('the limit of a command', () => {
  it.each([
    ['nothing is given', undefined, { timeoutMs: 30_000 }],
    ['zero is given', 0, { timeoutMs: 30_000 }],
    ['a minute is given', 60_000, { timeoutMs: 60_000 }],
    ['less than nothing is given', -1, {}],
    ['a century is given', 100 * 365 * 86_400_000, { timeoutMs: LONGEST_MS }],
  ])('when %s', (_when, duration, limit) => {
    expect(execTimeout(duration)).toEqual(limit);
  });

  it('is one that a timer can count, even with a grace on top', () => {
    expect(LONGEST_MS + 60_000).toBeLessThan(2 ** 31);
  });
});

describe('a failing hook', () => {
  it.each(['', 'Continue', 'continue', 'fail', 'Never', undefined])('goes on with onError %j', (mode) => {
    expect(errorMode(mode)).toBe('Continue');
  });

  it('does not with Fail', () => {
    expect(errorMode('Fail')).toBe('Fail');
  });
});

describe('a hook', () => {
  it('can be tried in a container of its pod', () => {
    expect(hookObstacle(aPod(), aHook({ container: 'sidecar' }))).toBeUndefined();
  });

  it.each([
    [
      'in a container that is not there',
      aHook({ container: 'db' }),
      /no container "db"; name one of app, sidecar/,
    ],
    ['in an init container', aHook({ container: 'setup' }), /no container "setup"/],
    ['without a command', aHook({ command: [] }), /command is empty/],
  ])('cannot be tried %s', (_where, hook, message) => {
    expect(hookObstacle(aPod(), hook)).toMatch(message);
  });

  it('cannot be tried in a pod without containers', () => {
    expect(hookObstacle({ spec: {} }, aHook({ container: '' }))).toMatch(/no containers/);
    expect(containersOf({ spec: { containers: [{}, null, 'x'] } })).toEqual([]);
  });
});
