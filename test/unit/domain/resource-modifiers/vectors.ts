import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { TextParsers } from '../../../../src/domain/resource-modifiers/rules.js';

const FOLDER = join(import.meta.dirname, '../../../fixtures/resource-modifiers');

/** What Go made of the inputs in a file; see the README beside it. */
export const vectors = (file: string): unknown => JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));

const tried =
  (read: (text: string) => unknown): TextParsers['json'] =>
  (text) => {
    try {
      return { document: read(text) };
    } catch {
      return { problem: 'cannot be read' };
    }
  };

export const parsers: TextParsers = {
  json: tried((text) => JSON.parse(text) as unknown),
  yaml: tried((text) => parse(text) as unknown),
};

/** The value with everything in it frozen, so that a change of it throws. */
export const frozen = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) frozen(member);
  }
  return value;
};
