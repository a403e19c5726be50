import { groupResource, type Cluster, type ObjectRef, type Refused } from '../../cluster/port.js';
import { textAt } from '../../domain/json.js';
import { Fault } from '../../faults.js';
import { isOurs, typeOfKind, type Manifest } from './manifest.js';
import { type Installed } from './objects.js';

const FIELD_MANAGER = 'lifeboat';

export const refOf = ({ metadata: { name, namespace } }: Manifest): ObjectRef => ({
  name,
  ...(namespace !== undefined && { namespace }),
});

/** `deployment.apps/lifeboat`, as kubectl writes it. */
export const titleOf = ({ kind, metadata }: Manifest): string =>
  `${groupResource({ ...typeOfKind(kind), resource: kind.toLowerCase() })}/${metadata.name}`;

const read = async (cluster: Cluster, manifest: Manifest, signal: AbortSignal): Promise<unknown> => {
  const bytes = await cluster.get(typeOfKind(manifest.kind), refOf(manifest), { signal });
  return bytes && (JSON.parse(bytes.toString('utf8')) as unknown);
};

const versionOf = (object: unknown): string => textAt(object, 'metadata', 'resourceVersion');

/** Why it was refused, and the way out where there is one. */
const explain = (manifest: Manifest, refused: Refused): Fault => {
  const what = `${titleOf(manifest)} was refused (${refused.reason}): ${refused.message}`;
  const conflict = refused.reason === 'Conflict' && refused.causes.length > 0;
  const wayOut = conflict ? '; --force-conflicts takes these fields over' : '';
  return new Fault(refused.status === 403 ? 'LB_CLUSTER_DENIED' : 'LB_CLUSTER_REFUSED', `${what}${wayOut}`);
};

export interface ApplyRun {
  readonly cluster: Cluster;
  readonly force: boolean;
  readonly out: (line: string) => void;
  readonly signal: AbortSignal;
}

/** A namespace that exists belongs to whoever made it: its pod security may have to let other pods in. */
const isLeftAlone = (manifest: Manifest, before: unknown): boolean =>
  manifest.kind === 'Namespace' && before !== undefined && !isOurs(before);

/**
 * Applies one object after the other, with a line for each. The first that is refused ends it with a fault, since what follows needs
 * it; once that is mended, applying everything again goes on where it ended.
 */
export const applyObjects = async (objects: readonly Installed[], run: ApplyRun): Promise<void> => {
  const { cluster, force, out, signal } = run;
  for (const { manifest } of objects) {
    const before = await read(cluster, manifest, signal);
    if (isLeftAlone(manifest, before)) {
      out(`${titleOf(manifest)} exists`);
      continue;
    }
    const options = { fieldManager: FIELD_MANAGER, force, signal };
    const written = await cluster.apply(
      typeOfKind(manifest.kind),
      refOf(manifest),
      JSON.stringify(manifest),
      options,
    );
    if (!written.ok) throw explain(manifest, written);
    const after: unknown = JSON.parse(written.body.toString('utf8'));
    const outcome =
      before === undefined ? 'created' : versionOf(before) === versionOf(after) ? 'unchanged' : 'updated';
    out(`${titleOf(manifest)} ${outcome}`);
  }
};
