import { describe, expect, test } from 'vitest';
import { listAt, objectAt, textAt } from '../../src/domain/json.js';
import { VELERO_TYPES } from '../../src/domain/velero.gen.js';
import { ALICE, MALLORY, startWorld } from './api.js';

const FIELDS = 'id name phase paused nextRunAt lastBackup spec { schedule template { ttl } }';
const REST = 'position userErrors { code message field }';
const CREATE = `mutation ($input: CreateScheduleInput!) { createSchedule(input: $input) { schedule { ${FIELDS} } ${REST} } }`;
const UPDATE = `mutation ($input: UpdateScheduleInput!) { updateSchedule(input: $input) { schedule { ${FIELDS} } ${REST} } }`;
const DELETE = `mutation ($input: DeleteScheduleInput!) { deleteSchedule(input: $input) { deletedScheduleId ${REST} } }`;
const RUN = `mutation ($input: RunScheduleInput!) { runSchedule(input: $input) {
  backup { name labels { key value } spec { ttl } schedule { name } } schedule { name } ${REST} } }`;

type World = Awaited<ReturnType<typeof startWorld>>;

const ask = async (world: World, text: string, input: object, token = ALICE) => {
  const { data } = await world.ask(text, { input }, token);
  return objectAt(data, Object.keys(data)[0] ?? '');
};
const codes = (answer: object) => listAt(answer, 'userErrors').map((error) => textAt(error, 'code'));
const story = async (world: World, stream: string) =>
  listAt(
    (
      await world.ask(
        'query ($s: String) { events(filter: { stream: $s }) { nodes { type actor { kind name } } } }',
        {
          s: stream,
        },
      )
    ).data,
    'events',
    'nodes',
  );

const NIGHTLY = { name: 'nightly', spec: { schedule: '0 3 * * *', template: { ttl: '1h0m0s' } } };

