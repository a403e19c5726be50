import { describe, expect, it } from 'vitest';
import { type LifeboatEvent } from '../../../src/domain/events.js';
import { sentenceOf } from '../../../src/domain/story.js';

const at = '2026-01-02T10:00:00Z';
const prepared = { spec: {}, labels: {}, annotations: {}, expiresAt: '2026-02-01T10:00:00Z' };

const requested = (includedNamespaces?: readonly string[] | null): LifeboatEvent => ({
  type: 'BackupRequested',
  v: 1,
  data: { uid: 'u', spec: includedNamespaces === undefined ? {} : { includedNamespaces }, labels: {}, at },
});

const stored = (bytes: number, items: number, warnings = 0, errors = 0): LifeboatEvent => ({
  type: 'BackupContentsStored',
  v: 1,
  data: { attempt: 1, tally: { items, warnings, errors }, bytes, sha256: '', at },
});

describe('the story of an operation, one sentence a fact (the golden events tell one of each)', () => {
  it.each([
    [undefined, 'Backup of all namespaces requested.'],
    [null, 'Backup of all namespaces requested.'],
    [[], 'Backup of all namespaces requested.'],
    [['*'], 'Backup of all namespaces requested.'],
    [['shop'], 'Backup of namespaces shop requested.'],
    [['shop', 'billing'], 'Backup of namespaces shop, billing requested.'],
  ])('a backup of %j', (list, sentence) => {
    expect(sentenceOf(requested(list))).toBe(sentence);
  });

  it('counts in the singular and the plural', () => {
    expect(sentenceOf(stored(1536, 1, 1, 1))).toBe(
      'Contents stored: 1 item, 1.5 KiB, 1 warning and 1 error.',
    );
    expect(sentenceOf(stored(0, 0))).toBe('Contents stored: 0 items, 0.0 KiB, 0 warnings and 0 errors.');
    expect(sentenceOf(stored(1 << 20, 2))).toBe(
      'Contents stored: 2 items, 1.0 MiB, 0 warnings and 0 errors.',
    );
  });

  it('tells further attempts from the first', () => {
    expect(sentenceOf({ type: 'BackupStarted', v: 1, data: { attempt: 2, prepared, at } })).toBe(
      'Collecting began again from the start, attempt 2.',
    );
    expect(sentenceOf({ type: 'RestoreStarted', v: 1, data: { attempt: 3, spec: {}, at } })).toBe(
      'Restoring began again, attempt 3.',
    );
  });

  it('names the reason of a failure only where there is one', () => {
    expect(sentenceOf({ type: 'BackupFinished', v: 1, data: { outcome: 'Completed', at } })).toBe(
      'Backup ended Completed.',
    );
    expect(
      sentenceOf({ type: 'RestoreFinished', v: 1, data: { outcome: 'Failed', reason: 'no archive', at } }),
    ).toBe('Restore ended Failed: no archive.');
  });

  it('a restore may name a schedule instead of a backup, or nothing at all', () => {
    const restore = (spec: object): LifeboatEvent => ({
      type: 'RestoreRequested',
      v: 1,
      data: { uid: 'u', spec, labels: {}, at },
    });
    expect(sentenceOf(restore({ scheduleName: 'daily' }))).toBe('Restore from schedule daily requested.');
    expect(sentenceOf(restore({}))).toBe('Restore from schedule (none named) requested.');
  });

  it('joins all reasons of a refusal', () => {
    expect(sentenceOf({ type: 'RestoreRejected', v: 1, data: { reasons: ['a', 'b'], spec: {}, at } })).toBe(
      'Restore refused: a; b.',
    );
  });
});
