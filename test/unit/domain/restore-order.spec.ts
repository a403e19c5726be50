import { describe, expect, it } from 'vitest';
import { kindResolver } from '../../../src/domain/resource-kinds.js';
import { DEFAULT_PRIORITIES, orderKinds, parsePriorities } from '../../../src/domain/restore-order.js';
import { KINDS } from './kinds.js';

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';
const resolve = kindResolver(KINDS);

describe('the kinds of a restore', () => {
  it('come in waves: CRDs, each high-priority kind, all others, low-priority kinds', () => {
    const archived = [
      'widgets.example.com',
      'namespaces',
      'pods',
      'configmaps',
      'deployments.apps',
      CRDS,
      'apps.kappctrl.k14s.io',
      'persistentvolumes',
      'ingresses.networking.k8s.io',
    ];
    expect(orderKinds(archived, DEFAULT_PRIORITIES, resolve)).toEqual([
      [CRDS],
      ['persistentvolumes'],
      ['configmaps'],
      ['pods'],
      ['deployments.apps', 'ingresses.networking.k8s.io', 'widgets.example.com'],
      ['apps.kappctrl.k14s.io'],
    ]);
  });

  it('come CRDs first whatever the priorities say', () => {
    expect(orderKinds(['pods', CRDS], { high: ['pods'], low: ['crd'] }, resolve)).toEqual([[CRDS], ['pods']]);
  });

  it('may be named short in the priorities, and each comes once', () => {
    expect(orderKinds(['pods', 'secrets'], { high: ['po', 'pods'], low: ['po'] }, resolve)).toEqual([
      ['pods'],
      ['secrets'],
    ]);
  });

  it('that are both high and low come high', () => {
    expect(orderKinds(['pods', 'secrets'], { high: ['secrets'], low: ['secrets', 'pods'] }, resolve)).toEqual(
      [['secrets'], ['pods']],
    );
  });

  it('unknown to this cluster are attempted all the same', () => {
    expect(orderKinds(['gadgets.example.org'], DEFAULT_PRIORITIES, resolve)).toEqual([
      ['gadgets.example.org'],
    ]);
  });
});

describe('the flag for restore priorities', () => {
  const { high, low } = DEFAULT_PRIORITIES;

  it.each([
    ['a,b', { high: ['a', 'b'], low }],
    ['a,-,b', { high: ['a'], low: ['b'] }],
    ['-,b', { high, low: ['b'] }],
    ['a,-', { high: ['a'], low }],
    ['-', { high, low }],
    ['', { high: [], low: [] }],
  ])('%j', (flag, expected) => {
    expect(parsePriorities(flag)).toEqual(expected);
  });

  it.each(['a,-,b,-,c', 'a,,b'])('%j is refused', (flag) => {
    expect(parsePriorities(flag)).toEqual(expect.any(String));
  });
});
