import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import {
  apiVersionOf,
  type Cluster,
  type Impersonation,
  type ObjectRef,
  type Refused,
  type ResourceType,
  type Written,
} from '../../src/cluster/port.js';

/** What a cluster has to bring to be put under the contract. */
export interface ClusterTarget {
  readonly cluster: Cluster;
  /** Makes a namespace nobody else uses and answers its name. */
  namespace(): Promise<string>;
  dispose(): Promise<void>;
  /** A user without any rights; absent if the target checks no rights. */
  readonly asViewer?: Impersonation;
  /** Makes a pod with the container `main`, whose commands run on this host; absent if the target has no node that could. */
  runningPod?(namespace: string): Promise<ObjectRef>;
  /** Its nodes tell a failure in words only, without the exit code; kwok's do. */
  readonly losesExitCodes?: boolean;
}

/** The shape of the objects these tests write; what they assert on is read from here. */
export interface Thing {
  apiVersion?: string;
  kind?: string;
  metadata: {
    name: string;
    namespace?: string;
    uid?: string;
    resourceVersion?: string;
    creationTimestamp?: string;
    deletionTimestamp?: string;
    generation?: number;
    labels?: Record<string, string>;
    finalizers?: string[];
  };
  data?: Record<string, string>;
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

const type = (
  group: string,
  version: string,
  resource: string,
  kind: string,
  namespaced = true,
): ResourceType => ({
  group,
  version,
  resource,
  kind,
  singular: kind.toLowerCase(),
  shortNames: [],
  namespaced,
  verbs: ['create', 'delete', 'get', 'list', 'patch', 'update', 'watch'],
});

export const configMaps = type('', 'v1', 'configmaps', 'ConfigMap');
export const secrets = type('', 'v1', 'secrets', 'Secret');
export const pods = type('', 'v1', 'pods', 'Pod');
export const namespaces = type('', 'v1', 'namespaces', 'Namespace', false);
export const definitions = type(
  'apiextensions.k8s.io',
  'v1',
  'customresourcedefinitions',
  'CustomResourceDefinition',
  false,
);

/** What a pod has to say to be taken by an API server. */
export const podSpec = { containers: [{ name: 'main', image: 'contract.test/none' }] };

/** The longest any single wait of a test may take. */
const patience = 10_000;

export const soon = (): AbortSignal => AbortSignal.timeout(patience);

export const parse = (bytes: Buffer): Thing => JSON.parse(bytes.toString('utf8')) as Thing;

export const unique = (prefix: string): string => `${prefix}-${randomBytes(5).toString('hex')}`;

export const body = (of: ResourceType, name: string, rest: object = {}, metadata: object = {}): string =>
  JSON.stringify({ apiVersion: apiVersionOf(of), kind: of.kind, metadata: { name, ...metadata }, ...rest });

export const accepted = (written: Written): Thing => {
  if (!written.ok) expect.fail(`refused: ${written.status} ${written.reason} ${written.message}`);
  return parse(written.body);
};

export const refused = (written: Written): Refused => {
  if (written.ok) expect.fail(`accepted: ${written.body.toString('utf8')}`);
  return written;
};

export const present = async (cluster: Cluster, of: ResourceType, ref: ObjectRef): Promise<Buffer> => {
  const bytes = await cluster.get(of, ref, { signal: soon() });
  if (bytes === undefined) expect.fail(`${of.resource}/${ref.name} does not exist`);
  return bytes;
};

/** Everything a finite iteration yields. */
export const collect = async <T>(source: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const one of source) all.push(one);
  return all;
};

/** Every item of a list, over all its pages. */
export const listed = async (
  cluster: Cluster,
  of: ResourceType,
  options: Omit<Parameters<Cluster['list']>[1], 'signal'>,
): Promise<Buffer[]> => {
  const all: Buffer[] = [];
  for await (const page of cluster.list(of, { ...options, signal: soon() })) all.push(...page.items);
  return all;
};

export const names = (items: readonly Buffer[]): string[] =>
  items.map((item) => parse(item).metadata.name).sort();

/** Reads again until there is an answer; fails when it takes too long. */
export const eventually = async <T>(what: string, read: () => Promise<T | undefined>): Promise<T> => {
  const end = Date.now() + patience;
  for (;;) {
    const answer = await read();
    if (answer !== undefined) return answer;
    if (Date.now() > end) expect.fail(`waited in vain for ${what}`);
    await pause(10);
  }
};

/** `task` for every number below `count`, a few at a time. */
export const eachOf = async (
  count: number,
  task: (index: number) => Promise<void>,
  workers = 20,
): Promise<void> => {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < count) {
      next += 1;
      await task(next - 1);
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, count) }, work));
};

const specProperties = {
  size: { type: 'integer' },
  anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
};

/**
 * A new custom kind under a group of its own; `statusSubresource` decides who may write its status. The first of its versions
 * is stored, the others are served too.
 */
export const customKind = (options: {
  readonly statusSubresource: boolean;
  readonly versions?: readonly string[];
}): { custom: ResourceType; crd: string } => {
  const group = `${unique('g')}.contract.test`;
  const custom: ResourceType = { ...type(group, 'v1', 'gizmos', 'Gizmo'), shortNames: ['gz'] };
  const status = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  const version = (name: string, index: number) => ({
    name,
    served: true,
    storage: index === 0,
    schema: {
      openAPIV3Schema: {
        type: 'object',
        properties: { spec: { type: 'object', properties: specProperties }, status },
      },
    },
    ...(options.statusSubresource ? { subresources: { status: {} } } : {}),
  });
  const naming = {
    plural: 'gizmos',
    singular: 'gizmo',
    kind: 'Gizmo',
    listKind: 'GizmoList',
    shortNames: ['gz'],
  };
  const spec = {
    group,
    scope: 'Namespaced',
    names: naming,
    versions: (options.versions ?? ['v1']).map(version),
  };
  return { custom, crd: body(definitions, `gizmos.${group}`, { spec }) };
};

/** Creates the kind, waits until objects of it can be made, and removes it when `use` is done. */
export const withCustomKind = async (
  cluster: Cluster,
  namespace: string,
  options: { readonly statusSubresource: boolean },
  use: (custom: ResourceType) => Promise<void>,
): Promise<void> => {
  const { custom, crd } = customKind(options);
  accepted(await cluster.create(definitions, undefined, crd, { signal: soon() }));
  try {
    await eventually('the new kind to be served', async () => {
      const first = await cluster.create(custom, namespace, body(custom, 'served'), { signal: soon() });
      return first.ok || undefined;
    });
    await use(custom);
  } finally {
    await cluster.delete(definitions, { name: `gizmos.${custom.group}` }, { signal: soon() });
  }
};
