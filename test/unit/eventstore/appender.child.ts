// Appends without end and prints the id of every event as soon as the store has acknowledged it. Run by sqlite-durability.spec.ts.
import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import { openSqliteEventStore } from '../../../src/eventstore/sqlite.js';

const meta = {
  actor: { kind: 'SYSTEM', name: 'appender', via: 'server' },
  correlationId: 'durability',
  appVersion: '0',
} as const;

const store = openSqliteEventStore(process.argv[2]!);

const write = async (stream: string): Promise<never> => {
  let expected = (await store.read(stream)).at(-1)?.revision ?? ('none' as const);
  for (;;) {
    const events = [1, 2].map((n) => ({ id: randomUUID(), type: 'Appended', v: 1, data: { n }, meta }));
    const result = await store.append(stream, expected, events);
    if (!result.ok) throw new Error(`a wrong revision on ${stream}, though nobody else writes there`);
    expected = result.revision;
    writeSync(1, events.map(({ id }) => `${id}\n`).join(''));
  }
};

await Promise.all(Array.from({ length: 8 }, (_, n) => write(`backup-ns.b${n}`)));
