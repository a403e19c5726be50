import { expect } from 'vitest';
import { isRefusal, type Decider } from '../src/domain/decider.js';

/** Given these facts, when this is asked, then these facts follow: the form of every spec of a decider. */
export const givenOf =
  <S, C, E>(decider: Decider<S, C, E>) =>
  (...facts: readonly E[]) => ({
    when: (command: C) => {
      const answer = decider.decide(command, facts.reduce(decider.evolve, decider.initial));
      return {
        then: (...events: readonly E[]) => {
          expect(answer).toEqual(events);
        },
        thenRefused: (code: string) => {
          expect(isRefusal(answer) ? answer.refused : answer).toBe(code);
        },
        thenNothing: () => {
          expect(answer).toEqual([]);
        },
      };
    },
  });
