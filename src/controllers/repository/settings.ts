import { CONFIG_MAPS } from '../../domain/known-kinds.js';
import { at, isObject, textAt } from '../../domain/json.js';
import type { ControllerPorts } from '../ports.js';

export type RepositorySettings =
  { readonly settings: Readonly<Record<string, string>> | undefined } | { readonly problem: string };

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/**
 * What the ConfigMap of `--backup-repository-configmap` says for repositories of kopia, every value as text, as it goes into
 * `spec.repositoryConfig` (`pkg/controller/backup_repository_controller.go`). Only new repositories get it.
 */
export const repositorySettings = async (
  { cluster, resources, config }: Pick<ControllerPorts, 'cluster' | 'resources' | 'config'>,
  signal: AbortSignal,
): Promise<RepositorySettings> => {
  const name = config.backupRepositoryConfigMap;
  if (name === '') return { settings: undefined };
  const { namespace } = resources;
  const bytes = await cluster.get(CONFIG_MAPS, { namespace, name }, { signal });
  if (!bytes)
    return { problem: `the ConfigMap ${namespace}/${name} of --backup-repository-configmap does not exist` };
  const data = at(parse(bytes.toString('utf8')), 'data');
  const text = textAt(data, 'kopia');
  if (text === '') return { settings: undefined };
  const document = parse(text);
  if (!isObject(document))
    return { problem: `the key "kopia" of the ConfigMap ${namespace}/${name} is not an object in JSON` };
  return {
    settings: Object.fromEntries(Object.entries(document).map(([key, value]) => [key, String(value)])),
  };
};
