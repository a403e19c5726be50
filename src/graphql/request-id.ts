import { createHash, randomInt, randomUUID } from 'node:crypto';

/** How one request for change is told from others. `keyed` is the part that depends on the idempotency key alone. */
export interface RequestId {
  readonly id: string;
  readonly keyed?: string;
}

const digest = (...parts: readonly string[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 40);

/**
 * Without a key every request is its own. With one, the same key of the same user for the same mutation gives the same first
 * part, and the same input the same second part. Only hashes are kept: a key may be anything, even a secret.
 */
export const requestIdOf = (request: {
  readonly mutation: string;
  readonly namespace: string;
  readonly user: string;
  readonly idempotencyKey: string | null | undefined;
  readonly input: object;
}): RequestId => {
  const { mutation, namespace, user, idempotencyKey, input } = request;
  if (idempotencyKey === null || idempotencyKey === undefined) return { id: randomUUID() };
  const keyed = `${digest(mutation, namespace, user, idempotencyKey)}.`;
  return { id: keyed + digest(JSON.stringify(input)), keyed };
};

/** `20260131020000`, UTC. */
const stamp = (date: Date): string => date.toISOString().slice(0, 19).replaceAll(/\D/g, '');

/** No vowels, so that chance makes no words; no characters that are mistaken for each other. */
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

const randomLetters = (length: number): string =>
  Array.from({ length }, () => LETTERS.charAt(randomInt(LETTERS.length))).join('');

/** A name for a backup that was given none. */
export const nameForBackup = (now: Date): string => `backup-${stamp(now)}-${randomLetters(5)}`;

/** `<source>-<YYYYMMDDhhmmss>`, as the CLI names restores; the next second that is free, if several are made in one. */
export const nameForRestore = (source: string, now: Date, taken: (name: string) => boolean): string => {
  for (let seconds = 0; seconds < 60; seconds++) {
    const name = `${source}-${stamp(new Date(now.getTime() + seconds * 1_000))}`;
    if (!taken(name)) return name;
  }
  return `${source}-${stamp(now)}-${randomLetters(5)}`;
};
