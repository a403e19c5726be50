/**
 * Everything that can break outside our own reasoning, by code. `retriable` says whether trying the same thing
 * again later can help. docs/errors.md is written from this table; a code never changes its meaning.
 */
export const FAULTS = {
  LB_EVENTSTORE_UNREACHABLE: { retriable: true, text: 'the event store does not answer' },
  LB_EVENTSTORE_DAMAGED: { retriable: false, text: 'the event store holds something that cannot be read' },
  LB_STORE_UNREACHABLE: { retriable: true, text: 'the object storage does not answer' },
  LB_STORE_DENIED: { retriable: false, text: 'the object storage refuses the credentials or the access' },
  LB_STORE_BUCKET_MISSING: { retriable: false, text: 'the bucket does not exist' },
  LB_STORE_REFUSED: { retriable: false, text: 'the object storage refuses the request' },
  LB_STORE_CONFIG: { retriable: false, text: 'the storage location is configured in a way that cannot work' },
  LB_CLUSTER_UNREACHABLE: { retriable: true, text: 'the API server does not answer' },
  LB_CLUSTER_DENIED: { retriable: false, text: 'the API server refuses the identity or the access' },
  LB_CLUSTER_REFUSED: { retriable: false, text: 'the API server refuses the request' },
  LB_CLUSTER_EXPIRED: { retriable: true, text: 'the resource version or continue token is too old' },
  LB_CLUSTER_PROTOCOL: {
    retriable: true,
    text: 'the API server answered in a way that is not the Kubernetes API',
  },
  LB_ARCHIVE_DAMAGED: { retriable: false, text: 'the backup archive is damaged' },
  LB_ARCHIVE_HOSTILE: { retriable: false, text: 'the backup archive holds something no backup may hold' },
  LB_ARCHIVE_TOO_LARGE: { retriable: false, text: 'the backup archive unpacks to more than is allowed' },
  LB_BACKUP_FILE_DAMAGED: { retriable: false, text: 'a file of the backup cannot be read' },
  LB_ITEM_ACTION: { retriable: false, text: 'an item action failed' },
  LB_REPOSITORY_PROGRAM: { retriable: false, text: 'the program that copies volumes cannot be run' },
  LB_REPOSITORY_PASSWORD: { retriable: false, text: 'the password does not open the repository' },
  LB_REPOSITORY_COPY_MISSING: { retriable: false, text: 'the repository does not hold the copy' },
  LB_REPOSITORY_FAILED: { retriable: true, text: 'the repository of volume copies cannot be used' },
  LB_SPOOL_FAILED: { retriable: true, text: 'the scratch folder cannot be written' },
  LB_SNAPSHOTTER_UNREACHABLE: { retriable: true, text: 'the provider of volume snapshots does not answer' },
  LB_SNAPSHOTTER_DENIED: {
    retriable: false,
    text: 'the provider of volume snapshots refuses the credentials or the access',
  },
  LB_SNAPSHOTTER_REFUSED: { retriable: false, text: 'the provider of volume snapshots refuses the request' },
  LB_SNAPSHOTTER_CONFIG: {
    retriable: false,
    text: 'the volume snapshot location is configured in a way that cannot work',
  },
  LB_CONFIG: { retriable: false, text: 'the configuration is wrong' },
  LB_DEADLINE: { retriable: true, text: 'something did not end in the time it was given' },
  LB_ABORTED: { retriable: true, text: 'the work was stopped' },
} as const;

export type FaultCode = keyof typeof FAULTS;

/**
 * The one error class: something broke outside. Made by adapters from their client's errors; whoever catches it
 * switches on `code`. `detail` is for people and never holds a secret.
 */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly code: FaultCode;
  readonly detail: string;

  constructor(code: FaultCode, detail: string, options?: { readonly cause?: unknown }) {
    super(`${FAULTS[code].text}: ${detail}`, options);
    this.code = code;
    this.detail = detail;
  }

  get retriable(): boolean {
    return FAULTS[this.code].retriable;
  }
}

export const isFault = (error: unknown, code?: FaultCode): error is Fault =>
  error instanceof Fault && (code === undefined || error.code === code);

/** What to tell a person about anything that was thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
