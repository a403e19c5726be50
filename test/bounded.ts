import { expect } from 'vitest';

/** No text that a user gives may keep the process from its other work for longer. */
const MOST_MS = 1_000;
/** The first time code is compiled and memory is cleared up, which is not the work that is measured. */
const TRIES = 4;

/** Of this process alone: how busy the machine is with other things says nothing about the work. */
const spentMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** What `work` gives; fails if it takes more than a second of computing each time it is tried. */
export const bounded = <T>(work: () => T): T => {
  let best = Infinity;
  for (let i = 0; i < TRIES; i++) {
    const start = spentMs();
    const result = work();
    best = Math.min(best, spentMs() - start);
    if (best <= MOST_MS) return result;
  }
  return expect.fail(`it took ${Math.round(best)} ms at best`);
};

/** The same for what does not end at once. */
export const boundedAsync = async <T>(work: () => Promise<T>): Promise<T> => {
  let best = Infinity;
  for (let i = 0; i < TRIES; i++) {
    const start = spentMs();
    const result = await work();
    best = Math.min(best, spentMs() - start);
    if (best <= MOST_MS) return result;
  }
  return expect.fail(`it took ${Math.round(best)} ms at best`);
};

const ownKeys = (): string => Object.getOwnPropertyNames(Object.prototype).join();
const BEFORE = ownKeys();

/** Nothing was written where every object would have it. */
export const expectCleanPrototype = (): void => {
  if (ownKeys() !== BEFORE) expect.fail(`the prototype of objects has other keys now: ${ownKeys()}`);
};
