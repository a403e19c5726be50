import { Fault } from '../../src/faults.js';
import type { Outside } from '../scenarios/life.js';
import { intercepted, printCall, type Between, type Call } from './intercept.js';

export type Side = 'before' | 'after';

export interface Crashing {
  /** What the doomed server is given. */
  readonly outside: Outside;
  /** Aborted at the crash: the process is gone. */
  readonly life: AbortController;
  /** Resolves when it has crashed. */
  readonly crashed: Promise<void>;
  /** Every effect that was made, in order. */
  readonly effects: readonly string[];
  /** Lets go of what the dead process holds (files of its scratch folder); it still has no effect. Call it when all is over. */
  readonly bury: () => void;
}

/**
 * The process dies when `dies` says so about an effect, before or after it is made. Nothing can catch that: the call never
 * answers, the life is aborted, and every further call of that life is never made nor answered.
 */
export const withCrash = (outside: Outside, dies: (call: Call, n: number) => Side | undefined): Crashing => {
  const life = new AbortController();
  const grave = new AbortController();
  const effects: string[] = [];
  let announce: () => void = () => undefined;
  const crashed = new Promise<void>((resolve) => (announce = resolve));
  let over = false;
  const isDead = (): boolean => over;

  const never = <T>(): Promise<T> =>
    new Promise((_resolve, reject) => {
      const end = () => reject(new Fault('LB_ABORTED', 'the process is gone'));
      if (grave.signal.aborted) end();
      else grave.signal.addEventListener('abort', end, { once: true });
    });
  const die = <T>(): Promise<T> => {
    over = true;
    life.abort();
    announce();
    return never<T>();
  };
  const between: Between = async (call, make) => {
    if (isDead()) return never();
    if (!call.effect) {
      const answer = await make();
      return isDead() ? never() : answer;
    }
    const side = dies(call, effects.length + 1);
    if (side === 'before') return die();
    effects.push(printCall(call));
    const answer = await make();
    if (side === 'after') return die();
    return isDead() ? never() : answer;
  };
  return { outside: intercepted(outside, between), life, crashed, effects, bury: () => grave.abort() };
};
