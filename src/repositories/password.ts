import { Fault } from '../faults.js';

/** Secret of the server's namespace that opens all repositories (Velero: `pkg/repository/keys/keys.go`). */
export const PASSWORD_SECRET = 'velero-repo-credentials';
export const PASSWORD_KEY = 'repository-password';
/** What Velero sets at its first start; repositories of both have to open with it. */
export const FIRST_PASSWORD = 'static-passw0rd';

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
