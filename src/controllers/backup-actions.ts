import type { OperationLog } from '../archive/oplog.js';
import { groupResource, type Cluster, type Discovery } from '../cluster/port.js';
import { BACKUP_ITEM_ACTIONS, indexAccountBindings, type AccountBindings } from '../domain/backup-actions.js';
import type { ItemRef } from '../domain/item.js';
import type { JsonObject } from '../domain/json.js';
import { isFault, messageOf } from '../faults.js';

/** The backup item actions of one run. More of them (CSI snapshots, plugins) join here. */
export interface BackupActions {
  /**
   * What the actions make of one object. `object` is one parsed for looking, in which long numbers may be off; `exact` gives one
   * to change and write. Answers with an object only if something changed.
   */
  run(
    object: JsonObject,
    kind: string,
    exact: () => JsonObject,
  ): { readonly object?: JsonObject; readonly related: readonly ItemRef[] };
}

const BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';

interface Loading {
  readonly backupName: string;
  readonly cluster: Cluster;
  readonly discovery: Discovery;
  readonly log: OperationLog;
  readonly signal: AbortSignal;
}

/** Read once a run: every service account of the backup asks for them. */
const readBindings = async ({ cluster, discovery, log, signal }: Loading): Promise<AccountBindings> => {
  const type = discovery.resources.find((candidate) => groupResource(candidate) === BINDINGS);
  const bindings: JsonObject[] = [];
  if (!type) return indexAccountBindings(bindings);
  try {
    for await (const page of cluster.list(type, { signal }))
      for (const item of page.items) bindings.push(JSON.parse(item.toString('utf8')) as JsonObject);
  } catch (error) {
    if (!isFault(error, 'LB_CLUSTER_DENIED') && !isFault(error, 'LB_CLUSTER_REFUSED')) throw error;
    log.error('Error listing items', { resource: BINDINGS, namespace: '', error: messageOf(error) });
  }
  return indexAccountBindings(bindings);
};

const runAll = (
  object: JsonObject,
  kind: string,
  backupName: string,
  bindingsOfAccounts: AccountBindings,
) => {
  const related: ItemRef[] = [];
  let present = object;
  for (const action of BACKUP_ITEM_ACTIONS) {
    if (!action.appliesTo(kind)) continue;
    const result = action.execute({ object: present, backupName, bindingsOfAccounts });
    related.push(...result.related);
    present = result.object ?? present;
  }
  return { object: present, related };
};

export const loadBackupActions = async (loading: Loading): Promise<BackupActions> => {
  const bindings = await readBindings(loading);
  return {
    run: (object, kind, exact) => {
      const { object: result, related } = runAll(object, kind, loading.backupName, bindings);
      if (result === object) return { related };
      return { object: runAll(exact(), kind, loading.backupName, bindings).object, related };
    },
  };
};
