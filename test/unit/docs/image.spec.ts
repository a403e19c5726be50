import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const image = readFileSync('deploy/Dockerfile', 'utf8');
const page = readFileSync('docs/operations.md', 'utf8');
const archives = [
  ...image.matchAll(
    /^FROM scratch AS kopia-(\w+)\nADD --checksum=sha256:([0-9a-f]{64}) \\\n +https:\/\/github\.com\/kopia\/kopia\/releases\/download\/v([\d.]+)\/kopia-([\d.]+)-linux-(\w+)\.tar\.gz /gm,
  ),
].map(([, target = '', checksum = '', release = '', version = '', machine = '']) => ({
  target,
  checksum,
  release,
  version,
  machine,
}));

test('the image takes the program kopia of one release for each architecture, held to a checksum of its own', () => {
  expect(archives.map(({ target, machine }) => [target, machine])).toEqual([
    ['amd64', 'x64'],
    ['arm64', 'arm64'],
  ]);
  expect(new Set(archives.map(({ checksum }) => checksum)).size).toBe(2);
  expect(new Set(archives.flatMap(({ release, version }) => [release, version])).size).toBe(1);
});

test('the page of operations names the version of kopia in the image', () => {
  expect(page).toContain(`kopia ${archives[0]?.version}`);
});
