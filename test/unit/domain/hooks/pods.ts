import type { JsonObject } from '../../../../src/domain/json.js';
import type { ExecHook } from '../../../../src/domain/hooks/hook.js';

/** Pod `shop/web` with the containers `app` and `sidecar`. */
export const aPod = (
  annotations: Record<string, unknown> = {},
  more: Record<string, unknown> = {},
): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace: 'shop', name: 'web', labels: { app: 'web' }, annotations },
  spec: {
    containers: [{ name: 'app' }, { name: 'sidecar' }],
    initContainers: [{ name: 'setup', image: 'busybox' }],
  },
  ...more,
});

export const aHook = (more: Partial<ExecHook> = {}): ExecHook => ({
  name: 'freeze',
  source: 'spec',
  index: 0,
  container: 'app',
  command: ['true'],
  onError: 'Continue',
  timeoutMs: 30_000,
  ...more,
});
