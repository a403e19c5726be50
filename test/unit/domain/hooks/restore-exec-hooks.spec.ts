import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { restoreExecHooksOf } from '../../../../src/domain/hooks/restore-exec-hooks.js';
import { compileRestoreHooks } from '../../../../src/domain/hooks/restore-hook-sets.js';
import type { RestoreExecHook, RestoreResourceHookSpec } from '../../../../src/domain/velero.gen.js';
import { aPod } from './pods.js';

const KEY = 'post.hook.restore.velero.io';
const sets = (...resources: RestoreResourceHookSpec[]) => compileRestoreHooks({ resources });
const aSet = (exec: Partial<RestoreExecHook>, more: Partial<RestoreResourceHookSpec> = {}) =>
  sets({ name: 'h', postHooks: [{ exec: { command: ['spec'], ...exec } }], ...more });

describe('the exec hooks of a restored pod', () => {
  it('are that of its annotations, which say everything', () => {
    const pod = aPod({
      [`${KEY}/command`]: '["load", "it"]',
      [`${KEY}/container`]: 'sidecar',
      [`${KEY}/on-error`]: 'Fail',
      [`${KEY}/exec-timeout`]: '2m',
      [`${KEY}/wait-timeout`]: '5m',
      [`${KEY}/wait-for-ready`]: 'T',
    });
    expect(restoreExecHooksOf(pod, aSet({}))).toEqual({
      hooks: [
        {
          name: '<from-annotation>',
          source: 'annotation',
          index: 0,
          container: 'sidecar',
          command: ['load', 'it'],
          onError: 'Fail',
          timeoutMs: 120_000,
          waitTimeoutMs: 300_000,
          waitForReady: true,
        },
      ],
      warnings: [],
    });
  });

  it('are else those of the spec, in its order, in the first container unless they name one', () => {
    const spec = sets(
      { name: 'one', postHooks: [{ init: {} }, { exec: { command: ['a'], waitForReady: true } }] },
      { name: 'two', postHooks: [{ exec: { command: ['b'], container: 'sidecar', waitTimeout: '10s' } }] },
    );
    expect(restoreExecHooksOf(aPod(), spec).hooks).toMatchObject([
      { name: 'one', index: 1, command: ['a'], container: 'app', waitForReady: true, timeoutMs: 30_000 },
      {
        name: 'two',
        index: 0,
        command: ['b'],
        container: 'sidecar',
        waitForReady: false,
        waitTimeoutMs: 10_000,
      },
    ]);
  });

  it.each(['0s', '', '-1s', undefined])(
    'wait without a limit of their own with waitTimeout %j',
    (waitTimeout) => {
      const [hook] = restoreExecHooksOf(
        aPod(),
        aSet({ ...(waitTimeout !== undefined && { waitTimeout }) }),
      ).hooks;
      expect(hook).not.toHaveProperty('waitTimeoutMs');
    },
  );

  it.each<[string, Partial<RestoreResourceHookSpec>, number]>([
    ['the namespace it is restored to', { includedNamespaces: ['shop'] }, 1],
    ['another namespace', { includedNamespaces: ['old-shop'] }, 0],
    ['its labels', { labelSelector: { matchLabels: { app: 'web' } } }, 1],
    ['other labels', { labelSelector: { matchLabels: { app: 'db' } } }, 0],
    ['resource types, which count for nothing', { excludedResources: ['pods'] }, 1],
  ])('are chosen by %s', (_what, selector, count) => {
    expect(restoreExecHooksOf(aPod(), aSet({}, selector)).hooks).toHaveLength(count);
  });

  it('are left out with a warning where the pod lacks the container, so that nobody waits for it', () => {
    const { hooks, warnings } = restoreExecHooksOf(aPod(), aSet({ container: 'db' }));
    expect(hooks).toEqual([]);
    expect(warnings).toEqual([
      'pod shop/web has no container "db", so hook h is not run in it; name one of app, sidecar',
    ]);
  });

  it('are none for a pod without containers', () => {
    expect(restoreExecHooksOf({ ...aPod(), spec: {} }, aSet({}))).toEqual({ hooks: [], warnings: [] });
  });

  it.each([
    ['exec-timeout', 'soon', /"soon" is not a duration, so 30s counts/],
    ['wait-timeout', '5', /"5" is not a duration, so the wait has no limit/],
    ['wait-for-ready', 'yes', /"yes" is neither true nor false and counts as false/],
    ['on-error', 'x'.repeat(1000), /^.{0,250}$/],
  ])('warn of a %s that cannot be read', (key, value, message) => {
    const { hooks, warnings } = restoreExecHooksOf(
      aPod({ [`${KEY}/command`]: 'a', [`${KEY}/${key}`]: value }),
      [],
    );
    expect(hooks).toMatchObject([{ timeoutMs: 30_000, waitForReady: false, onError: 'Continue' }]);
    expect(warnings).toEqual([expect.stringMatching(message)]);
    expect(warnings[0]).toContain(`pod shop/web, annotation ${KEY}/${key}: `);
  });

  it('crash nothing, whatever the annotations say', () => {
    const keys = ['container', 'command', 'on-error', 'exec-timeout', 'wait-timeout', 'wait-for-ready'];
    const annotations = fc.dictionary(
      fc.constantFrom(...keys.map((key) => `${KEY}/${key}`)),
      fc.oneof(fc.string(), fc.json(), fc.anything()),
    );
    fc.assert(
      fc.property(annotations, (given) => {
        for (const hook of restoreExecHooksOf(aPod(given), []).hooks)
          expect(['app', 'sidecar']).toContain(hook.container);
      }),
    );
  });
});
