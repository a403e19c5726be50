import { type Manifest } from './manifest.js';

export const RBAC_GROUP = 'rbac.authorization.k8s.io';

/** One rule of a role and, for whoever reads the printed role, what breaks without it. */
export interface ExplainedRule {
  readonly why: string;
  readonly rule: {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  };
}

export const rule = (
  why: string,
  [apiGroups, resources, verbs]: readonly [readonly string[], readonly string[], readonly string[]],
  resourceNames?: readonly string[],
): ExplainedRule => ({ why, rule: { apiGroups, resources, verbs, ...(resourceNames && { resourceNames }) } });

/** A role with its reasons beside it, rule by rule; only printing shows them. */
export interface ExplainedRole {
  readonly manifest: Manifest;
  readonly reasons: readonly string[];
}

export const role = (
  kind: 'Role' | 'ClusterRole',
  metadata: Manifest['metadata'],
  rules: readonly ExplainedRule[],
): ExplainedRole => ({
  manifest: {
    apiVersion: `${RBAC_GROUP}/v1`,
    kind,
    metadata,
    rules: rules.map((one) => one.rule),
  },
  reasons: rules.map(({ why }) => why),
});

export const binding = (
  kind: 'RoleBinding' | 'ClusterRoleBinding',
  metadata: Manifest['metadata'],
  account: { readonly name: string; readonly namespace: string },
): Manifest => ({
  apiVersion: `${RBAC_GROUP}/v1`,
  kind,
  metadata,
  roleRef: {
    apiGroup: RBAC_GROUP,
    kind: kind === 'RoleBinding' ? 'Role' : 'ClusterRole',
    name: metadata.name,
  },
  subjects: [{ kind: 'ServiceAccount', ...account }],
});
