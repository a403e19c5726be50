import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  namespacesExcludedByLabel,
  resolveNamespaces,
  tracksNamespace,
} from '../../../src/domain/namespace-filter.js';

const ns = (name: string, labels: Record<string, string> = {}, phase = 'Active') => ({ name, labels, phase });
const CLUSTER = ['default', 'kube-system', 'team-a', 'team-b'].map((name) => ns(name));

interface Row {
  readonly includes?: string[];
  readonly excludes?: string[];
  readonly list: '*' | string[];
  readonly everything: boolean;
  readonly missing?: string[];
}

describe('the namespaces of a backup', () => {
  it.each<[string, Row]>([
    ['nothing written is everything', { list: '*', everything: true }],
    ['a star is everything', { includes: ['*'], list: '*', everything: true }],
    ['a name is itself', { includes: ['team-a'], list: ['team-a'], everything: false }],
    [
      'a glob becomes the names it matches',
      { includes: ['team-*'], list: ['team-a', 'team-b'], everything: false },
    ],
    [
      'a missing name is reported',
      { includes: ['gone', 'team-a'], list: ['team-a'], everything: false, missing: ['gone'] },
    ],
    [
      'the empty name is the name of no namespace',
      { includes: [''], list: [], everything: false, missing: [''] },
    ],
    [
      'a missing name beside a glob is reported too',
      { includes: ['gone', 'team-*'], list: ['team-a', 'team-b'], everything: false, missing: ['gone'] },
    ],
    [
      'an empty name is one that is missing',
      { includes: ['', 'team-a'], list: ['team-a'], everything: false, missing: [''] },
    ],
    [
      'a glob without matches is not reported',
      { includes: ['x-*', 'team-a'], list: ['team-a'], everything: false },
    ],
    [
      'globs that match nothing take no namespace, yet count as everything',
      { includes: ['x-*'], list: [], everything: true },
    ],
    [
      'globs that match nothing beside an exclude do not',
      { includes: ['x-*'], excludes: ['team-a'], list: [], everything: false },
    ],
    [
      'all names written out are everything',
      {
        includes: ['team-b', 'team-a', 'kube-system', 'default'],
        list: ['default', 'kube-system', 'team-a', 'team-b'],
        everything: true,
      },
    ],
    [
      'an excluding glob is expanded beside names',
      { includes: ['team-a', 'team-b'], excludes: ['*-b'], list: ['team-a'], everything: false },
    ],
    [
      'an excluding glob that matches nothing is gone',
      {
        includes: ['*e*', 'd*'],
        excludes: ['x-*'],
        list: ['default', 'kube-system', 'team-a', 'team-b'],
        everything: true,
      },
    ],
  ])('%s', (_rule, { includes, excludes, list, everything, missing = [] }) => {
    const spec = {
      ...(includes && { includedNamespaces: includes }),
      ...(excludes && { excludedNamespaces: excludes }),
    };
    const selection = resolveNamespaces(spec, CLUSTER);
    expect({ list: selection.list, everything: selection.everything, missing: selection.missing }).toEqual({
      list,
      everything,
      missing,
    });
    const covered = CLUSTER.map(({ name }) => name).filter(selection.includes);
    expect(covered).toEqual(list === '*' ? CLUSTER.map(({ name }) => name) : list);
  });

  it('with a star and excluding globs are matched as they come, new ones too', () => {
    const selection = resolveNamespaces(
      { includedNamespaces: ['*'], excludedNamespaces: ['team-*'] },
      CLUSTER,
    );
    expect(selection.list).toBe('*');
    expect(selection.everything).toBe(false);
    expect(['default', 'team-a', 'team-new'].map(selection.includes)).toEqual([true, false, false]);
  });

  it('leave out those labelled exactly "true"', () => {
    const label = 'velero.io/exclude-from-backup';
    const existing = [ns('a', { [label]: 'true' }), ns('b', { [label]: 'yes' }), ns('c')];
    expect(namespacesExcludedByLabel(existing)).toEqual(['a']);
  });

  it('agree with a plain reading of the rules for any lists', () => {
    const name = fc.constantFrom('a1', 'a2', 'b1', 'b2', 'c');
    const pattern = fc.constantFrom<string[]>('a1', 'b1', 'c', 'zz', 'a*', '*1', '?2', '[ab]1', 'x*');
    const include: fc.Arbitrary<string[]> = fc.oneof(
      fc.constant<string[]>(['*']),
      fc.array(pattern, { maxLength: 3 }),
    );
    const toRegExp = (p: string) => new RegExp(`^${p.replaceAll('*', '.*').replaceAll('?', '.')}$`);
    fc.assert(
      fc.property(
        include,
        fc.array(pattern, { maxLength: 2 }),
        fc.uniqueArray(name),
        (includes, excludes, names) => {
          const existing = names.map((n) => ns(n));
          const selection = resolveNamespaces(
            { includedNamespaces: includes, excludedNamespaces: excludes },
            existing,
          );
          const hit = (list: string[], n: string) => list.some((p) => toRegExp(p).test(n));
          const covered = names.filter(
            (n) => (includes.length === 0 || hit(includes, n)) && !hit(excludes, n),
          );
          expect(names.filter(selection.includes)).toEqual(covered);
          if (selection.list !== '*') expect(selection.list).toEqual([...covered].sort());
          expect(selection.list === '*').toBe(includes.length === 0 || includes.includes('*'));
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('a Namespace object is archived', () => {
  const everything = resolveNamespaces({}, CLUSTER);
  const teamA = resolveNamespaces({ includedNamespaces: ['team-a'] }, CLUSTER);
  const selector = { labelSelector: { matchLabels: { app: 'web' } } };
  const web = ns('team-b', { app: 'web' });

  it.each([
    ['never while it is terminating', ns('team-a', {}, 'Terminating'), {}, teamA, true, false],
    ['when its labels match, even outside the included ones', web, selector, teamA, false, true],
    [
      'when any of several selectors matches',
      web,
      { orLabelSelectors: [{ matchLabels: { x: 'y' } }, { matchLabels: { app: 'web' } }] },
      teamA,
      false,
      true,
    ],
    ['when it is included by name', ns('team-a'), {}, teamA, false, true],
    [
      'when it is included by name, though the selector does not match',
      ns('team-a'),
      selector,
      teamA,
      false,
      true,
    ],
    ['when everything is selected without a selector', ns('team-b'), {}, everything, false, true],
    [
      'not when everything is selected but a selector does not match',
      ns('team-b'),
      selector,
      everything,
      false,
      false,
    ],
    ['when an object in it was collected', ns('team-b'), selector, everything, true, true],
    ['not when it is not included, whatever was collected', ns('team-b'), {}, teamA, true, false],
  ] as const)('%s', (_rule, namespace, spec, selection, hasItems, expected) => {
    expect(tracksNamespace(namespace, spec, selection, hasItems)).toBe(expected);
  });
});
