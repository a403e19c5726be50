import { upcast } from '../domain/events.js';
import { location, type LocationCommand, type LocationEvent } from '../domain/location.js';
import { streamOf } from '../domain/streams.js';
import { openAggregate } from '../eventstore/handle.js';
import type { Meta } from '../eventstore/port.js';
import type { ResolverDeps } from './deps.js';

/** Lets one command decide on the facts of a location, in the caller's name. */
export const recordLocation = async (
  deps: ResolverDeps,
  name: string,
  uid: string,
  command: LocationCommand,
  meta: Meta,
  signal: AbortSignal,
) => {
  const stream = streamOf('location', { namespace: deps.namespace, name });
  const aggregate = await openAggregate(deps.store, location, stream, {
    upcast: (stored) => upcast(stored) as LocationEvent | undefined,
    signal,
  });
  return aggregate.send(command, meta, { uid, discriminator: String(aggregate.revision) });
};
