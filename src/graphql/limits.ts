import {
  getNamedType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLNamedType,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  type ValueNode,
} from 'graphql';
import { DEFAULT_PAGE, LARGEST_PAGE } from './connection.js';
import { coded } from './errors.js';

/** What one operation may ask for at most. */
export const LIMITS = { depth: 12, aliases: 30, tokens: 2_000, cost: 10_000, ids: LARGEST_PAGE } as const;

/** What an operation asks for. `cost` is the number of objects it could bring at most. */
export interface Measure {
  readonly depth: number;
  readonly aliases: number;
  readonly cost: number;
}

type Variables = Readonly<Record<string, unknown>>;

const NOTHING: Measure = { depth: 0, aliases: 0, cost: 0 };

const side = (a: Measure, b: Measure): Measure => ({
  depth: Math.max(a.depth, b.depth),
  aliases: a.aliases + b.aliases,
  cost: a.cost + b.cost,
});

const argument = (field: FieldNode, name: string): ValueNode | undefined =>
  field.arguments?.find((given) => given.name.value === name)?.value;

const numberArgument = (field: FieldNode, name: string, variables: Variables): number | undefined => {
  const node = argument(field, name);
  const value =
    node?.kind === Kind.VARIABLE
      ? variables[node.name.value]
      : node?.kind === Kind.INT
        ? Number(node.value)
        : undefined;
  return typeof value === 'number' && value >= 0 ? value : undefined;
};

const lengthOfIds = (field: FieldNode, variables: Variables): number => {
  const node = argument(field, 'ids');
  if (node?.kind === Kind.LIST) return node.values.length;
  const value = node?.kind === Kind.VARIABLE ? variables[node.name.value] : undefined;
  return Array.isArray(value) ? value.length : 1;
};

/** How many times what is selected below a field may come. */
const factor = (field: FieldNode, type: GraphQLNamedType | undefined, variables: Variables): number => {
  if (type?.name.endsWith('Connection'))
    return (
      numberArgument(field, 'first', variables) ?? numberArgument(field, 'last', variables) ?? DEFAULT_PAGE
    );
  return argument(field, 'ids') ? lengthOfIds(field, variables) : 1;
};

const measurer = (schema: GraphQLSchema, document: DocumentNode, variables: Variables) => {
  const fragments = new Map<string, FragmentDefinitionNode>(
    document.definitions.flatMap((node) =>
      node.kind === Kind.FRAGMENT_DEFINITION ? [[node.name.value, node]] : [],
    ),
  );
  // Each fragment is measured once, however often it is spread: doubling spreads cannot make the measuring itself slow.
  const known = new Map<string, Measure>();

  const fragment = (name: string): Measure => {
    const measured = known.get(name);
    if (measured) return measured;
    known.set(name, NOTHING); // a spread of itself is refused by validation; here it must only end
    const node = fragments.get(name);
    const measure = node ? set(node.selectionSet, schema.getType(node.typeCondition.name.value)) : NOTHING;
    known.set(name, measure);
    return measure;
  };

  const field = (node: FieldNode, parent: GraphQLNamedType | undefined): Measure => {
    const name = node.name.value;
    const own = node.alias ? 1 : 0;
    // Introspection has a limit of its own (graphql-js, MaxIntrospectionDepthRule) and costs no rows.
    if (name.startsWith('__')) return { depth: 1, aliases: own, cost: 0 };
    const definition = isObjectType(parent) || isInterfaceType(parent) ? parent.getFields()[name] : undefined;
    const type = definition && getNamedType(definition.type);
    const below = node.selectionSet ? set(node.selectionSet, type) : NOTHING;
    const times = factor(node, type, variables);
    return {
      depth: below.depth + 1,
      aliases: below.aliases + own,
      cost: (isCompositeType(type) ? 1 : 0) + times * below.cost,
    };
  };

  const selection = (node: SelectionNode, parent: GraphQLNamedType | undefined): Measure => {
    switch (node.kind) {
      case Kind.FIELD:
        return field(node, parent);
      case Kind.FRAGMENT_SPREAD:
        return fragment(node.name.value);
      case Kind.INLINE_FRAGMENT:
        return set(
          node.selectionSet,
          node.typeCondition ? schema.getType(node.typeCondition.name.value) : parent,
        );
    }
  };

  const set = (node: SelectionSetNode, parent: GraphQLNamedType | undefined): Measure =>
    node.selections.map((one) => selection(one, parent)).reduce(side, NOTHING);

  return set;
};

/** Measures one operation of a valid document. */
export const measure = (
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  variables: Variables,
): Measure =>
  measurer(
    schema,
    document,
    variables,
  )(operation.selectionSet, schema.getRootType(operation.operation) ?? undefined);

/** Error `LIMIT_EXCEEDED` for an operation that asks for too much. */
export const demandWithinLimits = ({ depth, aliases, cost }: Measure): void => {
  const over = (what: string, found: number, most: number) =>
    coded(
      'LIMIT_EXCEEDED',
      `the ${what} of this operation is ${found}, and at most ${most} is allowed; ask for less at once`,
    );
  if (depth > LIMITS.depth) throw over('depth', depth, LIMITS.depth);
  if (aliases > LIMITS.aliases) throw over('number of aliases', aliases, LIMITS.aliases);
  if (cost > LIMITS.cost) throw over('cost', cost, LIMITS.cost);
};
