import { isDeeperThan } from '../json.js';
import type { TextParsers } from './rules.js';

export type Typed =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string };

/** Deeper than any object of a cluster. */
export const MOST_LEVELS = 500;

const JSON_NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** What Go's `ParseFloat` takes beside JSON numbers. */
const GO_NUMBER =
  /^(?:[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|0x(?:[\da-f]+\.?[\da-f]*|\.[\da-f]+)p[+-]?\d+|inf|infinity)|nan)$/i;

const typed = (value: unknown): Typed => ({ ok: true, value });
const refuse = (problem: string): Typed => ({ ok: false, problem });

/** Text that Velero puts between the quotes of a JSON string as it stands, so that `\n` and `\u0041` in it are escapes. */
export const unescapeText = (text: string): Typed => {
  try {
    const value: unknown = JSON.parse(`"${text}"`);
    if (typeof value === 'string') return typed(value);
  } catch {
    // Told below.
  }
  return refuse(
    'it has a quote, a backslash or a line break that JSON does not allow; write \\" , \\\\ or \\n',
  );
};

const parseJson = (text: string, parsers: TextParsers): Typed => {
  const read = parsers.json(text);
  if ('document' in read && isDeeperThan(MOST_LEVELS, read.document))
    return refuse(`it is more than ${MOST_LEVELS} levels deep; make it flatter`);
  return 'document' in read
    ? typed(read.document)
    : refuse(
        'it begins like a JSON list or map but is none; correct it, or put \\" around it to have a text',
      );
};

/** Too large for a float is no number for Go, and then a text. Underscores between digits are left out. */
const isGoNumber = (text: string): boolean => {
  const plain = text.replace(/(?<=[\da-fx])_(?=[\da-f])/gi, '');
  if (!GO_NUMBER.test(plain)) return false;
  return !/\d/.test(plain) || /^[+-]?0x/i.test(plain) || Number.isFinite(Number(plain));
};

/**
 * The value a `value` text means (`addQuotes` in `internal/resourcemodifiers/json_patch.go`): `null`, `true`, `false`, numbers, and what
 * begins like a list or map are these; quotes around it make a text of anything; the rest is a text. Not for messages: it may
 * be secret.
 */
export const typeValue = (text: string, parsers: TextParsers): Typed => {
  if (text.startsWith('"') && text.endsWith('"'))
    return unescapeText(text.slice(1, Math.max(1, text.length - 1)));
  if (text === 'null') return typed(null);
  if (text === 'true' || text === 'false') return typed(text === 'true');
  const folded = text.toLowerCase();
  if (folded === 'true' || folded === 'false')
    return refuse(`a boolean is written in lower case; write ${folded}, or \\"${text}\\" to have a text`);
  if (text.startsWith('{') || text.startsWith('[')) return parseJson(text, parsers);
  if (!isGoNumber(text)) return unescapeText(text);
  if (JSON_NUMBER.test(text)) return parseJson(text, parsers);
  return refuse(
    'it is a number, but not one of JSON; write it like 8, 0.5 or 1e3, or put \\" around it to have a text',
  );
};
