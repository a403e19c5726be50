import type { ScheduleEvent } from '../schedule-facts.js';

const SKIPPED = {
  missed: 'passed while no server was there',
  paused: 'passed while the schedule was paused',
  'backup-unfinished': 'found an earlier backup unfinished',
  'skip-immediately': 'passed by, as was asked',
  'name-taken': 'found the name of its backup taken by another one',
} as const;

type Skipped = Extract<ScheduleEvent, { type: 'ScheduleSkipped' }>['data'];

const skippedSentence = ({ from, to, count: ticks, because, backup }: Skipped): string => {
  if (ticks === 0) return 'Backups due by now were to be skipped; none was.';
  const which = ticks === 1 ? `The tick ${to}` : `${ticks} ticks from ${from} to ${to}`;
  return `${which} ${SKIPPED[because]}${backup === undefined ? '' : ` (${backup})`}.`;
};

const FIRED = {
  created: 'the first one, since the schedule is new',
  due: 'its time has come',
  'caught-up': 'made up for, later than its time',
  asked: 'asked for now',
} as const;

export const scheduleSentence = ({ type, data }: ScheduleEvent): string => {
  switch (type) {
    case 'ScheduleRegistered':
      return `Schedule registered: ${data.spec.schedule}${data.spec.paused === true ? ', paused' : ''}.`;
    case 'ScheduleChanged':
      return `Schedule changed: ${data.spec.schedule}.`;
    case 'ScheduleAccepted':
      return 'Schedule in use.';
    case 'ScheduleRejected':
      return `Schedule refused: ${data.reasons.join('; ')}.`;
    case 'SchedulePaused':
      return 'Schedule paused.';
    case 'ScheduleResumed':
      return 'Schedule no longer paused.';
    case 'ScheduleFired':
      return `Backup ${data.backup} is to be made for the tick ${data.tick}: ${FIRED[data.because]}.`;
    case 'ScheduleBackupCreated':
      return `Backup ${data.backup} was created.`;
    case 'ScheduleSkipped':
      return skippedSentence(data);
    case 'ScheduleCarriedForward':
      return `Carried forward: everything up to ${data.facts.cursor} is accounted for.`;
    case 'ScheduleRemoved':
      return 'Schedule removed.';
  }
};
