import { apiVersionOf, groupResource, type ResourceType } from '../../cluster/port.js';
import {
  SNAPSHOT_CLASSES,
  SNAPSHOT_CONTENTS,
  SNAPSHOT_GROUP,
  VOLUME_SNAPSHOTS,
} from '../../domain/volumes/snapshot-objects.js';
import {
  GROUP_SNAPSHOT_CLASSES,
  GROUP_SNAPSHOT_CONTENTS,
  GROUP_SNAPSHOTS,
} from '../../domain/volumes/snapshot-group.js';

/** The kinds by which a cluster takes snapshots of volumes. */
export interface SnapshotKinds {
  readonly snapshots: ResourceType;
  readonly contents: ResourceType;
  readonly classes: ResourceType;
}

/** `undefined` where the cluster does not serve all of them in version 1: it then takes no snapshots through CSI. */
export const snapshotKindsOf = (served: readonly ResourceType[]): SnapshotKinds | undefined => {
  const find = (kind: string) =>
    served.find((type) => groupResource(type) === kind && apiVersionOf(type) === `${SNAPSHOT_GROUP}/v1`);
  const [snapshots, contents, classes] = [
    find(VOLUME_SNAPSHOTS),
    find(SNAPSHOT_CONTENTS),
    find(SNAPSHOT_CLASSES),
  ];
  return snapshots && contents && classes && { snapshots, contents, classes };
};

/** The kinds by which a cluster takes snapshots of several volumes at one moment. */
export interface GroupSnapshotKinds {
  readonly snapshots: ResourceType;
  readonly contents: ResourceType;
  readonly classes: ResourceType;
}

/** In the version that the cluster prefers; `undefined` where it does not serve them. */
export const groupSnapshotKindsOf = (served: readonly ResourceType[]): GroupSnapshotKinds | undefined => {
  const find = (kind: string) => served.find((type) => groupResource(type) === kind);
  const [snapshots, contents, classes] = [
    find(GROUP_SNAPSHOTS),
    find(GROUP_SNAPSHOT_CONTENTS),
    find(GROUP_SNAPSHOT_CLASSES),
  ];
  return snapshots && contents && classes && { snapshots, contents, classes };
};
