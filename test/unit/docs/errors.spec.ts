import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../src/faults.js';

const PAGE = new URL('../../../docs/errors.md', import.meta.url);

/** The faults that the page has a section of its own for, with the text of that section. */
const sections = new Map(
  readFileSync(PAGE, 'utf8')
    .split(/^## /m)
    .map((section): [string, string] => [section.split('\n', 1)[0] ?? '', section])
    .filter(([title]) => title.startsWith('LB_')),
);

describe('the page of errors', () => {
  it('tells of every fault there is, in the order of the code, and of no other', () => {
    expect([...sections.keys()]).toEqual(Object.keys(FAULTS));
  });

  it.each(Object.entries(FAULTS))('says of %s whether trying again can help', (code, { retriable }) => {
    expect(sections.get(code)).toMatch(retriable ? /^LB_\w+\n\nRetriable\. / : /^LB_\w+\n\nNot retriable\. /);
  });
});
