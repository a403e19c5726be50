import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { initHooksOf, withInitContainers } from '../../../../src/domain/hooks/restore-init-hooks.js';
import { at, listAt, textAt, type JsonObject } from '../../../../src/domain/json.js';
import { initRestoreHook } from '../../../../src/domain/restore-actions/init-hook.js';
import type { RestoreSpec } from '../../../../src/domain/velero.gen.js';
import { aPod } from './pods.js';

const KEY = 'init.hook.restore.velero.io';
const container = (name: string) => ({ name, image: 'busybox', command: ['true'] });
const spec = (...initContainers: Record<string, unknown>[]): RestoreSpec => ({
  hooks: { resources: [{ name: 'h', postHooks: [{ init: { initContainers } }] }] },
});
const restored = (pod: JsonObject, restore: RestoreSpec = {}): JsonObject => {
  const { object, error } = initRestoreHook.execute({ object: pod, archived: pod, restore });
  expect(error).toBeUndefined();
  return object ?? pod;
};
const names = (pod: JsonObject) => listAt(pod, 'spec', 'initContainers').map((one) => textAt(one, 'name'));
const withWait = (pod: JsonObject): JsonObject => ({
  ...pod,
  spec: { initContainers: [{ name: 'restore-wait' }, { name: 'setup' }] },
});

describe('a pod with a restore hook as init container', () => {
  const annotated = aPod({
    [`${KEY}/container-image`]: 'postgres:16',
    [`${KEY}/container-name`]: 'load',
    [`${KEY}/command`]: '["/bin/sh", "-c", "load"]',
  });

  it('behaviour 121: has that of its annotations first', () => {
    expect(at(restored(annotated), 'spec', 'initContainers')).toEqual([
      { name: 'load', image: 'postgres:16', command: ['/bin/sh', '-c', 'load'] },
      { name: 'setup', image: 'busybox' },
    ]);
  });

  it('behaviour 121: has it after a first one that waits for restored volumes', () => {
    expect(names(restored(withWait(annotated)))).toEqual(['restore-wait', 'load', 'setup']);
  });

  it('has those of the spec in order, and none of them if it has annotations', () => {
    const two = spec(container('one'), container('two'));
    expect(names(restored(aPod(), two))).toEqual(['one', 'two', 'setup']);
    expect(names(restored(annotated, two))).toEqual(['load', 'setup']);
  });

  it('runs the image’s own program if the annotations name no command', () => {
    const pod = aPod({ [`${KEY}/container-image`]: 'postgres:16', [`${KEY}/container-name`]: 'load' });
    expect(listAt(restored(pod), 'spec', 'initContainers')[0]).toEqual({
      name: 'load',
      image: 'postgres:16',
    });
  });

  it('has a name of its own for it, the same at every attempt, another one for another pod', () => {
    const pod = aPod({ [`${KEY}/container-image`]: 'postgres:16' });
    const other = { ...pod, metadata: { ...(pod['metadata'] as object), name: 'web-2' } };
    const [first, again, different] = [pod, pod, other].map((one) => names(restored(one))[0]);
    expect(first).toMatch(/^velero-restore-init-[0-9a-f]{8}$/);
    expect(again).toBe(first);
    expect(different).not.toBe(first);
  });

  it('that was restored before has it once, first', () => {
    const pod = aPod({ [`${KEY}/container-image`]: 'postgres:16' });
    const once = restored(withWait(pod));
    expect(restored(once)).toEqual(once);
  });

  it('keeps one of the same name that is something else, for the API server to judge', () => {
    const pod = { ...annotated, spec: { initContainers: [{ name: 'load', image: 'mine' }] } };
    expect(names(restored(pod))).toEqual(['load', 'load']);
  });

  it('stays as it is if no hook is for it', () => {
    expect(initRestoreHook.execute({ object: aPod(), archived: aPod(), restore: {} })).toEqual({});
    expect(withInitContainers(aPod(), [])).toEqual(aPod());
  });

  it('is chosen by the namespace it goes to, not by that it came from', () => {
    const only = (namespace: string): RestoreSpec => {
      const hooks = { resources: [{ name: 'h', includedNamespaces: [namespace], ...post }] };
      return { hooks, namespaceMapping: { shop: 'shop-2' } };
    };
    const post = { postHooks: [{ init: { initContainers: [container('one')] } }] };
    expect(names(restored(aPod(), only('shop-2')))).toEqual(['one', 'setup']);
    expect(names(restored(aPod(), only('shop')))).toEqual(['setup']);
  });

  it('keeps numbers of the spec and of the pod that JavaScript cannot hold', () => {
    const big = { isLosslessNumber: true, value: '9007199254740993' };
    const pod = { ...aPod(), spec: { terminationGracePeriodSeconds: big } };
    expect(restored(pod, spec({ ...container('one'), securityContext: { runAsUser: big } }))['spec']).toEqual(
      {
        terminationGracePeriodSeconds: big,
        initContainers: [{ ...container('one'), securityContext: { runAsUser: big } }],
      },
    );
  });

  it('is not restored if a container of the spec cannot be used', () => {
    const result = initRestoreHook.execute({
      object: aPod(),
      archived: aPod(),
      restore: spec({ name: 'x' }),
    });
    expect(result).toEqual({ error: 'hooks: the init container lacks image, command; add it' });
  });

  it('has a warning if the command looks like an array and is none', () => {
    const pod = aPod({ [`${KEY}/container-image`]: 'postgres:16', [`${KEY}/command`]: '["a"' });
    expect(initRestoreHook.execute({ object: pod, archived: pod, restore: {} }).warnings).toEqual([
      expect.stringContaining(`pod shop/web, annotation ${KEY}/command: begins like a JSON array`),
    ]);
  });

  it('crashes nothing, whatever its annotations say', () => {
    const keys = ['container-image', 'container-name', 'command', 'timeout'];
    const annotations = fc.dictionary(
      fc.constantFrom(...keys.map((key) => `${KEY}/${key}`)),
      fc.oneof(fc.string(), fc.json(), fc.anything()),
    );
    fc.assert(
      fc.property(annotations, (given) => {
        expect(initHooksOf(aPod(given), 'shop', []).containers.length).toBeLessThanOrEqual(1);
      }),
    );
  });
});
