import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { kopiaVersion } from '../../../src/repositories/kopia-version.js';

/** A program that says this of itself. */
const programThat = async (script: string): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'lifeboat-program-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const path = join(folder, 'kopia');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
};
const signal = () => AbortSignal.timeout(10_000);

test.each([
  ['0.22.3 build: abc from: kopia/kopia', '0.22.3'],
  ['v0.16.0 build: -(unknown_revision) from: ', '0.16.0'],
  ['1.0 build: x from: y', '1.0'],
])('a program that says "%s" is of version %s', async (said, version) => {
  expect(await kopiaVersion(await programThat(`echo '${said}'`), signal())).toBe(version);
});

test.each([
  ['that is not there', '/nowhere/kopia', /"\/nowhere\/kopia" cannot be started/],
  ['that fails', 'exit 3', /cannot be started/],
  ['that is something else', 'echo hello', /does not say its version as kopia does/],
  ['that is too old', 'echo "0.15.0 build: x"', /is of version 0\.15\.0/],
])('a program %s is refused with the way out', async (_what, script, message) => {
  const program = script.startsWith('/') ? script : await programThat(script);
  const refusal: unknown = await kopiaVersion(program, signal()).catch((error: unknown) => error);
  expect(refusal).toMatchObject({ code: 'LB_REPOSITORY_PROGRAM' });
  expect(String(refusal)).toMatch(message);
  expect(String(refusal)).toContain('--kopia');
});
