import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

/** What vitest's json reporter writes of one spec file, as far as it is read here. */
interface Suite {
  readonly name: string;
  readonly status: string;
  readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
}

/** More failing suites than these are no matter of luck, and a second go would only hide which of them are. */
const MOST_AGAIN = 2;

const suitesOf = (file: string): readonly Suite[] =>
  (JSON.parse(readFileSync(file, 'utf8')) as { readonly testResults: readonly Suite[] }).testResults;
const testsOf = ({ assertionResults }: Suite, status: string): readonly string[] =>
  assertionResults.filter((test) => test.status === status).map(({ fullName }) => fullName);
const titleOf = ({ name }: Suite): string => relative(process.cwd(), name);
/** A suite that fails before its first test has failed, too. */
const failuresOf = (suite: Suite): number =>
  suite.status === 'failed' ? Math.max(1, testsOf(suite, 'failed').length) : 0;

/** The spec files of a run that failed, to be run once more; none if there are more of them than luck can explain. */
const secondGo = (file: string): readonly string[] => {
  const failed = suitesOf(file).filter((suite) => failuresOf(suite) > 0);
  return failed.length <= MOST_AGAIN ? failed.map(titleOf) : [];
};

/** The last lines of a run: what passed at the second go only, and how many tests passed and failed. */
const sum = (directory: string, failedSteps: number): readonly string[] => {
  const files = readdirSync(directory);
  const again = files.includes('lab-again.json') ? suitesOf(join(directory, 'lab-again.json')) : [];
  const lines: string[] = [];
  let [passed, failed] = [0, failedSteps];
  for (const file of files)
    for (const suite of suitesOf(join(directory, file))) {
      const later = file === 'lab.json' ? again.find(({ name }) => name === suite.name) : undefined;
      if (later === undefined) {
        passed += testsOf(suite, 'passed').length;
        failed += failuresOf(suite);
      } else if (failuresOf(later) === 0) {
        const told = testsOf(suite, 'failed').map((test) => `${titleOf(suite)} > ${test}`);
        for (const test of told.length > 0 ? told : [titleOf(suite)])
          lines.push(`Passed at the second go only: ${test}`);
      }
    }
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  return [...lines, '', `${passed} passed, ${failed} failed`];
};

const [order, place = '', steps = '0'] = process.argv.slice(2);
for (const line of order === 'second-go' ? secondGo(place) : sum(place, Number(steps))) console.log(line);
