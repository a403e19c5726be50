import { FIELDS, ROOTS } from './merge-keys.gen.js';

/** What a strategic merge has to know of one field. */
export interface MergeField {
  /** Where the fields of what it holds are told; empty if nothing inside has a strategy of its own. */
  readonly type: string;
  /** `merge` merges a list into the one that is there, everything else replaces lists and merges maps. */
  readonly strategy: string;
  /** The field by which the entries of two lists are the same; empty for lists of texts and numbers. */
  readonly mergeKey: string;
}

const PLAIN: MergeField = { type: '', strategy: '', mergeKey: '' };

const withoutVersion = (kind: string): string => {
  const parts = kind.split('/');
  return [...parts.slice(0, -2), parts.at(-1)].join('/');
};

/** `apps/v1/Deployment` and `apps/Deployment` to the type that tells their fields. */
const ROOT_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries(ROOTS).flatMap(([type, kinds]) =>
    kinds.flatMap((kind) => [[withoutVersion(kind), type] as const, [kind, type] as const]),
  ),
);

/**
 * The type of a kind, `undefined` if the kind is neither of Kubernetes nor of Velero. A version that is not in the table is taken for one
 * that is: between versions only parts of a status, and how the selector of a disruption budget is patched, ever differed.
 */
export const rootType = ({
  apiVersion,
  kind,
}: {
  readonly apiVersion: string;
  readonly kind: string;
}): string | undefined => {
  const full = `${apiVersion}/${kind}`;
  return ROOT_TYPES.get(full) ?? ROOT_TYPES.get(withoutVersion(full));
};

/** One field of a type. Fields without a strategy, unknown ones among them, are plain. */
export const mergeField = (type: string, name: string): MergeField => {
  const fields: Readonly<Record<string, string>> | undefined = Object.hasOwn(FIELDS, type)
    ? FIELDS[type]
    : undefined;
  const told = fields && Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (told === undefined) return PLAIN;
  const [inner = '', strategy = '', mergeKey = ''] = told.split('|');
  return { type: inner, strategy, mergeKey };
};
