import { parseResourcePolicies, type ResourcePolicies } from '../domain/resource-policies/policies.js';
import type { BackupSpec } from '../domain/velero.gen.js';
import { Fault } from '../faults.js';
import { readConfigMapDocument, type ConfigMapHome } from './config-map.js';

/** What a backup's resource policy turned out to be. */
export type LoadedPolicy =
  | { readonly found: false }
  | { readonly found: true; readonly problems: readonly string[] }
  | { readonly found: true; readonly policies: ResourcePolicies };

/**
 * Reads the policies that a backup names. `undefined` if it names none; a reference to another kind than a ConfigMap counts
 * as none (`GetResourcePoliciesFromBackup` in `internal/resourcepolicies/resource_policies.go`). Faults are those of
 * `Cluster.get`.
 */
export const loadResourcePolicy = async (
  home: ConfigMapHome,
  ref: BackupSpec['resourcePolicy'] | null,
  signal: AbortSignal,
): Promise<LoadedPolicy | undefined> => {
  if (ref?.kind.toLowerCase() !== 'configmap') return undefined;
  const read = await readConfigMapDocument(home, ref.name, 'yaml.v3', signal);
  if (!read.found) return { found: false };
  if ('problem' in read) return { found: true, problems: [read.problem] };
  const parsed = parseResourcePolicies(read.document);
  if ('policies' in parsed) return { found: true, policies: parsed.policies };
  return {
    found: true,
    problems: parsed.problems.map(({ path, message }) => `key "${read.key}", ${path}: ${message}`),
  };
};

/**
 * The policies for the run of a backup that was found valid. They may have been changed or removed since: then there is no
 * telling what the backup should hold, and a fault ends it.
 */
export const requireResourcePolicy = async (
  home: ConfigMapHome,
  ref: BackupSpec['resourcePolicy'] | null,
  signal: AbortSignal,
): Promise<ResourcePolicies | undefined> => {
  const loaded = await loadResourcePolicy(home, ref, signal);
  if (!loaded) return undefined;
  if ('policies' in loaded) return loaded.policies;
  const why = loaded.found ? loaded.problems.join('; ') : 'it is gone; create it again';
  throw new Fault(
    'LB_CONFIG',
    `the resource policy in ConfigMap "${ref?.name ?? ''}" cannot be applied: ${why}`,
  );
};
