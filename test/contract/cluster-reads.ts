import { describe, expect, test } from 'vitest';
import { groupResource, type Discovery, type ResourceType } from '../../src/cluster/port.js';
import {
  type ClusterTarget,
  accepted,
  body,
  collect,
  configMaps,
  eachOf,
  listed,
  names,
  namespaces,
  parse,
  present,
  refused,
  secrets,
  soon,
  unique,
} from './cluster-fixture.js';

const discovering = (target: () => ClusterTarget) => {
  const find = (discovery: Discovery, name: string) =>
    discovery.resources.filter((type) => groupResource(type) === name);

  test('the server says its version', async () => {
    const version = await target().cluster.version(soon());
    expect(version.gitVersion).toMatch(/^v\d+\.\d+\.\d+/);
    expect(version.gitVersion.startsWith(`v${version.major}.${version.minor.replace('+', '')}.`)).toBe(true);
  });

  test.each([
    ['pods', 'v1', 'Pod', 'pod', ['po'], true],
    ['namespaces', 'v1', 'Namespace', 'namespace', ['ns'], false],
    ['persistentvolumes', 'v1', 'PersistentVolume', 'persistentvolume', ['pv'], false],
    ['deployments.apps', 'v1', 'Deployment', 'deployment', ['deploy'], true],
    ['ingresses.networking.k8s.io', 'v1', 'Ingress', 'ingress', ['ing'], true],
    [
      'horizontalpodautoscalers.autoscaling',
      'v2',
      'HorizontalPodAutoscaler',
      'horizontalpodautoscaler',
      ['hpa'],
      true,
    ],
    ['clusterroles.rbac.authorization.k8s.io', 'v1', 'ClusterRole', 'clusterrole', [], false],
    [
      'customresourcedefinitions.apiextensions.k8s.io',
      'v1',
      'CustomResourceDefinition',
      'customresourcedefinition',
      ['crd', 'crds'],
      false,
    ],
  ])('discovery knows %s', async (name, version, kind, singular, shortNames, namespaced) => {
    const found = find(await target().cluster.discover(soon()), name);
    expect(found).toEqual([expect.objectContaining({ version, kind, singular, shortNames, namespaced })]);
    expect(found[0]?.verbs).toEqual(
      expect.arrayContaining(['create', 'delete', 'get', 'list', 'patch', 'update', 'watch']),
    );
  });

  test('discovery knows kinds that can only be created', async () => {
    const [reviews] = find(await target().cluster.discover(soon()), 'tokenreviews.authentication.k8s.io');
    expect(reviews?.verbs).toEqual(['create']);
  });

  test('discovery holds each kind once, without sub-resources', async () => {
    const { resources } = await target().cluster.discover(soon());
    const all = resources.map(groupResource);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((name) => name.includes('/'))).toEqual([]);
  });

  test('discovery holds each kind in every version once, the preferred one among them', async () => {
    const { resources, allVersions } = await target().cluster.discover(soon());
    const keyOf = (type: ResourceType) => `${groupResource(type)}/${type.version}`;
    const all = allVersions.map(keyOf);
    expect(new Set(all).size).toBe(all.length);
    expect(all.filter((name) => name.split('/').length !== 2)).toEqual([]);
    for (const type of resources) expect(allVersions.find((one) => keyOf(one) === keyOf(type))).toEqual(type);
    expect(new Set(allVersions.map(groupResource))).toEqual(new Set(resources.map(groupResource)));
  });
};

const getting = (target: () => ClusterTarget) => {
  test('an absent object is undefined, not an error', async () => {
    const at = target();
    const namespace = await at.namespace();
    expect(
      await at.cluster.get(configMaps, { namespace, name: 'absent' }, { signal: soon() }),
    ).toBeUndefined();
    expect(await at.cluster.get(namespaces, { name: unique('absent') }, { signal: soon() })).toBeUndefined();
  });

  test('text comes back unchanged, whatever is in it', async () => {
    const at = target();
    const namespace = await at.namespace();
    const data = {
      a: '<>&',
      b: 'Grüße 🦊 \u2028',
      c: 'line\nbreak\t"quoted" \\',
      d: '9007199254740993',
      e: '',
    };
    accepted(
      await at.cluster.create(configMaps, namespace, body(configMaps, 'text', { data }), { signal: soon() }),
    );
    expect(parse(await present(at.cluster, configMaps, { namespace, name: 'text' })).data).toEqual(data);
  });

  test('a stopped call ends with the fault LB_ABORTED', async () => {
    const { cluster } = target();
    const signal = AbortSignal.abort();
    const aborted = { code: 'LB_ABORTED' };
    const ref = { namespace: 'default', name: 'x' };
    await expect(cluster.get(configMaps, ref, { signal })).rejects.toMatchObject(aborted);
    await expect(
      cluster.create(configMaps, 'default', body(configMaps, 'x'), { signal }),
    ).rejects.toMatchObject(aborted);
    await expect(cluster.patch(configMaps, ref, 'merge', '{}', { signal })).rejects.toMatchObject(aborted);
    await expect(cluster.delete(configMaps, ref, { signal })).rejects.toMatchObject(aborted);
    await expect(cluster.discover(signal)).rejects.toMatchObject(aborted);
    const pages = cluster.list(configMaps, { namespace: 'default', signal });
    await expect(collect(pages)).rejects.toMatchObject(aborted);
  });

  test('a user without rights is refused with Forbidden, and denied on a read', async (context) => {
    const at = target();
    if (at.asViewer === undefined) return context.skip();
    const as = at.asViewer;
    const namespace = await at.namespace();
    const ref = { namespace, name: 'mine' };
    const no = refused(
      await at.cluster.create(configMaps, namespace, body(configMaps, 'mine'), { signal: soon(), as }),
    );
    expect(no).toMatchObject({ status: 403, reason: 'Forbidden' });
    expect(no.message).toContain(as.user);
    accepted(await at.cluster.create(configMaps, namespace, body(configMaps, 'mine'), { signal: soon() }));
    expect(refused(await at.cluster.delete(configMaps, ref, { signal: soon(), as }))).toMatchObject({
      reason: 'Forbidden',
    });
    await expect(at.cluster.get(configMaps, ref, { signal: soon(), as })).rejects.toMatchObject({
      code: 'LB_CLUSTER_DENIED',
    });
  });
};

