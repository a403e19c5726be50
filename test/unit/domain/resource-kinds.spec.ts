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
    ['deploy', 'deployments.apps'],
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
