import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { access } from '../../../src/domain/access.js';
import { backup } from '../../../src/domain/backup.js';
import {
  EVENT_VERSIONS,
  lift,
  upcast,
  type LifeboatEvent,
  type StoredEvent,
} from '../../../src/domain/events.js';
import { location } from '../../../src/domain/location.js';
import { restore } from '../../../src/domain/restore.js';
import { schedule } from '../../../src/domain/schedule.js';
import { sentenceOf } from '../../../src/domain/story.js';

const FOLDER = new URL('../../golden/events/', import.meta.url);

interface Golden {
  readonly event: StoredEvent;
  readonly sentence: string;
}

const golden = (file: string): Golden => JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Golden;
const files = readdirSync(FOLDER).sort();

/** The decider an event belongs to folds it; what comes out of it is the business of the deciders' own specs. */
const fold = (event: LifeboatEvent): unknown => {
  const deciders = {
    Backup: backup,
    Restore: restore,
    Location: location,
    Mutation: access,
    Download: access,
    Schedule: schedule,
  };
  const kind = (Object.keys(deciders) as (keyof typeof deciders)[]).find((name) =>
    event.type.startsWith(name),
  );
  const { evolve, initial } = deciders[kind!] as {
    evolve: (state: unknown, event: unknown) => unknown;
    initial: unknown;
  };
  return evolve(initial, event);
};

describe('facts written by any version so far', () => {
  it('have a golden file for every type and every version, and no others', () => {
    const wanted = Object.entries(EVENT_VERSIONS).flatMap(([type, latest]) =>
      Array.from({ length: latest }, (_, i) => `${type}.${i + 1}.json`),
    );
    expect(files).toEqual(wanted.sort());
  });

  it.each(files)('%s is still read, folded and told as it was', (file) => {
    const { event, sentence } = golden(file);
    expect(`${event.type}.${event.v}.json`).toBe(file);
    const present = upcast(event)!;
    expect(present).toMatchObject({ type: event.type, v: EVENT_VERSIONS[present.type] });
    expect(sentenceOf(present)).toBe(sentence);
    expect(fold(present)).not.toBeUndefined();
  });

  it.each(files)('%s of the present version is read as it was written', (file) => {
    const { event } = golden(file);
    if (event.v === EVENT_VERSIONS[event.type as LifeboatEvent['type']]) expect(upcast(event)).toEqual(event);
    else expect(upcast(event)).toBeDefined();
  });

  it('of a newer version, of an unknown type or with the name of an object member are not understood', () => {
    expect(upcast({ type: 'BackupDeleted', v: EVENT_VERSIONS.BackupDeleted + 1, data: {} })).toBeUndefined();
    expect(upcast({ type: 'BackupExploded', v: 1, data: {} })).toBeUndefined();
    expect(upcast({ type: 'toString', v: 1, data: {} })).toBeUndefined();
  });
});

describe('lifting a fact', () => {
  const steps = {
    'Baked@1': (data: object) => ({ ...data, trail: ['1 to 2'] }),
    'Baked@2': (data: object) => ({ ...data, trail: [...(data as { trail: string[] }).trail, '2 to 3'] }),
  };

  it('runs the steps in order, each once', () => {
    expect(lift({ type: 'Baked', v: 1, data: { cake: true } }, 3, steps)).toEqual({
      type: 'Baked',
      v: 3,
      data: { cake: true, trail: ['1 to 2', '2 to 3'] },
    });
  });

  it('begins at the version it was written in', () => {
    const lifted = lift({ type: 'Baked', v: 2, data: { trail: [] } }, 3, steps);
    expect(lifted).toEqual({ type: 'Baked', v: 3, data: { trail: ['2 to 3'] } });
  });

  it('leaves one of the latest version as it is, and never changes the stored one', () => {
    const stored = { type: 'Baked', v: 1, data: { cake: true } };
    expect(lift(stored, 1, steps)).toEqual(stored);
    lift(stored, 3, steps);
    expect(stored).toEqual({ type: 'Baked', v: 1, data: { cake: true } });
  });

  it('does not guess: a missing step, a newer version or an unknown type is no answer', () => {
    expect(lift({ type: 'Baked', v: 1, data: {} }, 4, steps)).toBeUndefined();
    expect(lift({ type: 'Baked', v: 4, data: {} }, 3, steps)).toBeUndefined();
    expect(lift({ type: 'Baked', v: 1, data: {} }, undefined, steps)).toBeUndefined();
    expect(lift({ type: 'Fried', v: 1, data: {} }, 2, steps)).toBeUndefined();
  });
});
