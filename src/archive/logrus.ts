import { messageOf } from '../faults.js';
import { goJson } from './json.js';
import { timestamp } from '../domain/timestamp.js';

/** Names as they stand in the log and in `--log-level`. */
export const LOG_LEVELS = ['panic', 'fatal', 'error', 'warning', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Fields of a line. An Error is told by its message; `undefined` is left out. */
export type LogFields = Readonly<Record<string, string | number | boolean | Error | undefined>>;

export interface LogLine {
  readonly time: Date;
  readonly level: LogLevel;
  readonly msg: string;
  readonly fields: LogFields;
}

const BARE = /^[A-Za-z0-9\-._/@^+]*$/;
/** What Go's %q leaves as it is: letters, marks, numbers, punctuation, symbols and the ASCII space. */
const PRINTABLE = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\x07': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
};

const escapeCharacter = (character: string): string => {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  // Half of a surrogate pair has no UTF-8; Go would have met the replacement character.
  if (code >= 0xd800 && code <= 0xdfff) return '\ufffd';
  if (PRINTABLE.test(character)) return character;
  const hex = code.toString(16);
  if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
};

/** A value as logrus writes it: bare if it is made of harmless characters (or empty), else quoted as Go's `%q`. */
export const quoteValue = (value: string): string =>
  BARE.test(value)
    ? value
    : `"${/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(value) ? value : Array.from(value, escapeCharacter).join('')}"`;

const RESERVED = new Set(['time', 'level', 'msg']);

/** Fields as text, sorted by key; one that is named like a fixed part of the line gets the prefix logrus gives it. */
const texts = (fields: LogFields): [string, string][] =>
  Object.entries(fields)
    .flatMap(([key, value]): [string, string][] =>
      value === undefined
        ? []
        : [
            [
              RESERVED.has(key) ? `fields.${key}` : key,
              value instanceof Error ? messageOf(value) : String(value),
            ],
          ],
    )
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));

/** One line of a Velero log, without its line feed (`pkg/util/logging/default_logger.go`). */
export const formatText = ({ time, level, msg, fields }: LogLine): string => {
  const fixed = `time=${quoteValue(timestamp(time))} level=${level}${msg === '' ? '' : ` msg=${quoteValue(msg)}`}`;
  return texts(fields).reduce((line, [key, value]) => `${line} ${key}=${quoteValue(value)}`, fixed);
};

/** The same as a JSON object; the text of an error is in `error.message` (`--log-format json`). */
export const formatJson = ({ time, level, msg, fields }: LogLine): string => {
  const members = texts(fields).map(
    ([key, value]) => [key === 'error' ? 'error.message' : key, value] as const,
  );
  return goJson({ ...Object.fromEntries(members), time: timestamp(time), level, msg });
};
