import type { LabelSelector } from '../velero.gen.js';

/**
 * The modifiers of a restore as their ConfigMap tells them (`internal/resourcemodifiers/resource_modifiers.go`): read, but with patterns,
 * values and patches still as text. What is wrong with these shows when a rule is used, as in Velero.
 */
export interface ModifierRule {
  readonly conditions: ModifierConditions;
  readonly patches: readonly PatchStep[];
  /** Texts in YAML or JSON. */
  readonly mergePatches: readonly string[];
  /** Texts in YAML or JSON. */
  readonly strategicPatches: readonly string[];
}

/** All of them must hold. */
export interface ModifierConditions {
  /** Glob over `pods` or `deployments.apps`; `*` stays on its side of a dot. */
  readonly groupResource: string;
  /** Globs over the namespace in the backup; empty for all. */
  readonly namespaces: readonly string[];
  /** Go regular expression; empty for every name. */
  readonly resourceNameRegex: string;
  readonly labelSelector?: LabelSelector;
  readonly matches: readonly ValueMatch[];
}

export interface ValueMatch {
  readonly path: string;
  readonly value: string;
}

export interface PatchStep {
  readonly operation: string;
  readonly from: string;
  readonly path: string;
  readonly value: string;
}

/** What a text says; a problem goes on from the name of the field ("is empty"). */
export type ReadText = { readonly document: unknown } | { readonly problem: string };

/** How texts inside of the rules are read. */
export interface TextParsers {
  /** JSON with every number kept as it is written. */
  readonly json: (text: string) => ReadText;
  /** YAML, of which JSON is a part. */
  readonly yaml: (text: string) => ReadText;
}
