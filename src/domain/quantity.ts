/**
 * An amount as Kubernetes writes it (`10Gi`, `1.5`, `500m`, `2e3`), held exactly as a whole number of thousand-millionths.
 * Compared with `<` and `===`. What is finer than that is rounded away from zero, as the API server does
 * (`resource.ParseQuantity` of `k8s.io/apimachinery`).
 */
export type Quantity = bigint;

export const NO_QUANTITY: Quantity = 0n;

const NANO_DIGITS = 9;

const DECIMAL: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
};
const BINARY: Readonly<Record<string, bigint>> = {
  Ki: 10n,
  Mi: 20n,
  Gi: 30n,
  Ti: 40n,
  Pi: 50n,
  Ei: 60n,
};

const FORM = /^([-+]?)(?=\.?\d)(\d*)\.?(\d*)(?:([KMGTPE]i)|[eE]([-+]?\d{1,2})|([numkMGTPE]?))$/;

/** Far beyond any amount that means something; without a limit a hostile text would make huge numbers. */
const LONGEST = 64;

const dividedAwayFromZero = (value: bigint, by: bigint): bigint => (value + by - 1n) / by;

/** Reads an amount; `undefined` if the text is none. Case counts: `1K` and `1ki` are none. */
export const parseQuantity = (text: string): Quantity | undefined => {
  const match = text.length <= LONGEST ? FORM.exec(text) : null;
  if (!match) return undefined;
  const [, sign, whole = '', fraction = '', binary, exponent, suffix = ''] = match;
  const digits = BigInt(whole + fraction);
  const power = exponent === undefined ? (DECIMAL[suffix] ?? 0) : Number(exponent);
  const tens = NANO_DIGITS + power - fraction.length;
  const scaled = digits << (binary === undefined ? 0n : (BINARY[binary] ?? 0n));
  const amount = tens >= 0 ? scaled * 10n ** BigInt(tens) : dividedAwayFromZero(scaled, 10n ** BigInt(-tens));
  return sign === '-' ? -amount : amount;
};
