import { readFile } from 'node:fs/promises';
import { type RequestOptions } from 'node:https';
import { setTimeout as pause } from 'node:timers/promises';
import { Fault, isFault } from '../faults.js';
import { type ChosenConfig, chooseConfig, type ClusterChoice } from './kubeconfig.js';
import { type Impersonation } from './port.js';

/** What a TLS connection to the API server needs. */
export interface TlsMaterial {
  /** PEM; absent means the system's certificate authorities. */
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
  /** True switches off the check of the server's certificate. */
  readonly insecure: boolean;
  /** Name to expect in the server's certificate instead of the host's. */
  readonly serverName?: string;
}

/** The same in the words of `node:tls`. */
export const tlsOptions = (tls: TlsMaterial) => ({
  rejectUnauthorized: !tls.insecure,
  ...(tls.ca === undefined ? {} : { ca: tls.ca }),
  ...(tls.cert === undefined ? {} : { cert: tls.cert }),
  ...(tls.key === undefined ? {} : { key: tls.key }),
  ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
});

/** Who we are at one moment. `tls` is the same object as long as its contents are the same. */
export interface Credentials {
  /** Value of the Authorization header; absent for client certificates and anonymous access. */
  readonly authorization?: string;
  readonly tls: TlsMaterial;
}

/** One API server and the right to talk to it. */
export interface ClusterAccess {
  readonly server: URL;
  /** The kubeconfig itself asks to act as somebody (`as`). A call's own impersonation comes before it. */
  readonly as?: Impersonation;
  /**
   * The credentials now. Hand in the ones that were answered with 401 to have everything read again, kubeconfig, token file,
   * credential plugin and all; many callers handing in the same ones cause one evaluation.
   * Faults: `LB_CONFIG` if files cannot be read, `LB_CLUSTER_DENIED` if a credential plugin fails.
   */
  credentials(rejected?: Credentials): Promise<Credentials>;
}

/** The kubelet replaces a projected token long before the old one ends; client-go looks every minute. */
const TOKEN_FILE_MS = 10_000;
/** A plugin that tells no expiry would otherwise run for every call; one that does is asked again by the first 401 at the latest. */
const PLUGIN_MS = 60_000;
const PLUGIN_DEADLINE_MS = 60_000;

/** Finds the cluster (see `chooseConfig`) and opens nothing yet. `clock` tells milliseconds. */
export const loadCluster = (choice: ClusterChoice = {}, clock: () => number = Date.now): ClusterAccess => {
  let chosen = chooseConfig(choice);
  const cluster = chosen.config.getCurrentCluster();
  if (cluster === null) throw new Fault('LB_CONFIG', `${chosen.source} names no cluster`);
  if ((cluster.proxyUrl ?? '') !== '')
    throw new Fault('LB_CONFIG', `proxy-url in ${chosen.source} is not supported`);

  let known: { readonly credentials: Credentials; readonly until: number } | undefined;
  let evaluation: Promise<Credentials> | undefined;

  const evaluate = async (again: boolean): Promise<Credentials> => {
    if (again) chosen = chooseConfig(choice); // A fresh one also forgets what a plugin said before.
    const fresh = await readCredentials(chosen, known?.credentials.tls);
    known = { credentials: fresh, until: clock() + lifetime(chosen) };
    return fresh;
  };

  const credentials = async (rejected?: Credentials): Promise<Credentials> => {
    const again = rejected !== undefined && rejected === known?.credentials;
    if (known !== undefined && !again && clock() < known.until) return known.credentials;
    const last = known?.credentials;
    evaluation ??= evaluate(again).finally(() => (evaluation = undefined));
    try {
      return await evaluation;
    } catch (error) {
      // A file that is being replaced may be gone for a moment: the old credentials are still the best there are.
      if (last !== undefined && isFault(error, 'LB_CONFIG')) return last;
      throw error;
    }
  };

  const as = chosen.as;
  return {
    server: serverUrl(cluster.server, chosen.source),
    ...(as === undefined ? {} : { as }),
    credentials,
  };
};

const serverUrl = (server: string, source: string): URL => {
  const url = URL.canParse(server) ? new URL(server) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new Fault('LB_CONFIG', `the server address in ${source} is no http(s) address`);
  }
  return url;
};

