import { describe, expect, test } from 'vitest';
import { explain, type Difference } from '../../lab/fixture/cli/explain.js';
import { commandsIn } from '../../lab/fixture/cli/help-tree.js';
import { normaliseDocument, normaliseLog, normaliseText } from '../../lab/fixture/cli/normalise.js';
import { argumentsOf } from '../../lab/fixture/cli/step.js';

const marks = { folder: '/tmp/user', prefix: 'some/prefix', apiServer: 'https://127.0.0.1:6443' };
const row = (theirs: RegExp, ours: string): Difference => ({ why: '', commands: /backup get/, theirs, ours });

describe('what is compared of a command', () => {
  test('is split into words as a shell does it', () => {
    expect(argumentsOf("backup create a --or-selector 'a=b or c=d' --ttl=1h")).toEqual([
      'backup',
      'create',
      'a',
      '--or-selector',
      'a=b or c=d',
      '--ttl=1h',
    ]);
  });

  test.each([
    ['a moment as Go prints it', 'at 2026-01-02 03:04:05 +0000 UTC.', 'at <time>.'],
    ['a moment in a document', 'a: "2026-01-02T03:04:05Z"', 'a: "<time>"'],
    ['a uid', '0b1c2d3e-1111-2222-3333-444455556666', '<uid>'],
    ['a name with the moment in it', 'daily-20260102030405 and daily-1', 'daily-<stamp> and daily-1'],
    ['the folder of the user', '/tmp/user/one.tar.gz', '<folder>/one.tar.gz'],
    [
      'how long was waited',
      'will continue in the background.\n...\nOver',
      'will continue in the background.\n<waiting>\nOver',
    ],
  ])('has no %s', (_what, printed, compared) => {
    expect(normaliseText(printed, marks)).toBe(compared);
  });

  test.each(['Errors: 1', 'ttl 720h0m0s', 'Phase:  Failed', 'one   Completed   0   3'])(
    'keeps "%s"',
    (line) => {
      expect(normaliseText(line, marks)).toBe(line);
    },
  );

  test('has warnings of one namespace in an order, each where it was', () => {
    const printed = '  a:  could not restore, z\n      could not restore, b\n  other: could not';
    expect(normaliseText(printed, marks)).toBe(
      '  a:  could not restore, b\n      could not restore, z\n  other: could not',
    );
  });

  test('is a document without what the API server counts, its keys in order', () => {
    const json = '{"spec":{"b":1,"a":[]},"metadata":{"name":"one","resourceVersion":"7","generation":2}}';
    expect(normaliseDocument(json, marks)).toBe('metadata:\n  name: one\nspec:\n  a: []\n  b: 1\n');
  });

  test('is, of a log, whose it is and any line that is none', () => {
    const line = 'time="<time>" level=info msg="Any \\"words\\"" backup=velero/one logSource="a.go:1"';
    expect(normaliseLog(`${line}\n${line}\n`, 'backup')).toBe(' backup=velero/one\nlines');
    expect(normaliseLog(`${line}\nOops\n`, 'backup')).toBe(' backup=velero/one\nOops\nlines');
  });
});

describe('a known difference', () => {
  test('stands in for what it explains', () => {
    const known = row(/old (\w+)/, 'new $1');
    expect(explain('backup get', 'an old hat', 'an new hat', [known])).toEqual({
      expected: 'an new hat',
      used: [known],
    });
  });

  test('counts as used only where it changes something for that command', () => {
    const idle = row(/nowhere/, '');
    const elsewhere: Difference = { ...row(/old/, 'new'), commands: /restore get/ };
    expect(explain('backup get', 'old', 'new', [idle, elsewhere])).toEqual({ expected: 'old', used: [] });
    expect(explain('backup get', 'same', 'same', [row(/same/, 'other')]).used).toEqual([]);
  });
});

test('the commands of a help page are those it lists, without help itself', () => {
  const page =
    'Work\n\nAvailable Commands:\n  create  Make\n  help    Help\n  get     Get\n\nFlags:\n  -h, --help\n';
  expect(commandsIn(page)).toEqual(['create', 'get']);
});
