import { annotationsOf } from '../../domain/item.js';
import type { JsonObject } from '../../domain/json.js';
import { parseGoDuration } from '../../domain/go-duration.js';

/** On a Backup or Restore: how long its copies of volumes may take in all. */
export const TIMEOUT_ANNOTATION = 'velero.io/pod-volume-timeout';

/** Milliseconds; `problem` is there if the annotation cannot be read, and the flag counts instead (`pkg/backup/backup.go`). */
export const copyTimeoutOf = (
  resource: unknown,
  fallback: number,
): { readonly ms: number; readonly problem?: string } => {
  const text = annotationsOf((resource ?? {}) as JsonObject)[TIMEOUT_ANNOTATION];
  if (text === undefined) return { ms: fallback };
  const ms = parseGoDuration(text);
  if (ms !== undefined && ms > 0) return { ms };
  const problem = `the annotation ${TIMEOUT_ANNOTATION} is "${text}", which is no duration; write one like 30m or 4h`;
  return { ms: fallback, problem };
};
