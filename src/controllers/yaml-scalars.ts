import type { ScalarTag, Tags } from 'yaml';
import { parseItem } from '../archive/json.js';

/**
 * The two readers of YAML that Velero has: `gopkg.in/yaml.v3` for resource policies, `sigs.k8s.io/yaml` for resource modifiers and the
 * patches in them. What a word without quotes means differs between them, and from YAML 1.2.
 */
export type YamlReader = 'yaml.v3' | 'sigs.k8s.io/yaml';

const INTEGER = /^([-+]?)(0[xX][\da-fA-F]+|0[bB][01]+|0[oO]?[0-7]+|0|[1-9]\d*)$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;
/** What has more digits is no number for Go either. */
const LONGEST_NUMBER = 309;

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 64n - 1n;

/** The number of a literal with all its digits. */
const exact = (value: bigint): unknown => parseItem(Buffer.from(String(value))).value;

/** A number as both of Go's readers take one (`resolve.go`), or the text as it stands. */
const numberOrText = (text: string): unknown => {
  if (text.length > LONGEST_NUMBER) return text;
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  const [, sign, digits] = INTEGER.exec(plain) ?? [];
  if (digits !== undefined) {
    const size = BigInt(digits.replace(/^0[oO]?(?=[0-7])/, '0o'));
    const value = sign === '-' ? -size : size;
    if (value >= LOWEST && value <= HIGHEST) return exact(value);
  }
  if (!FLOAT.test(plain)) return text;
  // Go rounds whole numbers of more than 64 bits; there is no need to.
  if (/^[-+]?\d+$/.test(plain)) return exact(BigInt(plain));
  const value = Number(plain);
  return Number.isFinite(value) ? value : text;
};

const numberTag = (tag: string): ScalarTag => ({
  tag: `tag:yaml.org,2002:${tag}`,
  default: true,
  test: /^[-+.\d][-+.\da-fA-FxXoO_]*$/,
  resolve: numberOrText,
});

const booleanTag = (yes: readonly string[], no: readonly string[]): ScalarTag => ({
  tag: 'tag:yaml.org,2002:bool',
  default: true,
  test: new RegExp(`^(?:${[...yes, ...no].join('|')})$`),
  resolve: (text) => yes.includes(text),
});

/** Infinity and what is no number: JSON has neither. */
const noNumberTag: ScalarTag = {
  tag: 'tag:yaml.org,2002:float',
  default: true,
  test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/,
  resolve: (text, onError) => {
    onError(`${text} is not a number of JSON; put it in quotes to have a text`);
    return text;
  },
};

const TRUE = ['true', 'True', 'TRUE'];
const FALSE = ['false', 'False', 'FALSE'];

/** How a reader takes words without quotes. */
export const scalarTags = (reader: YamlReader): Tags =>
  reader === 'yaml.v3'
    ? ['null', booleanTag(TRUE, FALSE), numberTag('int'), numberTag('float')]
    : [
        'null',
        booleanTag(
          [...TRUE, 'y', 'Y', 'yes', 'Yes', 'YES', 'on', 'On', 'ON'],
          [...FALSE, 'n', 'N', 'no', 'No', 'NO', 'off', 'Off', 'OFF'],
        ),
        noNumberTag,
        numberTag('int'),
        numberTag('float'),
      ];
