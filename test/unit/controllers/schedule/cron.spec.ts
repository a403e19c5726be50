import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCron, type Ticks } from '../../../../src/controllers/schedule/cron.js';

const ticksOf = (line: string): Ticks => {
  const read = readCron(line);
  return read.ok ? read.ticks : expect.fail(read.problem);
};
const next = (line: string, after: string, count = 1): readonly string[] => {
  const ticks = ticksOf(line);
  const found: string[] = [];
  for (let at = ticks.next(new Date(after)); at && found.length < count; at = ticks.next(at))
    found.push(`${at.toISOString().slice(0, 19)}Z`);
  return found;
};
const problem = (line: string): string => {
  const read = readCron(line);
  return read.ok ? 'none' : read.problem;
};

describe('A schedule line', () => {
  it.each([
    ['', 'Schedule must be a non-empty valid Cron expression'],
    ['  ', 'invalid schedule: it is blank'],
    ['TZ=UTC ', 'invalid schedule: nothing follows the time zone'],
    ['* * * *', 'invalid schedule: it has 4 fields and needs 5'],
    ['0 * * * * *', 'invalid schedule: it has 6 fields and needs 5'],
    ['0 0 * * 7', 'invalid schedule: 7 is no day of week; write 0 to 6, Sunday is 0'],
    ['60 * * * *', 'invalid schedule: 60 is no minute; write 0 to 59'],
    ['0 0 L * *', 'invalid schedule: "L" is no day of month'],
    ['0 0 15W * *', 'invalid schedule: "15W" is no day of month'],
    ['0 0 * * 1#2', 'invalid schedule: "1#2" is no day of week'],
    ['*/0 * * * *', 'invalid schedule: the step "0" is no positive whole number'],
    ['0 0 * * FRI-MON', 'invalid schedule: the range "FRI-MON" of the day of week runs backwards'],
    ['@reboot', 'invalid schedule: "@reboot" is unknown'],
    ['@every 10', 'invalid schedule: "10" is no length of time'],
    ['@every -1h', 'invalid schedule: "-1h" is no length of time'],
    ['CRON_TZ=Mars/Olympus 0 3 * * *', 'invalid schedule: there is no time zone "Mars/Olympus"'],
    ['CRON_TZ=+02:00 0 3 * * *', 'invalid schedule: there is no time zone "+02:00"'],
    ['0 0 30,31 2 ?', 'invalid schedule: the day 30,31 never comes in month 2'],
  ])('%j is refused with the reason', (line, reason) => {
    expect(problem(line)).toContain(reason);
  });

  it.each([
    ['@hourly', '2026-01-10T11:00:00Z'],
    ['@daily', '2026-01-11T00:00:00Z'],
    ['@midnight', '2026-01-11T00:00:00Z'],
    ['@weekly', '2026-01-11T00:00:00Z'],
    ['@monthly', '2026-02-01T00:00:00Z'],
    ['@annually', '2027-01-01T00:00:00Z'],
    ['@every 90m', '2026-01-10T11:30:30Z'],
    ['@every 1.9s', '2026-01-10T10:00:31Z'],
    ['@every 10ms', '2026-01-10T10:00:31Z'],
    ['5/15 * * * *', '2026-01-10T10:05:00Z'],
    ['0 0 ? jan-mar/2 Tue', '2026-01-13T00:00:00Z'],
    ['TZ=Asia/Tokyo 0 3 * * *', '2026-01-10T18:00:00Z'],
    ['0 0 29 2 *', '2028-02-29T00:00:00Z'],
    ['0 0 13 * 5', '2026-01-13T00:00:00Z'],
    ['0 0 */20 * 1', '2026-01-12T00:00:00Z'],
    ['0 0 1-31 * 1', '2026-01-11T00:00:00Z'],
    ['1,,3 * * * *', '2026-01-10T10:01:00Z'],
    ['0 */100 * * *', '2026-01-11T00:00:00Z'],
  ])('%j comes next at %s', (line, at) => {
    expect(
      next(
        `${line.includes('TZ=') || line.startsWith('@every') ? '' : 'TZ=UTC '}${line}`,
        '2026-01-10T10:00:30.5Z',
      ),
    ).toEqual([at]);
  });

  it('at a named time comes once on the day the clocks go forward over it, right behind the gap', () => {
    expect(next('TZ=America/New_York 30 2 * * *', '2026-03-07T12:00:00Z', 2)).toEqual([
      '2026-03-08T07:00:00Z',
      '2026-03-09T06:30:00Z',
    ]);
  });

  it('at a named time comes once on the day the clocks go back over it', () => {
    expect(next('TZ=America/New_York 30 1 * * *', '2026-10-31T12:00:00Z', 2)).toEqual([
      '2026-11-01T05:30:00Z',
      '2026-11-02T06:30:00Z',
    ]);
  });

  it('at intervals follows the passing of time through both', () => {
    expect(next('TZ=America/New_York */30 * * * *', '2026-03-08T06:30:00Z', 2)).toEqual([
      '2026-03-08T07:00:00Z',
      '2026-03-08T07:30:00Z',
    ]);
    expect(next('TZ=America/New_York */30 * * * *', '2026-11-01T05:00:00Z', 4)).toEqual([
      '2026-11-01T05:30:00Z',
      '2026-11-01T06:00:00Z',
      '2026-11-01T06:30:00Z',
      '2026-11-01T07:00:00Z',
    ]);
  });

  it('counts what was due, and finds the last of more than it counts', () => {
    const ticks = ticksOf('TZ=UTC * * * * *');
    expect(ticks.due(new Date('2026-01-10T10:00:00Z'), new Date('2026-01-10T10:03:30Z'))).toEqual({
      from: '2026-01-10T10:01:00Z',
      before: '2026-01-10T10:02:00Z',
      to: '2026-01-10T10:03:00Z',
      count: 3,
    });
    expect(ticks.due(new Date('2026-01-10T10:00:00Z'), new Date('2028-01-10T10:00:30Z'))).toEqual({
      from: '2026-01-10T10:01:00Z',
      before: '2028-01-10T09:59:00Z',
      to: '2028-01-10T10:00:00Z',
      count: 1_000,
    });
    expect(ticks.due(new Date('2026-01-10T10:00:00Z'), new Date('2026-01-10T09:00:00Z'))).toBeUndefined();
    expect(
      ticksOf('@every 1s').due(new Date('2026-01-10T10:00:00Z'), new Date('2027-01-10T10:00:00Z')),
    ).toMatchObject({ to: '2027-01-10T10:00:00Z', count: 31_536_000 });
  });
});