/** Tokens come from a program or an auth provider of client-node, not from the file itself. */
const usesPlugin = ({ config, tokenFile }: ChosenConfig): boolean => {
  const user = config.getCurrentUser();
  return tokenFile === undefined && (Boolean(user?.exec) || Boolean(user?.authProvider));
};

const lifetime = (chosen: ChosenConfig): number => {
  if (usesPlugin(chosen)) return PLUGIN_MS;
  return chosen.tokenFile === undefined ? Infinity : TOKEN_FILE_MS;
};

const readCredentials = async (
  chosen: ChosenConfig,
  before: TlsMaterial | undefined,
): Promise<Credentials> => {
  const fromPlugin = usesPlugin(chosen) ? await askPlugin(chosen) : undefined;
  const authorization = fromPlugin?.authorization ?? (await ownAuthorization(chosen));
  const tls = await readTls(chosen, fromPlugin);
  return {
    ...(authorization === undefined ? {} : { authorization }),
    tls: before !== undefined && sameTls(before, tls) ? before : tls,
  };
};

interface PluginAnswer {
  readonly authorization?: string;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

const askPlugin = async ({ config, source }: ChosenConfig): Promise<PluginAnswer> => {
  const options: RequestOptions = {};
  const stop = new AbortController();
  try {
    const late = pause(PLUGIN_DEADLINE_MS, 'late' as const, { signal: stop.signal, ref: false });
    const first = await Promise.race([config.applyToHTTPSOptions(options), late]);
    if (first === 'late')
      throw new Fault('LB_CLUSTER_DENIED', `the credential plugin of ${source} does not answer`);
  } catch (error) {
    if (isFault(error)) throw error;
    // What a plugin prints may hold tokens, so it is not passed on, not even as a cause.
    throw new Fault('LB_CLUSTER_DENIED', `the credential plugin of ${source} failed`);
  } finally {
    stop.abort();
  }
  const header = new Headers(options.headers as Record<string, string>).get('authorization');
  return {
    ...(header === null ? {} : { authorization: header }),
    ...(options.cert === undefined ? {} : { cert: Buffer.from(options.cert as string | Buffer) }),
    ...(options.key === undefined ? {} : { key: Buffer.from(options.key as string | Buffer) }),
  };
};

const ownAuthorization = async ({ config, tokenFile }: ChosenConfig): Promise<string | undefined> => {
  const user = config.getCurrentUser();
  const token = tokenFile === undefined ? user?.token : (await read(tokenFile)).toString('utf8');
  if (token !== undefined && token.trim() !== '') return `Bearer ${token.trim()}`;
  if ((user?.username ?? '') === '') return undefined;
  return `Basic ${Buffer.from(`${user?.username ?? ''}:${user?.password ?? ''}`).toString('base64')}`;
};

const read = async (file: string): Promise<Buffer> => {
  try {
    return await readFile(file);
  } catch (error) {
    throw new Fault('LB_CONFIG', `${file} cannot be read`, { cause: error });
  }
};

const fileOrData = async (
  file: string | undefined,
  data: string | undefined,
): Promise<Buffer | undefined> => {
  if (file) return read(file);
  return data ? Buffer.from(data, 'base64') : undefined;
};

const readTls = async ({ config }: ChosenConfig, plugin: PluginAnswer | undefined): Promise<TlsMaterial> => {
  const [cluster, user] = [config.getCurrentCluster(), config.getCurrentUser()];
  const ca = await fileOrData(cluster?.caFile, cluster?.caData);
  const cert = plugin?.cert ?? (await fileOrData(user?.certFile, user?.certData));
  const key = plugin?.key ?? (await fileOrData(user?.keyFile, user?.keyData));
  const serverName = cluster?.tlsServerName;
  return {
    insecure: cluster?.skipTLSVerify ?? false,
    ...(ca === undefined ? {} : { ca }),
    ...(cert === undefined ? {} : { cert }),
    ...(key === undefined ? {} : { key }),
    ...(serverName ? { serverName } : {}),
  };
};

const sameTls = (a: TlsMaterial, b: TlsMaterial): boolean => {
  const same = (x: Buffer | undefined, y: Buffer | undefined): boolean =>
    x === undefined || y === undefined ? x === y : x.equals(y);
  return (
    same(a.ca, b.ca) &&
    same(a.cert, b.cert) &&
    same(a.key, b.key) &&
    a.insecure === b.insecure &&
    a.serverName === b.serverName
  );
};
