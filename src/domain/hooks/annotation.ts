import { parseGoDuration } from '../go-duration.js';
import { nameOf, namespaceOf } from '../item.js';
import { textAt, type JsonObject } from '../json.js';
import { shown } from '../shown.js';
import { parseCommand } from './hook.js';

/** What an annotation says, and what is wrong with it. */
interface Reading<T> {
  readonly value: T;
  readonly warning?: string;
}

/** The text of an annotation of a pod; empty if it is not there. */
export const annotationOf = (pod: JsonObject, key: string): string =>
  textAt(pod, 'metadata', 'annotations', key);

const SHOWN = 60;

const quoted = (text: string): string => JSON.stringify(shown(text, SHOWN));

const warningOf = (pod: JsonObject, key: string, text: string): string =>
  `pod ${namespaceOf(pod)}/${nameOf(pod)}, annotation ${key}: ${text}`;

/** The argv; the command itself is not shown, since it may hold a password. */
export const readCommand = (pod: JsonObject, key: string): Reading<readonly string[]> => {
  const { command, looksBroken } = parseCommand(annotationOf(pod, key));
  if (!looksBroken) return { value: command };
  const text =
    'begins like a JSON array, but is not one of texts, and is taken as the name of a program; write it like ["/bin/sh", "-c", "sync"]';
  return { value: command, warning: warningOf(pod, key, text) };
};

/** Milliseconds; `undefined` if the annotation is absent or cannot be read. `otherwise` says what counts then. */
export const readDuration = (
  pod: JsonObject,
  key: string,
  otherwise: string,
): Reading<number | undefined> => {
  const text = annotationOf(pod, key);
  const value = text === '' ? undefined : parseGoDuration(text);
  if (text === '' || value !== undefined) return { value };
  const warning = `${quoted(text)} is not a duration, so ${otherwise}; write it like 30s, 5m or 1h30m`;
  return { value, warning: warningOf(pod, key, warning) };
};

export const readErrorMode = (pod: JsonObject, key: string): Reading<string> => {
  const value = annotationOf(pod, key);
  if (['', 'Continue', 'Fail'].includes(value)) return { value };
  const warning = `${quoted(value)} is unknown and acts like Continue; write Continue or Fail`;
  return { value, warning: warningOf(pod, key, warning) };
};

const TRUE = ['1', 't', 'T', 'true', 'TRUE', 'True'];
const FALSE = ['', '0', 'f', 'F', 'false', 'FALSE', 'False'];

/** Go's truth values (`strconv.ParseBool`); false for anything else. */
export const readFlag = (pod: JsonObject, key: string): Reading<boolean> => {
  const text = annotationOf(pod, key);
  if (TRUE.includes(text)) return { value: true };
  if (FALSE.includes(text)) return { value: false };
  const warning = `${quoted(text)} is neither true nor false and counts as false; write true or false`;
  return { value: false, warning: warningOf(pod, key, warning) };
};

export const warningsOf = (...readings: readonly Reading<unknown>[]): readonly string[] =>
  readings.flatMap(({ warning }) => (warning === undefined ? [] : [warning]));
