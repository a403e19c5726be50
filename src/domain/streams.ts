/** The kinds of aggregates; a kind has no dash, since KurrentDB's category is the text before the first dash. */
export const STREAM_KINDS = ['backup', 'restore', 'location', 'access', 'schedule'] as const;
export type StreamKind = (typeof STREAM_KINDS)[number];

/** Namespace and name of the custom resource an aggregate belongs to. */
export interface Key {
  readonly namespace: string;
  readonly name: string;
}

/** `backup-velero.nightly`: the only place where stream names are made. */
export const streamOf = (kind: StreamKind, key: Key): string => `${kind}-${key.namespace}.${key.name}`;

/** The way back; `undefined` for a stream that is not ours. A namespace cannot hold a dot, a name may. */
export const parseStream = (stream: string): { kind: StreamKind; key: Key } | undefined => {
  const dash = stream.indexOf('-');
  const dot = stream.indexOf('.', dash);
  if (dash < 0 || dot < 0) return undefined;
  const kind = STREAM_KINDS.find((k) => k === stream.slice(0, dash));
  if (!kind) return undefined;
  return { kind, key: { namespace: stream.slice(dash + 1, dot), name: stream.slice(dot + 1) } };
};

/** `namespace/name`, as logs and queues write a key. */
export const printKey = (key: Key): string => `${key.namespace}/${key.name}`;
