/** Durations as Go writes them (`time.ParseDuration`, `time.Duration.String`): what `ttl: 720h0m0s` in a spec means. */

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  '\u00b5s': 1_000n, // micro sign
  '\u03bcs': 1_000n, // Greek letter mu
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
};

/** A duration is a signed 64-bit count of nanoseconds in Go. */
const LIMIT = 1n << 63n;

const PART = /(\d*)(?:\.(\d*))?(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/y;

/** Go's own floating point steps, so that `0.3333333333333333333h` is 20 minutes here as well. */
const fraction = (digits: string, unit: bigint): bigint => {
  let value = 0n;
  let scale = 1;
  for (const digit of digits) {
    const next = value * 10n + BigInt(digit);
    if (value > (LIMIT - 1n) / 10n || next > LIMIT) break;
    value = next;
    scale *= 10;
  }
  return BigInt(Math.trunc(Number(value) * (Number(unit) / scale)));
};

const unsigned = (text: string): bigint | undefined => {
  let total = 0n;
  PART.lastIndex = 0;
  while (PART.lastIndex < text.length) {
    const match = PART.exec(text);
    if (!match) return undefined;
    const [, whole = '', digits = '', name = ''] = match;
    const unit = NANOSECONDS[name];
    if (unit === undefined || whole + digits === '') return undefined;
    total += BigInt(whole || '0') * unit + fraction(digits, unit);
    if (total > LIMIT) return undefined;
  }
  return total;
};

/**
 * Milliseconds, with microseconds and nanoseconds as its fraction; `undefined` for what Go would not read: no unit,
 * an unknown one, or more than 292 years. A bare `0` is fine, and so is a sign.
 */
export const parseGoDuration = (text: string): number | undefined => {
  const negative = text.startsWith('-');
  const body = negative || text.startsWith('+') ? text.slice(1) : text;
  if (body === '0') return 0;
  // Bounds the work on a hostile text; Go prints 25 characters at most.
  if (body === '' || body.length > 200) return undefined;
  const nanoseconds = unsigned(body);
  if (nanoseconds === undefined || (!negative && nanoseconds === LIMIT)) return undefined;
  const ms = Number(nanoseconds / 1_000_000n) + Number(nanoseconds % 1_000_000n) / 1e6;
  return negative && ms !== 0 ? -ms : ms;
};

const withFraction = (value: bigint, unit: bigint, suffix: string): string => {
  const digits = (value % unit)
    .toString()
    .padStart(unit.toString().length - 1, '0')
    .replace(/0+$/, '');
  return `${value / unit}${digits === '' ? '' : `.${digits}`}${suffix}`;
};

const printPositive = (ns: bigint): string => {
  if (ns < 1_000n) return `${ns}ns`;
  if (ns < 1_000_000n) return withFraction(ns, 1_000n, '\u00b5s');
  if (ns < 1_000_000_000n) return withFraction(ns, 1_000_000n, 'ms');
  const seconds = withFraction(ns % 60_000_000_000n, 1_000_000_000n, 's');
  const minutes = ns / 60_000_000_000n;
  if (minutes === 0n) return seconds;
  return minutes < 60n ? `${minutes}m${seconds}` : `${minutes / 60n}h${minutes % 60n}m${seconds}`;
};

/** Go's canonical form of milliseconds: `720h0m0s`, `1.5s`, `100ms`, `0s`. Rounded to the nanosecond. */
export const printGoDuration = (ms: number): string => {
  const size = Math.abs(ms);
  const whole = Math.trunc(size);
  const ns = BigInt(whole) * 1_000_000n + BigInt(Math.round((size - whole) * 1e6));
  if (ns === 0n) return '0s';
  return `${ms < 0 ? '-' : ''}${printPositive(ns)}`;
};