describe('a schedule through the API', () => {
  test('is created as the caller, found again, and says when its next time is', async () => {
    const world = await startWorld({ now: () => new Date('2026-01-10T10:00:00Z') });
    const answer = await ask(world, CREATE, { ...NIGHTLY, labels: [{ key: 'team', value: 'web' }] });
    expect(answer).toMatchObject({
      schedule: { name: 'nightly', phase: 'ENABLED', paused: false, spec: { template: { ttl: '1h0m0s' } } },
      userErrors: [],
    });
    expect(objectAt(answer, 'schedule')['nextRunAt']).toMatch(/T03:00:00.000Z$/);
    expect(await world.resource(VELERO_TYPES.Schedule, 'nightly')).toMatchObject({
      metadata: { labels: { team: 'web' } },
      spec: { schedule: '0 3 * * *' },
    });
    const { data } = await world.ask(
      `query ($id: ID!) { node(id: $id) { id ... on Schedule { name events { nodes { type } } } }
         schedule(name: "nightly") { name } schedules(filter: { paused: false }) { totalCount nodes { name } } }`,
      { id: textAt(answer, 'schedule', 'id') },
    );
    expect(data).toMatchObject({
      node: {
        name: 'nightly',
        events: { nodes: [{ type: 'ScheduleRegistered' }, { type: 'ScheduleAccepted' }] },
      },
      schedule: { name: 'nightly' },
      schedules: { totalCount: 1, nodes: [{ name: 'nightly' }] },
    });
    expect((await story(world, 'schedule-velero.nightly'))[0]).toMatchObject({
      actor: { kind: 'USER', name: 'alice' },
    });
  });

  test('is refused with the path of the line that cannot be read, and nothing is made', async () => {
    const world = await startWorld();
    const answer = await ask(world, CREATE, { name: 'bad', spec: { schedule: '0 0 31 2 *' } });
    expect(answer['userErrors']).toEqual([
      {
        code: 'INVALID',
        message: expect.stringContaining('invalid schedule: the day 31 never comes') as string,
        field: ['input', 'spec', 'schedule'],
      },
    ]);
    expect(answer['schedule']).toBeNull();
    const long = await ask(world, CREATE, { name: 'n'.repeat(64), spec: { schedule: '@daily' } });
    expect(listAt(long, 'userErrors')[0]).toMatchObject({ field: ['input', 'name'] });
  });

  test('is made once under one key', async () => {
    const world = await startWorld();
    const input = { ...NIGHTLY, idempotencyKey: 'k' };
    await ask(world, CREATE, input);
    expect(codes(await ask(world, CREATE, input))).toEqual([]);
    expect(codes(await ask(world, CREATE, { ...input, name: 'other' }))).toEqual(['IDEMPOTENCY_KEY_REUSED']);
    expect(codes(await ask(world, CREATE, NIGHTLY))).toEqual(['NAME_TAKEN']);
  });

  test('is paused, resumed and changed by a person whose name is kept', async () => {
    const world = await startWorld();
    await ask(world, CREATE, NIGHTLY);
    expect(await ask(world, UPDATE, { name: 'nightly', spec: { paused: true } })).toMatchObject({
      schedule: { paused: true, nextRunAt: null },
      userErrors: [],
    });
    expect(
      await ask(world, UPDATE, { name: 'nightly', spec: { paused: false, schedule: '@hourly' } }),
    ).toMatchObject({
      schedule: { paused: false, spec: { schedule: '@hourly', template: { ttl: '1h0m0s' } } },
    });
    expect((await story(world, 'schedule-velero.nightly')).slice(2)).toMatchObject([
      { type: 'SchedulePaused', actor: { name: 'alice' } },
      { type: 'ScheduleChanged', actor: { name: 'alice' } },
      { type: 'ScheduleResumed', actor: { name: 'alice' } },
    ]);
    const wrong = await ask(world, UPDATE, { name: 'nightly', spec: { schedule: '@reboot' } });
    expect(listAt(wrong, 'userErrors')[0]).toMatchObject({ field: ['input', 'spec', 'schedule'] });
    expect(codes(await ask(world, UPDATE, { name: 'none', spec: { paused: true } }))).toEqual(['NOT_FOUND']);
  });

  test('makes a backup now when asked, with its template and its name as label', async () => {
    const world = await startWorld({ now: () => new Date('2026-01-10T10:00:00Z') });
    await ask(world, CREATE, NIGHTLY);
    const answer = await ask(world, RUN, { name: 'nightly', idempotencyKey: 'once' });
    expect(answer).toMatchObject({
      backup: { name: 'nightly-20260110100000', spec: { ttl: '1h0m0s' }, schedule: { name: 'nightly' } },
      schedule: { name: 'nightly' },
      userErrors: [],
    });
    expect(await ask(world, RUN, { name: 'nightly', idempotencyKey: 'once' })).toMatchObject({
      backup: { name: 'nightly-20260110100000' },
    });
    const facts = await story(world, 'schedule-velero.nightly');
    expect(facts.slice(2)).toMatchObject([{ type: 'ScheduleFired', actor: { kind: 'USER', name: 'alice' } }]);
    expect(codes(await ask(world, RUN, { name: 'none' }))).toEqual(['NOT_FOUND']);
  });

  test('is deleted, and its story says by whom', async () => {
    const world = await startWorld();
    await ask(world, CREATE, NIGHTLY);
    const answer = await ask(world, DELETE, { name: 'nightly' });
    expect(answer).toMatchObject({ deletedScheduleId: expect.any(String) as string, userErrors: [] });
    expect(await world.resource(VELERO_TYPES.Schedule, 'nightly')).toBeUndefined();
    expect((await story(world, 'schedule-velero.nightly')).at(-1)).toMatchObject({
      type: 'ScheduleRemoved',
      actor: { name: 'alice' },
    });
  });

  test('is nothing for a caller without rights', async () => {
    const world = await startWorld();
    await ask(world, CREATE, NIGHTLY);
    for (const [text, input] of [
      [CREATE, { ...NIGHTLY, name: 'mine' }],
      [UPDATE, { name: 'nightly', spec: { paused: true } }],
      [DELETE, { name: 'nightly' }],
      [RUN, { name: 'nightly' }],
    ] as const)
      expect(codes(await ask(world, text, input, MALLORY))).toEqual(['FORBIDDEN']);
    const read = await world.ask('{ schedule(name: "nightly") { name } }', {}, MALLORY);
    expect(read.errors[0]?.extensions['code']).toBe('FORBIDDEN');
  });
});
