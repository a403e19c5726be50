import type { Key } from '../domain/streams.js';

const KINDS = ['Backup', 'Restore', 'BackupStorageLocation', 'Schedule'] as const;
export type NodeKind = (typeof KINDS)[number];

/** What a global id stands for. Facts keep the id they were recorded under, so that causation ids can be looked up. */
export type NodeRef =
  { readonly kind: NodeKind; readonly key: Key } | { readonly kind: 'Event'; readonly id: string };

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** The global id of a named thing. */
export const toId = (kind: NodeKind, key: Key): string =>
  Buffer.from(`${kind}/${key.namespace}/${key.name}`, 'utf8').toString('base64url');

/** What an id stands for; `undefined` for a text that is none of ours. */
export const fromId = (id: string): NodeRef | undefined => {
  if (UUID.test(id)) return { kind: 'Event', id };
  if (id.length > 1_000) return undefined;
  const [kindText, namespace, name, ...rest] = Buffer.from(id, 'base64url').toString('utf8').split('/');
  const kind = KINDS.find((known) => known === kindText);
  if (!kind || !namespace || !name || rest.length > 0) return undefined;
  return { kind, key: { namespace, name } };
};
