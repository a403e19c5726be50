import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FLAGS } from '../../../src/flags.js';

const PAGE = new URL('../../../docs/operations.md', import.meta.url);

interface Row {
  readonly fallback: string;
  readonly text: string;
}

/** The rows of the page's tables that begin with a flag: `| --name | default | meaning |`. */
const rows = new Map(
  [...readFileSync(PAGE, 'utf8').matchAll(/^\| `--([\w-]+)` \|(.*?)\| (.*) \|$/gm)].map(
    ([, name = '', fallback = '', text = '']): [string, Row] => [
      name,
      { fallback: fallback.replaceAll('`', '').trim(), text },
    ],
  ),
);

describe('the tables of flags', () => {
  it('have every flag of the server once, and nothing else', () => {
    expect([...rows.keys()].sort()).toEqual(Object.keys(FLAGS).sort());
  });

  it.each(Object.entries(FLAGS))('tell the default of --%s', (name, { fallback }) => {
    expect(rows.get(name)?.fallback).toBe(fallback);
  });

  it.each(Object.entries(FLAGS).filter(([, flag]) => flag.variables))(
    'name the variables of Velero that mean --%s',
    (name, { variables = [] }) => {
      for (const variable of variables) expect(rows.get(name)?.text).toContain(variable);
    },
  );

  it('say of a flag that it has no effect yet, where that is so, and only there', () => {
    const silent = [...rows].filter(([, { text }]) => text.startsWith('No effect yet')).map(([name]) => name);
    const later = Object.entries(FLAGS)
      .filter(([, flag]) => flag.later)
      .map(([name]) => name);
    expect(silent.sort()).toEqual(later.sort());
  });
});
