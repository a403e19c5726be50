import { isRefusal } from '../../domain/decider.js';
import { upcast } from '../../domain/events.js';
import { location, type LocationEvent, type LocationState, type PassedOver } from '../../domain/location.js';
import { streamOf } from '../../domain/streams.js';
import { openAggregate } from '../../eventstore/handle.js';
import { metaOf, systemActor, type ControllerPorts } from '../ports.js';
import { timestamp } from '../../domain/timestamp.js';

/** The facts of a location, open for what sync finds. */
export interface SyncRecord {
  readonly state: LocationState;
  /** Records what is new. False: the facts could not be written, so nothing that follows from them may be done. */
  observe(seen: { place: string; inUse: boolean; passedOver: readonly PassedOver[] }): Promise<boolean>;
}

const LOGGED = 20;

const printOf = ({ name, message }: PassedOver): string => `${name}/${message}`;

const tell = (ports: ControllerPorts, name: string, before: LocationState, after: LocationState) => {
  const former = new Set(('passedOver' in before ? before.passedOver : []).map(printOf));
  const now = 'passedOver' in after ? (after.passedOver ?? []) : [];
  const fresh = now.filter((one) => !former.has(printOf(one)));
  for (const { name: backup, message } of fresh.slice(0, LOGGED))
    ports.log.warn({ backup, location: name }, `a backup in object storage is passed over: ${message}`);
  if (fresh.length > LOGGED)
    ports.log.warn({ location: name, more: fresh.length - LOGGED }, 'more backups are passed over');
};

export const openSyncRecord = async (
  ports: ControllerPorts,
  { name, uid }: { readonly name: string; readonly uid: string },
  signal: AbortSignal,
): Promise<SyncRecord> => {
  const stream = streamOf('location', { namespace: ports.resources.namespace, name });
  const aggregate = await openAggregate(ports.events, location, stream, {
    upcast: (stored) => upcast(stored) as LocationEvent | undefined,
    signal,
  });
  return {
    get state() {
      return aggregate.state;
    },
    observe: async (seen) => {
      const before = aggregate.state;
      const now = timestamp(ports.clock());
      const sent = await aggregate.send(
        { type: 'ObserveStoredBackups', ...seen, now },
        metaOf(ports, systemActor('sync'), uid),
        { uid, discriminator: String(aggregate.revision) },
      );
      if (isRefusal(sent)) {
        ports.log.debug({ stream, refused: sent.refused }, sent.message);
        return false;
      }
      tell(ports, name, before, sent.state);
      return true;
    },
  };
};
