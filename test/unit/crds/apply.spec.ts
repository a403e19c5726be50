import { beforeEach, describe, expect, test, vi } from 'vitest';
import { readCrds, runCrds } from '../../../src/cli/crds.js';
import { type Cluster, type Refused } from '../../../src/cluster/port.js';
import { Fault } from '../../../src/faults.js';

interface Stored {
  metadata: {
    name: string;
    resourceVersion: string;
    labels?: object;
    annotations?: object;
    finalizers?: string[];
  };
  spec: {
    versions: { name: string; served: boolean; storage: boolean; schema?: object }[];
    conversion?: object;
    names: { shortNames?: string[] };
  };
  status?: { conditions: { type: string; status: string; message?: string }[]; storedVersions: string[] };
}

const refused = (status: number, reason: string): Refused => ({
  ...{ ok: false, status, reason, message: `the object is ${reason}` },
  causes: [],
});

const ESTABLISHED = { type: 'Established', status: 'True' };

/** As much of an API server as definitions need: names are unique, writes are conditional, defaults are filled in. */
const definitionsServer = () => {
  const stored = new Map<string, Stored>();
  let writes = 0;
  const put = (sent: Stored): Stored => {
    const spec = { conversion: { strategy: 'None' }, ...sent.spec };
    const kept = { ...sent, spec, metadata: { ...sent.metadata, resourceVersion: String(++writes) } };
    kept.status ??= { conditions: [ESTABLISHED], storedVersions: spec.versions.map(({ name }) => name) };
    stored.set(kept.metadata.name, kept);
    return kept;
  };
  const written = (kept: Stored) => ({ ok: true as const, body: Buffer.from(JSON.stringify(kept)) });
  const cluster: Pick<Cluster, 'create' | 'get' | 'replace'> = {
    create: (_type, _namespace, body) => {
      const sent = JSON.parse(body.toString()) as Stored;
      return Promise.resolve(
        stored.has(sent.metadata.name) ? refused(409, 'AlreadyExists') : written(put(sent)),
      );
    },
    get: (_type, { name }) => {
      const found = stored.get(name);
      return Promise.resolve(found && Buffer.from(JSON.stringify(found)));
    },
    replace: (_type, { name }, body) => {
      const sent = JSON.parse(body.toString()) as Stored;
      const found = stored.get(name);
      if (!found) return Promise.resolve(refused(404, 'NotFound'));
      const fresh = found.metadata.resourceVersion === sent.metadata.resourceVersion;
      return Promise.resolve(fresh ? written(put(sent)) : refused(409, 'Conflict'));
    },
  };
  return { cluster: cluster as Cluster, stored, put };
};

const BACKUPS = 'backups.velero.io';

