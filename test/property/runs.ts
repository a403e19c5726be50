import fc from 'fast-check';
import { expect } from 'vitest';
import type { Served } from './small-cluster.js';

/** What the rules, or the product, say of one case. */
type Answer =
  | { readonly refused: true }
  | {
      readonly refused: false;
      readonly items: readonly string[];
      readonly missing?: readonly string[];
      readonly count?: number;
    };

/** What all comparisons together come to by default. */
const USUAL_RUNS = 10_000;

/** How much more is to be tried than usual: `LIFEBOAT_PROPERTY_RUNS` says how many cases in all. */
const FACTOR = (() => {
  const asked = Number(process.env['LIFEBOAT_PROPERTY_RUNS'] ?? '');
  return Number.isInteger(asked) && asked > 0 ? asked / USUAL_RUNS : 1;
})();

/** How many cases a property tries. */
export const runsOf = (usual: number): number => Math.ceil(usual * FACTOR);

/** Only machines that are busy with other things need it. */
const PATIENCE_MS = 240_000 * Math.max(1, FACTOR);

/** For the test around a comparison: the comparison gives up first, and says what it has found. */
export const COMPARING = { timeout: PATIENCE_MS + 60_000 };

const printObject = ({ kind, object }: Served): string => {
  const { apiVersion: _version, kind: _kind, metadata, ...rest } = object;
  return `  ${kind.group}/${kind.resource} ${JSON.stringify(metadata)} ${JSON.stringify(rest)}`;
};

const minus = (a: readonly string[], b: readonly string[]): string =>
  a
    .filter((item) => !b.includes(item))
    .map((item) => `\n  ${item}`)
    .join('') || ' none';

/** How two answers differ; undefined if they do not. */
export const differenceOf = (expected: Answer, found: Answer): string | undefined => {
  if (expected.refused || found.refused) {
    if (expected.refused === found.refused) return undefined;
    return expected.refused
      ? 'the rules refuse the spec, the product takes it'
      : 'the product refuses the spec';
  }
  const count = found.count ?? expected.items.length;
  const [wanted, got] = [
    'missing' in expected ? expected.missing : [],
    'missing' in found ? found.missing : [],
  ];
  const same =
    expected.items.join('\n') === found.items.join('\n') &&
    count === expected.items.length &&
    wanted.join() === got.join();
  if (same) return undefined;
  return [
    `missing:${minus(expected.items, found.items)}`,
    `too much:${minus(found.items, expected.items)}`,
    `items counted: ${count} of ${expected.items.length}`,
    `namespaces said to be missing: ${got.join()} instead of ${wanted.join()}`,
  ].join('\n');
};

/** Compares answers over many cases, each a spec and the objects around it; a failure says what is needed to look into it. */
export const compareAnswers = async <S>(
  cases: fc.Arbitrary<readonly [spec: S, objects: readonly Served[]]>,
  usual: number,
  difference: (spec: S, objects: readonly Served[]) => Promise<string | undefined>,
): Promise<void> => {
  const details = await fc.check(
    fc.asyncProperty(cases, async ([spec, objects]) => {
      const found = await difference(spec, objects);
      if (found !== undefined) throw new Error(found);
    }),
    // Making a counter-example smaller can take longer than finding it.
    { numRuns: runsOf(usual), interruptAfterTimeLimit: PATIENCE_MS },
  );
  if (!details.failed && details.interrupted) expect.fail(`no time for more than ${details.numRuns} cases`);
  if (!details.failed) return;
  const [[spec, objects] = [undefined, []]] = details.counterexample ?? [];
  expect.fail(
    [
      `after ${details.numRuns} cases, with { seed: ${details.seed}, path: "${details.counterexamplePath ?? ''}" }`,
      `spec: ${JSON.stringify(spec)}`,
      'objects:',
      ...objects.map(printObject),
      details.errorInstance instanceof Error ? details.errorInstance.message : String(details.errorInstance),
    ].join('\n'),
  );
};
