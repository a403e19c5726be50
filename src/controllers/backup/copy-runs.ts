import { setMaxListeners } from 'node:events';
import type { OperationLog } from '../../archive/oplog.js';
import type { Cluster } from '../../cluster/port.js';
import { printGoDuration } from '../../domain/go-duration.js';
import { nameOf, namespaceOf } from '../../domain/item.js';
import { at, numberOf, textAt, type JsonObject } from '../../domain/json.js';
import { BACKUP_UID_LABEL } from '../../domain/labels.js';
import type { CopyOfVolume, FinishedCopy } from '../../domain/volumes/backup-copies.js';
import type { PodVolume } from '../../domain/volumes/copy-decision.js';
import type { CopyInfo } from '../../domain/volumes/copy-info.js';
import { podVolumeBackup } from '../../domain/volumes/copy-objects.js';
import { labelValue } from '../label-value.js';
import type { Resources } from '../resources.js';
import { copyNameOf } from '../volumes/copy-name.js';
import { followCopies } from '../volumes/followed-copies.js';

/** What is written down about the copies of one attempt. */
export interface CopyFacts {
  /** Before the first PodVolumeBackup is created, so that whatever is left of it can be found. */
  readonly begun: () => Promise<void>;
  readonly copied: (copy: FinishedCopy) => Promise<void>;
  readonly failed: (copy: CopyOfVolume, reason: string) => Promise<void>;
}

export interface CopiedBackup {
  readonly name: string;
  readonly uid: string;
  readonly attempt: number;
  readonly location: string;
  readonly parallelFiles?: number;
}

export interface CopyRunsOptions {
  readonly cluster: Pick<Cluster, 'watch'>;
  readonly resources: Resources;
  readonly backup: CopiedBackup;
  readonly facts: CopyFacts;
  /** Milliseconds for all copies together, from now on. */
  readonly timeoutMs: number;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

/** The copies of one run, each on its way to an end of its own. */
export interface CopyRuns {
  /** Asks for the copy of one volume and returns when it is asked for. Faults: those of `Resources.create`, and of the facts. */
  start(of: PodVolume): Promise<void>;
  /** Resolves when the copies of this pod, or all, have ended and that is written down. Faults: those of the watch and of the facts. */
  settled(podUid?: string): Promise<void>;
  /** In the order in which they ended. */
  readonly ended: readonly CopyInfo[];
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

const podUidOf = (pod: JsonObject): string => textAt(pod, 'metadata', 'uid');

/** Why there is no copy; undefined if there is one. */
const failureOf = (end: JsonObject | undefined, overdue: string | undefined): string | undefined => {
  if (overdue !== undefined) return overdue;
  if (!end) return 'its PodVolumeBackup was deleted';
  const phase = textAt(end, 'status', 'phase');
  if (phase === 'Completed') return undefined;
  return (
    textAt(end, 'status', 'message') || (phase === 'Canceled' ? 'it was cancelled' : 'the agent says no more')
  );
};

/** One copy, from the volume to the resource that asks for it. */
const requestOf = ({ backup, resources }: CopyRunsOptions, of: PodVolume) => {
  const { pod, claim } = of;
  const volume = textAt(of.volume, 'name');
  const copy = {
    namespace: namespaceOf(pod),
    pod: nameOf(pod),
    volume,
    name: copyNameOf(backup.name, [backup.uid, String(backup.attempt), podUidOf(pod), volume]),
  };
  const asked = podVolumeBackup({
    name: copy.name,
    namespace: resources.namespace,
    backup: { name: backup.name, uid: backup.uid, label: labelValue(backup.name) },
    location: backup.location,
    pod,
    volume,
    ...(claim && { claim }),
    ...(backup.parallelFiles !== undefined && { parallelFiles: backup.parallelFiles }),
  });
  return { copy, asked };
};

/** Writes down how a copy ended, in the facts and, if it failed, in the log. */
const tell = async (
  { facts, log }: CopyRunsOptions,
  copy: CopyOfVolume,
  end: JsonObject | undefined,
  reason: string | undefined,
): Promise<void> => {
  if (reason === undefined) {
    const bytes = numberOf(at(end, 'status', 'progress', 'totalBytes')) ?? 0;
    await facts.copied({ ...copy, snapshot: textAt(end, 'status', 'snapshotID'), bytes });
    return;
  }
  await facts.failed(copy, reason);
  const { namespace, pod: name, volume } = copy;
  log.error(`Error copying volume ${volume}`, { resource: 'pods', namespace, name, error: reason });
};

/**
 * Asks for copies and follows them (`pkg/podvolume/backupper.go`). How each ended is a fact at once: what becomes of the others, or of this
 * process, changes nothing about it. Those that are not done in time are cancelled.
 */
export const createCopyRuns = (options: CopyRunsOptions): CopyRuns => {
  const { cluster, resources, backup, facts, timeoutMs, signal } = options;
  const timeUp = AbortSignal.timeout(Math.min(timeoutMs, LONGEST_TIMER_MS));
  setMaxListeners(0, timeUp); // every copy listens to it
  const { namespace } = resources;
  const of = { label: BACKUP_UID_LABEL, value: backup.uid };
  const followed = followCopies({ cluster, kind: 'PodVolumeBackup', namespace, ...of, signal });
  const runs: { readonly podUid: string; readonly end: Promise<void> }[] = [];
  const ended: CopyInfo[] = [];
  let begun: Promise<void> | undefined;

  const overdue = async (name: string): Promise<string> => {
    await resources.patch('PodVolumeBackup', name, { spec: { cancel: true } }, signal);
    return `it was not done within ${printGoDuration(timeoutMs)}; it is cancelled`;
  };
  const follow = async (volume: PodVolume, copy: CopyOfVolume, asked: JsonObject): Promise<void> => {
    const end = await followed.ended(copy.name, timeUp);
    const late = !end && timeUp.aborted ? await overdue(copy.name) : undefined;
    const reason = failureOf(end, late);
    await tell(options, copy, end, reason);
    const { claim, persistentVolume } = volume;
    ended.push({
      object: end ?? followed.seen(copy.name) ?? asked,
      failed: reason !== undefined,
      ...(claim && { claim }),
      ...(persistentVolume && { persistentVolume }),
    });
  };
  return {
    ended,
    start: async (volume) => {
      const { copy, asked } = requestOf(options, volume);
      await (begun ??= facts.begun());
      await resources.create('PodVolumeBackup', asked, signal);
      const end = follow(volume, copy, asked);
      end.catch(() => undefined); // whoever waits for it is told
      runs.push({ podUid: podUidOf(volume.pod), end });
    },
    settled: async (podUid) => {
      const wanted = runs.filter((run) => podUid === undefined || run.podUid === podUid);
      await Promise.all(wanted.map(({ end }) => end));
    },
  };
};
