import type { GraphQLResolveInfo, GraphQLScalarType, GraphQLScalarTypeConfig } from 'graphql';
import type { NamedBackup, NamedRestore, NamedLocation, NamedSchedule, AuditRow } from '../projections/rows.js';
import type { Actor as ActorModel } from '../eventstore/port.js';
import type { Connection } from './connection.js';
import type { BackupSpec as BackupSpecResource, BackupMetadata as BackupMetadataResource, BackupHooks as BackupHooksResource, BackupResourceHookSpec as BackupResourceHookSpecResource, BackupResourceHook as BackupResourceHookResource, BackupExecHook as BackupExecHookResource, RestoreSpec as RestoreSpecResource, RestoreHooks as RestoreHooksResource, RestoreResourceHookSpec as RestoreResourceHookSpecResource, RestoreResourceHook as RestoreResourceHookResource, RestoreExecHook as RestoreExecHookResource, RestoreInitHook as RestoreInitHookResource, ScheduleSpec as ScheduleSpecResource, LabelSelector as LabelSelectorResource, LabelSelectorRequirement as LabelSelectorRequirementResource } from '../domain/velero.gen.js';
import type { Context } from './context.js';
export type Maybe<T> = T | null | undefined;
export type InputMaybe<T> = T | null | undefined;
export type Omit<T, K extends keyof T> = Pick<T, Exclude<keyof T, K>>;
export type RequireFields<T, K extends keyof T> = Omit<T, K> & { [P in K]-?: NonNullable<T[P]> };
/** All built-in and custom scalars, mapped to their actual values */
export type Scalars = {
  ID: { input: string; output: string; }
  String: { input: string; output: string; }
  Boolean: { input: boolean; output: boolean; }
  Int: { input: number; output: number; }
  Float: { input: number; output: number; }
  /** A whole number too large for Int, written as a decimal text: `9007199254740993`. */
  BigInt: { input: bigint; output: number | bigint; }
  /** A moment in time: RFC 3339 in UTC, such as `2026-01-31T02:00:00Z`. */
  DateTime: { input: string; output: string; }
  /**
   * A length of time as Go writes it: `720h0m0s`, `1h30m`, `45s`. Units are `h`, `m`, `s`, `ms`, `us`, `ns`.
   * A text that is no such length is answered as a user error, not as a malformed request.
   */
  Duration: { input: string; output: string; }
  /** Any JSON value. */
  JSON: { input: unknown; output: unknown; }
  /** A place in the order of all facts: an opaque text. A later fact has a higher position. Hand back what you were given; do not compute with it. */
  Position: { input: bigint; output: bigint; }
};

/** Who did something. */
export type Actor = {
  readonly __typename?: 'Actor';
  /** What sort of actor it is. */
  readonly kind: ActorKind;
  /** Its name: a Kubernetes user name, a schedule, a part of the server. */
  readonly name: Scalars['String']['output'];
  /** The door it came by: `graphql`, `kubernetes`, `schedule`, `storage`, `server`. */
  readonly via: Scalars['String']['output'];
};

/** What sort of actor caused something. */
export type ActorKind =
  /** Somebody who wrote a custom resource, by whatever means. */
  | 'CLUSTER'
  /** A schedule whose time had come. */
  | 'SCHEDULE'
  /** The server itself. */
  | 'SYSTEM'
  /** A person or a program with an identity in the cluster. */
  | 'USER';

/** How callers prove who they are. */
export type AuthMode =
  /** Not at all; only for a server that nobody else can reach. */
  | 'NONE'
  /** By a bearer token that the cluster checks. */
  | 'TOKEN';

/** A copy of cluster objects, taken or being taken, in an object storage. */
export type Backup = Node & {
  readonly __typename?: 'Backup';
  /** How many times the contents were collected, restarts included. */
  readonly attempts: Scalars['Int']['output'];
  /** When somebody asked for it to be cancelled; null if nobody did in time. */
  readonly cancelRequestedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When it reached a terminal phase, except for one that failed its validation. */
  readonly completedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The objects it holds, by kind, namespace and name. Empty until it has ended. */
  readonly contents: BackupItemConnection;
  /** When it was asked for. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** How many errors its log holds. */
  readonly errors: Scalars['Int']['output'];
  /** Its facts, oldest first. */
  readonly events: EventConnection;
  /** When it becomes eligible for deletion. */
  readonly expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** Why it was given up. */
  readonly failureReason?: Maybe<Scalars['String']['output']>;
  /** Hooks that were to run and those that failed, counted once each; null until they have run. */
  readonly hooks?: Maybe<HookCounts>;
  /** Opaque and unique over all types. */
  readonly id: Scalars['ID']['output'];
  /** Labels of the custom resource. */
  readonly labels: ReadonlyArray<Label>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['output'];
  /** Namespace of the custom resource. */
  readonly namespace: Scalars['String']['output'];
  /** Where it stands in its life. */
  readonly phase: BackupPhase;
  /** How far it is; null before it starts. After the end it holds the final counts. */
  readonly progress?: Maybe<Progress>;
  /** Restores that were made from it, newest first. */
  readonly restores: RestoreConnection;
  /** Its warnings and errors, as its results file has them; null if it has no such file. */
  readonly results?: Maybe<OperationResults>;
  /** The schedule whose name it bears; null if it bears none, or the schedule is gone. */
  readonly schedule?: Maybe<Schedule>;
  /** What was asked for; once it has started, with every default filled in. */
  readonly spec: BackupSpec;
  /** When the first attempt at collecting its contents began. */
  readonly startedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Where it is stored; null if the location is gone or not yet chosen. */
  readonly storageLocation?: Maybe<BackupStorageLocation>;
  /** Tells this backup from an earlier one of the same name. */
  readonly uid?: Maybe<Scalars['String']['output']>;
  /** Why its specification cannot be carried out. */
  readonly validationErrors: ReadonlyArray<Scalars['String']['output']>;
  /** What became of the data of its volumes, as its file about them has it. Empty until it has ended. */
  readonly volumes: BackupVolumeConnection;
  /** How many warnings its log holds. */
  readonly warnings: Scalars['Int']['output'];
};


