import { describe, expect, it } from 'vitest';
import { createProgressHub, type Progress } from '../../../src/projections/progress.js';

const done = (itemsDone: number): Progress => ({ itemsDone, totalItems: 10, bytesWritten: 0 });

describe('the progress of a running operation', () => {
  it('is the latest that was reported, for each operation by itself', () => {
    const hub = createProgressHub();
    hub.report('a', done(1));
    hub.report('a', done(2));
    hub.report('b', done(7));
    expect([hub.current('a'), hub.current('b'), hub.current('c')]).toEqual([done(2), done(7), undefined]);
  });

  it('is gone once the operation has ended', () => {
    const hub = createProgressHub();
    hub.report('a', done(1));
    hub.clear('a');
    expect(hub.current('a')).toBeUndefined();
  });

  it('wakes everyone who listens to this operation, at reports and at the end, until they leave', () => {
    const hub = createProgressHub();
    const heard: string[] = [];
    const leave = hub.listen('a', () => heard.push(`first ${hub.current('a')?.itemsDone}`));
    hub.listen('a', () => heard.push(`second ${hub.current('a')?.itemsDone}`));
    hub.report('a', done(1));
    hub.report('b', done(9));
    leave();
    leave();
    hub.report('a', done(2));
    hub.clear('a');
    expect(heard).toEqual(['first 1', 'second 1', 'second 2', 'second undefined']);
  });

  it('may be left and listened to by anybody while all are being woken', () => {
    const hub = createProgressHub();
    const heard: string[] = [];
    const leaveFirst = hub.listen('a', () => {
      heard.push('first');
      leaveFirst();
      leaveSecond();
    });
    const leaveSecond = hub.listen('a', () => heard.push('second'));
    hub.report('a', done(1));
    hub.report('a', done(2));
    expect(heard).toEqual(['first']);
  });

  it('leaving twice does not silence one who came after', () => {
    const hub = createProgressHub();
    const heard: string[] = [];
    const leave = hub.listen('a', () => heard.push('former'));
    leave();
    hub.listen('a', () => heard.push('later'));
    leave();
    hub.report('a', done(1));
    expect(heard).toEqual(['later']);
  });
});
