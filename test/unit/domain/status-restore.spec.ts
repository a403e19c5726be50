import { describe, expect, it } from 'vitest';
import { statusSelection } from '../../../src/domain/status-restore.js';

const KINDS: Readonly<Record<string, string>> = { po: 'pods', deploy: 'deployments.apps' };
const resolve = (name: string): string | undefined => (Object.hasOwn(KINDS, name) ? KINDS[name] : undefined);

const annotated = (value?: unknown) => ({
  metadata: { name: 'a', ...(value !== undefined && { annotations: { 'velero.io/restore-status': value } }) },
});

describe('the status of a created object', () => {
  it.each([
    ['without lists', undefined, 'pods', false],
    ['with null for lists', null, 'pods', false],
    ['with empty lists', {}, 'pods', true],
    ['with null lists', { includedResources: null, excludedResources: null }, 'pods', true],
    ['of an included kind', { includedResources: ['po'] }, 'pods', true],
    ['of another kind', { includedResources: ['po'] }, 'services', false],
    ['of an excluded kind', { excludedResources: ['deploy'] }, 'deployments.apps', false],
    ['of a kind that is both', { includedResources: ['*'], excludedResources: ['po'] }, 'pods', false],
    [
      'of a kind that a glob includes',
      { includedResources: ['*.shop.example'] },
      'widgets.shop.example',
      true,
    ],
    ['beside an excluded star', { excludedResources: ['*'] }, 'pods', true],
  ] as const)('%s is decided by the kind', (_what, lists, kind, restores) => {
    expect(statusSelection(lists, resolve)(kind, annotated())).toEqual({ restores });
  });

  it.each([
    ['true', true],
    [' True ', true],
    ['false', false],
    ['FALSE\n', false],
  ])('behaviour 82: is decided by its annotation "%s" first', (value, restores) => {
    for (const lists of [undefined, {}])
      expect(statusSelection(lists, resolve)('pods', annotated(value))).toEqual({ restores });
  });

  it.each(['yes', '', '1'])('is not decided by the annotation "%s", which is told', (value) => {
    expect(statusSelection({}, resolve)('pods', annotated(value))).toEqual({
      restores: true,
      unclear: value,
    });
    expect(statusSelection(undefined, resolve)('pods', annotated(value))).toEqual({
      restores: false,
      unclear: value,
    });
  });
});
