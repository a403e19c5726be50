import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openBucket } from './fixture/bucket.js';
import { putWorld } from './fixture/cli/content.js';
import { DIFFERENCES } from './fixture/cli/differences.js';
import { explain, type Difference } from './fixture/cli/explain.js';
import { walkHelp } from './fixture/cli/help-tree.js';
import { PENDING } from './fixture/cli/pending.js';
import { report } from './fixture/cli/report.js';
import { SCRIPT } from './fixture/cli/script/script.js';
import { NAMESPACE, openSide, type Side } from './fixture/cli/side.js';
import { SKIPPED } from './fixture/cli/skipped.js';
import { titleOf, type Step } from './fixture/cli/step.js';
import { openCluster } from './fixture/cluster.js';
import { prepareHome, type Lifeboat } from './fixture/lifeboat.js';
import { RUN, why } from './fixture/surroundings.js';
import { createTidy } from './fixture/tidy.js';
import { startVelero } from './fixture/velero.js';

const root = `metadata/cli-${RUN}`;
const steps = SCRIPT.flatMap(([, chapter]) => chapter);
const pending = new Set(Object.values(PENDING).flat());
/** How long a server may take for what a command sets off; nobody waits that long for a part that is not there. */
const PATIENCE = 90;
const NO_PATIENCE = 3;
/** Velero keeps the place of a refused backup taken; with many places the script outlives that. */
const CONCURRENT_BACKUPS = 40;

describe.skipIf(why !== '')(`the velero program through all its commands, before both servers${why}`, () => {
  const tidy = createTidy();
  const used = new Set<Difference>();
  let theirs: Side;
  let ours: Side;
  let lifeboat: Lifeboat;

  // A cluster for each: several commands list the whole cluster, whatever their namespace.
  beforeAll(async () => {
    const [theirCluster, ourCluster] = await Promise.all([
      tidy.keep(openCluster('cli-velero')),
      tidy.keep(openCluster('cli-lifeboat')),
    ]);
    const bucket = await tidy.keep(openBucket(ourCluster, root));
    const home = await tidy.keep(prepareHome(ourCluster, NAMESPACE, `${root}/b`));
    theirs = await tidy.keep(openSide({ cluster: theirCluster, bucket, prefix: `${root}/a` }));
    ours = await tidy.keep(openSide({ cluster: ourCluster, bucket, prefix: `${root}/b` }));
    await Promise.all([putWorld(theirCluster), putWorld(ourCluster)]);
    [lifeboat] = await Promise.all([
      home.start(),
      tidy.keep(startVelero(theirCluster, theirs.prefix, { concurrentBackups: CONCURRENT_BACKUPS })),
    ]);
  });

  afterAll(tidy.closeAll);

  const compare = async (step: Step): Promise<void> => {
    const title = titleOf(step);
    const waits = pending.has(title);
    const [their, our] = await Promise.all([
      report(theirs, step, PATIENCE),
      report(ours, step, waits ? NO_PATIENCE : PATIENCE),
    ]);
    const { expected, used: rows } = explain(title, their, our, DIFFERENCES);
    if (waits) {
      expect(our, 'this works now: take it from the list of what is pending').not.toBe(expected);
      return;
    }
    expect(our, lifeboat.log()).toBe(expected);
    for (const row of rows) used.add(row);
  };

  for (const [chapter, commands] of SCRIPT)
    describe(chapter, () => {
      for (const step of commands) test(titleOf(step), () => compare(step));
    });

  test('the script gives every command that the program has, or says why not', async () => {
    const known = await walkHelp(ours.cluster.path);
    expect(known.length).toBeGreaterThan(50);
    const given = known.filter((command) =>
      steps.some((step) => step.command === command || step.command.startsWith(`${command} `)),
    );
    expect([...given, ...Object.keys(SKIPPED)].sort()).toEqual([...known].sort());
  });

  test('every difference explains something, and everything that is pending is a command of the script', () => {
    expect(DIFFERENCES.filter((row) => !used.has(row)).map(({ why: reason }) => reason)).toEqual([]);
    const titles = steps.map(titleOf);
    expect([...pending].filter((title) => !titles.includes(title))).toEqual([]);
    expect(titles.filter((title, i) => titles.indexOf(title) !== i)).toEqual([]);
  });
});
