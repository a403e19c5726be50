import { readFile, readdir } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import type { Cluster, Refused } from '../cluster/port.js';
import { DEFINITIONS } from '../domain/known-kinds.js';
import { Fault, messageOf } from '../faults.js';

/** Beside src/ in the repository and beside dist/ in the package: the same distance from both. */
const CRDS = new URL('../../crds/', import.meta.url);

/** The label by which `velero uninstall` and people find what belongs to Velero (`pkg/install/resources.go`). */
const LABELS = { component: 'velero' };
const ESTABLISH_MS = 60_000;
const LOOK_AGAIN_MS = 250;
const MAX_CONFLICTS = 5;

interface CrdVersion {
  readonly name: string;
  readonly storage: boolean;
}

interface CrdSpec {
  readonly versions: readonly CrdVersion[];
  readonly conversion?: { readonly strategy: string };
}

interface Crd {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: CrdSpec;
  readonly status?: {
    readonly conditions?: readonly {
      readonly type: string;
      readonly status: string;
      readonly message?: string;
    }[];
  };
}

/** The CRDs that come with this program, ordered by name; `yaml` is the file as it is, `object` what it says. */
export const readCrds = async (): Promise<{ name: string; yaml: string; object: object }[]> => {
  const files = (await readdir(CRDS)).filter((file) => file.endsWith('.yaml')).sort();
  return Promise.all(
    files.map(async (file) => {
      const yaml = await readFile(new URL(file, CRDS), 'utf8');
      const object = parse(yaml) as Crd;
      return { name: object.metadata.name, yaml, object };
    }),
  );
};

/**
 * Our spec on top of what is installed. A version that only the cluster has is kept, and stays the stored one if it is:
 * objects may be kept in it, and the API server could not read them without it.
 */
const mergeSpec = (ours: CrdSpec, theirs: CrdSpec): CrdSpec => {
  const foreign = theirs.versions.filter(({ name }) =>
    ours.versions.every((version) => version.name !== name),
  );
  if (foreign.length === 0) return { ...ours, ...keepConversion(theirs) };
  const stored = foreign.some(({ storage }) => storage);
  const versions = ours.versions.map((version) => ({ ...version, storage: version.storage && !stored }));
  return { ...ours, ...keepConversion(theirs), versions: [...versions, ...foreign] };
};

/** The API server fills in `conversion`; leaving it out would look like a difference, and lose a webhook. */
const keepConversion = ({ conversion }: CrdSpec): Pick<CrdSpec, 'conversion'> =>
  conversion ? { conversion } : {};

/** What to write over an installed CRD; `undefined` if it is as it should be. The rest of its metadata is left alone. */
const updateOf = (ours: Crd, theirs: Crd): Crd | undefined => {
  const labels = { ...theirs.metadata.labels, ...LABELS };
  const annotations = { ...theirs.metadata.annotations, ...ours.metadata.annotations };
  const metadata = { ...theirs.metadata, labels, annotations };
  const wanted = { ...theirs, metadata, spec: mergeSpec(ours.spec, theirs.spec) };
  const same =
    isDeepStrictEqual(wanted.spec, theirs.spec) && isDeepStrictEqual(labels, theirs.metadata.labels ?? {});
  return same ? undefined : wanted;
};

const read = async (cluster: Cluster, name: string, signal: AbortSignal): Promise<Crd | undefined> => {
  const body = await cluster.get(DEFINITIONS, { name }, { signal });
  return body && (JSON.parse(body.toString('utf8')) as Crd);
};

type Outcome = 'created' | 'unchanged' | 'updated' | Refused;

