import { binding, RBAC_GROUP, role, rule, type ExplainedRole, type ExplainedRule } from './explained-role.js';
import { clusterName, LABELS, NAME, type Manifest } from './manifest.js';

export const RBAC_PROFILES = ['full', 'backup-only'] as const;
export type RbacProfile = (typeof RBAC_PROFILES)[number];

/** Who may ask for backups over the API while the server may not act as just anybody. ServiceAccounts are those of its namespace. */
export interface ApiCallers {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly serviceAccounts: readonly string[];
}

/** What every server needs in the whole cluster. */
const READING: readonly ExplainedRule[] = [
  rule(
    'Backups hold whatever there is, custom kinds of tomorrow too: a kind that may not be listed is an error of every backup. This includes Secrets and, since RBAC knows no exceptions, reading sub-resources such as nodes/proxy.',
    [['*'], ['*'], ['get', 'list']],
  ),
  rule('Hooks run commands in pods; Kubernetes before 1.35 asks for "get" as well, which is above.', [
    [''],
    ['pods/exec'],
    ['create'],
  ]),
  rule(
    'Snapshots of CSI volumes are asked for, waited for, and taken out of the cluster again; those of a deleted backup are deleted. Without this rule each such volume is an error of the backup.',
    [
      ['snapshot.storage.k8s.io'],
      ['volumesnapshots', 'volumesnapshotcontents'],
      ['watch', 'create', 'patch', 'delete'],
    ],
  ),
  rule(
    'Volume groups are snapshotted together. Without this rule each claim of a group is an error of the backup.',
    [
      ['groupsnapshot.storage.k8s.io'],
      ['volumegroupsnapshots', 'volumegroupsnapshotcontents'],
      ['watch', 'create', 'patch', 'delete'],
    ],
  ),
  rule('Who calls the API: the token of a caller is shown to the cluster.', [
    ['authentication.k8s.io'],
    ['tokenreviews'],
    ['create'],
  ]),
  rule('What that caller may do: the API gives nobody more than their own rights in the cluster.', [
    ['authorization.k8s.io'],
    ['subjectaccessreviews'],
    ['create'],
  ]),
];

const RESTORING: readonly ExplainedRule[] = [
  rule('Restores create whatever a backup holds, and patch what exists already and is to be updated.', [
    ['*'],
    ['*'],
    ['create', 'patch'],
  ]),
  rule('Restores with restoreStatus write the status of what they created.', [
    ['*'],
    ['*/status'],
    ['update'],
  ]),
  rule(
    'Restored Roles and bindings may grant more than the server has. Kubernetes lets nobody write such a role without these two verbs; they make this account as mighty as cluster-admin. Without this rule, restores report each such object as an error.',
    [[RBAC_GROUP], ['roles', 'clusterroles'], ['escalate', 'bind']],
  ),
  rule('Restore hooks wait until the containers of a restored pod run.', [[''], ['pods'], ['watch']]),
  rule(
    'A claim made from a snapshot is followed until its volume is there, which then gets its old labels.',
    [[''], ['persistentvolumeclaims'], ['watch']],
  ),
  rule(
    'The API creates backups and restores as the caller, so that the rights and the audit log of the cluster name the person.',
    [[''], ['users', 'groups', 'serviceaccounts'], ['impersonate']],
  ),
  rule('Acting as the caller includes the uid and the extra fields of the token, whatever their names.', [
    ['authentication.k8s.io'],
    ['*'],
    ['impersonate'],
  ]),
];

/** Everybody with a token is in these; without them nobody could be acted as. */
const groupsOf = ({ groups, serviceAccounts }: ApiCallers, namespace: string): readonly string[] => [
  ...groups,
  'system:authenticated',
  ...(serviceAccounts.length > 0 ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`] : []),
];

const actingAs = (callers: ApiCallers, namespace: string): readonly ExplainedRule[] => {
  const { users, serviceAccounts } = callers;
  if (users.length + serviceAccounts.length === 0) return [];
  const who = (resource: string, names: readonly string[]): ExplainedRule =>
    rule(
      `The API creates backups as its caller. Only these ${resource} may be acted as.`,
      [[''], [resource], ['impersonate']],
      names,
    );
  return [
    ...(users.length > 0 ? [who('users', users)] : []),
    who('groups', groupsOf(callers, namespace)),
    rule('The uid and the extra fields of a token come along; alone they grant nothing.', [
      ['authentication.k8s.io'],
      ['*'],
      ['impersonate'],
    ]),
  ];
};

/** The rules of the ClusterRole. */
export const clusterRules = (
  profile: RbacProfile,
  callers: ApiCallers,
  namespace: string,
): readonly ExplainedRule[] => {
  switch (profile) {
    case 'full':
      return [...READING, ...RESTORING];
    case 'backup-only':
      return [...READING, ...actingAs(callers, namespace)];
  }
};

/** The rules of the Role in the server's own namespace. */
export const namespaceRules = (callers: ApiCallers): readonly ExplainedRule[] => [
  rule(
    'The custom resources are the requests and their status: followed, written, brought in from the bucket, and deleted once answered.',
    [['velero.io'], ['*'], ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete']],
  ),
  rule(
    'The Secret velero-repo-credentials is made before the first file-system copy; RBAC cannot tie "create" to a name. Without this rule each such backup has an error, unless the Secret is there.',
    [[''], ['secrets'], ['create']],
  ),
  ...(callers.serviceAccounts.length > 0
    ? [
        rule(
          'The API creates backups as its caller. Only these ServiceAccounts of this namespace may be acted as.',
          [[''], ['serviceaccounts'], ['impersonate']],
          callers.serviceAccounts,
        ),
      ]
    : []),
];

const labelled = (metadata: Manifest['metadata']) => ({ ...metadata, labels: LABELS });

/**
 * The rights of the server. Velero binds its ServiceAccount to cluster-admin (`pkg/install/resources.go`); `full` is what backups,
 * restores, hooks and the API really ask for, `backup-only` what is left of it without restores.
 */
export const rbacManifests = (
  namespace: string,
  profile: RbacProfile,
  callers: ApiCallers,
): { readonly roles: readonly ExplainedRole[]; readonly bindings: readonly Manifest[] } => {
  const account = { name: NAME, namespace };
  const [inCluster, inNamespace] = [{ name: clusterName(NAME, namespace) }, { name: NAME, namespace }];
  return {
    roles: [
      role('ClusterRole', labelled(inCluster), clusterRules(profile, callers, namespace)),
      role('Role', labelled(inNamespace), namespaceRules(callers)),
    ],
    bindings: [
      binding('ClusterRoleBinding', labelled(inCluster), account),
      binding('RoleBinding', labelled(inNamespace), account),
    ],
  };
};
