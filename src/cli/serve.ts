import type { Config } from '../config.js';
import { messageOf } from '../faults.js';
import type { Log } from '../log.js';
import { openParts } from '../parts.js';
import { startServer } from '../server.js';
import { toldToStop } from '../told-to-stop.js';

/**
 * Runs the server until it is told to stop. A first SIGTERM or SIGINT ends it in order, a second one at once. An error nobody
 * handled ends the process too: a backup tool that goes on in a state it does not know is worse than a restart.
 */
export const serve = async (config: Config, log: Log): Promise<number> => {
  process.on('uncaughtException', (error) => {
    log.fatal({ err: error }, 'an unexpected error ends the server');
    process.exit(70);
  });
  const asked = toldToStop();
  const parts = await openParts(config, log);
  const server = await startServer(config, parts);
  log.info({ namespace: config.namespace, eventStore: config.eventStore.kind }, 'Lifeboat is running');
  const name = await asked;
  log.info({ signal: name }, 'stopping');
  try {
    await server.stop();
  } catch (error) {
    log.error({ err: error }, `not everything stopped in order: ${messageOf(error)}`);
    return 1;
  }
  return 0;
};
