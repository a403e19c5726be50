import type { OperationLog } from '../../archive/oplog.js';
import { groupResource, type Cluster, type Discovery } from '../../cluster/port.js';
import {
  indexAccountBindings,
  MUST_INCLUDE_RELATED,
  SKIP_ANNOTATION,
  type AccountBindings,
  type BackupActionInput,
  type BackupActionResult,
  type BackupItemAction,
} from '../../domain/backup-actions.js';
import { annotationsOf, type ItemRef } from '../../domain/item.js';
import { objectAt, put, without, type JsonObject } from '../../domain/json.js';
import { Fault, isFault, messageOf } from '../../faults.js';

/** An object to archive because another one named it. */
export interface RelatedItem {
  readonly ref: ItemRef;
  /** Whatever the filters say. */
  readonly mustInclude: boolean;
}

export type Acted =
  /** `object` is there only if something changed. */
  | { readonly skip: false; readonly object?: JsonObject; readonly related: readonly RelatedItem[] }
  /** An action took the object out of the backup. */
  | { readonly skip: true };

/** The backup item actions of one run. */
export interface BackupActions {
  /**
   * What the actions make of one object. `object` is one parsed for looking, in which long numbers may be off; `exact` gives one
   * to change and write. Rejects with the failure of an action, under its name: the object is then not archived.
   */
  run(object: JsonObject, kind: string, exact: () => JsonObject): Promise<Acted>;
}

const BINDINGS = 'clusterrolebindings.rbac.authorization.k8s.io';

interface Loading {
  readonly backupName: string;
  /** In the order in which they run. */
  readonly actions: readonly BackupItemAction[];
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

const MARKS = [MUST_INCLUDE_RELATED];

const withoutMarks = (object: JsonObject): JsonObject => {
  const annotations = objectAt(object, 'metadata', 'annotations');
  const left = without(annotations, MARKS);
  return left === annotations ? object : put(object, ['metadata', 'annotations'], left);
};

/** A fault keeps its code, so that the loss of the API server still ends the run. */
const failureOf = ({ name }: BackupItemAction, error: unknown): Fault => {
  const detail = `the action ${name} failed: ${messageOf(error)}`;
  return isFault(error)
    ? new Fault(error.code, detail, { cause: error })
    : new Fault('LB_ITEM_ACTION', detail, { cause: error });
};

const execute = async (action: BackupItemAction, input: BackupActionInput): Promise<BackupActionResult> => {
  try {
    return await action.execute(input);
  } catch (error) {
    throw failureOf(action, error);
  }
};

export const loadBackupActions = async (loading: Loading): Promise<BackupActions> => {
  const { actions, backupName } = loading;
  const bindingsOfAccounts = await readBindings(loading);
  const runAll = async (
    start: JsonObject,
    applying: readonly BackupItemAction[],
  ): Promise<Acted & { readonly present?: JsonObject }> => {
    const related: RelatedItem[] = [];
    let present = start;
    for (const action of applying) {
      const result = await execute(action, { object: present, backupName, bindingsOfAccounts });
      present = result.object ?? present;
      const annotations = annotationsOf(present);
      if (Object.hasOwn(annotations, SKIP_ANNOTATION)) return { skip: true };
      const mustInclude = result.mustInclude === true || annotations[MUST_INCLUDE_RELATED] === 'true';
      present = withoutMarks(present);
      related.push(...result.related.map((ref) => ({ ref, mustInclude })));
    }
    return { skip: false, related, present };
  };
  return {
    run: async (object, kind, exact) => {
      const applying = actions.filter((action) => action.appliesTo(kind));
      if (applying.length === 0) return { skip: false, related: [] };
      const marked = Object.hasOwn(annotationsOf(object), MUST_INCLUDE_RELATED);
      const start = marked || applying.some(({ looksOnly }) => looksOnly !== true) ? exact() : object;
      const acted = await runAll(start, applying);
      if (acted.skip || acted.present === undefined || acted.present === start) return acted;
      return { skip: false, related: acted.related, object: acted.present };
    },
  };
};