const listing = (target: () => ClusterTarget) => {
  const sevenSecrets = async (at: ClusterTarget) => {
    const namespace = await at.namespace();
    await eachOf(7, async (i) => {
      accepted(await at.cluster.create(secrets, namespace, body(secrets, `s${i}`), { signal: soon() }));
    });
    return namespace;
  };
  const seven = ['s0', 's1', 's2', 's3', 's4', 's5', 's6'];

  test('a list in pages shows each object once, says what remains and is of one moment', async () => {
    const at = target();
    const namespace = await sevenSecrets(at);
    const pages = await collect(at.cluster.list(secrets, { namespace, pageSize: 2, signal: soon() }));
    expect(pages.map((page) => page.items.length)).toEqual([2, 2, 2, 1]);
    expect(pages.map((page) => page.remaining ?? 0)).toEqual([5, 3, 1, 0]);
    expect(new Set(pages.map((page) => page.resourceVersion)).size).toBe(1);
    expect(names(pages.flatMap((page) => page.items))).toEqual(seven);
  });

  test('what is written while a list is read does not change the list', async () => {
    const at = target();
    const namespace = await sevenSecrets(at);
    const seen: Buffer[] = [];
    for await (const page of at.cluster.list(secrets, { namespace, pageSize: 3, signal: soon() })) {
      seen.push(...page.items);
      await at.cluster.create(secrets, namespace, body(secrets, 's5-late'), { signal: soon() });
      await at.cluster.delete(secrets, { namespace, name: 's6' }, { signal: soon() });
    }
    expect(names(seen)).toEqual(seven);
    expect(names(await listed(at.cluster, secrets, { namespace }))).toEqual(
      [...seven.slice(0, 6), 's5-late'].sort(),
    );
  });

  test('page size 0 asks for everything at once', async () => {
    const at = target();
    const namespace = await sevenSecrets(at);
    const pages = await collect(at.cluster.list(secrets, { namespace, pageSize: 0, signal: soon() }));
    expect(pages.map((page) => names(page.items))).toEqual([seven]);
  });

  test('an empty list is one empty page', async () => {
    const at = target();
    const pages = await collect(
      at.cluster.list(secrets, { namespace: await at.namespace(), signal: soon() }),
    );
    expect(pages.map((page) => page.items)).toEqual([[]]);
    expect(pages[0]?.resourceVersion).toMatch(/^[1-9]/);
  });

  test('without a namespace a list spans all of them', async () => {
    const at = target();
    const [one, two] = [await at.namespace(), await at.namespace()];
    const labels = { run: unique('r') };
    for (const namespace of [one, two]) {
      accepted(
        await at.cluster.create(secrets, namespace, body(secrets, 'same', {}, { labels }), {
          signal: soon(),
        }),
      );
    }
    const items = await listed(at.cluster, secrets, { labelSelector: `run=${labels.run}`, pageSize: 1 });
    expect(items.map((item) => parse(item).metadata.namespace).sort()).toEqual([one, two].sort());
  });

  test.each([
    ['app=web', ['a', 'b']],
    ['app==web,tier=back', ['b']],
    ['app!=web', ['c', 'd']],
    ['tier in (front, back)', ['a', 'b']],
    ['tier notin (front)', ['b', 'c', 'd']],
    ['tier', ['a', 'b']],
    ['!tier', ['c', 'd']],
    ['app in (web,db),!tier', ['c']],
    ['app=nothing', []],
  ])('the label selector "%s" picks the right ones', async (labelSelector, expected) => {
    const at = target();
    const namespace = await at.namespace();
    const labelled = {
      a: { app: 'web', tier: 'front' },
      b: { app: 'web', tier: 'back' },
      c: { app: 'db' },
      d: {},
    };
    for (const [name, labels] of Object.entries(labelled)) {
      accepted(
        await at.cluster.create(secrets, namespace, body(secrets, name, {}, { labels }), { signal: soon() }),
      );
    }
    expect(names(await listed(at.cluster, secrets, { namespace, labelSelector }))).toEqual(expected);
  });

  test('a selector that cannot be read is a fault, not an empty list', async () => {
    const at = target();
    const asked = listed(at.cluster, secrets, { namespace: await at.namespace(), labelSelector: 'app in' });
    await expect(asked).rejects.toMatchObject({ code: 'LB_CLUSTER_REFUSED' });
  });

  test('a field selector picks by name', async () => {
    const at = target();
    const namespace = await sevenSecrets(at);
    expect(
      names(await listed(at.cluster, secrets, { namespace, fieldSelector: 'metadata.name=s3' })),
    ).toEqual(['s3']);
    const others = await listed(at.cluster, secrets, { namespace, fieldSelector: 'metadata.name!=s3' });
    expect(names(others)).toEqual(seven.filter((name) => name !== 's3'));
  });
};

/** What can be asked, and that the answer is the truth of one moment. */
export const reads = (target: () => ClusterTarget): void => {
  describe('discovery', () => discovering(target));
  describe('getting', () => getting(target));
  describe('listing', () => listing(target));
};
