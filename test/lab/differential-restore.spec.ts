import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Account } from './fixture/differential/restore-account.js';
import type { RestoreCase } from './fixture/differential/restore-case.js';
import { CHANGE_CASES, CONFIGURED_CASES } from './fixture/differential/restore-change-cases.js';
import { CLUSTER_CASES } from './fixture/differential/restore-cluster-cases.js';
import { EXISTING_CASES } from './fixture/differential/restore-existing-cases.js';
import { MAPPING_CASES } from './fixture/differential/restore-mapping-cases.js';
import { REFUSAL_CASES } from './fixture/differential/restore-refusal-cases.js';
import { SELECTION_CASES } from './fixture/differential/restore-selection-cases.js';
import { openStage, type Stage } from './fixture/differential/restore-stage.js';
import { why } from './fixture/surroundings.js';

const SIDE_BY_SIDE = {
  'which items': SELECTION_CASES,
  'where to': MAPPING_CASES,
  'refused or not': REFUSAL_CASES,
  'objects that exist': EXISTING_CASES,
  'changes on the way': CHANGE_CASES,
};
const ALL: readonly RestoreCase[] = [
  ...Object.values(SIDE_BY_SIDE).flat(),
  ...CONFIGURED_CASES,
  ...CLUSTER_CASES,
];
const named = (cases: readonly RestoreCase[]) => cases.map((one) => [one.what, ALL.indexOf(one)] as const);

describe.skipIf(why !== '')(`the same restore by Lifeboat and by the real Velero${why}`, () => {
  let stage: Stage;
  let rows: string;
  let before: Readonly<Record<string, string | undefined>>;

  beforeAll(async () => {
    rows = await readFile('docs/compatibility.md', 'utf8');
    stage = await openStage(ALL);
    before = await stage.sources();
    const asked = named(Object.values(SIDE_BY_SIDE).flat());
    for (const [, number] of asked) if (ALL[number]?.again === undefined) await stage.ask(number);
    // Those that come again wait for the one before, while the others go on.
    again = Promise.all(
      asked.filter(([, number]) => ALL[number]?.again !== undefined).map(([, number]) => stage.ask(number)),
    );
    again.catch(() => undefined);
  });
  let again: Promise<unknown>;

  afterAll(() => stage.close());

  const compare = (
    number: number,
    { theirs, ours }: { readonly theirs: Account; readonly ours: Account },
  ) => {
    const known = ALL[number]?.known;
    if (known)
      expect(rows.split('\n').find((row) => row.startsWith(`| ${known.row} |`))).toContain(
        'test/lab/differential-restore.spec.ts',
      );
    expect(ours).toEqual(known ? known.ours(theirs) : theirs);
  };

  describe.each(Object.entries(SIDE_BY_SIDE))('%s', (_title, cases) => {
    test.each(named(cases))('%s', async (_what, number) => {
      compare(number, await stage.accounts(number));
    });
  });

  test('nothing was changed in the namespaces the backup was made of', async () => {
    await again;
    expect(await stage.sources()).toEqual(before);
  });

  describe('changes that a ConfigMap asks of all restores', () => {
    test.each(named(CONFIGURED_CASES))('%s', async (_what, number) => {
      await stage.ask(number);
      const accounts = await stage.accounts(number);
      await stage.tidyUp(number);
      compare(number, accounts);
    });
  });

  describe('what belongs to the whole cluster', () => {
    test.each(named(CLUSTER_CASES))('%s', async (_what, number) => {
      compare(number, await stage.inTurn(number));
    });
  });
});
