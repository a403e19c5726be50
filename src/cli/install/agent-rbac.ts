import { binding, role, rule, type ExplainedRole, type ExplainedRule } from './explained-role.js';
import { AGENT_ACCOUNT, AGENT_LABELS, clusterName, type Manifest } from './manifest.js';

const SNAPSHOT_GROUP = 'snapshot.storage.k8s.io';

/** In the namespace of the server. */
const HOME_RULES: readonly ExplainedRule[] = [
  rule(
    'The requests for copies and moves: followed, and answered in their status. Agents neither make nor delete them.',
    [
      ['velero.io'],
      ['podvolumebackups', 'podvolumerestores', 'datauploads', 'datadownloads'],
      ['get', 'list', 'watch', 'patch'],
    ],
  ),
  rule('The repository of a namespace is asked for where there is none; the server makes it.', [
    ['velero.io'],
    ['backuprepositories'],
    ['list', 'watch', 'create'],
  ]),
  rule('Repositories lie in storage locations, whose settings say how they are reached.', [
    ['velero.io'],
    ['backupstoragelocations'],
    ['get'],
  ]),
  rule(
    "The password of the repositories, and the credentials that locations name. RBAC cannot tell these from the namespace's other Secrets.",
    [[''], ['secrets'], ['get']],
  ),
  rule('Settings of agents, as --node-agent-configmap names them.', [[''], ['configmaps'], ['get']]),
  rule(
    "The volume of a snapshot that is moved is mounted by a pod through a claim, and so is one that is filled; both go when that is done. A pod made here may run as the server's account.",
    [[''], ['pods', 'persistentvolumeclaims'], ['get', 'create', 'delete']],
  ),
  rule('The snapshot that such a claim is made from.', [
    [SNAPSHOT_GROUP],
    ['volumesnapshots'],
    ['get', 'create', 'delete'],
  ]),
];

/** In the whole cluster. */
const CLUSTER_RULES: readonly ExplainedRule[] = [
  rule('The pod whose volume is copied, in whatever namespace.', [[''], ['pods'], ['get']]),
  rule(
    'By which name the kubelet has mounted the volume of a claim; a claim that data comes back to is followed until it is bound.',
    [[''], ['persistentvolumeclaims'], ['get', 'list', 'watch']],
  ),
  rule('The same of volumes; one that was filled is handed over to the claim that waits for it.', [
    [''],
    ['persistentvolumes'],
    ['get', 'list', 'patch'],
  ]),
  rule(
    'Labels of the own node: settings say by them how many copies are under way at once. Whether the node is still there that holds a copy.',
    [[''], ['nodes'], ['get']],
  ),
  rule('Whether a claim waits for its first pod before it gets a volume.', [
    ['storage.k8s.io'],
    ['storageclasses'],
    ['get'],
  ]),
  rule('The snapshot of a backup goes once its data is moved.', [
    [SNAPSHOT_GROUP],
    ['volumesnapshots'],
    ['get', 'delete'],
  ]),
  rule('It is read through a content of its own, and the physical snapshot is kept until that is done.', [
    [SNAPSHOT_GROUP],
    ['volumesnapshotcontents'],
    ['get', 'create', 'patch', 'delete'],
  ]),
];

const labelled = (metadata: Manifest['metadata']) => ({ ...metadata, labels: AGENT_LABELS });

/**
 * The rights of the agents, which are not the server's: Velero gives both one ServiceAccount with cluster-admin (`pkg/install/daemonset.go`).
 * Nothing here changes what is not about volumes. But a pod made in the namespace may run as any account of it, the server's, too: who
 * holds an agent's token is as mighty as the server.
 */
export const agentRbac = (
  namespace: string,
): { readonly roles: readonly ExplainedRole[]; readonly bindings: readonly Manifest[] } => {
  const account = { name: AGENT_ACCOUNT, namespace };
  const inCluster = labelled({ name: clusterName(AGENT_ACCOUNT, namespace) });
  const inNamespace = labelled({ name: AGENT_ACCOUNT, namespace });
  return {
    roles: [role('ClusterRole', inCluster, CLUSTER_RULES), role('Role', inNamespace, HOME_RULES)],
    bindings: [
      binding('ClusterRoleBinding', inCluster, account),
      binding('RoleBinding', inNamespace, account),
    ],
  };
};
