import type { Requeue } from '../controllers/queue.js';
import { timestamp } from '../domain/timestamp.js';
import type { VeleroKind } from '../domain/velero.gen.js';
import type { AgentPorts } from './ports.js';

/** With the value `true` while a copy or move was accepted and has not begun. */
export const EXPOSE_LABEL = 'velero.io/expose-on-going';

/** Whether somebody wants it to end: by the field, or by deleting it. */
export const isUnwanted = ({
  metadata,
  spec,
}: {
  readonly metadata: { readonly deletionTimestamp?: string };
  readonly spec?: { readonly cancel?: boolean };
}): boolean => spec?.cancel === true || metadata.deletionTimestamp !== undefined;

/** Writes how a copy or move ended; what its agent holds for it is let go of at the next look. */
export const endRequest = async (
  ports: AgentPorts,
  { kind, name }: { readonly kind: VeleroKind; readonly name: string },
  [phase, more]: readonly ['Failed' | 'Canceled' | 'Completed', object],
  signal: AbortSignal,
): Promise<Requeue> => {
  const completionTimestamp = timestamp(ports.clock());
  const body = {
    metadata: { labels: { [EXPOSE_LABEL]: null } },
    status: { phase, completionTimestamp, ...more },
  };
  await ports.resources.patch(kind, name, body, signal);
  return { after: 0 };
};
