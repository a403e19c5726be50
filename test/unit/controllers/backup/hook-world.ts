import { gunzipSync } from 'node:zlib';
import { createOperationLog } from '../../../../src/archive/oplog.js';
import type { Exec, ExecOutcome, ExecRequest, ObjectRef } from '../../../../src/cluster/port.js';

/** A line of the log; an error is under `error.message`. */
export type LoggedLine = Readonly<Record<string, string>>;

/** The log of a backup or restore, kept in memory. `lines` ends it. */
export const openLog = (kind: 'backup' | 'restore') => {
  const chunks: Uint8Array[] = [];
  const log = createOperationLog({
    kind,
    key: 'velero/nightly',
    level: 'debug',
    format: 'json',
    now: () => new Date(0),
    sink: {
      write: (chunk) => Promise.resolve(void chunks.push(chunk)),
      finish: () => Promise.resolve({ bytes: 0, sha256: '' }),
      abort: () => undefined,
    },
  });
  const lines = async (level?: string): Promise<readonly LoggedLine[]> => {
    await log.finish();
    const text = gunzipSync(Buffer.concat(chunks)).toString().trim();
    const all = text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as LoggedLine);
    return all.filter((line) => level === undefined || line['level'] === level);
  };
  return { log, lines };
};

export const exits = (exitCode: number, stderr = '', stdout = ''): ExecOutcome => ({
  ended: 'exit',
  exitCode,
  stdout,
  stderr,
});

/** Pods in which programs run by name; what is not said ends well. Keeps what was run, as `pod/container: argv`. */
export const runner = (
  programs: Readonly<
    Record<string, (request: ExecRequest, pod: ObjectRef) => ExecOutcome | Promise<ExecOutcome>>
  > = {},
) => {
  const ran: string[] = [];
  const exec: Exec = async (pod, request) => {
    ran.push(`${pod.name}/${request.container}: ${request.command.join(' ')}`);
    return (await programs[request.command[0] ?? '']?.(request, pod)) ?? exits(0);
  };
  return { exec, ran };
};

/** A program that never ends, and does not even hear the signal. */
export const hangs = (): Promise<ExecOutcome> => new Promise(() => undefined);
