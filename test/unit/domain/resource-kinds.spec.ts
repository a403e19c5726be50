import { describe, expect, it } from 'vitest';
import {
  groupResourceOf,
  hasNeededVerbs,
  inProcessingOrder,
  kindResolver,
  withoutCohabitants,
} from '../../../src/domain/resource-kinds.js';
import { aKind, KINDS } from './kinds.js';

describe('the name of a kind', () => {
  const resolve = kindResolver(KINDS);

  it.each([
    ['pods', 'pods'],
    ['pod', 'pods'],
    ['Pod', 'pods'],
    ['PODS', 'pods'],
    ['PO', undefined],
    ['bindings', undefined],
    ['po', 'pods'],
    ['pvc', 'persistentvolumeclaims'],
    ['configmap', 'configmaps'],
    ['PO', undefined],
    ['deploy', 'deployments.extensions'],
    ['deploy.apps', 'deployments.apps'],
    ['Deployments.apps', 'deployments.apps'],
    ['deployments.apps', 'deployments.apps'],
    ['deployment.apps', 'deployments.apps'],
    ['deployments.extensions', 'deployments.extensions'],
    ['events', 'events'],
    ['events.events.k8s.io', 'events.events.k8s.io'],
    ['ingresses.networking', 'ingresses.networking.k8s.io'],
    ['widget', 'widgets.example.com'],
    ['crd', 'customresourcedefinitions.apiextensions.k8s.io'],
    ['pods.apps', undefined],
    ['gadgets', undefined],
    ['*.velero.io', undefined],
    ['', undefined],
  ])('%j means %s', (name, expected) => {
    expect(resolve(name)).toBe(expected);
  });

  it('that is short stands for the plural, whichever group has it first', () => {
    const kinds = [
      aKind('deep.sea.example/v1', 'ferries', 'Ferry'),
      aKind('sea.example/v1', 'ferries', 'Ferry', { shortNames: ['fy'] }),
    ];
    expect(kindResolver(kinds)('fy')).toBe('ferries.deep.sea.example');
    expect(kindResolver(kinds)('fy.sea.example')).toBe('ferries.sea.example');
  });

  it('is no short one if the kind cannot be backed up', () => {
    const kinds = [
      aKind('v1', 'componentstatuses', 'ComponentStatus', { shortNames: ['cs'], verbs: ['get', 'list'] }),
      aKind('sea.example/v1', 'cases', 'Case', { shortNames: ['cs'] }),
    ];
    expect(kindResolver(kinds)('cs')).toBe('cases.sea.example');
  });

  it('may be a singular that is not the name of the kind, which then means nothing', () => {
    const kinds = [aKind('sea.example/v1', 'secrets', 'Hidden', { singular: 'secret' })];
    expect(kindResolver(kinds)('secret')).toBe('secrets.sea.example');
    expect(kindResolver(kinds)('hidden')).toBeUndefined();
  });

  it('of a core kind has no group', () => {
    expect(groupResourceOf({ group: '', resource: 'pods' })).toBe('pods');
    expect(groupResourceOf({ group: 'apps', resource: 'deployments' })).toBe('deployments.apps');
  });
});

describe('the kinds of a cluster', () => {
  it('are collected pods, claims, volumes first, and the group extensions last', () => {
    const order = inProcessingOrder(KINDS).map(groupResourceOf);
    expect(order.slice(0, 5)).toEqual([
      'pods',
      'persistentvolumeclaims',
      'persistentvolumes',
      'namespaces',
      'nodes',
    ]);
    expect(order.at(-1)).toBe('deployments.extensions');
    expect(order.indexOf('deployments.apps')).toBeLessThan(order.indexOf('ingresses.networking.k8s.io'));
  });

  it('that two groups serve from the same objects are kept once, from the first group', () => {
    const kept = withoutCohabitants(inProcessingOrder(KINDS)).map(groupResourceOf);
    expect(kept).toContain('deployments.apps');
    expect(kept).not.toContain('deployments.extensions');
    expect(kept).toContain('events');
    expect(kept).not.toContain('events.events.k8s.io');
  });

  it('of the same name in a group of their own are no cohabitants', () => {
    const kinds = [
      aKind('apps/v1', 'deployments', 'Deployment'),
      aKind('example.com/v1', 'deployments', 'Deployment'),
    ];
    expect(withoutCohabitants(kinds)).toHaveLength(2);
  });

  it('need list, create, get and delete', () => {
    expect(hasNeededVerbs(aKind('v1', 'pods', 'Pod'))).toBe(true);
    expect(hasNeededVerbs({ verbs: ['list', 'get', 'create'] })).toBe(false);
  });
});
