import { expect } from 'vitest';
import { upcast } from '../../src/domain/events.js';
import { NAMESPACE } from '../scenarios/life.js';
import { available, once, type Plot } from './plots.js';

const isDone = ({ status }: { readonly status?: { readonly lastBackup?: string | null } }): boolean =>
  Boolean(status?.lastBackup);

/** A schedule is made; its first backup is the tick that the server dies around. */
export const schedulePlot: Plot = {
  prepare: available,
  act: async (world) => {
    await world.apply({
      apiVersion: 'velero.io/v1',
      kind: 'Schedule',
      metadata: { name: 's1', namespace: NAMESPACE },
      spec: { schedule: '0 0 1 1 *', template: { includedNamespaces: ['none'] } },
    });
    await world.until('Schedule', 's1', isDone);
  },
  check: async (world, seen) => {
    const schedule = await world.resources.read('Schedule', 's1', AbortSignal.timeout(5_000));
    const backups = await world.resources.list('Backup', AbortSignal.timeout(5_000));
    expect(backups.map(({ metadata }) => metadata.labels?.['velero.io/schedule-name'])).toEqual(['s1']);
    once(seen.created);
    const facts = await world.facts('schedule', 's1');
    expect(facts.map(({ type }) => type)).toEqual([
      'ScheduleRegistered',
      'ScheduleAccepted',
      'ScheduleFired',
      'ScheduleBackupCreated',
    ]);
    const last = facts.map((one) => upcast(one)).at(-1);
    const at = last?.type === 'ScheduleBackupCreated' ? last.data.at : expect.fail('no backup');
    expect(schedule?.status).toEqual({ phase: 'Enabled', lastBackup: at });
    expect(schedule?.spec?.skipImmediately).toBe(false);
  },
};
