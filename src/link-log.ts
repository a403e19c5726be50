import type { ControllerPorts } from './controllers/ports.js';
import type { EventStore } from './eventstore/port.js';
import { createAccessLog } from './graphql/access-log.js';

/** Records links that the controllers make in the same streams as the requests that come through the API. */
export const linkLog = (
  events: EventStore,
  namespace: string,
  appVersion: string,
): ControllerPorts['linkMade'] => {
  const log = createAccessLog(events, namespace);
  return async ({ file, target, expiresAt, at, actor, correlationId, cause }, signal) => {
    const meta = { actor, correlationId, causationId: cause, appVersion };
    await log.note({ type: 'RecordDownloadLink', file, target, expiresAt, now: at }, meta, signal);
  };
};
