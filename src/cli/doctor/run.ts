import { Fault } from '../../faults.js';
import { examineAll, type DoctorDeps } from './doctor.js';
import type { Examined } from './finding.js';

const line = ({ verdict, check, detail, remedy }: Examined): string => {
  const advice = remedy === undefined || remedy === '' ? '' : `\n      → ${remedy}`;
  return `${verdict.padEnd(4)}  ${check}: ${detail}${advice}`;
};

const summary = (found: readonly Examined[]): string => {
  const count = (verdict: Examined['verdict']) => found.filter((one) => one.verdict === verdict).length;
  const [failed, warned] = [count('fail'), count('warn')];
  if (failed > 0) return `${failed} of ${found.length} checks failed; Lifeboat will not work as it should.`;
  return warned > 0 ? `Lifeboat can work; ${warned} of ${found.length} checks warn.` : 'Lifeboat can work.';
};

/**
 * `lifeboat doctor`: prints a line for each check as it is made, or with `json` one document at the end. Answers the exit
 * code: 1 if a check failed, else 0. Fault `LB_CONFIG` for another output.
 */
export const runDoctor = async (
  deps: DoctorDeps,
  output: string,
  print: (text: string) => void,
): Promise<number> => {
  if (output !== 'text' && output !== 'json')
    throw new Fault('LB_CONFIG', `--output is "${output}"; write text or json`);
  const found: Examined[] = [];
  for await (const one of examineAll(deps)) {
    found.push(one);
    if (output === 'text') print(line(one));
  }
  const failed = found.some(({ verdict }) => verdict === 'fail');
  print(output === 'text' ? summary(found) : JSON.stringify({ ok: !failed, checks: found }, undefined, 2));
  return failed ? 1 : 0;
};
