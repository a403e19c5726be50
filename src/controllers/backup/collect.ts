import { groupResource } from '../../cluster/port.js';
import { resolveNamespaces, tracksNamespace } from '../../domain/namespace-filter.js';
import { selectKinds } from '../../domain/resource-filter.js';
import { createItemArchiver, type Archived } from './archive.js';
import type { Collecting, Collection } from './collecting.js';
import { collectKinds } from './kinds.js';
import { createPodArchiver } from './pods.js';
import { collectDefinitions, collectRelated } from './related.js';
import { createTotals } from './totals.js';

const CLAIMS = 'persistentvolumeclaims';

const begin = (collection: Collection): Collecting => {
  const { spec, discovery, namespaces, policy, tar, log, actions, hooks, copies } = collection;
  const selected = resolveNamespaces(spec, namespaces);
  const listed = collection.everyVersion ? discovery.allVersions : discovery.resources;
  const selection = selectKinds(spec, listed, {
    everyNamespace: selected.everything,
    ...(policy && { policy }),
  });
  const archiver = createItemArchiver({
    rules: { resources: selection, namespaces: selected },
    actions,
    tar,
    ...(copies && {
      before: async ({ object, type }) => {
        if (groupResource(type) === 'pods') await copies.begin(object, selection.lists(CLAIMS));
      },
    }),
    log,
  });
  const types = new Map(discovery.resources.map((type) => [groupResource(type), type]));
  const pods = createPodArchiver({
    ...(hooks && { hooks }),
    ...(copies && { copies }),
    archiver,
    archiveVolumes: () => collectRelated(collecting, [CLAIMS, 'persistentvolumes']),
  });
  const totals = createTotals(archiver.archived, collection.onProgress);
  const collecting: Collecting = { ...collection, selected, selection, types, archiver, pods, totals };
  return collecting;
};

/** Trouble that is known before anything is listed. */
const reportMissing = ({ discovery, selection, selected, log }: Collecting): void => {
  for (const { groupVersion, message } of discovery.failures)
    log.warn('Failed to discover an API group', { error: `${groupVersion}: ${message}` });
  if (!selection.lists('namespaces')) return;
  for (const name of selected.missing)
    log.error('Error getting namespace', {
      resource: 'namespaces',
      name,
      error: `namespaces "${name}" not found`,
    });
};

const ARGO_CD = 'argocd.argoproj.io/managed-by';

/** What Argo CD manages it also writes back, over whatever a restore puts there (`pkg/backup/backup.go`). */
const warnOfArgoCd = ({ namespaces, selected, log }: Collecting): void => {
  const managed = namespaces.filter(
    ({ name, labels }) => selected.includes(name) && Object.hasOwn(labels, ARGO_CD),
  );
  if (managed.length === 0) return;
  const names = managed.map(({ name }) => name).join(', ');
  log.warn(`Argo CD manages namespaces of this backup and may undo what a restore puts there: ${names}`);
};

/** Namespaces come late: a selector takes those in which it found something. */
const collectNamespaces = async ({ namespaces, spec, selected, selection, types, archiver }: Collecting) => {
  const type = types.get('namespaces');
  if (!type || !selection.lists('namespaces')) return;
  for (const namespace of namespaces)
    if (tracksNamespace(namespace, spec, selected, archiver.archived.namespaces.has(namespace.name)))
      await archiver.add(namespace.json, type);
};

/** Lists, decides and archives everything that belongs to the backup. Trouble with single kinds and items goes to the log. */
export const collectItems = async (collection: Collection): Promise<Archived> => {
  const collecting = begin(collection);
  const { archived } = collecting.archiver;
  reportMissing(collecting);
  warnOfArgoCd(collecting);
  await collectKinds(collecting);
  await collectRelated(collecting);
  await collectNamespaces(collecting);
  await collectDefinitions(collecting);
  collecting.totals.report();
  return archived;
};
