import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseStream, printKey, STREAM_KINDS, streamOf } from '../../../src/domain/streams.js';

const letter = fc.constantFrom('a', 'b', 'z', '0', '1', '9');
const label = fc
  .tuple(letter, fc.array(fc.constantFrom('a', 'z', '0', '9', '-'), { maxLength: 20 }), letter)
  .map(([first, middle, last]) => `${first}${middle.join('')}${last}`);
/** Names of resources may hold dots; namespaces may not. Both may hold dashes. */
const name = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));

describe('the name of a stream', () => {
  it('is the kind, the namespace and the name of the resource', () => {
    expect(streamOf('backup', { namespace: 'velero', name: 'nightly-2026.01' })).toBe(
      'backup-velero.nightly-2026.01',
    );
    expect(printKey({ namespace: 'velero', name: 'nightly' })).toBe('velero/nightly');
  });

  it('leads back to the resource, whatever dots and dashes the names have', () => {
    fc.assert(
      fc.property(fc.constantFrom(...STREAM_KINDS), label, name, (kind, namespace, resource) => {
        const key = { namespace, name: resource };
        expect(parseStream(streamOf(kind, key))).toEqual({ kind, key });
      }),
    );
  });

  it('is another one for another resource', () => {
    const key = fc.record({ namespace: label, name });
    fc.assert(
      fc.property(fc.constantFrom(...STREAM_KINDS), key, key, (kind, a, b) => {
        fc.pre(a.namespace !== b.namespace || a.name !== b.name);
        expect(streamOf(kind, a)).not.toBe(streamOf(kind, b));
      }),
    );
  });

  it.each([
    '',
    'backup',
    'backup-velero',
    'deletions-velero.x',
    '$ce-backup',
    'Backup-velero.x',
    '-velero.x',
    '.-',
  ])('"%s" is not one of ours', (stream) => {
    expect(parseStream(stream)).toBeUndefined();
  });

  it('keeps the category of KurrentDB, which is the text before the first dash', () => {
    for (const kind of STREAM_KINDS) expect(kind).not.toContain('-');
  });

  it('never throws on a foreign name', () => {
    fc.assert(
      fc.property(fc.string(), (stream) => {
        const parsed = parseStream(stream);
        if (parsed) expect(streamOf(parsed.kind, parsed.key)).toBe(stream);
      }),
    );
  });
});
