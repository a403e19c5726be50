import { setTimeout } from 'node:timers/promises';
import { Fault } from '../faults.js';
import { at, isObject, json, print, textAt } from './memory-json.js';
import { metadataOf, readDocument } from './memory-document.js';
import { groupResource, type Cluster, type ResourceType, type Written } from './port.js';
import { appDrafts, groundDrafts, sampleApp, type Draft } from './sample-objects.js';

export interface SampleOptions {
  readonly namespaces: readonly string[];
  /** How many objects to make altogether, the namespaces and what all apps share included. */
  readonly objects: number;
}

/** Apps that are made at the same time. */
const parallel = 8;
/** A new kind is served within a few seconds; after `tries` × `pauseMs` it never will be. */
const tries = 200;
const pauseMs = 50;

const pause = async (signal: AbortSignal): Promise<void> => {
  await setTimeout(pauseMs, undefined, { signal }).catch((cause: unknown) => {
    throw new Fault('LB_ABORTED', 'making the sample apps', { cause });
  });
};

type Types = ReadonlyMap<string, ResourceType>;

const discoverTypes = async (cluster: Cluster, signal: AbortSignal): Promise<Types> => {
  const { resources } = await cluster.discover(signal);
  return new Map(resources.map((type) => [groupResource(type), type]));
};

/** The types once all of these kinds are served. */
const awaitTypes = async (
  cluster: Cluster,
  kinds: readonly string[],
  signal: AbortSignal,
): Promise<Types> => {
  for (let i = 0; i < tries; i += 1) {
    const types = await discoverTypes(cluster, signal);
    if (kinds.every((kind) => types.has(kind))) return types;
    await pause(signal);
  }
  throw new Fault('LB_DEADLINE', 'the sample kinds are not served');
};

const ownerReference = (owner: Buffer) => {
  const document = readDocument(owner);
  return {
    apiVersion: textAt(document, 'apiVersion'),
    kind: textAt(document, 'kind'),
    name: textAt(document, 'metadata', 'name'),
    uid: textAt(document, 'metadata', 'uid'),
    controller: true,
  };
};

const bodyOf = (draft: Draft, owner: Buffer | undefined): string => {
  const document = json(draft.object);
  if (owner === undefined || !isObject(document)) return print(document);
  metadataOf(document).set('ownerReferences', [json(ownerReference(owner))]);
  return print(document);
};

const nameOf = (draft: Draft): string => textAt(at(json(draft.object), 'metadata'), 'name') ?? '';

/** Writes the status a controller would have written. */
const report = async (
  cluster: Cluster,
  type: ResourceType,
  draft: Draft,
  made: Buffer,
  signal: AbortSignal,
) => {
  const document = readDocument(made);
  if (draft.status === undefined || !isObject(document)) return;
  document.set('status', json(draft.status));
  const ref = {
    name: nameOf(draft),
    ...(draft.namespace === undefined ? {} : { namespace: draft.namespace }),
  };
  await cluster.replace(type, ref, print(document), { signal, subresource: 'status' });
};

/** A definition just made may not be served by every part of the server yet: such a NotFound passes. */
const createPatiently = async (
  cluster: Cluster,
  type: ResourceType,
  draft: Draft,
  body: string,
  signal: AbortSignal,
): Promise<Written> => {
  let written = await cluster.create(type, draft.namespace, body, { signal });
  for (let i = 0; i < tries && !written.ok && written.reason === 'NotFound'; i += 1) {
    await pause(signal);
    written = await cluster.create(type, draft.namespace, body, { signal });
  }
  return written;
};

/** Makes the objects one after the other; answers how many were new. What is there already is left as it is. */
const createAll = async (
  cluster: Cluster,
  types: Types,
  drafts: readonly Draft[],
  signal: AbortSignal,
): Promise<number> => {
  /** The last object made of each kind: the owners of what follows. */
  const made = new Map<string, Buffer>();
  let created = 0;
  for (const draft of drafts) {
    const type = types.get(draft.kind);
    if (type === undefined) throw new Fault('LB_CLUSTER_REFUSED', `${draft.kind} is not served`);
    const owner = draft.ownedBy === undefined ? undefined : made.get(draft.ownedBy);
    const written = await createPatiently(cluster, type, draft, bodyOf(draft, owner), signal);
    if (!written.ok && written.reason === 'AlreadyExists') continue;
    if (!written.ok)
      throw new Fault('LB_CLUSTER_REFUSED', `${draft.kind} ${nameOf(draft)}: ${written.message}`);
    created += 1;
    made.set(draft.kind, written.body);
    await report(cluster, type, draft, written.body, signal);
  }
  return created;
};

/**
 * Fills a cluster with sample apps, the same every time and in turn over the namespaces: workloads with their owners,
 * access rules, settings, claims with volumes (without data), network, batch and a custom kind. Can be run again: what
 * exists is kept. Throws `LB_CLUSTER_REFUSED` if the cluster takes an object for wrong.
 */
export const seedSampleApps = async (
  cluster: Cluster,
  options: SampleOptions,
  signal: AbortSignal,
): Promise<{ readonly created: number }> => {
  const ground = groundDrafts(options.namespaces);
  const before = await discoverTypes(cluster, signal);
  let created = await createAll(cluster, before, ground, signal);
  const types = await awaitTypes(cluster, ['caches.samples.lifeboat.dev'], signal);
  let left = options.objects - ground.length;
  for (let index = 0; left > 0 && options.namespaces.length > 0;) {
    const batch: Promise<number>[] = [];
    for (let i = 0; i < parallel && left > 0; i += 1, index += 1) {
      const namespace = options.namespaces[index % options.namespaces.length] ?? '';
      const drafts = appDrafts(sampleApp(namespace, index)).slice(0, left);
      left -= drafts.length;
      batch.push(createAll(cluster, types, drafts, signal));
    }
    created += (await Promise.all(batch)).reduce((sum, count) => sum + count, 0);
  }
  return { created };
};