/** A copy of cluster objects, taken or being taken, in an object storage. */
export type BackupContentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BackupItemFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A copy of cluster objects, taken or being taken, in an object storage. */
export type BackupEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A copy of cluster objects, taken or being taken, in an object storage. */
export type BackupRestoresArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A copy of cluster objects, taken or being taken, in an object storage. */
export type BackupVolumesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of backups. */
export type BackupConnection = {
  readonly __typename?: 'BackupConnection';
  /** The backups with their cursors. */
  readonly edges: ReadonlyArray<BackupEdge>;
  /** The backups alone. */
  readonly nodes: ReadonlyArray<Backup>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all under the same filter. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of backups. */
export type BackupEdge = {
  readonly __typename?: 'BackupEdge';
  /** Its place in the list; stays valid when rows are added. */
  readonly cursor: Scalars['String']['output'];
  /** The backup. */
  readonly node: Backup;
};

/** A command to run in a container of the pod that is backed up. */
export type BackupExecHook = {
  readonly __typename?: 'BackupExecHook';
  /** Program and arguments. */
  readonly command: ReadonlyArray<Scalars['String']['output']>;
  /** Container to run in; the first one of the pod if left out. */
  readonly container?: Maybe<Scalars['String']['output']>;
  /** What happens when it fails. */
  readonly onError?: Maybe<HookErrorMode>;
  /** How long it may take. */
  readonly timeout?: Maybe<Scalars['Duration']['output']>;
};

/** A command to run in a container of the pod that is backed up. */
export type BackupExecHookInput = {
  /** Program and arguments. */
  readonly command: ReadonlyArray<Scalars['String']['input']>;
  /** Container to run in; the first one of the pod if left out. */
  readonly container?: InputMaybe<Scalars['String']['input']>;
  /** What happens when it fails; `FAIL` if left out. */
  readonly onError?: InputMaybe<HookErrorMode>;
  /** How long it may take; 30s if left out. */
  readonly timeout?: InputMaybe<Scalars['Duration']['input']>;
};

/** Which backups to list; all given conditions must hold. */
export type BackupFilter = {
  /** Bearing all of these labels. */
  readonly labels?: InputMaybe<ReadonlyArray<LabelInput>>;
  /** With this text in the name. */
  readonly nameContains?: InputMaybe<Scalars['String']['input']>;
  /** In one of these phases. */
  readonly phase?: InputMaybe<ReadonlyArray<BackupPhase>>;
  /** Stored in the location of this name. */
  readonly storageLocation?: InputMaybe<Scalars['String']['input']>;
};

/** Commands to run in containers around the backup of their pods. */
export type BackupHooks = {
  readonly __typename?: 'BackupHooks';
  /** Groups of hooks, each for the pods it selects. */
  readonly resources: ReadonlyArray<BackupResourceHookSpec>;
};

/** Commands to run in containers around the backup of their pods. */
export type BackupHooksInput = {
  /** Groups of hooks, each for the pods it selects. */
  readonly resources?: InputMaybe<ReadonlyArray<BackupResourceHookSpecInput>>;
};

/** One object that a backup holds. */
export type BackupItem = {
  readonly __typename?: 'BackupItem';
  /** API group; empty for the core group. */
  readonly group: Scalars['String']['output'];
  /** Kind, such as `Deployment`. */
  readonly kind: Scalars['String']['output'];
  /** Name of the object. */
  readonly name: Scalars['String']['output'];
  /** Namespace; null if it is cluster-scoped. */
  readonly namespace?: Maybe<Scalars['String']['output']>;
  /** Version in which it is archived. */
  readonly version: Scalars['String']['output'];
};

/** A page of the objects that a backup holds. */
export type BackupItemConnection = {
  readonly __typename?: 'BackupItemConnection';
  /** The objects with their cursors. */
  readonly edges: ReadonlyArray<BackupItemEdge>;
  /** The objects alone. */
  readonly nodes: ReadonlyArray<BackupItem>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all under the same filter. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of objects. */
export type BackupItemEdge = {
  readonly __typename?: 'BackupItemEdge';
  /** Its place in the list. */
  readonly cursor: Scalars['String']['output'];
  /** The object. */
  readonly node: BackupItem;
};

/** Which objects to list; all given conditions must hold. */
export type BackupItemFilter = {
  /** Of this API group; empty for the core group. */
  readonly group?: InputMaybe<Scalars['String']['input']>;
  /** Of this kind, exactly as it is written: `Deployment`. */
  readonly kind?: InputMaybe<Scalars['String']['input']>;
  /** Of this name. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** With this text in the name. */
  readonly nameContains?: InputMaybe<Scalars['String']['input']>;
  /** In this namespace; empty for cluster-scoped objects. */
  readonly namespace?: InputMaybe<Scalars['String']['input']>;
};

/** What to put on the backup itself. */
export type BackupMetadata = {
  readonly __typename?: 'BackupMetadata';
  /** Labels for the backup; used in the template of a schedule. */
  readonly labels: ReadonlyArray<Label>;
};

/** What to put on the backup itself. */
export type BackupMetadataInput = {
  /** Labels for the backup; used in the template of a schedule. */
  readonly labels?: InputMaybe<ReadonlyArray<LabelInput>>;
};

/** How to sort backups. */
export type BackupOrder = {
  /** Which end comes first. */
  readonly direction: OrderDirection;
  /** What to sort by. */
  readonly field: BackupOrderField;
};

/** What backups can be sorted by. */
export type BackupOrderField =
  /** When they were asked for. */
  | 'CREATED_AT'
  /** Their name. */
  | 'NAME';

/** Where a backup stands in its life. */
export type BackupPhase =
  /** Done, without errors. Terminal. */
  | 'COMPLETED'
  /** Being deleted. */
  | 'DELETING'
  /** Given up; it cannot be restored from. Terminal. */
  | 'FAILED'
  /** Its specification cannot be carried out; see `validationErrors`. Terminal. */
  | 'FAILED_VALIDATION'
  /** Contents stored; the last files are being written. */
  | 'FINALIZING'
  /** The same, and there have been errors. */
  | 'FINALIZING_PARTIALLY_FAILED'
  /** Its contents are being collected. */
  | 'IN_PROGRESS'
  /** Requested; nobody has looked at it yet. */
  | 'NEW'
  /** Done, and some items could not be backed up. Terminal. */
  | 'PARTIALLY_FAILED'
  /** Waiting for its turn. */
  | 'QUEUED'
  /** Its turn has come; it is about to be checked. */
  | 'READY_TO_START'
  /** Contents collected; plugins are still at work. */
  | 'WAITING_FOR_PLUGIN_OPERATIONS'
  /** The same, and there have been errors. */
  | 'WAITING_FOR_PLUGIN_OPERATIONS_PARTIALLY_FAILED';

/** One hook. */
export type BackupResourceHook = {
  readonly __typename?: 'BackupResourceHook';
  /** A command to run in a container. */
  readonly exec: BackupExecHook;
};

/** One hook. */
export type BackupResourceHookInput = {
  /** A command to run in a container. */
  readonly exec: BackupExecHookInput;
};

/** Hooks for the pods that one set of conditions selects. */
export type BackupResourceHookSpec = {
  readonly __typename?: 'BackupResourceHookSpec';
  /** Namespaces in which it does not apply. */
  readonly excludedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to which it does not apply. */
  readonly excludedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Namespaces in which it applies; none or `*` for all. */
  readonly includedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to which it applies. */
  readonly includedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Applies only to objects this selects. */
  readonly labelSelector?: Maybe<LabelSelector>;
  /** Name of the group, for the log. */
  readonly name: Scalars['String']['output'];
  /** Run after the item and what belongs to it are backed up, in order. */
  readonly post: ReadonlyArray<BackupResourceHook>;
  /** Run before the item is backed up, in order. */
  readonly pre: ReadonlyArray<BackupResourceHook>;
};

/** Hooks for the pods that one set of conditions selects. */
export type BackupResourceHookSpecInput = {
  /** Namespaces in which it does not apply. */
  readonly excludedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to which it does not apply. */
  readonly excludedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Namespaces in which it applies; none or `*` for all. */
  readonly includedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to which it applies. */
  readonly includedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Applies only to objects this selects. */
  readonly labelSelector?: InputMaybe<LabelSelectorInput>;
  /** Name of the group, for the log. */
  readonly name: Scalars['String']['input'];
  /** Run after the item and what belongs to it are backed up, in order. */
  readonly post?: InputMaybe<ReadonlyArray<BackupResourceHookInput>>;
  /** Run before the item is backed up, in order. */
  readonly pre?: InputMaybe<ReadonlyArray<BackupResourceHookInput>>;
};

/** What a backup is to hold and how it is to be made. The fields are those of the custom resource `Backup`. */
export type BackupSpec = {
  readonly __typename?: 'BackupSpec';
  /** How long to wait for a CSI snapshot to become ready. */
  readonly csiSnapshotTimeout?: Maybe<Scalars['Duration']['output']>;
  /** Which data mover moves snapshot data; null or `velero` for the built-in one. */
  readonly datamover?: Maybe<Scalars['String']['output']>;
  /** Copy all pod volumes file by file unless a pod opts out. */
  readonly defaultVolumesToFsBackup?: Maybe<Scalars['Boolean']['output']>;
  /** Older name of `defaultVolumesToFsBackup`. */
  readonly defaultVolumesToRestic?: Maybe<Scalars['Boolean']['output']>;
  /** Cluster-scoped kinds to leave out. */
  readonly excludedClusterScopedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Namespaced kinds to leave out. */
  readonly excludedNamespaceScopedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Namespaces to leave out. */
  readonly excludedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to leave out. */
  readonly excludedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Commands to run in containers before and after their pods are backed up. */
  readonly hooks?: Maybe<BackupHooks>;
  /** Whether to take cluster-scoped objects: true for all, false for none, null for those that belong to included objects. */
  readonly includeClusterResources?: Maybe<Scalars['Boolean']['output']>;
  /** Cluster-scoped kinds to take. */
  readonly includedClusterScopedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Namespaced kinds to take. */
  readonly includedNamespaceScopedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Namespaces to take; none or `*` for all. */
  readonly includedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to take; none or `*` for all. */
  readonly includedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** How long to wait for one asynchronous operation of a plugin. */
  readonly itemOperationTimeout?: Maybe<Scalars['Duration']['output']>;
  /** Take only objects this selects. */
  readonly labelSelector?: Maybe<LabelSelector>;
  /** What to put on the backup itself. */
  readonly metadata?: Maybe<BackupMetadata>;
  /** Take objects that any of these selects. Excludes `labelSelector`. */
  readonly orLabelSelectors?: Maybe<ReadonlyArray<LabelSelector>>;
  /** For a kind, the objects to back up first: names joined by commas, in order. */
  readonly orderedResources?: Maybe<ReadonlyArray<KeyValue>>;
  /** ConfigMap with rules for volumes and resources. */
  readonly resourcePolicy?: Maybe<TypedLocalObjectReference>;
  /** Move the data of CSI snapshots to the object storage. */
  readonly snapshotMoveData?: Maybe<Scalars['Boolean']['output']>;
  /** Whether to take snapshots of volumes. */
  readonly snapshotVolumes?: Maybe<Scalars['Boolean']['output']>;
  /** Name of the storage location; the default one if left out. */
  readonly storageLocation?: Maybe<Scalars['String']['output']>;
  /** How long to keep the backup. */
  readonly ttl?: Maybe<Scalars['Duration']['output']>;
  /** Settings of the file copier. */
  readonly uploaderConfig?: Maybe<BackupUploaderConfig>;
  /** Label whose value groups volume claims into one group snapshot. */
  readonly volumeGroupSnapshotLabelKey?: Maybe<Scalars['String']['output']>;
  /** Names of the volume snapshot locations, at most one for each provider. */
  readonly volumeSnapshotLocations?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** What a backup is to hold and how it is to be made. The fields are those of the custom resource `Backup`; what is left out is decided by the server. */
export type BackupSpecInput = {
  /** How long to wait for a CSI snapshot to become ready. */
  readonly csiSnapshotTimeout?: InputMaybe<Scalars['Duration']['input']>;
  /** Which data mover moves snapshot data; leave it out for the built-in one. */
  readonly datamover?: InputMaybe<Scalars['String']['input']>;
  /** Copy all pod volumes file by file unless a pod opts out. */
  readonly defaultVolumesToFsBackup?: InputMaybe<Scalars['Boolean']['input']>;
  /** Older name of `defaultVolumesToFsBackup`. */
  readonly defaultVolumesToRestic?: InputMaybe<Scalars['Boolean']['input']>;
  /** Cluster-scoped kinds to leave out. */
  readonly excludedClusterScopedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Namespaced kinds to leave out. */
  readonly excludedNamespaceScopedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Namespaces to leave out. */
  readonly excludedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to leave out. */
  readonly excludedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Commands to run in containers before and after their pods are backed up. */
  readonly hooks?: InputMaybe<BackupHooksInput>;
  /** Whether to take cluster-scoped objects: true for all, false for none, left out for those that belong to included objects. */
  readonly includeClusterResources?: InputMaybe<Scalars['Boolean']['input']>;
  /** Cluster-scoped kinds to take. */
  readonly includedClusterScopedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Namespaced kinds to take. */
  readonly includedNamespaceScopedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Namespaces to take; none or `*` for all. */
  readonly includedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to take; none or `*` for all. These four older lists exclude the ones by scope. */
  readonly includedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** How long to wait for one asynchronous operation of a plugin. */
  readonly itemOperationTimeout?: InputMaybe<Scalars['Duration']['input']>;
  /** Take only objects this selects. */
  readonly labelSelector?: InputMaybe<LabelSelectorInput>;
  /** What to put on the backup itself. */
  readonly metadata?: InputMaybe<BackupMetadataInput>;
  /** Take objects that any of these selects. Excludes `labelSelector`. */
  readonly orLabelSelectors?: InputMaybe<ReadonlyArray<LabelSelectorInput>>;
  /** For a kind (the key), the objects to back up first: names joined by commas, in order. */
  readonly orderedResources?: InputMaybe<ReadonlyArray<KeyValueInput>>;
  /** ConfigMap with rules for volumes and resources. */
  readonly resourcePolicy?: InputMaybe<TypedLocalObjectReferenceInput>;
  /** Move the data of CSI snapshots to the object storage. */
  readonly snapshotMoveData?: InputMaybe<Scalars['Boolean']['input']>;
  /** Whether to take snapshots of volumes. */
  readonly snapshotVolumes?: InputMaybe<Scalars['Boolean']['input']>;
  /** Name of the storage location; the default one if left out. */
  readonly storageLocation?: InputMaybe<Scalars['String']['input']>;
  /** How long to keep the backup; 720h0m0s unless the server is set otherwise. */
  readonly ttl?: InputMaybe<Scalars['Duration']['input']>;
  /** Settings of the file copier. */
  readonly uploaderConfig?: InputMaybe<BackupUploaderConfigInput>;
  /** Label whose value groups volume claims into one group snapshot. */
  readonly volumeGroupSnapshotLabelKey?: InputMaybe<Scalars['String']['input']>;
  /** Names of the volume snapshot locations, at most one for each provider. */
  readonly volumeSnapshotLocations?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** A place in an object storage where backups are kept. */
export type BackupStorageLocation = Node & {
  readonly __typename?: 'BackupStorageLocation';
  /** What the server may do there. */
  readonly accessMode: BackupStorageLocationAccessMode;
  /** Backups that are stored there, newest first. */
  readonly backups: BackupConnection;
  /** Bucket, or the folder that plays its part. */
  readonly bucket: Scalars['String']['output'];
  /** Used for backups that name no location. */
  readonly default: Scalars['Boolean']['output'];
  /** Its facts, oldest first. */
  readonly events: EventConnection;
  /** Opaque and unique over all types. */
  readonly id: Scalars['ID']['output'];
  /** When its backups were last compared with those of the cluster; null if never, or if its resource is gone. */
  readonly lastSyncedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When it was last checked; null if never, or if its resource is gone. */
  readonly lastValidatedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Why it cannot be used. */
  readonly message?: Maybe<Scalars['String']['output']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['output'];
  /** Namespace of the custom resource. */
  readonly namespace: Scalars['String']['output'];
  /** Backups that lie there and cannot be shown here, at most 500. */
  readonly passedOver: ReadonlyArray<PassedOverBackup>;
  /** Whether it can be used. */
  readonly phase: BackupStorageLocationPhase;
  /** Folder in the bucket under which everything lies; empty for its top. */
  readonly prefix: Scalars['String']['output'];
  /** Kind of object storage, such as `aws` or `filesystem`. */
  readonly provider: Scalars['String']['output'];
  /** Since when it is in this phase. */
  readonly since: Scalars['DateTime']['output'];
  /** Tells this location from an earlier one of the same name. */
  readonly uid?: Maybe<Scalars['String']['output']>;
};


/** A place in an object storage where backups are kept. */
export type BackupStorageLocationBackupsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** A place in an object storage where backups are kept. */
export type BackupStorageLocationEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** What the server may do in a storage location. */
export type BackupStorageLocationAccessMode =
  /** Restore from it, and nothing else. */
  | 'READ_ONLY'
  /** Make, restore and delete backups. */
  | 'READ_WRITE';

/** A page of storage locations. */
export type BackupStorageLocationConnection = {
  readonly __typename?: 'BackupStorageLocationConnection';
  /** The locations with their cursors. */
  readonly edges: ReadonlyArray<BackupStorageLocationEdge>;
  /** The locations alone. */
  readonly nodes: ReadonlyArray<BackupStorageLocation>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of storage locations. */
export type BackupStorageLocationEdge = {
  readonly __typename?: 'BackupStorageLocationEdge';
  /** Its place in the list; stays valid when rows are added. */
  readonly cursor: Scalars['String']['output'];
  /** The location. */
  readonly node: BackupStorageLocation;
};

/** Whether a storage location can be used. */
export type BackupStorageLocationPhase =
  /** The last check found it usable. */
  | 'AVAILABLE'
  /** The last check failed; see `message`. */
  | 'UNAVAILABLE'
  /** Nobody has looked yet. */
  | 'UNKNOWN';

/** The fields of the custom resource `BackupStorageLocation`. In a change, what is left out stays as it is, and null takes away. */
export type BackupStorageLocationSpecInput = {
  /** What the server may do there. */
  readonly accessMode?: InputMaybe<BackupStorageLocationAccessMode>;
  /** How often to look for backups there; `0s` for never. */
  readonly backupSyncPeriod?: InputMaybe<Scalars['Duration']['input']>;
  /** Settings of the provider, such as `region` and `s3Url`; given, they take the place of all there were. No credentials. */
  readonly config?: InputMaybe<ReadonlyArray<KeyValueInput>>;
  /** Secret with the credentials. */
  readonly credential?: InputMaybe<SecretKeySelectorInput>;
  /** Use it for backups that name no location; the one that was the default is it no longer. */
  readonly default?: InputMaybe<Scalars['Boolean']['input']>;
  /** The bucket and the place in it. A new location needs it. */
  readonly objectStorage?: InputMaybe<ObjectStorageLocationInput>;
  /** Kind of object storage: `aws` (anything that speaks S3) or `filesystem`. A new location needs it. */
  readonly provider?: InputMaybe<Scalars['String']['input']>;
  /** How often to check it; `0s` for once. */
  readonly validationFrequency?: InputMaybe<Scalars['Duration']['input']>;
};

/** Settings of the file copier. */
export type BackupUploaderConfig = {
  readonly __typename?: 'BackupUploaderConfig';
  /** How many files are copied at once. */
  readonly parallelFilesUpload?: Maybe<Scalars['Int']['output']>;
};

/** Settings of the file copier. */
export type BackupUploaderConfigInput = {
  /** How many files are copied at once. */
  readonly parallelFilesUpload?: InputMaybe<Scalars['Int']['input']>;
};

/** What became of the data of one volume in a backup. */
export type BackupVolume = {
  readonly __typename?: 'BackupVolume';
  /** Name of its claim; null for a volume without one. */
  readonly claimName?: Maybe<Scalars['String']['output']>;
  /** Namespace of its claim; null for a volume without one. */
  readonly claimNamespace?: Maybe<Scalars['String']['output']>;
  /** When its data was kept, or given up. */
  readonly completedAt?: Maybe<Scalars['DateTime']['output']>;
  /** True if the data of the snapshot was moved into the object storage. */
  readonly dataMoved: Scalars['Boolean']['output'];
  /** The CSI driver; null for other methods. */
  readonly driver?: Maybe<Scalars['String']['output']>;
  /** What the driver, the provider or the repository calls what it keeps. */
  readonly handle?: Maybe<Scalars['String']['output']>;
  /** How its data was kept; null if it was passed over. */
  readonly method?: Maybe<VolumeMethod>;
  /** Name of the PersistentVolume; null for a volume of a pod that has none. */
  readonly persistentVolume?: Maybe<Scalars['String']['output']>;
  /** The pod through which its files were copied; null for other methods. */
  readonly pod?: Maybe<VolumePod>;
  /** Whether its data is kept; null if it was passed over, or if nobody has said. */
  readonly result?: Maybe<VolumeResult>;
  /** How much it is, in bytes; null if nobody knows. */
  readonly size?: Maybe<Scalars['BigInt']['output']>;
  /** Why it was passed over; null if it was not. */
  readonly skippedReason?: Maybe<Scalars['String']['output']>;
  /** When keeping its data began. */
  readonly startedAt?: Maybe<Scalars['DateTime']['output']>;
};

/** A page of the volumes of a backup. */
export type BackupVolumeConnection = {
  readonly __typename?: 'BackupVolumeConnection';
  /** The volumes with their cursors. */
  readonly edges: ReadonlyArray<BackupVolumeEdge>;
  /** The volumes alone. */
  readonly nodes: ReadonlyArray<BackupVolume>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of the volumes of a backup. */
export type BackupVolumeEdge = {
  readonly __typename?: 'BackupVolumeEdge';
  /** Its place in the list. */
  readonly cursor: Scalars['String']['output'];
  /** The volume. */
  readonly node: BackupVolume;
};

/** A backup to cancel. */
export type CancelBackupInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and changes nothing. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request to cancel a backup. */
export type CancelBackupPayload = {
  readonly __typename?: 'CancelBackupPayload';
  /** The backup; null if the request was refused. */
  readonly backup?: Maybe<Backup>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** Why it was refused; empty if it was not. `WRONG_PHASE`: its contents are stored already, or it has ended. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A restore to cancel. */
export type CancelRestoreInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and changes nothing. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request to cancel a restore. */
export type CancelRestorePayload = {
  readonly __typename?: 'CancelRestorePayload';
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** The restore; null if the request was refused. */
  readonly restore?: Maybe<Restore>;
  /** Why it was refused; empty if it was not. `WRONG_PHASE`: every item was tried already, or it has ended. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A backup to make. */
export type CreateBackupInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and makes nothing new. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Labels for the custom resource. */
  readonly labels?: InputMaybe<ReadonlyArray<LabelInput>>;
  /** Name for the custom resource; the server makes a unique one if left out. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** What the backup is to hold; left out, everything in the cluster. */
  readonly spec?: InputMaybe<BackupSpecInput>;
};

/** What became of the request for a backup. */
export type CreateBackupPayload = {
  readonly __typename?: 'CreateBackupPayload';
  /** The backup; null if it was refused, or deleted since the first answer. */
  readonly backup?: Maybe<Backup>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A request for a storage location. */
export type CreateBackupStorageLocationInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and makes nothing new. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
  /** Where it is and how it is used. */
  readonly spec: BackupStorageLocationSpecInput;
};

/** What became of the request for a storage location. */
export type CreateBackupStorageLocationPayload = {
  readonly __typename?: 'CreateBackupStorageLocationPayload';
  /** The location; null if it was refused, or deleted since the first answer. */
  readonly backupStorageLocation?: Maybe<BackupStorageLocation>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A file to download. */
export type CreateDownloadUrlInput = {
  /** Any text of your own. A repeated request gets a new link to the same file: no link is kept. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Which file. */
  readonly kind: DownloadTargetKind;
  /** Name of the backup or restore it belongs to. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request for a link. */
export type CreateDownloadUrlPayload = {
  readonly __typename?: 'CreateDownloadUrlPayload';
  /** When the link ceases to work. */
  readonly expiresAt?: Maybe<Scalars['DateTime']['output']>;
  /** The newest fact of this request. */
  readonly position: Scalars['Position']['output'];
  /** Address of the file, to be fetched with GET and without further proof; it answers 404 if there is no such file. Null if the request was refused. */
  readonly url?: Maybe<Scalars['String']['output']>;
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A restore to make. */
export type CreateRestoreInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and makes nothing new. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name for the custom resource; `<backup>-<YYYYMMDDhhmmss>` in UTC if left out. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** What to restore and how. */
  readonly spec: RestoreSpecInput;
};

/** What became of the request for a restore. */
export type CreateRestorePayload = {
  readonly __typename?: 'CreateRestorePayload';
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** The restore; null if it was refused, or deleted since the first answer. */
  readonly restore?: Maybe<Restore>;
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A schedule to be made. It makes its first backup at once, unless that is skipped. */
export type CreateScheduleInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and makes nothing new. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Labels for the custom resource; backups get them too, unless the template names some. */
  readonly labels?: InputMaybe<ReadonlyArray<LabelInput>>;
  /** Name for the custom resource, at most 63 characters: its backups bear it as a label. */
  readonly name: Scalars['String']['input'];
  /** When backups are made and what each of them takes. */
  readonly spec: ScheduleSpecInput;
};

/** What became of the request for a schedule. */
export type CreateSchedulePayload = {
  readonly __typename?: 'CreateSchedulePayload';
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** The schedule; null if it was refused, or deleted since the first answer. */
  readonly schedule?: Maybe<Schedule>;
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A backup to delete. */
export type DeleteBackupInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and deletes nothing more. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request to delete a backup. */
export type DeleteBackupPayload = {
  readonly __typename?: 'DeleteBackupPayload';
  /** The backup, in phase `DELETING`; null if it was refused, or is gone already. */
  readonly backup?: Maybe<Backup>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** Why it was refused; empty if it was not. `NOT_FOUND`, `WRONG_PHASE` while the backup runs or is being deleted, `LOCATION_READ_ONLY`, `LOCATION_UNAVAILABLE`. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Which storage location is to go. */
export type DeleteBackupStorageLocationInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and changes nothing. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request to take a storage location out of the cluster. */
export type DeleteBackupStorageLocationPayload = {
  readonly __typename?: 'DeleteBackupStorageLocationPayload';
  /** Name of the location that is gone; null if it was refused. */
  readonly deletedName?: Maybe<Scalars['String']['output']>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A restore to delete. */
export type DeleteRestoreInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and deletes nothing more. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request to delete a restore. */
export type DeleteRestorePayload = {
  readonly __typename?: 'DeleteRestorePayload';
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** The restore; null if it was refused, or is gone already. */
  readonly restore?: Maybe<Restore>;
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A schedule to be deleted. Its backups stay, unless it owns them. */
export type DeleteScheduleInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and makes nothing new. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request for a deletion. */
export type DeleteSchedulePayload = {
  readonly __typename?: 'DeleteSchedulePayload';
  /** Id of the schedule that is gone; null if the deletion was refused. */
  readonly deletedScheduleId?: Maybe<Scalars['ID']['output']>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** The files that can be downloaded. Kinds that begin with `RESTORE` are of a restore, all others of a backup. */
export type DownloadTargetKind =
  /** The archive of a backup, a compressed tarball. */
  | 'BACKUP_CONTENTS'
  /** Asynchronous operations of the plugins of a backup. */
  | 'BACKUP_ITEM_OPERATIONS'
  /** The log of a backup. */
  | 'BACKUP_LOG'
  /** Which objects a backup holds. */
  | 'BACKUP_RESOURCE_LIST'
  /** Warnings and errors of a backup. */
  | 'BACKUP_RESULTS'
  /** What became of the volumes in a backup. */
  | 'BACKUP_VOLUME_INFOS'
  /** Snapshots by plugins for volumes. */
  | 'BACKUP_VOLUME_SNAPSHOTS'
  /** CSI snapshots of a backup. */
  | 'CSI_BACKUP_VOLUME_SNAPSHOTS'
  /** Contents of the CSI snapshots of a backup. */
  | 'CSI_BACKUP_VOLUME_SNAPSHOT_CONTENTS'
  /** Asynchronous operations of the plugins of a restore. */
  | 'RESTORE_ITEM_OPERATIONS'
  /** The log of a restore. */
  | 'RESTORE_LOG'
  /** Which objects a restore handled. */
  | 'RESTORE_RESOURCE_LIST'
  /** Warnings and errors of a restore. */
  | 'RESTORE_RESULTS'
  /** What became of the volumes in a restore. */
  | 'RESTORE_VOLUME_INFO';

/** Something that happened. Facts are never changed. */
export type Event = Node & {
  readonly __typename?: 'Event';
  /** Who caused it. */
  readonly actor: Actor;
  /** The id of the fact just before in that chain, or the revision of the custom resource that caused it. */
  readonly causationId?: Maybe<Scalars['ID']['output']>;
  /** Shared by everything that one request, tick or custom resource brought about. */
  readonly correlationId: Scalars['ID']['output'];
  /** The fact itself. */
  readonly data: Scalars['JSON']['output'];
  /** Opaque and unique over all types. */
  readonly id: Scalars['ID']['output'];
  /** Its place in the order of all facts. */
  readonly position: Scalars['Position']['output'];
  /** When it was recorded. */
  readonly recordedAt: Scalars['DateTime']['output'];
  /** Its place in that story, from 0. */
  readonly revision: Scalars['Int']['output'];
  /** The story it belongs to: `backup-<namespace>.<name>`, `restore-…`, `location-…`, `schedule-…`, `access-<namespace>.<date>`. */
  readonly stream: Scalars['String']['output'];
  /** One sentence for people. */
  readonly summary: Scalars['String']['output'];
  /** What kind of fact it is, such as `BackupStarted`. */
  readonly type: Scalars['String']['output'];
};

/** A page of facts. */
export type EventConnection = {
  readonly __typename?: 'EventConnection';
  /** The facts with their cursors. */
  readonly edges: ReadonlyArray<EventEdge>;
  /** The facts alone. */
  readonly nodes: ReadonlyArray<Event>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all under the same filter. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of facts. */
export type EventEdge = {
  readonly __typename?: 'EventEdge';
  /** Its place in the list; stays valid when rows are added. */
  readonly cursor: Scalars['String']['output'];
  /** The fact. */
  readonly node: Event;
};

/** Which facts to give; all given conditions must hold. */
export type EventFilter = {
  /** Caused by the actor of this name. */
  readonly actor?: InputMaybe<Scalars['String']['input']>;
  /** Brought about by this request, tick or custom resource. */
  readonly correlationId?: InputMaybe<Scalars['ID']['input']>;
  /** Recorded at this moment or later. */
  readonly since?: InputMaybe<Scalars['DateTime']['input']>;
  /** Of this story: `backup-velero.nightly`. */
  readonly stream?: InputMaybe<Scalars['String']['input']>;
  /** Of one of these kinds: `BackupFinished`. */
  readonly types?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Recorded before this moment. */
  readonly until?: InputMaybe<Scalars['DateTime']['input']>;
};

/** Where facts are kept. */
export type EventStoreKind =
  /** In EventStoreDB or KurrentDB. */
  | 'KURRENT'
  /** In the memory of the process: gone when it ends. */
  | 'MEMORY'
  /** In a SQLite file beside the server. */
  | 'SQLITE';

/** Hooks of a backup or restore. */
export type HookCounts = {
  readonly __typename?: 'HookCounts';
  /** How many there were to run. */
  readonly attempted: Scalars['Int']['output'];
  /** How many of them failed. */
  readonly failed: Scalars['Int']['output'];
};

/** What happens to the operation when a hook fails. */
export type HookErrorMode =
  /** Note the error and go on. */
  | 'CONTINUE'
  /** Count the item as failed. */
  | 'FAIL';

/** One entry of a map of texts. */
export type KeyValue = {
  readonly __typename?: 'KeyValue';
  /** Key of the entry, unique in its map. */
  readonly key: Scalars['String']['output'];
  /** Value of the entry. */
  readonly value: Scalars['String']['output'];
};

/** One entry of a map of texts. */
export type KeyValueInput = {
  /** Key of the entry, unique in its map. */
  readonly key: Scalars['String']['input'];
  /** Value of the entry. */
  readonly value: Scalars['String']['input'];
};

/** A label of a Kubernetes object. */
export type Label = {
  readonly __typename?: 'Label';
  /** Name of the label, possibly with a prefix: `app.kubernetes.io/name`. */
  readonly key: Scalars['String']['output'];
  /** Value of the label; may be empty. */
  readonly value: Scalars['String']['output'];
};

/** A label to set or to look for. */
export type LabelInput = {
  /** Name of the label, possibly with a prefix: `app.kubernetes.io/name`. */
  readonly key: Scalars['String']['input'];
  /** Value of the label; may be empty. */
  readonly value: Scalars['String']['input'];
};

/** Selects objects by their labels; all conditions must hold. Without conditions it selects everything. */
export type LabelSelector = {
  readonly __typename?: 'LabelSelector';
  /** Further conditions on labels. */
  readonly matchExpressions: ReadonlyArray<LabelSelectorRequirement>;
  /** Labels the object must bear with exactly these values. */
  readonly matchLabels: ReadonlyArray<Label>;
};

/** Selects objects by their labels; all conditions must hold. Without conditions it selects everything. */
export type LabelSelectorInput = {
  /** Further conditions on labels. */
  readonly matchExpressions?: InputMaybe<ReadonlyArray<LabelSelectorRequirementInput>>;
  /** Labels the object must bear with exactly these values. */
  readonly matchLabels?: InputMaybe<ReadonlyArray<LabelInput>>;
};

/** One condition on a label. */
export type LabelSelectorRequirement = {
  readonly __typename?: 'LabelSelectorRequirement';
  /** Name of the label. */
  readonly key: Scalars['String']['output'];
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: Scalars['String']['output'];
  /** Values for `In` and `NotIn`. */
  readonly values: ReadonlyArray<Scalars['String']['output']>;
};

/** One condition on a label. */
export type LabelSelectorRequirementInput = {
  /** Name of the label. */
  readonly key: Scalars['String']['input'];
  /** `In`, `NotIn`, `Exists` or `DoesNotExist`. */
  readonly operator: Scalars['String']['input'];
  /** Values for `In` and `NotIn`; none for the other operators. */
  readonly values?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type Mutation = {
  readonly __typename?: 'Mutation';
  /**
   * Asks for a backup to be ended before it is complete. Answers as soon as the request is recorded; the backup ends as `FAILED` a moment later.
   * Needs the right to patch it.
   */
  readonly cancelBackup: CancelBackupPayload;
  /** The same for a restore. What it has restored until then stays. */
  readonly cancelRestore: CancelRestorePayload;
  /** Asks for a backup. Answers as soon as the request is recorded; follow the work with `backupProgress`. */
  readonly createBackup: CreateBackupPayload;
  /** Makes a storage location. It is used once its first check went well: follow `phase`. */
  readonly createBackupStorageLocation: CreateBackupStorageLocationPayload;
  /** Makes a link by which one file of a backup or restore can be downloaded. Needs the right to create a `DownloadRequest`. */
  readonly createDownloadUrl: CreateDownloadUrlPayload;
  /** Asks for a restore. Answers as soon as the request is recorded; follow the work with `restoreProgress`. */
  readonly createRestore: CreateRestorePayload;
  /** Asks for a schedule. Its first backup is made at once, unless that is skipped. */
  readonly createSchedule: CreateSchedulePayload;
  /** Asks for the deletion of a backup with all that belongs to it: volume data, files, restores. Answers as soon as the deletion has begun; its story is in `events`. */
  readonly deleteBackup: DeleteBackupPayload;
  /** Takes a storage location out of the cluster, with the backups it holds; every file in the object storage stays. A location of the same bucket brings the backups back. */
  readonly deleteBackupStorageLocation: DeleteBackupStorageLocationPayload;
  /** Asks for the deletion of a restore and its files. One that runs is stopped. What it restored stays. */
  readonly deleteRestore: DeleteRestorePayload;
  /** Deletes a schedule. Its backups stay, unless it owns them. */
  readonly deleteSchedule: DeleteSchedulePayload;
  /** Makes a backup from the template of a schedule now. Its own times stay as they are. */
  readonly runSchedule: RunSchedulePayload;
  /** Changes a storage location; what is left out stays as it is. */
  readonly updateBackupStorageLocation: UpdateBackupStorageLocationPayload;
  /** Changes, pauses or resumes a schedule. */
  readonly updateSchedule: UpdateSchedulePayload;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationCancelBackupArgs = {
  input: CancelBackupInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationCancelRestoreArgs = {
  input: CancelRestoreInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationCreateBackupArgs = {
  input: CreateBackupInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationCreateBackupStorageLocationArgs = {
  input: CreateBackupStorageLocationInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationCreateDownloadUrlArgs = {
  input: CreateDownloadUrlInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationCreateRestoreArgs = {
  input: CreateRestoreInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationCreateScheduleArgs = {
  input: CreateScheduleInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationDeleteBackupArgs = {
  input: DeleteBackupInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationDeleteBackupStorageLocationArgs = {
  input: DeleteBackupStorageLocationInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationDeleteRestoreArgs = {
  input: DeleteRestoreInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationDeleteScheduleArgs = {
  input: DeleteScheduleInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationRunScheduleArgs = {
  input: RunScheduleInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationUpdateBackupStorageLocationArgs = {
  input: UpdateBackupStorageLocationInput;
};


/** Requests for change. Each one, refused or not, leaves two facts in the audit trail: that it was received, and what was answered. */
export type MutationUpdateScheduleArgs = {
  input: UpdateScheduleInput;
};

/** A namespace to restore under another name. */
export type NamespaceMapping = {
  readonly __typename?: 'NamespaceMapping';
  /** Name in the backup. */
  readonly from: Scalars['String']['output'];
  /** Name in the cluster. */
  readonly to: Scalars['String']['output'];
};

/** A namespace to restore under another name. */
export type NamespaceMappingInput = {
  /** Name in the backup. */
  readonly from: Scalars['String']['input'];
  /** Name in the cluster. */
  readonly to: Scalars['String']['input'];
};

/** Messages about the objects of one namespace. */
export type NamespaceResults = {
  readonly __typename?: 'NamespaceResults';
  /** The messages, at most 1,000. */
  readonly messages: ReadonlyArray<Scalars['String']['output']>;
  /** Name of the namespace. */
  readonly namespace: Scalars['String']['output'];
};

/** Something with an identity that holds over the whole API. */
export type Node = {
  /** Opaque and unique over all types. Ask for the thing again with `node`. */
  readonly id: Scalars['ID']['output'];
};

/** The bucket and the place in it. */
export type ObjectStorageLocationInput = {
  /** Name of the bucket. A new location needs it. */
  readonly bucket?: InputMaybe<Scalars['String']['input']>;
  /** Certificates to trust, PEM in base64. */
  readonly caCert?: InputMaybe<Scalars['String']['input']>;
  /** Where certificates to trust are, instead of `caCert`. */
  readonly caCertRef?: InputMaybe<SecretKeySelectorInput>;
  /** Folder in the bucket under which everything lies. */
  readonly prefix?: InputMaybe<Scalars['String']['input']>;
};

/** Warnings and errors of a backup or restore, by whom they concern. */
export type OperationResults = {
  readonly __typename?: 'OperationResults';
  /** What went wrong. */
  readonly errors: ResultScopes;
  /** What was noticed and does not matter for the phase. */
  readonly warnings: ResultScopes;
};

/** A direction of sorting. */
export type OrderDirection =
  /** Smallest, earliest or first in the alphabet first. */
  | 'ASC'
  /** Largest, latest or last in the alphabet first. */
  | 'DESC';

/** Where a page of a list begins and ends, and whether there is more. */
export type PageInfo = {
  readonly __typename?: 'PageInfo';
  /** Cursor of the last row of this page. */
  readonly endCursor?: Maybe<Scalars['String']['output']>;
  /** Rows follow behind this page. */
  readonly hasNextPage: Scalars['Boolean']['output'];
  /** Rows precede this page. */
  readonly hasPreviousPage: Scalars['Boolean']['output'];
  /** Cursor of the first row of this page. */
  readonly startCursor?: Maybe<Scalars['String']['output']>;
};

/** A backup in the object storage that cannot be shown. */
export type PassedOverBackup = {
  readonly __typename?: 'PassedOverBackup';
  /** Why, for people. */
  readonly message: Scalars['String']['output'];
  /** Its name: that of its directory. */
  readonly name: Scalars['String']['output'];
  /** Why, for programs. */
  readonly reason: PassedOverReason;
};

/** Why a backup in the object storage cannot be shown. */
export type PassedOverReason =
  /** The cluster has a backup of that name in another location. */
  | 'NAME_TAKEN'
  /** Its main file cannot be read, or the API server refuses what is in it. */
  | 'UNUSABLE';

/** How far an operation is. */
export type Progress = {
  readonly __typename?: 'Progress';
  /** Bytes written to the object storage so far; 0 for a restore. */
  readonly bytesWritten: Scalars['BigInt']['output'];
  /** Items handled so far, failed ones included. */
  readonly itemsDone: Scalars['Int']['output'];
  /** Items known so far; grows while more are being found. Null while nothing is known. */
  readonly totalItems?: Maybe<Scalars['Int']['output']>;
};

/** Questions about the present state. */
export type Query = {
  readonly __typename?: 'Query';
  /** One backup by its name; null if there is none. */
  readonly backup?: Maybe<Backup>;
  /** One storage location by its name; null if there is none. */
  readonly backupStorageLocation?: Maybe<BackupStorageLocation>;
  /** All storage locations by name. */
  readonly backupStorageLocations: BackupStorageLocationConnection;
  /** All backups, newest first unless ordered otherwise. */
  readonly backups: BackupConnection;
  /** The audit trail: every fact of every operation, oldest first. */
  readonly events: EventConnection;
  /** Whatever has this id; null if there is nothing, or nothing any more. */
  readonly node?: Maybe<Node>;
  /** The same for several ids, at most 100, in the order asked. */
  readonly nodes: ReadonlyArray<Maybe<Node>>;
  /** One restore by its name; null if there is none. */
  readonly restore?: Maybe<Restore>;
  /** All restores, newest first unless ordered otherwise. */
  readonly restores: RestoreConnection;
  /** One schedule by its name; null if there is none. */
  readonly schedule?: Maybe<Schedule>;
  /** All schedules by name. */
  readonly schedules: ScheduleConnection;
  /** What answers here. */
  readonly serverInfo: ServerInfo;
  /** Who is asking, as the server understands it. */
  readonly viewer: Actor;
};


/** Questions about the present state. */
export type QueryBackupArgs = {
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  name: Scalars['String']['input'];
};


/** Questions about the present state. */
export type QueryBackupStorageLocationArgs = {
  name: Scalars['String']['input'];
};


/** Questions about the present state. */
export type QueryBackupStorageLocationsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** Questions about the present state. */
export type QueryBackupsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<BackupFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<BackupOrder>;
};


/** Questions about the present state. */
export type QueryEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<EventFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};


/** Questions about the present state. */
export type QueryNodeArgs = {
  id: Scalars['ID']['input'];
};


/** Questions about the present state. */
export type QueryNodesArgs = {
  ids: ReadonlyArray<Scalars['ID']['input']>;
};


/** Questions about the present state. */
export type QueryRestoreArgs = {
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  name: Scalars['String']['input'];
};


/** Questions about the present state. */
export type QueryRestoresArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<RestoreFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
  orderBy?: InputMaybe<RestoreOrder>;
};


/** Questions about the present state. */
export type QueryScheduleArgs = {
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  name: Scalars['String']['input'];
};


/** Questions about the present state. */
export type QuerySchedulesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  before?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<ScheduleFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
  last?: InputMaybe<Scalars['Int']['input']>;
};

/** The putting back of a backup's objects into the cluster. */
export type Restore = Node & {
  readonly __typename?: 'Restore';
  /** How many times restoring began, restarts included. */
  readonly attempts: Scalars['Int']['output'];
  /** The backup it restores from; null if that is gone or not yet chosen. */
  readonly backup?: Maybe<Backup>;
  /** When somebody asked for it to be cancelled; null if nobody did in time. */
  readonly cancelRequestedAt?: Maybe<Scalars['DateTime']['output']>;
  /** When it reached a terminal phase, except for one that failed its validation. */
  readonly completedAt?: Maybe<Scalars['DateTime']['output']>;
  /** The objects it handled and what became of each, by kind, namespace and name in the cluster. Empty until it has ended. */
  readonly contents: RestoreItemConnection;
  /** When it was asked for. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** How many errors its log holds. */
  readonly errors: Scalars['Int']['output'];
  /** Its facts, oldest first. */
  readonly events: EventConnection;
  /** Why it was given up. */
  readonly failureReason?: Maybe<Scalars['String']['output']>;
  /** Exec hooks of its pods and those that failed, counted once each; null until they have run. */
  readonly hooks?: Maybe<HookCounts>;
  /** Opaque and unique over all types. */
  readonly id: Scalars['ID']['output'];
  /** How many objects it created; counted once all are handled. */
  readonly itemsCreated: Scalars['Int']['output'];
  /** How many objects it could not restore; counted once all are handled. */
  readonly itemsFailed: Scalars['Int']['output'];
  /** How many objects it left as they were; counted once all are handled. */
  readonly itemsSkipped: Scalars['Int']['output'];
  /** How many objects it changed; counted once all are handled. */
  readonly itemsUpdated: Scalars['Int']['output'];
  /** Labels of the custom resource. */
  readonly labels: ReadonlyArray<Label>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['output'];
  /** Namespace of the custom resource. */
  readonly namespace: Scalars['String']['output'];
  /** Where it stands in its life. */
  readonly phase: RestorePhase;
  /** How far it is; null before it starts. After the end it holds the final counts. */
  readonly progress?: Maybe<Progress>;
  /** Its warnings and errors, as its results file has them; null if it has no such file. */
  readonly results?: Maybe<OperationResults>;
  /** What was asked for; once it has started, with every default filled in. */
  readonly spec: RestoreSpec;
  /** When the first attempt at restoring began. */
  readonly startedAt?: Maybe<Scalars['DateTime']['output']>;
  /** Tells this restore from an earlier one of the same name. */
  readonly uid?: Maybe<Scalars['String']['output']>;
  /** Why its specification cannot be carried out. */
  readonly validationErrors: ReadonlyArray<Scalars['String']['output']>;
  /** The volumes it brought back with their data, as its file about them has it. Empty until it has ended. */
  readonly volumes: RestoreVolumeConnection;
  /** How many warnings its log holds. */
  readonly warnings: Scalars['Int']['output'];
};


/** The putting back of a backup's objects into the cluster. */
export type RestoreContentsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  filter?: InputMaybe<RestoreItemFilter>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** The putting back of a backup's objects into the cluster. */
export type RestoreEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** The putting back of a backup's objects into the cluster. */
export type RestoreVolumesArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A page of restores. */
export type RestoreConnection = {
  readonly __typename?: 'RestoreConnection';
  /** The restores with their cursors. */
  readonly edges: ReadonlyArray<RestoreEdge>;
  /** The restores alone. */
  readonly nodes: ReadonlyArray<Restore>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all under the same filter. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of restores. */
export type RestoreEdge = {
  readonly __typename?: 'RestoreEdge';
  /** Its place in the list; stays valid when rows are added. */
  readonly cursor: Scalars['String']['output'];
  /** The restore. */
  readonly node: Restore;
};

/** A command to run in a container of a restored pod. */
export type RestoreExecHook = {
  readonly __typename?: 'RestoreExecHook';
  /** Program and arguments. */
  readonly command: ReadonlyArray<Scalars['String']['output']>;
  /** Container to run in; the first one of the pod if left out. */
  readonly container?: Maybe<Scalars['String']['output']>;
  /** How long it may take. */
  readonly execTimeout?: Maybe<Scalars['Duration']['output']>;
  /** What happens when it fails. */
  readonly onError?: Maybe<HookErrorMode>;
  /** Wait until the container is ready, not only running. */
  readonly waitForReady?: Maybe<Scalars['Boolean']['output']>;
  /** How long to wait for the container to run. */
  readonly waitTimeout?: Maybe<Scalars['Duration']['output']>;
};

/** A command to run in a container of a restored pod. */
export type RestoreExecHookInput = {
  /** Program and arguments. */
  readonly command: ReadonlyArray<Scalars['String']['input']>;
  /** Container to run in; the first one of the pod if left out. */
  readonly container?: InputMaybe<Scalars['String']['input']>;
  /** How long it may take; 30s if left out. */
  readonly execTimeout?: InputMaybe<Scalars['Duration']['input']>;
  /** What happens when it fails; `CONTINUE` if left out. */
  readonly onError?: InputMaybe<HookErrorMode>;
  /** Wait until the container is ready, not only running. */
  readonly waitForReady?: InputMaybe<Scalars['Boolean']['input']>;
  /** How long to wait for the container to run. */
  readonly waitTimeout?: InputMaybe<Scalars['Duration']['input']>;
};

/** Which restores to list; all given conditions must hold. */
export type RestoreFilter = {
  /** Made from the backup of this name. */
  readonly backupName?: InputMaybe<Scalars['String']['input']>;
  /** With this text in the name. */
  readonly nameContains?: InputMaybe<Scalars['String']['input']>;
  /** In one of these phases. */
  readonly phase?: InputMaybe<ReadonlyArray<RestorePhase>>;
};

/** What to run in or beside restored pods. */
export type RestoreHooks = {
  readonly __typename?: 'RestoreHooks';
  /** Groups of hooks, each for the pods it selects. */
  readonly resources: ReadonlyArray<RestoreResourceHookSpec>;
};

/** What to run in or beside restored pods. */
export type RestoreHooksInput = {
  /** Groups of hooks, each for the pods it selects. */
  readonly resources?: InputMaybe<ReadonlyArray<RestoreResourceHookSpecInput>>;
};

/** Init containers to add to a restored pod. */
export type RestoreInitHook = {
  readonly __typename?: 'RestoreInitHook';
  /** Containers as in the specification of a pod. */
  readonly initContainers: ReadonlyArray<Scalars['JSON']['output']>;
  /** How long to wait for them. */
  readonly timeout?: Maybe<Scalars['Duration']['output']>;
};

/** Init containers to add to a restored pod. */
export type RestoreInitHookInput = {
  /** Containers as in the specification of a pod. */
  readonly initContainers?: InputMaybe<ReadonlyArray<Scalars['JSON']['input']>>;
  /** How long to wait for them. */
  readonly timeout?: InputMaybe<Scalars['Duration']['input']>;
};

/** One object that a restore handled. */
export type RestoreItem = {
  readonly __typename?: 'RestoreItem';
  /** API group; empty for the core group. */
  readonly group: Scalars['String']['output'];
  /** Kind, such as `Deployment`. */
  readonly kind: Scalars['String']['output'];
  /** Name of the object. */
  readonly name: Scalars['String']['output'];
  /** Namespace in the cluster; null if it is cluster-scoped. */
  readonly namespace?: Maybe<Scalars['String']['output']>;
  /** What became of it; null if the file does not say. */
  readonly outcome?: Maybe<RestoreItemOutcome>;
  /** Version in which it was restored. */
  readonly version: Scalars['String']['output'];
};

/** A page of the objects that a restore handled. */
export type RestoreItemConnection = {
  readonly __typename?: 'RestoreItemConnection';
  /** The objects with their cursors. */
  readonly edges: ReadonlyArray<RestoreItemEdge>;
  /** The objects alone. */
  readonly nodes: ReadonlyArray<RestoreItem>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all under the same filter. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of objects. */
export type RestoreItemEdge = {
  readonly __typename?: 'RestoreItemEdge';
  /** Its place in the list. */
  readonly cursor: Scalars['String']['output'];
  /** The object. */
  readonly node: RestoreItem;
};

/** Which objects to list; all given conditions must hold. */
export type RestoreItemFilter = {
  /** Of this API group; empty for the core group. */
  readonly group?: InputMaybe<Scalars['String']['input']>;
  /** Of this kind, exactly as it is written: `Deployment`. */
  readonly kind?: InputMaybe<Scalars['String']['input']>;
  /** Of this name. */
  readonly name?: InputMaybe<Scalars['String']['input']>;
  /** With this text in the name. */
  readonly nameContains?: InputMaybe<Scalars['String']['input']>;
  /** In this namespace of the cluster; empty for cluster-scoped objects. */
  readonly namespace?: InputMaybe<Scalars['String']['input']>;
  /** With one of these outcomes. */
  readonly outcome?: InputMaybe<ReadonlyArray<RestoreItemOutcome>>;
};

/** What became of one object in a restore. */
export type RestoreItemOutcome =
  /** It was made. */
  | 'CREATED'
  /** It could not be restored. */
  | 'FAILED'
  /** It existed and was left as it was. */
  | 'SKIPPED'
  /** It existed and was changed. */
  | 'UPDATED';

/** How to sort restores. */
export type RestoreOrder = {
  /** Which end comes first. */
  readonly direction: OrderDirection;
  /** What to sort by. */
  readonly field: RestoreOrderField;
};

/** What restores can be sorted by. */
export type RestoreOrderField =
  /** When they were asked for. */
  | 'CREATED_AT'
  /** Their name. */
  | 'NAME';

/** Where a restore stands in its life. */
export type RestorePhase =
  /** Done, without errors. Terminal. */
  | 'COMPLETED'
  /** Given up. Terminal. */
  | 'FAILED'
  /** Its specification cannot be carried out; see `validationErrors`. Terminal. */
  | 'FAILED_VALIDATION'
  /** Objects are in place; the last steps are being made. */
  | 'FINALIZING'
  /** The same, and there have been errors. */
  | 'FINALIZING_PARTIALLY_FAILED'
  /** Objects are being put into the cluster. */
  | 'IN_PROGRESS'
  /** Requested; nobody has looked at it yet. */
  | 'NEW'
  /** Done, and some objects could not be restored. Terminal. */
  | 'PARTIALLY_FAILED'
  /** Objects are in place; plugins are still at work. */
  | 'WAITING_FOR_PLUGIN_OPERATIONS'
  /** The same, and there have been errors. */
  | 'WAITING_FOR_PLUGIN_OPERATIONS_PARTIALLY_FAILED';

/** One hook: either a command or init containers. */
export type RestoreResourceHook = {
  readonly __typename?: 'RestoreResourceHook';
  /** A command to run in a container. */
  readonly exec?: Maybe<RestoreExecHook>;
  /** Init containers to add to the pod. */
  readonly init?: Maybe<RestoreInitHook>;
};

/** One hook: either a command or init containers. */
export type RestoreResourceHookInput = {
  /** A command to run in a container. */
  readonly exec?: InputMaybe<RestoreExecHookInput>;
  /** Init containers to add to the pod. */
  readonly init?: InputMaybe<RestoreInitHookInput>;
};

/** Hooks for the pods that one set of conditions selects. */
export type RestoreResourceHookSpec = {
  readonly __typename?: 'RestoreResourceHookSpec';
  /** Namespaces in which it does not apply. */
  readonly excludedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to which it does not apply. */
  readonly excludedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Namespaces in which it applies; none or `*` for all. */
  readonly includedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to which it applies. */
  readonly includedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Applies only to objects this selects. */
  readonly labelSelector?: Maybe<LabelSelector>;
  /** Name of the group, for the log. */
  readonly name: Scalars['String']['output'];
  /** Run once the pod is restored, in order. */
  readonly postHooks: ReadonlyArray<RestoreResourceHook>;
};

/** Hooks for the pods that one set of conditions selects. */
export type RestoreResourceHookSpecInput = {
  /** Namespaces in which it does not apply. */
  readonly excludedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to which it does not apply. */
  readonly excludedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Namespaces in which it applies; none or `*` for all. */
  readonly includedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to which it applies. */
  readonly includedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Applies only to objects this selects. */
  readonly labelSelector?: InputMaybe<LabelSelectorInput>;
  /** Name of the group, for the log. */
  readonly name: Scalars['String']['input'];
  /** Run once the pod is restored, in order. */
  readonly postHooks?: InputMaybe<ReadonlyArray<RestoreResourceHookInput>>;
};

/** What to restore and how. The fields are those of the custom resource `Restore`. */
export type RestoreSpec = {
  readonly __typename?: 'RestoreSpec';
  /** Name of the backup to restore from. */
  readonly backupName?: Maybe<Scalars['String']['output']>;
  /** Namespaces to leave out. */
  readonly excludedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to leave out. */
  readonly excludedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** What to do with an object that exists already: `none` leaves it, `update` changes it to what the backup holds. */
  readonly existingResourcePolicy?: Maybe<Scalars['String']['output']>;
  /** What to run in or beside restored pods. */
  readonly hooks?: Maybe<RestoreHooks>;
  /** Whether to restore cluster-scoped objects: true for all, false for none, null for those that belong to restored objects. */
  readonly includeClusterResources?: Maybe<Scalars['Boolean']['output']>;
  /** Namespaces to restore; none or `*` for all in the backup. */
  readonly includedNamespaces?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds to restore; none or `*` for all in the backup. */
  readonly includedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** How long to wait for one asynchronous operation of a plugin. */
  readonly itemOperationTimeout?: Maybe<Scalars['Duration']['output']>;
  /** Restore only objects this selects. */
  readonly labelSelector?: Maybe<LabelSelector>;
  /** Namespaces to restore under another name. */
  readonly namespaceMapping?: Maybe<ReadonlyArray<NamespaceMapping>>;
  /** Restore objects that any of these selects. Excludes `labelSelector`. */
  readonly orLabelSelectors?: Maybe<ReadonlyArray<LabelSelector>>;
  /** Keep the node ports of services. */
  readonly preserveNodePorts?: Maybe<Scalars['Boolean']['output']>;
  /** ConfigMap with changes to make to objects on their way. */
  readonly resourceModifier?: Maybe<TypedLocalObjectReference>;
  /** Whether to restore persistent volumes from their snapshots. */
  readonly restorePVs?: Maybe<Scalars['Boolean']['output']>;
  /** Kinds whose status is restored too. */
  readonly restoreStatus?: Maybe<RestoreStatusSelection>;
  /** Name of the schedule whose newest completed backup to restore from. */
  readonly scheduleName?: Maybe<Scalars['String']['output']>;
  /** Settings of the file copier. */
  readonly uploaderConfig?: Maybe<RestoreUploaderConfig>;
};

/** What to restore and how. The fields are those of the custom resource `Restore`. Give exactly one of `backupName` and `scheduleName`. */
export type RestoreSpecInput = {
  /** Name of the backup to restore from. */
  readonly backupName?: InputMaybe<Scalars['String']['input']>;
  /** Namespaces to leave out. */
  readonly excludedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to leave out. */
  readonly excludedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** What to do with an object that exists already: `none` leaves it, `update` changes it to what the backup holds. */
  readonly existingResourcePolicy?: InputMaybe<Scalars['String']['input']>;
  /** What to run in or beside restored pods. */
  readonly hooks?: InputMaybe<RestoreHooksInput>;
  /** Whether to restore cluster-scoped objects: true for all, false for none, left out for those that belong to restored objects. */
  readonly includeClusterResources?: InputMaybe<Scalars['Boolean']['input']>;
  /** Namespaces to restore; none or `*` for all in the backup. */
  readonly includedNamespaces?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds to restore; none or `*` for all in the backup. */
  readonly includedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** How long to wait for one asynchronous operation of a plugin. */
  readonly itemOperationTimeout?: InputMaybe<Scalars['Duration']['input']>;
  /** Restore only objects this selects. */
  readonly labelSelector?: InputMaybe<LabelSelectorInput>;
  /** Namespaces to restore under another name. */
  readonly namespaceMapping?: InputMaybe<ReadonlyArray<NamespaceMappingInput>>;
  /** Restore objects that any of these selects. Excludes `labelSelector`. */
  readonly orLabelSelectors?: InputMaybe<ReadonlyArray<LabelSelectorInput>>;
  /** Keep the node ports of services. */
  readonly preserveNodePorts?: InputMaybe<Scalars['Boolean']['input']>;
  /** ConfigMap with changes to make to objects on their way. */
  readonly resourceModifier?: InputMaybe<TypedLocalObjectReferenceInput>;
  /** Whether to restore persistent volumes from their snapshots. */
  readonly restorePVs?: InputMaybe<Scalars['Boolean']['input']>;
  /** Kinds whose status is restored too. */
  readonly restoreStatus?: InputMaybe<RestoreStatusSelectionInput>;
  /** Name of the schedule whose newest completed backup to restore from. */
  readonly scheduleName?: InputMaybe<Scalars['String']['input']>;
  /** Settings of the file copier. */
  readonly uploaderConfig?: InputMaybe<RestoreUploaderConfigInput>;
};

/** Kinds whose status is restored too. */
export type RestoreStatusSelection = {
  readonly __typename?: 'RestoreStatusSelection';
  /** Kinds without status. */
  readonly excludedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** Kinds with status; none or `*` for all. */
  readonly includedResources?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
};

/** Kinds whose status is restored too. */
export type RestoreStatusSelectionInput = {
  /** Kinds without status. */
  readonly excludedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
  /** Kinds with status; none or `*` for all. */
  readonly includedResources?: InputMaybe<ReadonlyArray<Scalars['String']['input']>>;
};

/** Settings of the file copier. */
export type RestoreUploaderConfig = {
  readonly __typename?: 'RestoreUploaderConfig';
  /** How many files are copied at once. */
  readonly parallelFilesDownload?: Maybe<Scalars['Int']['output']>;
  /** Leave holes in files where the copy has only zeros. */
  readonly writeSparseFiles?: Maybe<Scalars['Boolean']['output']>;
};

/** Settings of the file copier. */
export type RestoreUploaderConfigInput = {
  /** How many files are copied at once. */
  readonly parallelFilesDownload?: InputMaybe<Scalars['Int']['input']>;
  /** Leave holes in files where the copy has only zeros. */
  readonly writeSparseFiles?: InputMaybe<Scalars['Boolean']['input']>;
};

/** A volume that a restore brought back with its data. */
export type RestoreVolume = {
  readonly __typename?: 'RestoreVolume';
  /** Name of its claim; null for a volume without one. */
  readonly claimName?: Maybe<Scalars['String']['output']>;
  /** Namespace of its claim; null for a volume without one. */
  readonly claimNamespace?: Maybe<Scalars['String']['output']>;
  /** True if the data of the snapshot was moved into the object storage. */
  readonly dataMoved: Scalars['Boolean']['output'];
  /** The CSI driver; null for other methods. */
  readonly driver?: Maybe<Scalars['String']['output']>;
  /** What the driver, the provider or the repository calls what it keeps. */
  readonly handle?: Maybe<Scalars['String']['output']>;
  /** How its data had been kept. */
  readonly method?: Maybe<VolumeMethod>;
  /** Name of the PersistentVolume; null for a volume of a pod that has none. */
  readonly persistentVolume?: Maybe<Scalars['String']['output']>;
  /** The pod through which its files were copied; null for other methods. */
  readonly pod?: Maybe<VolumePod>;
  /** How much it is, in bytes; null if nobody knows. */
  readonly size?: Maybe<Scalars['BigInt']['output']>;
};

/** A page of the volumes of a restore. */
export type RestoreVolumeConnection = {
  readonly __typename?: 'RestoreVolumeConnection';
  /** The volumes with their cursors. */
  readonly edges: ReadonlyArray<RestoreVolumeEdge>;
  /** The volumes alone. */
  readonly nodes: ReadonlyArray<RestoreVolume>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of the volumes of a restore. */
export type RestoreVolumeEdge = {
  readonly __typename?: 'RestoreVolumeEdge';
  /** Its place in the list. */
  readonly cursor: Scalars['String']['output'];
  /** The volume. */
  readonly node: RestoreVolume;
};

/** Messages by whom they concern; at most 1,000 of each scope. The results file has all of them. */
export type ResultScopes = {
  readonly __typename?: 'ResultScopes';
  /** About cluster-scoped objects. */
  readonly cluster: ReadonlyArray<Scalars['String']['output']>;
  /** About objects in namespaces, by namespace; at most 1,000 namespaces. */
  readonly namespaces: ReadonlyArray<NamespaceResults>;
  /** About the operation itself. */
  readonly velero: ReadonlyArray<Scalars['String']['output']>;
};

/** A schedule of which a backup is wanted now. Its own times stay as they are. */
export type RunScheduleInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and makes nothing new. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the schedule. */
  readonly name: Scalars['String']['input'];
};

/** What became of the request for a backup of a schedule. */
export type RunSchedulePayload = {
  readonly __typename?: 'RunSchedulePayload';
  /** The backup; null if it was refused, or deleted since the first answer. */
  readonly backup?: Maybe<Backup>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** The schedule it was made from. */
  readonly schedule?: Maybe<Schedule>;
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** Makes backups at times that it names. */
export type Schedule = Node & {
  readonly __typename?: 'Schedule';
  /** The backups that bear its name, newest first. */
  readonly backups: BackupConnection;
  /** When it was created. */
  readonly createdAt: Scalars['DateTime']['output'];
  /** Its facts, oldest first. */
  readonly events: EventConnection;
  /** Opaque and unique over all types. */
  readonly id: Scalars['ID']['output'];
  /** When the newest backup of its own accord was created. */
  readonly lastBackup?: Maybe<Scalars['DateTime']['output']>;
  /** When backups that were due were last skipped on request. */
  readonly lastSkipped?: Maybe<Scalars['DateTime']['output']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['output'];
  /** Namespace of the custom resource. */
  readonly namespace: Scalars['String']['output'];
  /** The next time it names; null while it is paused or cannot be used. */
  readonly nextRunAt?: Maybe<Scalars['DateTime']['output']>;
  /** Whether it makes no backups at present because somebody wants it so. */
  readonly paused: Scalars['Boolean']['output'];
  /** Where it stands. */
  readonly phase: SchedulePhase;
  /** What was asked for. */
  readonly spec: ScheduleSpec;
  /** Tells this schedule from an earlier one of the same name. */
  readonly uid: Scalars['String']['output'];
  /** Why it cannot be used. */
  readonly validationErrors: ReadonlyArray<Scalars['String']['output']>;
};


/** Makes backups at times that it names. */
export type ScheduleBackupsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};


/** Makes backups at times that it names. */
export type ScheduleEventsArgs = {
  after?: InputMaybe<Scalars['String']['input']>;
  first?: InputMaybe<Scalars['Int']['input']>;
};

/** A change of a schedule. What is left out, or null, stays as it is. */
export type ScheduleChangeInput = {
  /** True pauses the schedule. False lets it go on, and a backup whose time passed in the pause is made at once. */
  readonly paused?: InputMaybe<Scalars['Boolean']['input']>;
  /** Another line of times. */
  readonly schedule?: InputMaybe<Scalars['String']['input']>;
  /** With `paused: false`: leave out the backup that would be made at once. */
  readonly skipImmediately?: InputMaybe<Scalars['Boolean']['input']>;
  /** Another spec for the backups; it takes the place of the former one as a whole. */
  readonly template?: InputMaybe<BackupSpecInput>;
  /** Whether the schedule owns the backups it makes from now on. */
  readonly useOwnerReferencesInBackup?: InputMaybe<Scalars['Boolean']['input']>;
};

/** A page of schedules. */
export type ScheduleConnection = {
  readonly __typename?: 'ScheduleConnection';
  /** The schedules with their cursors. */
  readonly edges: ReadonlyArray<ScheduleEdge>;
  /** The schedules alone. */
  readonly nodes: ReadonlyArray<Schedule>;
  /** Where the page lies in the list. */
  readonly pageInfo: PageInfo;
  /** How many there are in all under the same filter. */
  readonly totalCount: Scalars['Int']['output'];
};

/** One row of a page of schedules. */
export type ScheduleEdge = {
  readonly __typename?: 'ScheduleEdge';
  /** Its place in the list; stays valid when rows are added. */
  readonly cursor: Scalars['String']['output'];
  /** The schedule. */
  readonly node: Schedule;
};

/** Which schedules to list; all given conditions must hold. */
export type ScheduleFilter = {
  /** With this text in the name. */
  readonly nameContains?: InputMaybe<Scalars['String']['input']>;
  /** Paused, or not. */
  readonly paused?: InputMaybe<Scalars['Boolean']['input']>;
  /** In one of these phases. */
  readonly phase?: InputMaybe<ReadonlyArray<SchedulePhase>>;
};

/** Where a schedule stands. */
export type SchedulePhase =
  /** It is in use. */
  | 'ENABLED'
  /** It cannot be used; see `validationErrors`. */
  | 'FAILED_VALIDATION'
  /** Nobody has looked at it yet, or it was paused from the start. */
  | 'NEW';

/** When backups are made and what each of them takes. The fields are those of the custom resource `Schedule`. */
export type ScheduleSpec = {
  readonly __typename?: 'ScheduleSpec';
  /** Five cron fields (minute, hour, day of month, month, day of week), `@daily` and the like, or `@every 6h`; `CRON_TZ=Europe/Berlin ` in front names a time zone. */
  readonly schedule: Scalars['String']['output'];
  /** Spec of the backups to make. */
  readonly template: BackupSpec;
  /** Whether the schedule owns its backups, so that their resources go when it goes. */
  readonly useOwnerReferencesInBackup?: Maybe<Scalars['Boolean']['output']>;
};

/** When backups are made and what each of them takes. */
export type ScheduleSpecInput = {
  /** Make no backups until this is set back. */
  readonly paused?: InputMaybe<Scalars['Boolean']['input']>;
  /** Five cron fields (minute, hour, day of month, month, day of week), `@daily` and the like, or `@every 6h`; `CRON_TZ=Europe/Berlin ` in front names a time zone. */
  readonly schedule: Scalars['String']['input'];
  /** Leave out the backup that would be made at once; left out, the setting of the server counts. */
  readonly skipImmediately?: InputMaybe<Scalars['Boolean']['input']>;
  /** Spec of the backups to make; left out, everything in the cluster. */
  readonly template?: InputMaybe<BackupSpecInput>;
  /** Whether the schedule owns its backups, so that their resources go when it goes. */
  readonly useOwnerReferencesInBackup?: InputMaybe<Scalars['Boolean']['input']>;
};

/** One key of a Secret in the namespace of the server. Secrets themselves never pass through this API. */
export type SecretKeySelectorInput = {
  /** Key in the Secret. */
  readonly key: Scalars['String']['input'];
  /** Name of the Secret. */
  readonly name: Scalars['String']['input'];
};

/** What answers here. */
export type ServerInfo = {
  readonly __typename?: 'ServerInfo';
  /** How callers prove who they are. */
  readonly authMode: AuthMode;
  /** Where facts are kept. */
  readonly eventStore: EventStoreKind;
  /** Switchable abilities that are on. */
  readonly features: ReadonlyArray<Scalars['String']['output']>;
  /** Version of the Kubernetes API server; null if it does not answer. */
  readonly gitVersion?: Maybe<Scalars['String']['output']>;
  /** Namespace whose backups, restores and locations are served. */
  readonly namespace: Scalars['String']['output'];
  /** How far the answers on this API are up to date. */
  readonly position: Scalars['Position']['output'];
  /** The server's clock. */
  readonly serverTime: Scalars['DateTime']['output'];
  /** Version of Lifeboat. */
  readonly version: Scalars['String']['output'];
};

/** Streams of changes, over WebSocket with the graphql-transport-ws protocol. */
export type Subscription = {
  readonly __typename?: 'Subscription';
  /** The backup now, then again whenever its phase or progress changes; ends after a terminal phase. A slow reader skips states and never falls behind. */
  readonly backupProgress: Backup;
  /** Every fact as it is recorded, from a position on, none left out and none twice. */
  readonly events: Event;
  /** The same for a restore. */
  readonly restoreProgress: Restore;
};


/** Streams of changes, over WebSocket with the graphql-transport-ws protocol. */
export type SubscriptionBackupProgressArgs = {
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  name: Scalars['String']['input'];
};


/** Streams of changes, over WebSocket with the graphql-transport-ws protocol. */
export type SubscriptionEventsArgs = {
  after?: InputMaybe<Scalars['Position']['input']>;
  filter?: InputMaybe<EventFilter>;
};


/** Streams of changes, over WebSocket with the graphql-transport-ws protocol. */
export type SubscriptionRestoreProgressArgs = {
  atLeast?: InputMaybe<Scalars['Position']['input']>;
  name: Scalars['String']['input'];
};

/** An object in the namespace of the object that refers to it. */
export type TypedLocalObjectReference = {
  readonly __typename?: 'TypedLocalObjectReference';
  /** API group of the kind; null for the core group. */
  readonly apiGroup?: Maybe<Scalars['String']['output']>;
  /** Kind of the object, such as `ConfigMap`. */
  readonly kind: Scalars['String']['output'];
  /** Name of the object. */
  readonly name: Scalars['String']['output'];
};

/** An object in the namespace of the object that refers to it. */
export type TypedLocalObjectReferenceInput = {
  /** API group of the kind; leave it out for the core group. */
  readonly apiGroup?: InputMaybe<Scalars['String']['input']>;
  /** Kind of the object, such as `ConfigMap`. */
  readonly kind: Scalars['String']['input'];
  /** Name of the object. */
  readonly name: Scalars['String']['input'];
};

/** A change of a storage location. */
export type UpdateBackupStorageLocationInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and changes nothing. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
  /** What is to change. */
  readonly spec: BackupStorageLocationSpecInput;
};

/** What became of the change of a storage location. */
export type UpdateBackupStorageLocationPayload = {
  readonly __typename?: 'UpdateBackupStorageLocationPayload';
  /** The location; null if the change was refused. */
  readonly backupStorageLocation?: Maybe<BackupStorageLocation>;
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A schedule to be changed. */
export type UpdateScheduleInput = {
  /** Any text of your own. The same key with the same input again gives the first answer and makes nothing new. */
  readonly idempotencyKey?: InputMaybe<Scalars['String']['input']>;
  /** Name of the custom resource. */
  readonly name: Scalars['String']['input'];
  /** What to change. */
  readonly spec: ScheduleChangeInput;
};

/** What became of the request for a change. */
export type UpdateSchedulePayload = {
  readonly __typename?: 'UpdateSchedulePayload';
  /** The newest fact of this request: pass it as `atLeast` to read what you wrote. */
  readonly position: Scalars['Position']['output'];
  /** The schedule; null if the change was refused. */
  readonly schedule?: Maybe<Schedule>;
  /** Why it was refused; empty if it was not. */
  readonly userErrors: ReadonlyArray<UserError>;
};

/** A reason why a request was refused, for the one who can put it right. */
export type UserError = {
  readonly __typename?: 'UserError';
  /** What is wrong, for programs. */
  readonly code: UserErrorCode;
  /** Path of the input field it is about, from the argument down: `["input", "spec", "ttl"]`; null if it is about none. */
  readonly field?: Maybe<ReadonlyArray<Scalars['String']['output']>>;
  /** What is wrong, for people. */
  readonly message: Scalars['String']['output'];
};

/** Why a request was refused. */
export type UserErrorCode =
  /** Somebody else changed the same thing at the same time; look again. */
  | 'CONFLICT'
  /** You may not do this. */
  | 'FORBIDDEN'
  /** The idempotency key was used before, with other input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** A value cannot be used, or values contradict each other. */
  | 'INVALID'
  /** The storage location may only be read. */
  | 'LOCATION_READ_ONLY'
  /** The storage location cannot be reached at present. */
  | 'LOCATION_UNAVAILABLE'
  /** Something of this name exists already. */
  | 'NAME_TAKEN'
  /** Something the request names does not exist. */
  | 'NOT_FOUND'
  /** It is not possible in the present phase. */
  | 'WRONG_PHASE';

/** How the data of a volume is kept. */
export type VolumeMethod =
  /** As a snapshot by its CSI driver. */
  | 'CSI_SNAPSHOT'
  /** As a snapshot by the provider of a volume snapshot location. */
  | 'NATIVE_SNAPSHOT'
  /** As a copy of its files in a repository. */
  | 'POD_VOLUME';

/** The pod through which the files of a volume are reached. */
export type VolumePod = {
  readonly __typename?: 'VolumePod';
  /** Its name. */
  readonly name: Scalars['String']['output'];
  /** Its namespace. */
  readonly namespace: Scalars['String']['output'];
  /** What the pod calls the volume. */
  readonly volume: Scalars['String']['output'];
};

/** What became of an attempt at keeping the data of a volume. */
export type VolumeResult =
  /** The data is not kept; the results of the backup say why. */
  | 'FAILED'
  /** The data is kept. */
  | 'SUCCEEDED';



export type ResolverTypeWrapper<T> = Promise<T> | T;

export type Resolver<TResult, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = ResolverFn<TResult, TParent, TContext, TArgs>;

export type ResolverFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => Promise<TResult> | TResult;

export type SubscriptionSubscribeFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => AsyncIterable<TResult> | Promise<AsyncIterable<TResult>>;

export type SubscriptionResolveFn<TResult, TParent, TContext, TArgs> = (
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;

export interface SubscriptionSubscriberObject<TResult, TKey extends string, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<{ [key in TKey]: TResult }, TParent, TContext, TArgs>;
  resolve?: SubscriptionResolveFn<TResult, { [key in TKey]: TResult }, TContext, TArgs>;
}

export interface SubscriptionResolverObject<TResult, TParent, TContext, TArgs> {
  subscribe: SubscriptionSubscribeFn<any, TParent, TContext, TArgs>;
  resolve: SubscriptionResolveFn<TResult, any, TContext, TArgs>;
}

export type SubscriptionObject<TResult, TKey extends string, TParent, TContext, TArgs> =
  | SubscriptionSubscriberObject<TResult, TKey, TParent, TContext, TArgs>
  | SubscriptionResolverObject<TResult, TParent, TContext, TArgs>;

export type SubscriptionResolver<TResult, TKey extends string, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> =
  | ((...args: any[]) => SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>)
  | SubscriptionObject<TResult, TKey, TParent, TContext, TArgs>;

export type TypeResolveFn<TTypes, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (
  parent: TParent,
  context: TContext,
  info: GraphQLResolveInfo
) => Maybe<TTypes> | Promise<Maybe<TTypes>>;

export type IsTypeOfResolverFn<T = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>> = (obj: T, context: TContext, info: GraphQLResolveInfo) => boolean | Promise<boolean>;

export type NextResolverFn<T> = () => Promise<T>;

export type DirectiveResolverFn<TResult = Record<PropertyKey, never>, TParent = Record<PropertyKey, never>, TContext = Record<PropertyKey, never>, TArgs = Record<PropertyKey, never>> = (
  next: NextResolverFn<TResult>,
  parent: TParent,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo
) => TResult | Promise<TResult>;




/** Mapping of interface types */
export type ResolversInterfaceTypes<_RefType extends Record<string, unknown>> = {
  Node:
    | ( NamedBackup )
    | ( NamedLocation )
    | ( AuditRow )
    | ( NamedRestore )
    | ( NamedSchedule )
  ;
};

/** Mapping between all available schema types and the resolvers types */
export type ResolversTypes = {
  Actor: ResolverTypeWrapper<ActorModel>;
  ActorKind: ActorKind;
  AuthMode: AuthMode;
  Backup: ResolverTypeWrapper<NamedBackup>;
  BackupConnection: ResolverTypeWrapper<Connection<NamedBackup>>;
  BackupEdge: ResolverTypeWrapper<Omit<BackupEdge, 'node'> & { node: ResolversTypes['Backup'] }>;
  BackupExecHook: ResolverTypeWrapper<BackupExecHookResource>;
  BackupExecHookInput: BackupExecHookInput;
  BackupFilter: BackupFilter;
  BackupHooks: ResolverTypeWrapper<BackupHooksResource>;
  BackupHooksInput: BackupHooksInput;
  BackupItem: ResolverTypeWrapper<BackupItem>;
  BackupItemConnection: ResolverTypeWrapper<Connection<BackupItem>>;
  BackupItemEdge: ResolverTypeWrapper<BackupItemEdge>;
  BackupItemFilter: BackupItemFilter;
  BackupMetadata: ResolverTypeWrapper<BackupMetadataResource>;
  BackupMetadataInput: BackupMetadataInput;
  BackupOrder: BackupOrder;
  BackupOrderField: BackupOrderField;
  BackupPhase: BackupPhase;
  BackupResourceHook: ResolverTypeWrapper<BackupResourceHookResource>;
  BackupResourceHookInput: BackupResourceHookInput;
  BackupResourceHookSpec: ResolverTypeWrapper<BackupResourceHookSpecResource>;
  BackupResourceHookSpecInput: BackupResourceHookSpecInput;
  BackupSpec: ResolverTypeWrapper<BackupSpecResource>;
  BackupSpecInput: BackupSpecInput;
  BackupStorageLocation: ResolverTypeWrapper<NamedLocation>;
  BackupStorageLocationAccessMode: BackupStorageLocationAccessMode;
  BackupStorageLocationConnection: ResolverTypeWrapper<Connection<NamedLocation>>;
  BackupStorageLocationEdge: ResolverTypeWrapper<Omit<BackupStorageLocationEdge, 'node'> & { node: ResolversTypes['BackupStorageLocation'] }>;
  BackupStorageLocationPhase: BackupStorageLocationPhase;
  BackupStorageLocationSpecInput: BackupStorageLocationSpecInput;
  BackupUploaderConfig: ResolverTypeWrapper<BackupUploaderConfig>;
  BackupUploaderConfigInput: BackupUploaderConfigInput;
  BackupVolume: ResolverTypeWrapper<BackupVolume>;
  BackupVolumeConnection: ResolverTypeWrapper<Connection<BackupVolume>>;
  BackupVolumeEdge: ResolverTypeWrapper<BackupVolumeEdge>;
  BigInt: ResolverTypeWrapper<Scalars['BigInt']['output']>;
  Boolean: ResolverTypeWrapper<Scalars['Boolean']['output']>;
  CancelBackupInput: CancelBackupInput;
  CancelBackupPayload: ResolverTypeWrapper<Omit<CancelBackupPayload, 'backup'> & { backup?: Maybe<ResolversTypes['Backup']> }>;
  CancelRestoreInput: CancelRestoreInput;
  CancelRestorePayload: ResolverTypeWrapper<Omit<CancelRestorePayload, 'restore'> & { restore?: Maybe<ResolversTypes['Restore']> }>;
  CreateBackupInput: CreateBackupInput;
  CreateBackupPayload: ResolverTypeWrapper<Omit<CreateBackupPayload, 'backup'> & { backup?: Maybe<ResolversTypes['Backup']> }>;
  CreateBackupStorageLocationInput: CreateBackupStorageLocationInput;
  CreateBackupStorageLocationPayload: ResolverTypeWrapper<Omit<CreateBackupStorageLocationPayload, 'backupStorageLocation'> & { backupStorageLocation?: Maybe<ResolversTypes['BackupStorageLocation']> }>;
  CreateDownloadUrlInput: CreateDownloadUrlInput;
  CreateDownloadUrlPayload: ResolverTypeWrapper<CreateDownloadUrlPayload>;
  CreateRestoreInput: CreateRestoreInput;
  CreateRestorePayload: ResolverTypeWrapper<Omit<CreateRestorePayload, 'restore'> & { restore?: Maybe<ResolversTypes['Restore']> }>;
  CreateScheduleInput: CreateScheduleInput;
  CreateSchedulePayload: ResolverTypeWrapper<Omit<CreateSchedulePayload, 'schedule'> & { schedule?: Maybe<ResolversTypes['Schedule']> }>;
  DateTime: ResolverTypeWrapper<Scalars['DateTime']['output']>;
  DeleteBackupInput: DeleteBackupInput;
  DeleteBackupPayload: ResolverTypeWrapper<Omit<DeleteBackupPayload, 'backup'> & { backup?: Maybe<ResolversTypes['Backup']> }>;
  DeleteBackupStorageLocationInput: DeleteBackupStorageLocationInput;
  DeleteBackupStorageLocationPayload: ResolverTypeWrapper<DeleteBackupStorageLocationPayload>;
  DeleteRestoreInput: DeleteRestoreInput;
  DeleteRestorePayload: ResolverTypeWrapper<Omit<DeleteRestorePayload, 'restore'> & { restore?: Maybe<ResolversTypes['Restore']> }>;
  DeleteScheduleInput: DeleteScheduleInput;
  DeleteSchedulePayload: ResolverTypeWrapper<DeleteSchedulePayload>;
  DownloadTargetKind: DownloadTargetKind;
  Duration: ResolverTypeWrapper<Scalars['Duration']['output']>;
  Event: ResolverTypeWrapper<AuditRow>;
  EventConnection: ResolverTypeWrapper<Connection<AuditRow>>;
  EventEdge: ResolverTypeWrapper<Omit<EventEdge, 'node'> & { node: ResolversTypes['Event'] }>;
  EventFilter: EventFilter;
  EventStoreKind: EventStoreKind;
  HookCounts: ResolverTypeWrapper<HookCounts>;
  HookErrorMode: HookErrorMode;
  ID: ResolverTypeWrapper<Scalars['ID']['output']>;
  Int: ResolverTypeWrapper<Scalars['Int']['output']>;
  JSON: ResolverTypeWrapper<Scalars['JSON']['output']>;
  KeyValue: ResolverTypeWrapper<KeyValue>;
  KeyValueInput: KeyValueInput;
  Label: ResolverTypeWrapper<Label>;
  LabelInput: LabelInput;
  LabelSelector: ResolverTypeWrapper<LabelSelectorResource>;
  LabelSelectorInput: LabelSelectorInput;
  LabelSelectorRequirement: ResolverTypeWrapper<LabelSelectorRequirementResource>;
  LabelSelectorRequirementInput: LabelSelectorRequirementInput;
  Mutation: ResolverTypeWrapper<Record<PropertyKey, never>>;
  NamespaceMapping: ResolverTypeWrapper<NamespaceMapping>;
  NamespaceMappingInput: NamespaceMappingInput;
  NamespaceResults: ResolverTypeWrapper<NamespaceResults>;
  Node: ResolverTypeWrapper<ResolversInterfaceTypes<ResolversTypes>['Node']>;
  ObjectStorageLocationInput: ObjectStorageLocationInput;
  OperationResults: ResolverTypeWrapper<OperationResults>;
  OrderDirection: OrderDirection;
  PageInfo: ResolverTypeWrapper<PageInfo>;
  PassedOverBackup: ResolverTypeWrapper<PassedOverBackup>;
  PassedOverReason: PassedOverReason;
  Position: ResolverTypeWrapper<Scalars['Position']['output']>;
  Progress: ResolverTypeWrapper<Progress>;
  Query: ResolverTypeWrapper<Record<PropertyKey, never>>;
  Restore: ResolverTypeWrapper<NamedRestore>;
  RestoreConnection: ResolverTypeWrapper<Connection<NamedRestore>>;
  RestoreEdge: ResolverTypeWrapper<Omit<RestoreEdge, 'node'> & { node: ResolversTypes['Restore'] }>;
  RestoreExecHook: ResolverTypeWrapper<RestoreExecHookResource>;
  RestoreExecHookInput: RestoreExecHookInput;
  RestoreFilter: RestoreFilter;
  RestoreHooks: ResolverTypeWrapper<RestoreHooksResource>;
  RestoreHooksInput: RestoreHooksInput;
  RestoreInitHook: ResolverTypeWrapper<RestoreInitHookResource>;
  RestoreInitHookInput: RestoreInitHookInput;
  RestoreItem: ResolverTypeWrapper<RestoreItem>;
  RestoreItemConnection: ResolverTypeWrapper<Connection<RestoreItem>>;
  RestoreItemEdge: ResolverTypeWrapper<RestoreItemEdge>;
  RestoreItemFilter: RestoreItemFilter;
  RestoreItemOutcome: RestoreItemOutcome;
  RestoreOrder: RestoreOrder;
  RestoreOrderField: RestoreOrderField;
  RestorePhase: RestorePhase;
  RestoreResourceHook: ResolverTypeWrapper<RestoreResourceHookResource>;
  RestoreResourceHookInput: RestoreResourceHookInput;
  RestoreResourceHookSpec: ResolverTypeWrapper<RestoreResourceHookSpecResource>;
  RestoreResourceHookSpecInput: RestoreResourceHookSpecInput;
  RestoreSpec: ResolverTypeWrapper<RestoreSpecResource>;
  RestoreSpecInput: RestoreSpecInput;
  RestoreStatusSelection: ResolverTypeWrapper<RestoreStatusSelection>;
  RestoreStatusSelectionInput: RestoreStatusSelectionInput;
  RestoreUploaderConfig: ResolverTypeWrapper<RestoreUploaderConfig>;
  RestoreUploaderConfigInput: RestoreUploaderConfigInput;
  RestoreVolume: ResolverTypeWrapper<RestoreVolume>;
  RestoreVolumeConnection: ResolverTypeWrapper<Connection<RestoreVolume>>;
  RestoreVolumeEdge: ResolverTypeWrapper<RestoreVolumeEdge>;
  ResultScopes: ResolverTypeWrapper<ResultScopes>;
  RunScheduleInput: RunScheduleInput;
  RunSchedulePayload: ResolverTypeWrapper<Omit<RunSchedulePayload, 'backup' | 'schedule'> & { backup?: Maybe<ResolversTypes['Backup']>, schedule?: Maybe<ResolversTypes['Schedule']> }>;
  Schedule: ResolverTypeWrapper<NamedSchedule>;
  ScheduleChangeInput: ScheduleChangeInput;
  ScheduleConnection: ResolverTypeWrapper<Connection<NamedSchedule>>;
  ScheduleEdge: ResolverTypeWrapper<Omit<ScheduleEdge, 'node'> & { node: ResolversTypes['Schedule'] }>;
  ScheduleFilter: ScheduleFilter;
  SchedulePhase: SchedulePhase;
  ScheduleSpec: ResolverTypeWrapper<ScheduleSpecResource>;
  ScheduleSpecInput: ScheduleSpecInput;
  SecretKeySelectorInput: SecretKeySelectorInput;
  ServerInfo: ResolverTypeWrapper<ServerInfo>;
  String: ResolverTypeWrapper<Scalars['String']['output']>;
  Subscription: ResolverTypeWrapper<Record<PropertyKey, never>>;
  TypedLocalObjectReference: ResolverTypeWrapper<TypedLocalObjectReference>;
  TypedLocalObjectReferenceInput: TypedLocalObjectReferenceInput;
  UpdateBackupStorageLocationInput: UpdateBackupStorageLocationInput;
  UpdateBackupStorageLocationPayload: ResolverTypeWrapper<Omit<UpdateBackupStorageLocationPayload, 'backupStorageLocation'> & { backupStorageLocation?: Maybe<ResolversTypes['BackupStorageLocation']> }>;
  UpdateScheduleInput: UpdateScheduleInput;
  UpdateSchedulePayload: ResolverTypeWrapper<Omit<UpdateSchedulePayload, 'schedule'> & { schedule?: Maybe<ResolversTypes['Schedule']> }>;
  UserError: ResolverTypeWrapper<UserError>;
  UserErrorCode: UserErrorCode;
  VolumeMethod: VolumeMethod;
  VolumePod: ResolverTypeWrapper<VolumePod>;
  VolumeResult: VolumeResult;
};

/** Mapping between all available schema types and the resolvers parents */
export type ResolversParentTypes = {
  Actor: ActorModel;
  Backup: NamedBackup;
  BackupConnection: Connection<NamedBackup>;
  BackupEdge: Omit<BackupEdge, 'node'> & { node: ResolversParentTypes['Backup'] };
  BackupExecHook: BackupExecHookResource;
  BackupExecHookInput: BackupExecHookInput;
  BackupFilter: BackupFilter;
  BackupHooks: BackupHooksResource;
  BackupHooksInput: BackupHooksInput;
  BackupItem: BackupItem;
  BackupItemConnection: Connection<BackupItem>;
  BackupItemEdge: BackupItemEdge;
  BackupItemFilter: BackupItemFilter;
  BackupMetadata: BackupMetadataResource;
  BackupMetadataInput: BackupMetadataInput;
  BackupOrder: BackupOrder;
  BackupResourceHook: BackupResourceHookResource;
  BackupResourceHookInput: BackupResourceHookInput;
  BackupResourceHookSpec: BackupResourceHookSpecResource;
  BackupResourceHookSpecInput: BackupResourceHookSpecInput;
  BackupSpec: BackupSpecResource;
  BackupSpecInput: BackupSpecInput;
  BackupStorageLocation: NamedLocation;
  BackupStorageLocationConnection: Connection<NamedLocation>;
  BackupStorageLocationEdge: Omit<BackupStorageLocationEdge, 'node'> & { node: ResolversParentTypes['BackupStorageLocation'] };
  BackupStorageLocationSpecInput: BackupStorageLocationSpecInput;
  BackupUploaderConfig: BackupUploaderConfig;
  BackupUploaderConfigInput: BackupUploaderConfigInput;
  BackupVolume: BackupVolume;
  BackupVolumeConnection: Connection<BackupVolume>;
  BackupVolumeEdge: BackupVolumeEdge;
  BigInt: Scalars['BigInt']['output'];
  Boolean: Scalars['Boolean']['output'];
  CancelBackupInput: CancelBackupInput;
  CancelBackupPayload: Omit<CancelBackupPayload, 'backup'> & { backup?: Maybe<ResolversParentTypes['Backup']> };
  CancelRestoreInput: CancelRestoreInput;
  CancelRestorePayload: Omit<CancelRestorePayload, 'restore'> & { restore?: Maybe<ResolversParentTypes['Restore']> };
  CreateBackupInput: CreateBackupInput;
  CreateBackupPayload: Omit<CreateBackupPayload, 'backup'> & { backup?: Maybe<ResolversParentTypes['Backup']> };
  CreateBackupStorageLocationInput: CreateBackupStorageLocationInput;
  CreateBackupStorageLocationPayload: Omit<CreateBackupStorageLocationPayload, 'backupStorageLocation'> & { backupStorageLocation?: Maybe<ResolversParentTypes['BackupStorageLocation']> };
  CreateDownloadUrlInput: CreateDownloadUrlInput;
  CreateDownloadUrlPayload: CreateDownloadUrlPayload;
  CreateRestoreInput: CreateRestoreInput;
  CreateRestorePayload: Omit<CreateRestorePayload, 'restore'> & { restore?: Maybe<ResolversParentTypes['Restore']> };
  CreateScheduleInput: CreateScheduleInput;
  CreateSchedulePayload: Omit<CreateSchedulePayload, 'schedule'> & { schedule?: Maybe<ResolversParentTypes['Schedule']> };
  DateTime: Scalars['DateTime']['output'];
  DeleteBackupInput: DeleteBackupInput;
  DeleteBackupPayload: Omit<DeleteBackupPayload, 'backup'> & { backup?: Maybe<ResolversParentTypes['Backup']> };
  DeleteBackupStorageLocationInput: DeleteBackupStorageLocationInput;
  DeleteBackupStorageLocationPayload: DeleteBackupStorageLocationPayload;
  DeleteRestoreInput: DeleteRestoreInput;
  DeleteRestorePayload: Omit<DeleteRestorePayload, 'restore'> & { restore?: Maybe<ResolversParentTypes['Restore']> };
  DeleteScheduleInput: DeleteScheduleInput;
  DeleteSchedulePayload: DeleteSchedulePayload;
  Duration: Scalars['Duration']['output'];
  Event: AuditRow;
  EventConnection: Connection<AuditRow>;
  EventEdge: Omit<EventEdge, 'node'> & { node: ResolversParentTypes['Event'] };
  EventFilter: EventFilter;
  HookCounts: HookCounts;
  ID: Scalars['ID']['output'];
  Int: Scalars['Int']['output'];
  JSON: Scalars['JSON']['output'];
  KeyValue: KeyValue;
  KeyValueInput: KeyValueInput;
  Label: Label;
  LabelInput: LabelInput;
  LabelSelector: LabelSelectorResource;
  LabelSelectorInput: LabelSelectorInput;
  LabelSelectorRequirement: LabelSelectorRequirementResource;
  LabelSelectorRequirementInput: LabelSelectorRequirementInput;
  Mutation: Record<PropertyKey, never>;
  NamespaceMapping: NamespaceMapping;
  NamespaceMappingInput: NamespaceMappingInput;
  NamespaceResults: NamespaceResults;
  Node: ResolversInterfaceTypes<ResolversParentTypes>['Node'];
  ObjectStorageLocationInput: ObjectStorageLocationInput;
  OperationResults: OperationResults;
  PageInfo: PageInfo;
  PassedOverBackup: PassedOverBackup;
  Position: Scalars['Position']['output'];
  Progress: Progress;
  Query: Record<PropertyKey, never>;
  Restore: NamedRestore;
  RestoreConnection: Connection<NamedRestore>;
  RestoreEdge: Omit<RestoreEdge, 'node'> & { node: ResolversParentTypes['Restore'] };
  RestoreExecHook: RestoreExecHookResource;
  RestoreExecHookInput: RestoreExecHookInput;
  RestoreFilter: RestoreFilter;
  RestoreHooks: RestoreHooksResource;
  RestoreHooksInput: RestoreHooksInput;
  RestoreInitHook: RestoreInitHookResource;
  RestoreInitHookInput: RestoreInitHookInput;
  RestoreItem: RestoreItem;
  RestoreItemConnection: Connection<RestoreItem>;
  RestoreItemEdge: RestoreItemEdge;
  RestoreItemFilter: RestoreItemFilter;
  RestoreOrder: RestoreOrder;
  RestoreResourceHook: RestoreResourceHookResource;
  RestoreResourceHookInput: RestoreResourceHookInput;
  RestoreResourceHookSpec: RestoreResourceHookSpecResource;
  RestoreResourceHookSpecInput: RestoreResourceHookSpecInput;
  RestoreSpec: RestoreSpecResource;
  RestoreSpecInput: RestoreSpecInput;
  RestoreStatusSelection: RestoreStatusSelection;
  RestoreStatusSelectionInput: RestoreStatusSelectionInput;
  RestoreUploaderConfig: RestoreUploaderConfig;
  RestoreUploaderConfigInput: RestoreUploaderConfigInput;
  RestoreVolume: RestoreVolume;
  RestoreVolumeConnection: Connection<RestoreVolume>;
  RestoreVolumeEdge: RestoreVolumeEdge;
  ResultScopes: ResultScopes;
  RunScheduleInput: RunScheduleInput;
  RunSchedulePayload: Omit<RunSchedulePayload, 'backup' | 'schedule'> & { backup?: Maybe<ResolversParentTypes['Backup']>, schedule?: Maybe<ResolversParentTypes['Schedule']> };
  Schedule: NamedSchedule;
  ScheduleChangeInput: ScheduleChangeInput;
  ScheduleConnection: Connection<NamedSchedule>;
  ScheduleEdge: Omit<ScheduleEdge, 'node'> & { node: ResolversParentTypes['Schedule'] };
  ScheduleFilter: ScheduleFilter;
  ScheduleSpec: ScheduleSpecResource;
  ScheduleSpecInput: ScheduleSpecInput;
  SecretKeySelectorInput: SecretKeySelectorInput;
  ServerInfo: ServerInfo;
  String: Scalars['String']['output'];
  Subscription: Record<PropertyKey, never>;
  TypedLocalObjectReference: TypedLocalObjectReference;
  TypedLocalObjectReferenceInput: TypedLocalObjectReferenceInput;
  UpdateBackupStorageLocationInput: UpdateBackupStorageLocationInput;
  UpdateBackupStorageLocationPayload: Omit<UpdateBackupStorageLocationPayload, 'backupStorageLocation'> & { backupStorageLocation?: Maybe<ResolversParentTypes['BackupStorageLocation']> };
  UpdateScheduleInput: UpdateScheduleInput;
  UpdateSchedulePayload: Omit<UpdateSchedulePayload, 'schedule'> & { schedule?: Maybe<ResolversParentTypes['Schedule']> };
  UserError: UserError;
  VolumePod: VolumePod;
};

export type ActorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Actor'] = ResolversParentTypes['Actor']> = {
  kind?: Resolver<ResolversTypes['ActorKind'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  via?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type BackupResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Backup'] = ResolversParentTypes['Backup']> = {
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  cancelRequestedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  completedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  contents?: Resolver<ResolversTypes['BackupItemConnection'], ParentType, ContextType, Partial<BackupContentsArgs>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  errors?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  events?: Resolver<ResolversTypes['EventConnection'], ParentType, ContextType, Partial<BackupEventsArgs>>;
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  failureReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hooks?: Resolver<Maybe<ResolversTypes['HookCounts']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['BackupPhase'], ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['Progress']>, ParentType, ContextType>;
  restores?: Resolver<ResolversTypes['RestoreConnection'], ParentType, ContextType, Partial<BackupRestoresArgs>>;
  results?: Resolver<Maybe<ResolversTypes['OperationResults']>, ParentType, ContextType>;
  schedule?: Resolver<Maybe<ResolversTypes['Schedule']>, ParentType, ContextType>;
  spec?: Resolver<ResolversTypes['BackupSpec'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  storageLocation?: Resolver<Maybe<ResolversTypes['BackupStorageLocation']>, ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  validationErrors?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  volumes?: Resolver<ResolversTypes['BackupVolumeConnection'], ParentType, ContextType, Partial<BackupVolumesArgs>>;
  warnings?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type BackupConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupConnection'] = ResolversParentTypes['BackupConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BackupEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Backup']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BackupEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupEdge'] = ResolversParentTypes['BackupEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Backup'], ParentType, ContextType>;
};

export type BackupExecHookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupExecHook'] = ResolversParentTypes['BackupExecHook']> = {
  command?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  container?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  onError?: Resolver<Maybe<ResolversTypes['HookErrorMode']>, ParentType, ContextType>;
  timeout?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
};

export type BackupHooksResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupHooks'] = ResolversParentTypes['BackupHooks']> = {
  resources?: Resolver<ReadonlyArray<ResolversTypes['BackupResourceHookSpec']>, ParentType, ContextType>;
};

export type BackupItemResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupItem'] = ResolversParentTypes['BackupItem']> = {
  group?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type BackupItemConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupItemConnection'] = ResolversParentTypes['BackupItemConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BackupItemEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['BackupItem']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BackupItemEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupItemEdge'] = ResolversParentTypes['BackupItemEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['BackupItem'], ParentType, ContextType>;
};

export type BackupMetadataResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupMetadata'] = ResolversParentTypes['BackupMetadata']> = {
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
};

export type BackupResourceHookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupResourceHook'] = ResolversParentTypes['BackupResourceHook']> = {
  exec?: Resolver<ResolversTypes['BackupExecHook'], ParentType, ContextType>;
};

export type BackupResourceHookSpecResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupResourceHookSpec'] = ResolversParentTypes['BackupResourceHookSpec']> = {
  excludedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  excludedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  labelSelector?: Resolver<Maybe<ResolversTypes['LabelSelector']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  post?: Resolver<ReadonlyArray<ResolversTypes['BackupResourceHook']>, ParentType, ContextType>;
  pre?: Resolver<ReadonlyArray<ResolversTypes['BackupResourceHook']>, ParentType, ContextType>;
};

export type BackupSpecResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupSpec'] = ResolversParentTypes['BackupSpec']> = {
  csiSnapshotTimeout?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
  datamover?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  defaultVolumesToFsBackup?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  defaultVolumesToRestic?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  excludedClusterScopedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  excludedNamespaceScopedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  excludedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  excludedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  hooks?: Resolver<Maybe<ResolversTypes['BackupHooks']>, ParentType, ContextType>;
  includeClusterResources?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  includedClusterScopedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedNamespaceScopedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  itemOperationTimeout?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
  labelSelector?: Resolver<Maybe<ResolversTypes['LabelSelector']>, ParentType, ContextType>;
  metadata?: Resolver<Maybe<ResolversTypes['BackupMetadata']>, ParentType, ContextType>;
  orLabelSelectors?: Resolver<Maybe<ReadonlyArray<ResolversTypes['LabelSelector']>>, ParentType, ContextType>;
  orderedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['KeyValue']>>, ParentType, ContextType>;
  resourcePolicy?: Resolver<Maybe<ResolversTypes['TypedLocalObjectReference']>, ParentType, ContextType>;
  snapshotMoveData?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  snapshotVolumes?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  storageLocation?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  ttl?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
  uploaderConfig?: Resolver<Maybe<ResolversTypes['BackupUploaderConfig']>, ParentType, ContextType>;
  volumeGroupSnapshotLabelKey?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  volumeSnapshotLocations?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
};

export type BackupStorageLocationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupStorageLocation'] = ResolversParentTypes['BackupStorageLocation']> = {
  accessMode?: Resolver<ResolversTypes['BackupStorageLocationAccessMode'], ParentType, ContextType>;
  backups?: Resolver<ResolversTypes['BackupConnection'], ParentType, ContextType, Partial<BackupStorageLocationBackupsArgs>>;
  bucket?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  default?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  events?: Resolver<ResolversTypes['EventConnection'], ParentType, ContextType, Partial<BackupStorageLocationEventsArgs>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastSyncedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastValidatedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  message?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  passedOver?: Resolver<ReadonlyArray<ResolversTypes['PassedOverBackup']>, ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['BackupStorageLocationPhase'], ParentType, ContextType>;
  prefix?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  provider?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  since?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type BackupStorageLocationConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupStorageLocationConnection'] = ResolversParentTypes['BackupStorageLocationConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BackupStorageLocationEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['BackupStorageLocation']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BackupStorageLocationEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupStorageLocationEdge'] = ResolversParentTypes['BackupStorageLocationEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['BackupStorageLocation'], ParentType, ContextType>;
};

export type BackupUploaderConfigResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupUploaderConfig'] = ResolversParentTypes['BackupUploaderConfig']> = {
  parallelFilesUpload?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type BackupVolumeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupVolume'] = ResolversParentTypes['BackupVolume']> = {
  claimName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  claimNamespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  completedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  dataMoved?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  driver?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  handle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  method?: Resolver<Maybe<ResolversTypes['VolumeMethod']>, ParentType, ContextType>;
  persistentVolume?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  pod?: Resolver<Maybe<ResolversTypes['VolumePod']>, ParentType, ContextType>;
  result?: Resolver<Maybe<ResolversTypes['VolumeResult']>, ParentType, ContextType>;
  size?: Resolver<Maybe<ResolversTypes['BigInt']>, ParentType, ContextType>;
  skippedReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
};

export type BackupVolumeConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupVolumeConnection'] = ResolversParentTypes['BackupVolumeConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['BackupVolumeEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['BackupVolume']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type BackupVolumeEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['BackupVolumeEdge'] = ResolversParentTypes['BackupVolumeEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['BackupVolume'], ParentType, ContextType>;
};

export interface BigIntScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['BigInt'], any> {
  name: 'BigInt';
}

export type CancelBackupPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CancelBackupPayload'] = ResolversParentTypes['CancelBackupPayload']> = {
  backup?: Resolver<Maybe<ResolversTypes['Backup']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CancelRestorePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CancelRestorePayload'] = ResolversParentTypes['CancelRestorePayload']> = {
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  restore?: Resolver<Maybe<ResolversTypes['Restore']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateBackupPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateBackupPayload'] = ResolversParentTypes['CreateBackupPayload']> = {
  backup?: Resolver<Maybe<ResolversTypes['Backup']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateBackupStorageLocationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateBackupStorageLocationPayload'] = ResolversParentTypes['CreateBackupStorageLocationPayload']> = {
  backupStorageLocation?: Resolver<Maybe<ResolversTypes['BackupStorageLocation']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateDownloadUrlPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateDownloadUrlPayload'] = ResolversParentTypes['CreateDownloadUrlPayload']> = {
  expiresAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  url?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateRestorePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateRestorePayload'] = ResolversParentTypes['CreateRestorePayload']> = {
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  restore?: Resolver<Maybe<ResolversTypes['Restore']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type CreateSchedulePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['CreateSchedulePayload'] = ResolversParentTypes['CreateSchedulePayload']> = {
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  schedule?: Resolver<Maybe<ResolversTypes['Schedule']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface DateTimeScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['DateTime'], any> {
  name: 'DateTime';
}

export type DeleteBackupPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteBackupPayload'] = ResolversParentTypes['DeleteBackupPayload']> = {
  backup?: Resolver<Maybe<ResolversTypes['Backup']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DeleteBackupStorageLocationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteBackupStorageLocationPayload'] = ResolversParentTypes['DeleteBackupStorageLocationPayload']> = {
  deletedName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DeleteRestorePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteRestorePayload'] = ResolversParentTypes['DeleteRestorePayload']> = {
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  restore?: Resolver<Maybe<ResolversTypes['Restore']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type DeleteSchedulePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['DeleteSchedulePayload'] = ResolversParentTypes['DeleteSchedulePayload']> = {
  deletedScheduleId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export interface DurationScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Duration'], any> {
  name: 'Duration';
}

export type EventResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Event'] = ResolversParentTypes['Event']> = {
  actor?: Resolver<ResolversTypes['Actor'], ParentType, ContextType>;
  causationId?: Resolver<Maybe<ResolversTypes['ID']>, ParentType, ContextType>;
  correlationId?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  data?: Resolver<ResolversTypes['JSON'], ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  recordedAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  revision?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  stream?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  summary?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  type?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type EventConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EventConnection'] = ResolversParentTypes['EventConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['EventEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Event']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type EventEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['EventEdge'] = ResolversParentTypes['EventEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Event'], ParentType, ContextType>;
};

export type HookCountsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['HookCounts'] = ResolversParentTypes['HookCounts']> = {
  attempted?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  failed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export interface JsonScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['JSON'], any> {
  name: 'JSON';
}

export type KeyValueResolvers<ContextType = Context, ParentType extends ResolversParentTypes['KeyValue'] = ResolversParentTypes['KeyValue']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type LabelResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Label'] = ResolversParentTypes['Label']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  value?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type LabelSelectorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LabelSelector'] = ResolversParentTypes['LabelSelector']> = {
  matchExpressions?: Resolver<ReadonlyArray<ResolversTypes['LabelSelectorRequirement']>, ParentType, ContextType>;
  matchLabels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
};

export type LabelSelectorRequirementResolvers<ContextType = Context, ParentType extends ResolversParentTypes['LabelSelectorRequirement'] = ResolversParentTypes['LabelSelectorRequirement']> = {
  key?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  operator?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  values?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type MutationResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Mutation'] = ResolversParentTypes['Mutation']> = {
  cancelBackup?: Resolver<ResolversTypes['CancelBackupPayload'], ParentType, ContextType, RequireFields<MutationCancelBackupArgs, 'input'>>;
  cancelRestore?: Resolver<ResolversTypes['CancelRestorePayload'], ParentType, ContextType, RequireFields<MutationCancelRestoreArgs, 'input'>>;
  createBackup?: Resolver<ResolversTypes['CreateBackupPayload'], ParentType, ContextType, RequireFields<MutationCreateBackupArgs, 'input'>>;
  createBackupStorageLocation?: Resolver<ResolversTypes['CreateBackupStorageLocationPayload'], ParentType, ContextType, RequireFields<MutationCreateBackupStorageLocationArgs, 'input'>>;
  createDownloadUrl?: Resolver<ResolversTypes['CreateDownloadUrlPayload'], ParentType, ContextType, RequireFields<MutationCreateDownloadUrlArgs, 'input'>>;
  createRestore?: Resolver<ResolversTypes['CreateRestorePayload'], ParentType, ContextType, RequireFields<MutationCreateRestoreArgs, 'input'>>;
  createSchedule?: Resolver<ResolversTypes['CreateSchedulePayload'], ParentType, ContextType, RequireFields<MutationCreateScheduleArgs, 'input'>>;
  deleteBackup?: Resolver<ResolversTypes['DeleteBackupPayload'], ParentType, ContextType, RequireFields<MutationDeleteBackupArgs, 'input'>>;
  deleteBackupStorageLocation?: Resolver<ResolversTypes['DeleteBackupStorageLocationPayload'], ParentType, ContextType, RequireFields<MutationDeleteBackupStorageLocationArgs, 'input'>>;
  deleteRestore?: Resolver<ResolversTypes['DeleteRestorePayload'], ParentType, ContextType, RequireFields<MutationDeleteRestoreArgs, 'input'>>;
  deleteSchedule?: Resolver<ResolversTypes['DeleteSchedulePayload'], ParentType, ContextType, RequireFields<MutationDeleteScheduleArgs, 'input'>>;
  runSchedule?: Resolver<ResolversTypes['RunSchedulePayload'], ParentType, ContextType, RequireFields<MutationRunScheduleArgs, 'input'>>;
  updateBackupStorageLocation?: Resolver<ResolversTypes['UpdateBackupStorageLocationPayload'], ParentType, ContextType, RequireFields<MutationUpdateBackupStorageLocationArgs, 'input'>>;
  updateSchedule?: Resolver<ResolversTypes['UpdateSchedulePayload'], ParentType, ContextType, RequireFields<MutationUpdateScheduleArgs, 'input'>>;
};

export type NamespaceMappingResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NamespaceMapping'] = ResolversParentTypes['NamespaceMapping']> = {
  from?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  to?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type NamespaceResultsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['NamespaceResults'] = ResolversParentTypes['NamespaceResults']> = {
  messages?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type NodeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Node'] = ResolversParentTypes['Node']> = {
  __resolveType: TypeResolveFn<'Backup' | 'BackupStorageLocation' | 'Event' | 'Restore' | 'Schedule', ParentType, ContextType>;
};

export type OperationResultsResolvers<ContextType = Context, ParentType extends ResolversParentTypes['OperationResults'] = ResolversParentTypes['OperationResults']> = {
  errors?: Resolver<ResolversTypes['ResultScopes'], ParentType, ContextType>;
  warnings?: Resolver<ResolversTypes['ResultScopes'], ParentType, ContextType>;
};

export type PageInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PageInfo'] = ResolversParentTypes['PageInfo']> = {
  endCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hasNextPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  hasPreviousPage?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  startCursor?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
};

export type PassedOverBackupResolvers<ContextType = Context, ParentType extends ResolversParentTypes['PassedOverBackup'] = ResolversParentTypes['PassedOverBackup']> = {
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  reason?: Resolver<ResolversTypes['PassedOverReason'], ParentType, ContextType>;
};

export interface PositionScalarConfig extends GraphQLScalarTypeConfig<ResolversTypes['Position'], any> {
  name: 'Position';
}

export type ProgressResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Progress'] = ResolversParentTypes['Progress']> = {
  bytesWritten?: Resolver<ResolversTypes['BigInt'], ParentType, ContextType>;
  itemsDone?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  totalItems?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
};

export type QueryResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Query'] = ResolversParentTypes['Query']> = {
  backup?: Resolver<Maybe<ResolversTypes['Backup']>, ParentType, ContextType, RequireFields<QueryBackupArgs, 'name'>>;
  backupStorageLocation?: Resolver<Maybe<ResolversTypes['BackupStorageLocation']>, ParentType, ContextType, RequireFields<QueryBackupStorageLocationArgs, 'name'>>;
  backupStorageLocations?: Resolver<ResolversTypes['BackupStorageLocationConnection'], ParentType, ContextType, Partial<QueryBackupStorageLocationsArgs>>;
  backups?: Resolver<ResolversTypes['BackupConnection'], ParentType, ContextType, Partial<QueryBackupsArgs>>;
  events?: Resolver<ResolversTypes['EventConnection'], ParentType, ContextType, Partial<QueryEventsArgs>>;
  node?: Resolver<Maybe<ResolversTypes['Node']>, ParentType, ContextType, RequireFields<QueryNodeArgs, 'id'>>;
  nodes?: Resolver<ReadonlyArray<Maybe<ResolversTypes['Node']>>, ParentType, ContextType, RequireFields<QueryNodesArgs, 'ids'>>;
  restore?: Resolver<Maybe<ResolversTypes['Restore']>, ParentType, ContextType, RequireFields<QueryRestoreArgs, 'name'>>;
  restores?: Resolver<ResolversTypes['RestoreConnection'], ParentType, ContextType, Partial<QueryRestoresArgs>>;
  schedule?: Resolver<Maybe<ResolversTypes['Schedule']>, ParentType, ContextType, RequireFields<QueryScheduleArgs, 'name'>>;
  schedules?: Resolver<ResolversTypes['ScheduleConnection'], ParentType, ContextType, Partial<QuerySchedulesArgs>>;
  serverInfo?: Resolver<ResolversTypes['ServerInfo'], ParentType, ContextType>;
  viewer?: Resolver<ResolversTypes['Actor'], ParentType, ContextType>;
};

export type RestoreResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Restore'] = ResolversParentTypes['Restore']> = {
  attempts?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  backup?: Resolver<Maybe<ResolversTypes['Backup']>, ParentType, ContextType>;
  cancelRequestedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  completedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  contents?: Resolver<ResolversTypes['RestoreItemConnection'], ParentType, ContextType, Partial<RestoreContentsArgs>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  errors?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  events?: Resolver<ResolversTypes['EventConnection'], ParentType, ContextType, Partial<RestoreEventsArgs>>;
  failureReason?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hooks?: Resolver<Maybe<ResolversTypes['HookCounts']>, ParentType, ContextType>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  itemsCreated?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  itemsFailed?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  itemsSkipped?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  itemsUpdated?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  labels?: Resolver<ReadonlyArray<ResolversTypes['Label']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['RestorePhase'], ParentType, ContextType>;
  progress?: Resolver<Maybe<ResolversTypes['Progress']>, ParentType, ContextType>;
  results?: Resolver<Maybe<ResolversTypes['OperationResults']>, ParentType, ContextType>;
  spec?: Resolver<ResolversTypes['RestoreSpec'], ParentType, ContextType>;
  startedAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  uid?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  validationErrors?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  volumes?: Resolver<ResolversTypes['RestoreVolumeConnection'], ParentType, ContextType, Partial<RestoreVolumesArgs>>;
  warnings?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type RestoreConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreConnection'] = ResolversParentTypes['RestoreConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RestoreEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Restore']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RestoreEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreEdge'] = ResolversParentTypes['RestoreEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Restore'], ParentType, ContextType>;
};

export type RestoreExecHookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreExecHook'] = ResolversParentTypes['RestoreExecHook']> = {
  command?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  container?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  execTimeout?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
  onError?: Resolver<Maybe<ResolversTypes['HookErrorMode']>, ParentType, ContextType>;
  waitForReady?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  waitTimeout?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
};

export type RestoreHooksResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreHooks'] = ResolversParentTypes['RestoreHooks']> = {
  resources?: Resolver<ReadonlyArray<ResolversTypes['RestoreResourceHookSpec']>, ParentType, ContextType>;
};

export type RestoreInitHookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreInitHook'] = ResolversParentTypes['RestoreInitHook']> = {
  initContainers?: Resolver<ReadonlyArray<ResolversTypes['JSON']>, ParentType, ContextType>;
  timeout?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
};

export type RestoreItemResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreItem'] = ResolversParentTypes['RestoreItem']> = {
  group?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  outcome?: Resolver<Maybe<ResolversTypes['RestoreItemOutcome']>, ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type RestoreItemConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreItemConnection'] = ResolversParentTypes['RestoreItemConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RestoreItemEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['RestoreItem']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RestoreItemEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreItemEdge'] = ResolversParentTypes['RestoreItemEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RestoreItem'], ParentType, ContextType>;
};

export type RestoreResourceHookResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreResourceHook'] = ResolversParentTypes['RestoreResourceHook']> = {
  exec?: Resolver<Maybe<ResolversTypes['RestoreExecHook']>, ParentType, ContextType>;
  init?: Resolver<Maybe<ResolversTypes['RestoreInitHook']>, ParentType, ContextType>;
};

export type RestoreResourceHookSpecResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreResourceHookSpec'] = ResolversParentTypes['RestoreResourceHookSpec']> = {
  excludedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  excludedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  labelSelector?: Resolver<Maybe<ResolversTypes['LabelSelector']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  postHooks?: Resolver<ReadonlyArray<ResolversTypes['RestoreResourceHook']>, ParentType, ContextType>;
};

export type RestoreSpecResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreSpec'] = ResolversParentTypes['RestoreSpec']> = {
  backupName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  excludedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  excludedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  existingResourcePolicy?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  hooks?: Resolver<Maybe<ResolversTypes['RestoreHooks']>, ParentType, ContextType>;
  includeClusterResources?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  includedNamespaces?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  itemOperationTimeout?: Resolver<Maybe<ResolversTypes['Duration']>, ParentType, ContextType>;
  labelSelector?: Resolver<Maybe<ResolversTypes['LabelSelector']>, ParentType, ContextType>;
  namespaceMapping?: Resolver<Maybe<ReadonlyArray<ResolversTypes['NamespaceMapping']>>, ParentType, ContextType>;
  orLabelSelectors?: Resolver<Maybe<ReadonlyArray<ResolversTypes['LabelSelector']>>, ParentType, ContextType>;
  preserveNodePorts?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  resourceModifier?: Resolver<Maybe<ResolversTypes['TypedLocalObjectReference']>, ParentType, ContextType>;
  restorePVs?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
  restoreStatus?: Resolver<Maybe<ResolversTypes['RestoreStatusSelection']>, ParentType, ContextType>;
  scheduleName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  uploaderConfig?: Resolver<Maybe<ResolversTypes['RestoreUploaderConfig']>, ParentType, ContextType>;
};

export type RestoreStatusSelectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreStatusSelection'] = ResolversParentTypes['RestoreStatusSelection']> = {
  excludedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  includedResources?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
};

export type RestoreUploaderConfigResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreUploaderConfig'] = ResolversParentTypes['RestoreUploaderConfig']> = {
  parallelFilesDownload?: Resolver<Maybe<ResolversTypes['Int']>, ParentType, ContextType>;
  writeSparseFiles?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
};

export type RestoreVolumeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreVolume'] = ResolversParentTypes['RestoreVolume']> = {
  claimName?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  claimNamespace?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  dataMoved?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  driver?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  handle?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  method?: Resolver<Maybe<ResolversTypes['VolumeMethod']>, ParentType, ContextType>;
  persistentVolume?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  pod?: Resolver<Maybe<ResolversTypes['VolumePod']>, ParentType, ContextType>;
  size?: Resolver<Maybe<ResolversTypes['BigInt']>, ParentType, ContextType>;
};

export type RestoreVolumeConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreVolumeConnection'] = ResolversParentTypes['RestoreVolumeConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['RestoreVolumeEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['RestoreVolume']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type RestoreVolumeEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RestoreVolumeEdge'] = ResolversParentTypes['RestoreVolumeEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['RestoreVolume'], ParentType, ContextType>;
};

export type ResultScopesResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ResultScopes'] = ResolversParentTypes['ResultScopes']> = {
  cluster?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  namespaces?: Resolver<ReadonlyArray<ResolversTypes['NamespaceResults']>, ParentType, ContextType>;
  velero?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
};

export type RunSchedulePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['RunSchedulePayload'] = ResolversParentTypes['RunSchedulePayload']> = {
  backup?: Resolver<Maybe<ResolversTypes['Backup']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  schedule?: Resolver<Maybe<ResolversTypes['Schedule']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type ScheduleResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Schedule'] = ResolversParentTypes['Schedule']> = {
  backups?: Resolver<ResolversTypes['BackupConnection'], ParentType, ContextType, Partial<ScheduleBackupsArgs>>;
  createdAt?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  events?: Resolver<ResolversTypes['EventConnection'], ParentType, ContextType, Partial<ScheduleEventsArgs>>;
  id?: Resolver<ResolversTypes['ID'], ParentType, ContextType>;
  lastBackup?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  lastSkipped?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  nextRunAt?: Resolver<Maybe<ResolversTypes['DateTime']>, ParentType, ContextType>;
  paused?: Resolver<ResolversTypes['Boolean'], ParentType, ContextType>;
  phase?: Resolver<ResolversTypes['SchedulePhase'], ParentType, ContextType>;
  spec?: Resolver<ResolversTypes['ScheduleSpec'], ParentType, ContextType>;
  uid?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  validationErrors?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  __isTypeOf?: IsTypeOfResolverFn<ParentType, ContextType>;
};

export type ScheduleConnectionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ScheduleConnection'] = ResolversParentTypes['ScheduleConnection']> = {
  edges?: Resolver<ReadonlyArray<ResolversTypes['ScheduleEdge']>, ParentType, ContextType>;
  nodes?: Resolver<ReadonlyArray<ResolversTypes['Schedule']>, ParentType, ContextType>;
  pageInfo?: Resolver<ResolversTypes['PageInfo'], ParentType, ContextType>;
  totalCount?: Resolver<ResolversTypes['Int'], ParentType, ContextType>;
};

export type ScheduleEdgeResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ScheduleEdge'] = ResolversParentTypes['ScheduleEdge']> = {
  cursor?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  node?: Resolver<ResolversTypes['Schedule'], ParentType, ContextType>;
};