/** Somebody else may create, change or delete the CRD between our reading and writing; then we look again, a few times. */
const applyCrd = async (cluster: Cluster, ours: Crd, signal: AbortSignal): Promise<Outcome> => {
  const first = { ...ours, metadata: { ...ours.metadata, labels: LABELS } };
  for (let conflicts = 0; ; conflicts++) {
    const created = await cluster.create(DEFINITIONS, undefined, JSON.stringify(first), { signal });
    if (created.ok) return 'created';
    if (created.reason !== 'AlreadyExists') return created;
    const theirs = await read(cluster, ours.metadata.name, signal);
    const update = theirs && updateOf(ours, theirs);
    if (theirs && !update) return 'unchanged';
    if (update) {
      const ref = { name: ours.metadata.name };
      const replaced = await cluster.replace(DEFINITIONS, ref, JSON.stringify(update), { signal });
      if (replaced.ok) return 'updated';
      if (!['Conflict', 'NotFound'].includes(replaced.reason)) return replaced;
    }
    if (conflicts === MAX_CONFLICTS) return created;
  }
};

/** Why a CRD is not served yet; `undefined` once it is. Names that clash with another CRD are the usual reason. */
const pendingReason = (crd: Crd | undefined): string | undefined => {
  if (!crd) return 'it was deleted';
  const conditions = crd.status?.conditions ?? [];
  if (conditions.some(({ type, status }) => type === 'Established' && status === 'True')) return undefined;
  const refused = conditions.find(({ type, status }) => type === 'NamesAccepted' && status === 'False');
  return refused?.message ?? 'the API server has not taken it into use';
};

/** Looks until the CRD is served or the deadline has passed, but at least once; then answers why it is not. */
const waitEstablished = async (
  cluster: Cluster,
  name: string,
  deadline: AbortSignal,
  signal: AbortSignal,
): Promise<string | undefined> => {
  for (;;) {
    const reason = pendingReason(await read(cluster, name, signal));
    if (reason === undefined || deadline.aborted) return reason;
    await pause(LOOK_AGAIN_MS, undefined, { signal }).catch((cause: unknown) => {
      throw new Fault('LB_ABORTED', `waiting for ${name}`, { cause });
    });
  }
};

/** Creates or updates the definitions for which `wanted` holds, a line for each, and waits until they are served; the exit code. */
export const applyCrds = async (
  cluster: Cluster,
  out: (text: string) => void,
  signal: AbortSignal,
  wanted: (name: string) => boolean = () => true,
): Promise<number> => {
  const applied: string[] = [];
  const crds = (await readCrds()).filter(({ name }) => wanted(name));
  for (const { name, object } of crds) {
    const outcome = await applyCrd(cluster, object as Crd, signal);
    const refused = typeof outcome === 'object';
    out(refused ? `${name} refused (${outcome.reason}): ${outcome.message}\n` : `${name} ${outcome}\n`);
    if (!refused) applied.push(name);
  }
  const deadline = AbortSignal.timeout(ESTABLISH_MS);
  let failed = crds.length - applied.length;
  for (const name of applied) {
    const reason = await waitEstablished(cluster, name, deadline, signal);
    if (reason === undefined) continue;
    failed++;
    out(`${name} not established after ${ESTABLISH_MS / 1000} s: ${reason}\n`);
  }
  return failed === 0 ? 0 : 1;
};

/**
 * `lifeboat crds`: prints the CRDs as YAML documents or, with `apply`, brings the cluster's up to date, prints a line for
 * each (`created`, `unchanged`, `updated`, or why not) and waits until all are served, at most 60 s. Fields of a newer
 * schema of the same version are replaced by ours; versions only the cluster knows stay. Answers the exit code, 0 or 1.
 * What breaks outside is printed too; only the end of `signal` and a missing cluster are thrown (`LB_ABORTED`, `LB_CONFIG`).
 */
export const runCrds = async (options: {
  readonly apply: boolean;
  readonly cluster?: Cluster;
  readonly out: (text: string) => void;
  readonly signal: AbortSignal;
}): Promise<number> => {
  const { apply, cluster, out, signal } = options;
  if (!apply) {
    for (const { yaml } of await readCrds()) out(yaml);
    return 0;
  }
  if (!cluster)
    throw new Fault('LB_CONFIG', 'no cluster was named to apply the custom resource definitions to');
  try {
    return await applyCrds(cluster, out, signal);
  } catch (error) {
    if (signal.aborted) throw error;
    out(`${messageOf(error)}\n`);
    return 1;
  }
};
