import { describe, expect, test } from 'vitest';
import type { PodVolumeBackup } from '../../../src/domain/velero.gen.js';
import { FINALIZER, nextStep, type Situation } from '../../../src/node-agent/next-step.js';
import { hasMoveEnded } from '../../../src/domain/phases.js';
import { isUnwanted } from '../../../src/node-agent/request.js';

type Phase = NonNullable<PodVolumeBackup['status']>['phase'];

const NOW = new Date('2026-01-31T10:00:00Z');
const MINUTE = 60_000;

interface Given {
  readonly phase?: Phase;
  readonly held?: boolean;
  readonly cancel?: boolean;
  readonly deleted?: boolean;
  readonly accepted?: string;
}

const copy = ({ phase, held = true, cancel, deleted, accepted }: Given): PodVolumeBackup =>
  ({
    apiVersion: 'velero.io/v1',
    kind: 'PodVolumeBackup',
    metadata: {
      name: 'nightly-1',
      finalizers: held ? ['others.example/hold', FINALIZER] : ['others.example/hold'],
      ...(deleted && { deletionTimestamp: '2026-01-31T09:59:00Z' }),
    },
    spec: { ...(cancel && { cancel: true }) },
    ...(phase && { status: { phase, ...(accepted && { acceptedTimestamp: accepted }) } }),
  }) as unknown as PodVolumeBackup;

const situation = (over: Partial<Situation> = {}): Situation => ({
  now: NOW,
  prepareTimeout: 30 * MINUTE,
  running: false,
  volume: 'ready',
  slotFree: true,
  ...over,
});

const step = (given: Given, over: Partial<Situation> = {}) => nextStep(copy(given), situation(over));

describe('the next step of a copy', () => {
  test('is to hold it, before anything else is written', () => {
    expect(step({ held: false })).toEqual({ do: 'hold' });
    expect(step({ held: false, phase: 'New' })).toEqual({ do: 'hold' });
  });

  test.each<[Phase, string]>([
    [undefined, 'accept'],
    ['New', 'accept'],
    ['Accepted', 'prepare'],
    ['Prepared', 'run'],
    ['InProgress', 'run'],
    ['Canceling', 'cancel'],
  ])('of phase %s is to %s', (phase, wanted) => {
    expect(step({ ...(phase && { phase }) })).toEqual({ do: wanted });
  });

  test.each<Phase>(['Completed', 'Failed', 'Canceled'])(
    'that has ended %s is to let it go, once',
    (phase) => {
      expect(step({ ...(phase && { phase }) })).toEqual({ do: 'release' });
      expect(step({ ...(phase && { phase }), held: false })).toEqual({ do: 'nothing' });
      expect(step({ ...(phase && { phase }), cancel: true })).toEqual({ do: 'release' });
      expect(hasMoveEnded(phase)).toBe(true);
    },
  );

  test('under way in this process is nobody else’s, whatever is asked for', () => {
    expect(step({ phase: 'InProgress' }, { running: true })).toEqual({ do: 'nothing' });
    expect(step({ phase: 'InProgress', cancel: true }, { running: true })).toEqual({ do: 'nothing' });
  });

  test('waits for a free place, also one that was under way when its agent stopped', () => {
    for (const phase of ['Prepared', 'InProgress'] as const)
      expect(step({ phase }, { slotFree: false })).toMatchObject({ do: 'wait' });
  });

  test.each<Phase>([undefined, 'New', 'Accepted', 'Prepared', 'InProgress', 'Canceling'])(
    'of phase %s that is not wanted is to cancel it',
    (phase) => {
      expect(step({ ...(phase && { phase }), cancel: true })).toEqual({ do: 'cancel' });
    },
  );

  test('that is being deleted is to ask for its end first, and to end it then', () => {
    expect(step({ phase: 'Accepted', deleted: true })).toEqual({ do: 'ask to cancel' });
    expect(step({ phase: 'Accepted', deleted: true, cancel: true })).toEqual({ do: 'cancel' });
    expect(isUnwanted(copy({ deleted: true }))).toBe(true);
  });

  test('that is being deleted before anybody held it is nothing', () => {
    expect(step({ held: false, deleted: true })).toEqual({ do: 'nothing' });
  });
});

describe('a volume that is not there', () => {
  const absent = { problem: 'the claim data has no volume yet' };
  const never = { problem: 'volumes of kind hostPath are not copied', final: true } as const;

  test('is waited for from the moment at which the copy was accepted', () => {
    const accepted = '2026-01-31T09:31:00Z';
    expect(step({ phase: 'Accepted', accepted }, { volume: absent })).toMatchObject({ do: 'wait' });
  });

  test('fails the copy when the time is over, with what it waited for', () => {
    const accepted = '2026-01-31T09:30:00Z';
    expect(step({ phase: 'Accepted', accepted }, { volume: absent })).toEqual({
      do: 'fail',
      message: 'the volume was not there within 1800 s: the claim data has no volume yet',
    });
  });

  test('and never will be fails it at once', () => {
    const accepted = '2026-01-31T09:59:59Z';
    expect(step({ phase: 'Accepted', accepted }, { volume: never })).toEqual({
      do: 'fail',
      message: 'volumes of kind hostPath are not copied',
    });
  });

  test('does not keep a copy from being accepted', () => {
    expect(step({}, { volume: never })).toEqual({ do: 'accept' });
  });
});
