import { GraphQLError, GraphQLScalarType, Kind, type ValueNode } from 'graphql';

const wrong = (message: string): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } });

const textOf = (name: string, value: unknown): string => {
  if (typeof value === 'string') return value;
  throw wrong(`${name} is written as a text`);
};

const literalText = (name: string, node: ValueNode): string => {
  if (node.kind === Kind.STRING) return node.value;
  throw wrong(`${name} is written as a text`);
};

/** A scalar that is a text outside; `read` turns the text into our value or throws. */
const textScalar = <T>(name: string, read: (text: string) => T, write: (value: unknown) => string) =>
  new GraphQLScalarType<T, string>({
    name,
    parseValue: (value) => read(textOf(name, value)),
    parseLiteral: (node) => read(literalText(name, node)),
    serialize: write,
  });

const RFC_3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})$/;

/** Brought to UTC with milliseconds, the form in which the views compare times. */
const readDateTime = (text: string): string => {
  const time = RFC_3339.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(time))
    throw wrong(`"${text.slice(0, 40)}" is not a time; write it like 2026-01-31T02:00:00Z`);
  return new Date(time).toISOString();
};

const MOST_POSITION = 2n ** 63n - 1n;

const readPosition = (text: string): bigint => {
  const position = /^-?\d{1,19}$/.test(text) ? BigInt(text) : undefined;
  if (position === undefined || position < -1n || position > MOST_POSITION)
    throw wrong('a position is a text this server gave out');
  return position;
};

const readBigInt = (text: string): bigint => {
  if (!/^-?\d{1,40}$/.test(text)) throw wrong('a BigInt is a text of decimal digits');
  return BigInt(text);
};

const writeText = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'bigint' || typeof value === 'number') return value.toString();
  throw new TypeError('a scalar of the wrong type');
};

const literalJson = (node: ValueNode, variables: Readonly<Record<string, unknown>>): unknown => {
  switch (node.kind) {
    case Kind.STRING:
    case Kind.ENUM:
      return node.value;
    case Kind.BOOLEAN:
      return node.value;
    case Kind.INT:
    case Kind.FLOAT:
      return Number(node.value);
    case Kind.NULL:
      return null;
    case Kind.LIST:
      return node.values.map((value) => literalJson(value, variables));
    case Kind.OBJECT:
      return Object.fromEntries(
        node.fields.map(({ name, value }) => [name.value, literalJson(value, variables)]),
      );
    case Kind.VARIABLE:
      return variables[node.name.value];
  }
};

const json = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  parseValue: (value) => value,
  parseLiteral: (node, variables) => literalJson(node, variables ?? {}),
  serialize: (value) => value,
});

/**
 * Our scalars. A wrong `Duration` is left to the checks of the mutation, which answer it as a user error; the others refuse what
 * is no such value as a malformed request.
 */
export const scalars = {
  DateTime: textScalar('DateTime', readDateTime, writeText),
  Duration: textScalar('Duration', (text) => text, writeText),
  Position: textScalar('Position', readPosition, writeText),
  BigInt: textScalar('BigInt', readBigInt, writeText),
  JSON: json,
};
