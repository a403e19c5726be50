import type { Cluster } from '../../cluster/port.js';
import { hasOwnRight } from '../../controllers/own-rights.js';
import { fail, ok, warn, type Finding } from './finding.js';

interface Right {
  readonly group: string;
  readonly resource: string;
  readonly subresource?: string;
  readonly verbs: readonly string[];
  /** In the namespace of the server only; else everywhere. */
  readonly home?: true;
}

/** Rights that serve one purpose, and what does not work without them. */
export interface RightsGroup {
  readonly name: string;
  /** Without them the server, or most of what it is for, does not work; else only the one thing does not. */
  readonly needed: boolean;
  readonly without: string;
  readonly rights: readonly Right[];
}

/** The table of docs/operations.md. */
export const RIGHTS: readonly RightsGroup[] = [
  {
    name: 'own resources',
    needed: true,
    without: 'the server cannot follow what is asked for',
    rights: [
      {
        group: 'velero.io',
        resource: '*',
        verbs: ['get', 'list', 'watch', 'create', 'patch', 'delete'],
        home: true,
      },
    ],
  },
  {
    name: 'start',
    needed: true,
    without: 'the server does not start, or cannot open locations',
    rights: [
      { group: '', resource: 'namespaces', verbs: ['get'] },
      { group: 'apps', resource: 'deployments', verbs: ['get'], home: true },
      { group: '', resource: 'secrets', verbs: ['get'], home: true },
      { group: '', resource: 'configmaps', verbs: ['get', 'list'], home: true },
    ],
  },
  {
    name: 'backup',
    needed: true,
    without: 'a kind that may not be listed is an error of every backup that wants it',
    rights: [{ group: '*', resource: '*', verbs: ['get', 'list'] }],
  },
  {
    name: 'restore',
    needed: true,
    without: 'an object that may not be created is an error of the restore',
    rights: [{ group: '*', resource: '*', verbs: ['create', 'patch'] }],
  },
  {
    name: 'restore of RBAC objects',
    needed: false,
    without: 'only roles and bindings no wider than the own rights come back',
    rights: ['clusterroles', 'roles'].map((resource) => ({
      group: 'rbac.authorization.k8s.io',
      resource,
      verbs: ['escalate', 'bind'],
    })),
  },
  {
    name: 'restore of status',
    needed: false,
    without: 'restoreStatus has no effect',
    rights: [{ group: '*', resource: '*', subresource: 'status', verbs: ['update'] }],
  },
  {
    name: 'hooks',
    needed: false,
    without: 'hooks fail',
    rights: [
      { group: '', resource: 'pods', subresource: 'exec', verbs: ['get', 'create'] },
      { group: '', resource: 'pods', verbs: ['get', 'watch'] },
    ],
  },
  {
    name: 'snapshots of volumes',
    needed: false,
    without: 'volumes of CSI drivers are errors of the backup',
    rights: [
      ...['volumesnapshots', 'volumesnapshotcontents'].map((resource) => ({
        group: 'snapshot.storage.k8s.io',
        resource,
        verbs: ['watch', 'create', 'patch', 'delete'],
      })),
      ...['volumegroupsnapshots', 'volumegroupsnapshotcontents'].map((resource) => ({
        group: 'groupsnapshot.storage.k8s.io',
        resource,
        verbs: ['watch', 'create', 'patch', 'delete'],
      })),
      { group: '', resource: 'persistentvolumeclaims', verbs: ['watch'] },
    ],
  },
];

/** What the API needs in addition, with `--auth kubernetes`. */
export const API_RIGHTS: RightsGroup = {
  name: 'API',
  needed: false,
  without: 'nobody can use the GraphQL API',
  rights: [
    { group: 'authentication.k8s.io', resource: 'tokenreviews', verbs: ['create'] },
    { group: 'authorization.k8s.io', resource: 'subjectaccessreviews', verbs: ['create'] },
    { group: '', resource: 'users', verbs: ['impersonate'] },
    { group: '', resource: 'groups', verbs: ['impersonate'] },
  ],
};

const printRight = ({ group, resource, subresource, home }: Right, verb: string): string => {
  const what = `${resource}${group === '' ? '' : `.${group}`}${subresource ? `/${subresource}` : ''}`;
  return `${verb} ${what}${home ? '' : ' everywhere'}`;
};

const isAllowed = async (
  cluster: Cluster,
  { group, resource, subresource, home }: Right,
  verb: string,
  namespace: string,
  signal: AbortSignal,
): Promise<boolean> => {
  const right = { group, resource, verb, ...(subresource && { subresource }), ...(home && { namespace }) };
  return (await hasOwnRight(cluster, right, signal)) === true;
};

/** Asks the API server for each right of a group, as whoever the credentials are. */
export const checkRights = async (
  cluster: Cluster,
  group: RightsGroup,
  namespace: string,
  signal: AbortSignal,
): Promise<Finding> => {
  const asked = group.rights.flatMap((right) => right.verbs.map((verb) => [right, verb] as const));
  const answers = await Promise.all(
    asked.map(([right, verb]) => isAllowed(cluster, right, verb, namespace, signal)),
  );
  const missing = asked
    .filter((_one, i) => answers[i] !== true)
    .map(([right, verb]) => printRight(right, verb));
  if (missing.length === 0) return ok('all rights are there');
  const detail = `may not ${missing.join(', ')}: ${group.without}`;
  const remedy = 'grant the rights in "Rights" of docs/operations.md, or bind cluster-admin';
  return group.needed ? fail(detail, remedy) : warn(detail, remedy);
};
