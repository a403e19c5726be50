import type { BackupSpec, ObjectMeta, Schedule } from './velero.gen.js';
import { SCHEDULE_LABEL } from './labels.js';

const OWN_ANNOTATIONS = 'lifeboat.io/';

type Labels = Readonly<Record<string, string>>;

/** A Backup on its way to the API server. */
export interface BackupToCreate {
  readonly apiVersion: 'velero.io/v1';
  readonly kind: 'Backup';
  readonly metadata: object;
  readonly spec: BackupSpec;
}

/** Ours tell who asked for the schedule; on a backup they would say that somebody asked for that. */
const annotationsOf = ({ annotations }: ObjectMeta): Labels | undefined => {
  const kept = Object.entries(annotations ?? {}).filter(([name]) => !name.startsWith(OWN_ANNOTATIONS));
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
};

const specOf = (template: BackupSpec, labels: Labels | undefined): BackupSpec => {
  const { resourcePolicy: policy } = template;
  return {
    ...template,
    ...(labels && { metadata: { ...template.metadata, labels } }),
    // The only kind there is; Velero writes it over whatever the template says.
    ...(policy && { resourcePolicy: { ...policy, kind: 'configmap' } }),
  };
};

/**
 * The backup that a schedule makes (`FromSchedule` in `pkg/builder/backup_builder.go`). The labels of its template win
 * over those of the schedule itself; both get the schedule's name.
 */
export const backupFromSchedule = (
  { metadata, spec }: Pick<Schedule, 'metadata' | 'spec'>,
  name: string,
): BackupToCreate => {
  const template = spec?.template ?? {};
  const own = { [SCHEDULE_LABEL]: metadata.name };
  const templated = template.metadata?.labels ? { ...template.metadata.labels, ...own } : undefined;
  const annotations = annotationsOf(metadata);
  const owner = {
    apiVersion: 'velero.io/v1',
    kind: 'Schedule',
    name: metadata.name,
    uid: metadata.uid ?? '',
    controller: true,
  };
  return {
    apiVersion: 'velero.io/v1',
    kind: 'Backup',
    metadata: {
      name,
      namespace: metadata.namespace,
      labels: templated ?? { ...metadata.labels, ...own },
      ...(annotations && { annotations }),
      ...(spec?.useOwnerReferencesInBackup === true && { ownerReferences: [owner] }),
    },
    spec: specOf(template, templated),
  };
};
