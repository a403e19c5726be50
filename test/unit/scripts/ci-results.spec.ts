import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

type Outcome = 'passed' | 'failed' | 'skipped';

/** A spec file as vitest tells of it; one without tests failed while it was prepared. */
const suite = (name: string, ...outcomes: readonly Outcome[]) => ({
  name: join(process.cwd(), name),
  status: outcomes.length === 0 || outcomes.includes('failed') ? 'failed' : 'passed',
  assertionResults: outcomes.map((status, i) => ({ fullName: `test ${i}`, status })),
});

describe('what a run of CI makes of the results of its suites', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ci-results-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const results = (name: string, ...testResults: readonly object[]) =>
    writeFile(join(folder, `${name}.json`), JSON.stringify({ testResults }));
  const ask = (...order: readonly string[]): Promise<{ readonly code: number; readonly said: string }> =>
    new Promise((resolve) => {
      const child = execFile('npx', ['tsx', 'scripts/ci-results.ts', ...order], (_error, stdout) => {
        resolve({ code: child.exitCode ?? 1, said: stdout });
      });
    });
  const sum = (steps = 0) => ask('sum', folder, String(steps));

  test('the tests of all suites are counted, and the steps that failed with them', async () => {
    await results('tests', suite('a.spec.ts', 'passed', 'passed', 'skipped'));
    await results('lab', suite('b.spec.ts', 'passed'));
    expect(await sum()).toEqual({ code: 0, said: '\n3 passed, 0 failed\n' });
    expect(await sum(1)).toEqual({ code: 1, said: '\n3 passed, 1 failed\n' });
  });

  test('a run in which no test passed has failed', async () => {
    await results('tests');
    expect(await sum()).toEqual({ code: 1, said: '\n0 passed, 0 failed\n' });
  });

  test('a suite that fails before its first test counts as a failure, and gets its second go', async () => {
    await results('lab', suite('a.spec.ts', 'passed'), suite('b.spec.ts'));
    expect(await sum()).toMatchObject({ code: 1, said: '\n1 passed, 1 failed\n' });
    expect((await ask('second-go', join(folder, 'lab.json'))).said).toBe('b.spec.ts\n');
  });

  test('a suite that passes at its second go counts as it did then, and is named', async () => {
    await results('lab', suite('a.spec.ts', 'passed', 'failed'), suite('b.spec.ts', 'passed'));
    await results('lab-again', suite('a.spec.ts', 'passed', 'passed'));
    expect(await sum()).toEqual({
      code: 0,
      said: 'Passed at the second go only: a.spec.ts > test 1\n\n3 passed, 0 failed\n',
    });
  });

  test('a suite that fails twice has failed', async () => {
    await results('lab', suite('a.spec.ts', 'failed', 'passed'));
    await results('lab-again', suite('a.spec.ts', 'passed', 'failed'));
    expect(await sum()).toEqual({ code: 1, said: '\n1 passed, 1 failed\n' });
  });

  test('where more than two suites fail none gets a second go', async () => {
    await results('lab', ...['a', 'b', 'c'].map((name) => suite(`${name}.spec.ts`, 'failed')));
    expect((await ask('second-go', join(folder, 'lab.json'))).said).toBe('');
  });
});
