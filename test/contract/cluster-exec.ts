import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type ExecOutcome, type ExecRequest, type ObjectRef } from '../../src/cluster/port.js';
import {
  accepted,
  body,
  type ClusterTarget,
  eventually,
  parse,
  pods,
  podSpec,
  present,
  soon,
  unique,
} from './cluster-fixture.js';

const exec = (
  at: ClusterTarget,
  pod: ObjectRef,
  command: readonly string[],
  rest: Partial<ExecRequest> = {},
): Promise<ExecOutcome> => at.cluster.exec(pod, { container: 'main', command, signal: soon(), ...rest });

const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script];

const waitingPod = async (at: ClusterTarget): Promise<ObjectRef> => {
  const ref = { namespace: await at.namespace(), name: unique('pod') };
  const nowhere = { nodeSelector: { 'contract.test/node': 'none' } };
  const text = body(pods, ref.name, { spec: { ...podSpec, ...nowhere } });
  accepted(await at.cluster.create(pods, ref.namespace, text, { signal: soon() }));
  return ref;
};

const refusedFor = (outcome: ExecOutcome): string =>
  outcome.ended === 'refused' ? outcome.message : expect.fail(`it ended by ${outcome.ended}`);

const refusing = (target: () => ClusterTarget) => {
  test('a command in a pod that does not exist is refused and names the pod', async () => {
    const at = target();
    const ref = { namespace: await at.namespace(), name: 'absent' };
    expect(refusedFor(await exec(at, ref, shell('true')))).toBe('pods "absent" not found');
  });

  test('a command in a container the pod does not have is refused and names the container', async () => {
    const at = target();
    const outcome = await exec(at, await waitingPod(at), shell('true'), { container: 'sidecar' });
    expect(refusedFor(outcome)).toContain('sidecar');
  });

  test('a command in a pod that no node runs yet is refused and names the pod', async () => {
    const at = target();
    const ref = await waitingPod(at);
    expect(parse(await present(at.cluster, pods, ref)).status?.phase).toBe('Pending');
    expect(refusedFor(await exec(at, ref, shell('true')))).toContain(ref.name);
  });

  test('a stopped command ends with the fault LB_ABORTED', async () => {
    const at = target();
    const stopped = exec(at, await waitingPod(at), shell('true'), { signal: AbortSignal.abort() });
    await expect(stopped).rejects.toMatchObject({ code: 'LB_ABORTED' });
  });
};

/** These need a node; without one they are skipped. */
const running = (target: () => ClusterTarget) => {
  const withPod = (sentence: string, check: (at: ClusterTarget, pod: ObjectRef) => Promise<void>) =>
    test(sentence, async (context) => {
      const at = target();
      if (at.runningPod === undefined) return context.skip();
      await check(at, await at.runningPod(await at.namespace()));
    });

  withPod('a command that succeeds ends with 0 and what it wrote', async (at, pod) => {
    const outcome = await exec(at, pod, shell('echo "Grüße 🦊"; echo trouble >&2'));
    expect(outcome).toEqual({ ended: 'exit', exitCode: 0, stdout: 'Grüße 🦊\n', stderr: 'trouble\n' });
  });

  withPod('a command that fails ends with its exit code, which is no fault', async (at, pod) => {
    const outcome = await exec(at, pod, shell('echo before; exit 3'));
    if (at.losesExitCodes === true) expect(refusedFor(outcome)).toContain('exit status 3');
    else expect(outcome).toEqual({ ended: 'exit', exitCode: 3, stdout: 'before\n', stderr: '' });
  });

  withPod('each argument arrives as it is, without a shell', async (at, pod) => {
    const args = ['', ' two  words ', '$HOME', '*', `"'\\`, 'a&b=c#d%20+e', 'Ü'];
    const outcome = await exec(at, pod, ['/usr/bin/printf', '[%s]', ...args]);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: args.map((arg) => `[${arg}]`).join('') });
  });

  withPod('of a long output the last 64 KiB are kept', async (at, pod) => {
    const outcome = await exec(at, pod, shell('seq 1 30000; seq 30001 60000 >&2'));
    const lines = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, i) => `${from + i}\n`)
        .join('')
        .slice(-65_536);
    expect(outcome).toMatchObject({ stdout: lines(1, 30_000), stderr: lines(30_001, 60_000) });
  });

  withPod('a command that takes too long is given up', async (at, pod) => {
    const outcome = await exec(at, pod, shell('sleep 9'), { timeoutMs: 200 });
    expect(outcome.ended).toBe('timeout');
  });

  withPod('a running command that is stopped ends with the fault LB_ABORTED', async (at, pod) => {
    const controller = new AbortController();
    const mark = join(tmpdir(), unique('lifeboat-began'));
    const stopped = expect(
      exec(at, pod, shell(`touch ${mark}; sleep 9`), { signal: controller.signal }),
    ).rejects.toMatchObject({ code: 'LB_ABORTED' });
    await eventually('the command to begin', () => Promise.resolve(existsSync(mark) || undefined));
    controller.abort();
    await stopped;
    await rm(mark);
  });
};

/** What becomes of a command, whether it runs or not. */
export const commands = (target: () => ClusterTarget): void => {
  describe('refusing a command', () => refusing(target));
  describe('running a command', () => running(target));
};
