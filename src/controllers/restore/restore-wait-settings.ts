import { getObject } from '../../cluster/get-object.js';
import type { Cluster } from '../../cluster/port.js';
import { listAt, textAt } from '../../domain/json.js';
import { DEPLOYMENTS } from '../../domain/known-kinds.js';
import { restoreWaitOf, type RestoreWait } from '../../domain/restore-actions/restore-wait.js';
import type { ConfigMapHome } from '../config-map.js';
import { parseYaml } from '../yaml.js';

/** As `lifeboat install` names it. */
const OWN_NAME = 'lifeboat';

/** The image of the server by its Deployment; undefined where it runs otherwise. */
const ownImage = async (
  { cluster, namespace }: { readonly cluster: Pick<Cluster, 'get'>; readonly namespace: string },
  signal: AbortSignal,
): Promise<string | undefined> => {
  const deployment = await getObject(cluster, DEPLOYMENTS, { namespace, name: OWN_NAME }, { signal });
  if (!deployment) return undefined;
  const containers = listAt(deployment, 'spec', 'template', 'spec', 'containers');
  const own = containers.find((container) => textAt(container, 'name') === OWN_NAME) ?? containers[0];
  return textAt(own, 'image') || undefined;
};

/** How pods are held back until their volumes are filled: by the ConfigMap for it, else as the server's own image does it. */
export const readRestoreWait = async (
  home: ConfigMapHome,
  data: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<RestoreWait | { readonly problem: string }> => {
  const image = data['image'] ? undefined : await ownImage(home, signal);
  const text = data['secCtx'];
  const parsed = text === undefined ? undefined : parseYaml(text, 'sigs.k8s.io/yaml');
  const settings = restoreWaitOf(data, {
    image,
    ...(parsed && 'document' in parsed && { securityContext: parsed.document }),
  });
  return 'problem' in settings ? settings : settings.wait;
};
