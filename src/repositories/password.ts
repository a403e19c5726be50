import { Fault } from '../faults.js';
import { PASSWORD_KEY, PASSWORD_SECRET } from './port.js';

/** Reads the password anew each time. Fault `LB_REPOSITORY_PASSWORD` with the way out when there is none. */
export const passwordFrom =
  (readSecret: (name: string, key: string) => Promise<Buffer | undefined>) => async (): Promise<string> => {
    const value = (await readSecret(PASSWORD_SECRET, PASSWORD_KEY))?.toString('utf8').trim();
    if (value) return value;
    throw new Fault(
      'LB_REPOSITORY_PASSWORD',
      `there is no key "${PASSWORD_KEY}" in a Secret "${PASSWORD_SECRET}"; start the server, which makes it, or create it`,
    );
  };