export type ScheduleSpecResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ScheduleSpec'] = ResolversParentTypes['ScheduleSpec']> = {
  schedule?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  template?: Resolver<ResolversTypes['BackupSpec'], ParentType, ContextType>;
  useOwnerReferencesInBackup?: Resolver<Maybe<ResolversTypes['Boolean']>, ParentType, ContextType>;
};

export type ServerInfoResolvers<ContextType = Context, ParentType extends ResolversParentTypes['ServerInfo'] = ResolversParentTypes['ServerInfo']> = {
  authMode?: Resolver<ResolversTypes['AuthMode'], ParentType, ContextType>;
  eventStore?: Resolver<ResolversTypes['EventStoreKind'], ParentType, ContextType>;
  features?: Resolver<ReadonlyArray<ResolversTypes['String']>, ParentType, ContextType>;
  gitVersion?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  serverTime?: Resolver<ResolversTypes['DateTime'], ParentType, ContextType>;
  version?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type SubscriptionResolvers<ContextType = Context, ParentType extends ResolversParentTypes['Subscription'] = ResolversParentTypes['Subscription']> = {
  backupProgress?: SubscriptionResolver<ResolversTypes['Backup'], "backupProgress", ParentType, ContextType, RequireFields<SubscriptionBackupProgressArgs, 'name'>>;
  events?: SubscriptionResolver<ResolversTypes['Event'], "events", ParentType, ContextType, Partial<SubscriptionEventsArgs>>;
  restoreProgress?: SubscriptionResolver<ResolversTypes['Restore'], "restoreProgress", ParentType, ContextType, RequireFields<SubscriptionRestoreProgressArgs, 'name'>>;
};

export type TypedLocalObjectReferenceResolvers<ContextType = Context, ParentType extends ResolversParentTypes['TypedLocalObjectReference'] = ResolversParentTypes['TypedLocalObjectReference']> = {
  apiGroup?: Resolver<Maybe<ResolversTypes['String']>, ParentType, ContextType>;
  kind?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type UpdateBackupStorageLocationPayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateBackupStorageLocationPayload'] = ResolversParentTypes['UpdateBackupStorageLocationPayload']> = {
  backupStorageLocation?: Resolver<Maybe<ResolversTypes['BackupStorageLocation']>, ParentType, ContextType>;
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UpdateSchedulePayloadResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UpdateSchedulePayload'] = ResolversParentTypes['UpdateSchedulePayload']> = {
  position?: Resolver<ResolversTypes['Position'], ParentType, ContextType>;
  schedule?: Resolver<Maybe<ResolversTypes['Schedule']>, ParentType, ContextType>;
  userErrors?: Resolver<ReadonlyArray<ResolversTypes['UserError']>, ParentType, ContextType>;
};

export type UserErrorResolvers<ContextType = Context, ParentType extends ResolversParentTypes['UserError'] = ResolversParentTypes['UserError']> = {
  code?: Resolver<ResolversTypes['UserErrorCode'], ParentType, ContextType>;
  field?: Resolver<Maybe<ReadonlyArray<ResolversTypes['String']>>, ParentType, ContextType>;
  message?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type VolumePodResolvers<ContextType = Context, ParentType extends ResolversParentTypes['VolumePod'] = ResolversParentTypes['VolumePod']> = {
  name?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  namespace?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
  volume?: Resolver<ResolversTypes['String'], ParentType, ContextType>;
};

export type Resolvers<ContextType = Context> = {
  Actor?: ActorResolvers<ContextType>;
  Backup?: BackupResolvers<ContextType>;
  BackupConnection?: BackupConnectionResolvers<ContextType>;
  BackupEdge?: BackupEdgeResolvers<ContextType>;
  BackupExecHook?: BackupExecHookResolvers<ContextType>;
  BackupHooks?: BackupHooksResolvers<ContextType>;
  BackupItem?: BackupItemResolvers<ContextType>;
  BackupItemConnection?: BackupItemConnectionResolvers<ContextType>;
  BackupItemEdge?: BackupItemEdgeResolvers<ContextType>;
  BackupMetadata?: BackupMetadataResolvers<ContextType>;
  BackupResourceHook?: BackupResourceHookResolvers<ContextType>;
  BackupResourceHookSpec?: BackupResourceHookSpecResolvers<ContextType>;
  BackupSpec?: BackupSpecResolvers<ContextType>;
  BackupStorageLocation?: BackupStorageLocationResolvers<ContextType>;
  BackupStorageLocationConnection?: BackupStorageLocationConnectionResolvers<ContextType>;
  BackupStorageLocationEdge?: BackupStorageLocationEdgeResolvers<ContextType>;
  BackupUploaderConfig?: BackupUploaderConfigResolvers<ContextType>;
  BackupVolume?: BackupVolumeResolvers<ContextType>;
  BackupVolumeConnection?: BackupVolumeConnectionResolvers<ContextType>;
  BackupVolumeEdge?: BackupVolumeEdgeResolvers<ContextType>;
  BigInt?: GraphQLScalarType;
  CancelBackupPayload?: CancelBackupPayloadResolvers<ContextType>;
  CancelRestorePayload?: CancelRestorePayloadResolvers<ContextType>;
  CreateBackupPayload?: CreateBackupPayloadResolvers<ContextType>;
  CreateBackupStorageLocationPayload?: CreateBackupStorageLocationPayloadResolvers<ContextType>;
  CreateDownloadUrlPayload?: CreateDownloadUrlPayloadResolvers<ContextType>;
  CreateRestorePayload?: CreateRestorePayloadResolvers<ContextType>;
  CreateSchedulePayload?: CreateSchedulePayloadResolvers<ContextType>;
  DateTime?: GraphQLScalarType;
  DeleteBackupPayload?: DeleteBackupPayloadResolvers<ContextType>;
  DeleteBackupStorageLocationPayload?: DeleteBackupStorageLocationPayloadResolvers<ContextType>;
  DeleteRestorePayload?: DeleteRestorePayloadResolvers<ContextType>;
  DeleteSchedulePayload?: DeleteSchedulePayloadResolvers<ContextType>;
  Duration?: GraphQLScalarType;
  Event?: EventResolvers<ContextType>;
  EventConnection?: EventConnectionResolvers<ContextType>;
  EventEdge?: EventEdgeResolvers<ContextType>;
  HookCounts?: HookCountsResolvers<ContextType>;
  JSON?: GraphQLScalarType;
  KeyValue?: KeyValueResolvers<ContextType>;
  Label?: LabelResolvers<ContextType>;
  LabelSelector?: LabelSelectorResolvers<ContextType>;
  LabelSelectorRequirement?: LabelSelectorRequirementResolvers<ContextType>;
  Mutation?: MutationResolvers<ContextType>;
  NamespaceMapping?: NamespaceMappingResolvers<ContextType>;
  NamespaceResults?: NamespaceResultsResolvers<ContextType>;
  Node?: NodeResolvers<ContextType>;
  OperationResults?: OperationResultsResolvers<ContextType>;
  PageInfo?: PageInfoResolvers<ContextType>;
  PassedOverBackup?: PassedOverBackupResolvers<ContextType>;
  Position?: GraphQLScalarType;
  Progress?: ProgressResolvers<ContextType>;
  Query?: QueryResolvers<ContextType>;
  Restore?: RestoreResolvers<ContextType>;
  RestoreConnection?: RestoreConnectionResolvers<ContextType>;
  RestoreEdge?: RestoreEdgeResolvers<ContextType>;
  RestoreExecHook?: RestoreExecHookResolvers<ContextType>;
  RestoreHooks?: RestoreHooksResolvers<ContextType>;
  RestoreInitHook?: RestoreInitHookResolvers<ContextType>;
  RestoreItem?: RestoreItemResolvers<ContextType>;
  RestoreItemConnection?: RestoreItemConnectionResolvers<ContextType>;
  RestoreItemEdge?: RestoreItemEdgeResolvers<ContextType>;
  RestoreResourceHook?: RestoreResourceHookResolvers<ContextType>;
  RestoreResourceHookSpec?: RestoreResourceHookSpecResolvers<ContextType>;
  RestoreSpec?: RestoreSpecResolvers<ContextType>;
  RestoreStatusSelection?: RestoreStatusSelectionResolvers<ContextType>;
  RestoreUploaderConfig?: RestoreUploaderConfigResolvers<ContextType>;
  RestoreVolume?: RestoreVolumeResolvers<ContextType>;
  RestoreVolumeConnection?: RestoreVolumeConnectionResolvers<ContextType>;
  RestoreVolumeEdge?: RestoreVolumeEdgeResolvers<ContextType>;
  ResultScopes?: ResultScopesResolvers<ContextType>;
  RunSchedulePayload?: RunSchedulePayloadResolvers<ContextType>;
  Schedule?: ScheduleResolvers<ContextType>;
  ScheduleConnection?: ScheduleConnectionResolvers<ContextType>;
  ScheduleEdge?: ScheduleEdgeResolvers<ContextType>;
  ScheduleSpec?: ScheduleSpecResolvers<ContextType>;
  ServerInfo?: ServerInfoResolvers<ContextType>;
  Subscription?: SubscriptionResolvers<ContextType>;
  TypedLocalObjectReference?: TypedLocalObjectReferenceResolvers<ContextType>;
  UpdateBackupStorageLocationPayload?: UpdateBackupStorageLocationPayloadResolvers<ContextType>;
  UpdateSchedulePayload?: UpdateSchedulePayloadResolvers<ContextType>;
  UserError?: UserErrorResolvers<ContextType>;
  VolumePod?: VolumePodResolvers<ContextType>;
};

