import { expect, it } from 'vitest';
import { jumpDetector } from '../../../../src/controllers/schedule/clock-jumps.js';

it('A clock that is set is noticed once, in either direction; one that runs on is not', () => {
  let day = 1_000_000;
  let passing = 0;
  const jumped = jumpDetector({ day: () => day, passing: () => passing });
  const pass = (ms: number) => {
    day += ms;
    passing += ms;
  };
  pass(30_000);
  expect(jumped()).toBe(false);
  day += 3_600_000;
  expect([jumped(), jumped()]).toEqual([true, false]);
  day -= 7_200_000;
  expect([jumped(), jumped()]).toEqual([true, false]);
  for (let n = 0; n < 3; n += 1) {
    pass(10_000);
    day += 400;
  }
  expect(jumped()).toBe(true); // slow drift adds up to a second as well
});
