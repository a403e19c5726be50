import { parseGoDuration } from './go-duration.js';
import { shown } from './shown.js';

/** What a schedule line says. `fields` are five texts in plain numbers: minute, hour, day, month, weekday. */
export type CronExpression =
  | { readonly kind: 'every'; readonly seconds: number }
  | { readonly kind: 'fields'; readonly fields: readonly string[]; readonly zone: string | undefined };

/** A line that is none, and why. */
export interface NoCron {
  readonly problem: string;
}

interface Field {
  readonly name: string;
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const FIELDS: readonly Field[] = [
  { name: 'minute', least: 0, most: 59, names: [] },
  { name: 'hour', least: 0, most: 23, names: [] },
  { name: 'day of month', least: 1, most: 31, names: [] },
  { name: 'month', least: 1, most: 12, names: MONTHS },
  { name: 'day of week', least: 0, most: 6, names: WEEKDAYS },
];

const DESCRIPTORS: Readonly<Record<string, string>> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
};

/** Bounds the work on a hostile line; a real one has some dozens of characters. */
const LONGEST = 1_000;
const DAYS_IN_MONTH = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** One part of a field as values, and as it is written for the clock. */
interface Part {
  readonly text: string;
  readonly values: readonly number[];
  /** `*` or `?`, without a step: says nothing about the day. */
  readonly any: boolean;
}

const no = (problem: string): NoCron => ({ problem });
const isNo = (answer: object): answer is NoCron => 'problem' in answer;

const valueOf = (text: string, { name, least, most, names }: Field): number | NoCron => {
  const named = names.indexOf(text.toLowerCase());
  const value = named >= 0 ? named + least : /^\d{1,4}$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(value)) return no(`"${shown(text)}" is no ${name}`);
  return value < least || value > most
    ? no(`${value} is no ${name}; write ${least} to ${most}${name === 'day of week' ? ', Sunday is 0' : ''}`)
    : value;
};

const boundsOf = (range: string, field: Field): readonly [number, number] | NoCron => {
  const [low = '', high, ...more] = range.split('-');
  if (more.length > 0) return no(`"${shown(range)}" has more than one hyphen`);
  if (low === '*' || low === '?')
    return high === undefined ? [field.least, field.most] : no(`"${shown(range)}" is no range`);
  const from = valueOf(low, field);
  if (typeof from !== 'number') return from;
  const to = high === undefined ? from : valueOf(high, field);
  if (typeof to !== 'number') return to;
  return from > to ? no(`the range "${shown(range)}" of the ${field.name} runs backwards`) : [from, to];
};

const partOf = (text: string, field: Field): Part | NoCron => {
  const [range = '', step, ...more] = text.split('/');
  if (more.length > 0) return no(`"${shown(text)}" has more than one slash`);
  const bounds = boundsOf(range, field);
  if (isNo(bounds)) return bounds;
  const every = step === undefined ? 1 : /^\d{1,4}$/.test(step) ? Number(step) : 0;
  if (every === 0) return no(`the step "${shown(step ?? '')}" is no positive whole number`);
  const star = range === '*' || range === '?';
  const from = bounds[0];
  // A single value with a step runs on to the end: `5/15` is 5, 20, 35, 50.
  const to = step !== undefined && !range.includes('-') ? field.most : bounds[1];
  const values: number[] = [];
  for (let value = from; value <= to; value += every) values.push(value);
  if (star && every === 1) return { text: '*', values, any: true };
  if (values.length === 1) return { text: String(from), values, any: false };
  const written = star ? `*/${every}` : `${from}-${to}${every === 1 ? '' : `/${every}`}`;
  return { text: written, values, any: false };
};

const fieldOf = (text: string, field: Field): Part | NoCron => {
  const parts: Part[] = [];
  for (const one of text.split(',').filter((part) => part !== '')) {
    const part = partOf(one, field);
    if (isNo(part)) return part;
    parts.push(part);
  }
  if (parts.length === 0) return no(`the ${field.name} is empty`);
  const any = parts.some((part) => part.any);
  const values = [...new Set(parts.flatMap((part) => part.values))].sort((a, b) => a - b);
  return { text: any ? '*' : parts.map((part) => part.text).join(','), values, any };
};

/** Whether some month of those named is long enough for some day of those named. With weekdays named as well, one of them comes. */
const everComes = (days: Part, months: Part, weekdays: Part): boolean =>
  days.any ||
  !weekdays.any ||
  months.values.some((month) => days.values.some((day) => day <= (DAYS_IN_MONTH[month - 1] ?? 0)));

const parseFields = (text: string, zone: string | undefined): CronExpression | NoCron => {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length !== FIELDS.length)
    return no(
      `it has ${words.length} fields and needs 5: minute, hour, day of month, month, day of week (there is no field for seconds or years)`,
    );
  const parts: Part[] = [];
  for (const [i, field] of FIELDS.entries()) {
    const part = fieldOf(words[i] ?? '', field);
    if (isNo(part)) return part;
    parts.push(part);
  }
  const [, , days, months, weekdays] = parts;
  if (days && months && weekdays && !everComes(days, months, weekdays))
    return no(`the day ${days.text} never comes in month ${months.text}, so no backup would ever be made`);
  return { kind: 'fields', fields: parts.map((part) => part.text), zone };
};

const parseEvery = (text: string): CronExpression | NoCron => {
  const ms = parseGoDuration(text);
  if (ms === undefined || ms <= 0)
    return no(`"${shown(text)}" is no length of time; write @every and a duration such as 30m or 6h`);
  return { kind: 'every', seconds: Math.max(1, Math.floor(ms / 1_000)) };
};

/**
 * Reads a schedule in the dialect of robfig/cron v3's standard parser, which Velero uses (`ParseCronSchedule` in
 * `pkg/controller/schedule_controller.go`): five fields, `@daily` and the like, `@every` with a Go duration, an optional
 * zone in front. Other than there, a date that never comes is a problem: Velero takes it and fires each minute.
 * Whether the zone exists is for the clock to say.
 */
export const parseCronExpression = (text: string): CronExpression | NoCron => {
  if (text.length > LONGEST) return no(`it has ${text.length} characters; at most ${LONGEST} are read`);
  const prefixed = /^(?:CRON_)?TZ=(\S*)(.*)$/s.exec(text);
  const zone = prefixed?.[1];
  const line = (prefixed?.[2] ?? text).trim();
  if (line === '') return no(zone === undefined ? 'it is blank' : 'nothing follows the time zone');
  if (!line.startsWith('@')) return parseFields(line, zone);
  if (line.startsWith('@every ')) return parseEvery(line.slice('@every '.length).trim());
  const meaning = Object.hasOwn(DESCRIPTORS, line) ? DESCRIPTORS[line] : undefined;
  return meaning === undefined
    ? no(`"${shown(line)}" is unknown; use ${Object.keys(DESCRIPTORS).join(', ')} or @every <duration>`)
    : parseFields(meaning, zone);
};
