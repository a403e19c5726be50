import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { INSTALL_DEFAULTS, INSTALL_FLAGS } from '../../../src/cli/install/flags.js';

const section =
  readFileSync('docs/operations.md', 'utf8').split('\n## Install in a cluster\n')[1]?.split('\n## ')[0] ?? '';
const rows = new Map(
  [...section.matchAll(/^\| `--([\w-]+)` \| (.+) \|$/gm)].map(([, name = '', text = '']) => [name, text]),
);

test('the page of operations has every flag of install, in order, and no other', () => {
  expect([...rows.keys()]).toEqual(Object.keys(INSTALL_FLAGS));
});

test.each(Object.entries(INSTALL_DEFAULTS))('the page tells the default of --%s', (name, fallback) => {
  expect(rows.get(name)).toContain(`(default \`${fallback}\`)`);
});