describe('lifeboat crds --apply', () => {
  let server: ReturnType<typeof definitionsServer>;
  beforeEach(() => {
    server = definitionsServer();
  });

  const apply = async (cluster: Cluster = server.cluster, signal = new AbortController().signal) => {
    const lines: string[] = [];
    const code = await runCrds({ apply: true, cluster, out: (text) => lines.push(text), signal });
    return { code, text: lines.join(''), backups: lines.find((line) => line.startsWith(BACKUPS)) };
  };

  const installed = (): Stored => structuredClone(server.stored.get(BACKUPS)!);

  test('creates all thirteen definitions with the label that velero uninstall looks for', async () => {
    const { code, text } = await apply();
    expect(code).toBe(0);
    expect(text).toBe((await readCrds()).map(({ name }) => `${name} created\n`).join(''));
    expect([...server.stored.values()].map(({ metadata }) => metadata.labels)).toEqual(
      Array.from({ length: 13 }, () => ({ component: 'velero' })),
    );
  });

  test('writes nothing when everything is there already', async () => {
    await apply();
    const before = structuredClone(server.stored);
    expect((await apply()).text).toBe((await readCrds()).map(({ name }) => `${name} unchanged\n`).join(''));
    expect(server.stored).toEqual(before);
  });

  test('brings a changed definition up to date and leaves what others put on it', async () => {
    await apply();
    const other = installed();
    other.metadata = { ...other.metadata, labels: { team: 'a' }, finalizers: ['keep/me'] };
    other.spec.versions[0] = { ...other.spec.versions[0]!, schema: { openAPIV3Schema: { type: 'object' } } };
    server.put({ ...other, spec: { ...other.spec, conversion: { strategy: 'Webhook' } } });
    expect((await apply()).backups).toBe(`${BACKUPS} updated\n`);
    expect(installed().metadata).toMatchObject({
      labels: { team: 'a', component: 'velero' },
      finalizers: ['keep/me'],
    });
    expect(installed().spec.conversion).toEqual({ strategy: 'Webhook' });
    expect((await apply()).backups).toBe(`${BACKUPS} unchanged\n`);
  });

  test('never removes a version that only the cluster knows, and leaves it the stored one', async () => {
    await apply();
    const newer = installed();
    const [ours] = newer.spec.versions;
    const v2 = { name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } };
    newer.spec.versions = [{ ...ours!, storage: false, schema: {} }, v2];
    server.put(newer);
    expect((await apply()).backups).toBe(`${BACKUPS} updated\n`);
    expect(installed().spec.versions).toEqual([{ ...ours, storage: false }, v2]);
    expect((await apply()).backups).toBe(`${BACKUPS} unchanged\n`);
  });

  test('looks again when somebody else writes in between, and gives up when that never ends', async () => {
    await apply();
    const meddle = () => {
      const other = installed();
      other.metadata.labels = {};
      server.put(other);
    };
    meddle();
    let times = 2;
    const contended: Cluster = {
      ...server.cluster,
      replace: (type, ref, body, options) => {
        if (times-- > 0) meddle();
        return server.cluster.replace(type, ref, body, options);
      },
    };
    expect(await apply(contended)).toMatchObject({ code: 0, backups: `${BACKUPS} updated\n` });
    meddle();
    times = Infinity;
    const endless = await apply(contended);
    expect(endless.code).toBe(1);
    expect(endless.backups).toContain(`${BACKUPS} refused (AlreadyExists)`);
  });

  test('reports a refused definition and still applies the others', async () => {
    const narrow: Cluster = {
      ...server.cluster,
      create: (type, namespace, body, options) =>
        body.toString().includes(`"${BACKUPS}"`)
          ? Promise.resolve(refused(403, 'Forbidden'))
          : server.cluster.create(type, namespace, body, options),
    };
    const { code, backups } = await apply(narrow);
    expect(code).toBe(1);
    expect(backups).toBe(`${BACKUPS} refused (Forbidden): the object is Forbidden\n`);
    expect(server.stored.size).toBe(12);
  });

  /** The server as before, with something happening right before the nth time somebody reads the backups' definition. */
  const whenLookedAt = (nth: number, then: () => void): Cluster => {
    let looks = 0;
    return {
      ...server.cluster,
      get: async (type, ref, options) => {
        if (ref.name === BACKUPS && ++looks === nth) then();
        return server.cluster.get(type, ref, options);
      },
    };
  };

  const serve = (...conditions: { type: string; status: string; message?: string }[]) =>
    server.put({ ...installed(), status: { conditions, storedVersions: ['v1'] } });

  test('waits until a definition is served', async () => {
    await apply();
    serve();
    let served = false;
    const slow = whenLookedAt(3, () => void (serve(ESTABLISHED), (served = true)));
    expect((await apply(slow)).code).toBe(0);
    expect(served).toBe(true);
  });

  test('says after the deadline which definition is not served, and why', async () => {
    await apply();
    serve({ type: 'NamesAccepted', status: 'False', message: 'the plural is taken' });
    const late = new AbortController();
    const deadline = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal);
    const { code, text } = await apply(whenLookedAt(3, () => late.abort()));
    expect(deadline).toHaveBeenCalledWith(60_000);
    deadline.mockRestore();
    expect(code).toBe(1);
    expect(text).toContain(`${BACKUPS} not established after 60 s: the plural is taken\n`);
    expect(text.match(/not established/g)).toHaveLength(1);
  });

  test('tells a person what broke', async () => {
    const down: Cluster = {
      ...server.cluster,
      create: () => Promise.reject(new Fault('LB_CLUSTER_UNREACHABLE', 'connection refused')),
    };
    expect(await apply(down)).toMatchObject({
      code: 1,
      text: 'the API server does not answer: connection refused\n',
    });
  });

  test('stops waiting when it is told to', async () => {
    await apply();
    serve();
    const stop = new AbortController();
    await expect(
      apply(
        whenLookedAt(2, () => stop.abort()),
        stop.signal,
      ),
    ).rejects.toThrow('the work was stopped');
  });
});