/** One field as people write it, and the values it means; numbers go up to `most`, stars stand for all up to `widest`. */
const field = (least: number, most: number, widest = most) => {
  const value = fc.integer({ min: least, max: most });
  const range = fc.tuple(value, value, fc.integer({ min: 1, max: 20 })).map(([a, b, step]) => {
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const values = [];
    for (let n = low; n <= high; n += step) values.push(n);
    return { text: `${low}-${high}/${step}`, values, star: false };
  });
  const all = Array.from({ length: widest - least + 1 }, (_, i) => least + i);
  const step = fc.integer({ min: 1, max: 25 }).map((by) => ({
    text: `*/${by}`,
    values: all.filter((n) => (n - least) % by === 0),
    star: by === 1,
  }));
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('*', '?').map((text) => ({ text, values: all, star: true })) },
    { weight: 3, arbitrary: value.map((n) => ({ text: String(n), values: [n], star: false })) },
    {
      weight: 2,
      arbitrary: fc
        .array(value, { minLength: 2, maxLength: 4 })
        .map((values) => ({ text: values.join(','), values, star: false })),
    },
    range,
    step,
  );
};

describe('The next time of a line', () => {
  it('is the very one that a walk through all minutes finds', () => {
    const line = fc.tuple(field(0, 59), field(0, 23), field(1, 28, 31), field(1, 12), field(0, 6));
    const start = fc.date({ min: new Date('2026-01-01'), max: new Date('2029-01-01'), noInvalidDate: true });
    fc.assert(
      fc.property(line, start, (fields, from) => {
        const [minutes, hours, days, months, weekdays] = fields;
        const fits = (at: Date): boolean => {
          const day = days.values.includes(at.getUTCDate());
          const weekday = weekdays.values.includes(at.getUTCDay());
          return (
            minutes.values.includes(at.getUTCMinutes()) &&
            hours.values.includes(at.getUTCHours()) &&
            months.values.includes(at.getUTCMonth() + 1) &&
            (days.star || weekdays.star ? day && weekday : day || weekday)
          );
        };
        const found = ticksOf(`TZ=UTC ${fields.map(({ text }) => text).join(' ')}`).next(from);
        if (!found) return false;
        let at = new Date(Math.floor(from.getTime() / 60_000) * 60_000 + 60_000);
        for (let n = 0; n < 60_000 && at < found; n += 1) {
          if (fits(at)) return false;
          at = new Date(at.getTime() + 60_000);
        }
        return found > from && fits(found) && found.getUTCSeconds() === 0;
      }),
      { numRuns: 150 },
    );
  });
});
