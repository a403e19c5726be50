import type { Recorded } from '../../../src/eventstore/port.js';

type Told = Pick<Recorded, 'stream' | 'type' | 'data'>;

export const backupRequested = (
  name: string,
  more: { readonly at?: string; readonly labels?: Readonly<Record<string, string>> } = {},
): Told => ({
  stream: `backup-velero.${name}`,
  type: 'BackupRequested',
  data: { uid: `uid-${name}`, spec: {}, labels: more.labels ?? {}, at: more.at ?? '2026-01-01T00:00:00Z' },
});

/** A fact as the store would give it. */
export const recordedAt = (position: bigint, told: Told): Recorded => ({
  ...told,
  id: `00000000-0000-4000-8000-${position.toString().slice(-12).padStart(12, '0')}`,
  v: 1,
  revision: 0n,
  position,
  recordedAt: '2026-01-01T00:00:00.000Z',
  meta: { actor: { kind: 'USER', name: 'alice', via: 'graphql' }, correlationId: 'c', appVersion: 'test' },
});
