import { getEventListeners } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type ClusterAccess, type Credentials } from '../../../src/cluster/credentials.js';
import { connectCluster, type ConnectOptions } from '../../../src/cluster/kube.js';
import { type Cluster, type ExecRequest } from '../../../src/cluster/port.js';
import { accessTo, never, status } from './api-server.js';
import { certificate } from './certificate.js';
import {
  ended,
  exitStatus,
  type ExecServer,
  says,
  serveExec,
  stderr,
  stdout,
  success,
} from './exec-server.js';

const connect = (server: Pick<ExecServer, 'url'>, options: Partial<ConnectOptions> = {}): Cluster => {
  const cluster = connectCluster({
    access: accessTo(server.url),
    times: { firstMs: 1, maxMs: 5, budgetMs: 500 },
    ...options,
  });
  onTestFinished(() => cluster.close());
  return cluster;
};

const pod = { namespace: 'shop', name: 'web' };
const request = (rest: Partial<ExecRequest> = {}): ExecRequest => ({
  container: 'main',
  command: ['true'],
  signal: never(),
  ...rest,
});
const exit = (exitCode: number, out = '', err = '') => ({
  ended: 'exit',
  exitCode,
  stdout: out,
  stderr: err,
});
const unreachable = { code: 'LB_CLUSTER_UNREACHABLE' };

describe('what is asked for', () => {
  test('the command, the container and both outputs, with our credentials', async () => {
    const server = await serveExec([says(ended(success))]);
    await connect(server).exec(pod, request({ container: 'a&b', command: ['/bin/sh', '-c', 'echo "ü+ %"'] }));
    const [upgrade] = server.upgrades;
    const url = new URL(upgrade?.url ?? '', server.url);
    expect(url.pathname).toBe('/api/v1/namespaces/shop/pods/web/exec');
    expect([...url.searchParams]).toEqual([
      ['container', 'a&b'],
      ['stdout', 'true'],
      ['stderr', 'true'],
      ['command', '/bin/sh'],
      ['command', '-c'],
      ['command', 'echo "ü+ %"'],
    ]);
    expect(upgrade?.headers).toMatchObject({
      authorization: 'Bearer secret-token',
      'sec-websocket-protocol': 'v5.channel.k8s.io,v4.channel.k8s.io',
    });
  });

  test('half a character in the command is replaced and breaks nothing', async () => {
    const server = await serveExec([says(ended(success))]);
    expect(await connect(server).exec(pod, request({ command: ['echo', '\ud83e'] }))).toEqual(exit(0));
    expect(server.upgrades[0]?.url).toContain('command=%EF%BF%BD');
  });

  test('the path of a server behind a path goes in front', async () => {
    const server = await serveExec([says(ended(success))]);
    await connect({ url: new URL('/k8s/clusters/c-1/', server.url) }).exec(pod, request());
    expect(server.upgrades[0]?.url).toMatch(
      /^\/k8s\/clusters\/c-1\/api\/v1\/namespaces\/shop\/pods\/web\/exec\?/,
    );
  });

  test('whom the kubeconfig acts as is named, each group in a line of its own', async () => {
    const server = await serveExec([says(ended(success))]);
    const as = { user: 'alice', groups: ['a', 'b'], extra: { Scope: ['1'], scope: ['2'] } };
    await connect(server, { access: { ...accessTo(server.url), as } }).exec(pod, request());
    const { rawHeaders = [] } = server.upgrades[0] ?? {};
    const lines = rawHeaders.flatMap((name, i) =>
      i % 2 === 0 ? [`${name}: ${rawHeaders[i + 1] ?? ''}`] : [],
    );
    expect(lines.filter((line) => line.startsWith('impersonate'))).toEqual([
      'impersonate-user: alice',
      'impersonate-group: a',
      'impersonate-group: b',
      'impersonate-extra-scope: 1',
      'impersonate-extra-scope: 2',
    ]);
  });

  test.each(['', '..', 'a/b', 'a%2fb'])('the pod name "%s" never reaches the server', async (name) => {
    const server = await serveExec([says(ended(success))]);
    const cluster = connect(server);
    expect(await cluster.exec({ namespace: 'shop', name }, request())).toMatchObject({ ended: 'refused' });
    expect(await cluster.exec({ namespace: name, name: 'web' }, request())).toMatchObject({
      ended: 'refused',
    });
    expect(server.upgrades).toEqual([]);
  });
});

describe('how a command ends', () => {
  test.each(['v5.channel.k8s.io', 'v4.channel.k8s.io'])(
    'with its output and exit code, in %s',
    async (protocol) => {
      const scene = says(stdout(''), stdout('a'), stderr('x'), stdout('b'), ended(exitStatus(3)));
      const server = await serveExec([scene], { protocol });
      expect(await connect(server).exec(pod, request())).toEqual(exit(3, 'ab', 'x'));
      await server.allClosed();
    },
  );

  test.each([0, 1, 137, 255])('the exit code %i is told', async (code) => {
    const server = await serveExec([says(ended(code === 0 ? success : exitStatus(code)))]);
    expect(await connect(server).exec(pod, request())).toEqual(exit(code));
  });

  test('a status in two messages is one status', async () => {
    const whole = ended(exitStatus(7));
    const second = Buffer.concat([Buffer.from([3]), whole.subarray(20)]);
    const server = await serveExec([says(whole.subarray(0, 20), second)]);
    expect(await connect(server).exec(pod, request())).toEqual(exit(7));
  });

  test('a node that cannot run it is a refusal in its own words', async () => {
    const message = 'Internal error occurred: exec: "nope": executable file not found';
    const failure = { metadata: {}, status: 'Failure', reason: 'InternalError', message, code: 500 };
    const server = await serveExec([says(ended(failure))]);
    expect(await connect(server).exec(pod, request())).toEqual({ ended: 'refused', message });
  });

  test('a failure without an exit code does not pass for a success', async () => {
    const failure = { status: 'Failure', reason: 'NonZeroExitCode', message: 'it failed' };
    const server = await serveExec([says(ended(failure))]);
    expect(await connect(server).exec(pod, request())).toEqual({ ended: 'refused', message: 'it failed' });
  });

  test('a character that comes in two messages is one character', async () => {
    const fox = Buffer.from('🦊');
    const server = await serveExec([
      says(
        stdout(fox.subarray(0, 1)),
        stderr(fox.subarray(0, 2)),
        stdout(fox.subarray(1)),
        stderr(fox.subarray(2)),
        ended(success),
      ),
    ]);
    expect(await connect(server).exec(pod, request())).toEqual(exit(0, '🦊', '🦊'));
  });

  test('of a long output the last 64 KiB are kept', async () => {
    const line = (i: number) => `${String(i).padStart(1_023)}\n`;
    const lines = Array.from({ length: 300 }, (_, i) => line(i));
    const server = await serveExec([says(...lines.map(stdout), ...lines.map(stderr), ended(success))]);
    const kept = lines.slice(-64).join('');
    expect(await connect(server).exec(pod, request())).toEqual(exit(0, kept, kept));
  });
});

describe('giving up', () => {
  test('after the limit, with what was written until then; the connection is closed', async () => {
    const server = await serveExec([says(stdout('half'), stderr('way'))]);
    const outcome = await connect(server).exec(pod, request({ timeoutMs: 100 }));
    expect(outcome).toEqual({ ended: 'timeout', stdout: 'half', stderr: 'way' });
    await server.allClosed();
  });

  test('the limit also counts while the server does not answer', async () => {
    const server = await serveExec(['hang']);
    const outcome = await connect(server).exec(pod, request({ timeoutMs: 50 }));
    expect(outcome).toEqual({ ended: 'timeout', stdout: '', stderr: '' });
  });

  test('the limit also counts while credentials are asked for', async () => {
    const server = await serveExec(['hang']);
    const access: ClusterAccess = {
      server: server.url,
      credentials: () => new Promise<never>(() => undefined),
    };
    const outcome = await connect(server, { access }).exec(pod, request({ timeoutMs: 50 }));
    expect(outcome.ended).toBe('timeout');
  });

  test('a limit of more than a month is no limit of nothing', async () => {
    const server = await serveExec([says(ended(success))]);
    expect(await connect(server).exec(pod, request({ timeoutMs: 1e12 }))).toEqual(exit(0));
  });

  test('when the caller stops; the connection is closed', async () => {
    const controller = new AbortController();
    const server = await serveExec([() => controller.abort()]);
    const stopped = connect(server).exec(pod, request({ signal: controller.signal }));
    await expect(stopped).rejects.toMatchObject({ code: 'LB_ABORTED' });
    await server.allClosed();
  });

  test('when the cluster is closed, and nothing is run afterwards', async () => {
    let close: () => void = () => undefined;
    const server = await serveExec([() => close()]);
    const cluster = connect(server);
    close = () => void cluster.close();
    await expect(cluster.exec(pod, request())).rejects.toMatchObject({ code: 'LB_ABORTED' });
    await server.allClosed();
    await expect(cluster.exec(pod, request())).rejects.toMatchObject({ code: 'LB_ABORTED' });
    expect(server.upgrades).toHaveLength(1);
  });

  test('a signal that has aborted before sends nothing', async () => {
    const server = await serveExec([says(ended(success))]);
    const stopped = connect(server).exec(pod, request({ signal: AbortSignal.abort() }));
    await expect(stopped).rejects.toMatchObject({ code: 'LB_ABORTED' });
    expect(server.upgrades).toEqual([]);
  });
});

describe('a connection that breaks', () => {
  test.each([
    ['is cut', (socket: { terminate(): void }) => socket.terminate()],
    ['is closed in order', (socket: { close(code: number): void }) => socket.close(1000)],
  ])('and %s before the end is a fault, and the command is not run again', async (_what, scene) => {
    const server = await serveExec([scene]);
    await expect(connect(server).exec(pod, request())).rejects.toMatchObject(unreachable);
    expect(server.upgrades).toHaveLength(1);
  });

  test('before the answer to the upgrade is a fault: the command may have begun', async () => {
    const server = await serveExec(['cut', says(ended(success))]);
    await expect(connect(server).exec(pod, request())).rejects.toMatchObject(unreachable);
    expect(server.upgrades).toHaveLength(1);
  });

  test('by silence is noticed', async () => {
    const server = await serveExec([says(stdout('x'))], { answersPings: false });
    const cluster = connect(server, { execTimes: { pingMs: 20, pings: 3 } });
    await expect(cluster.exec(pod, request())).rejects.toMatchObject({
      ...unreachable,
      detail: 'exec in pod shop/web: nothing was heard for 0.06 s',
    });
    await server.allClosed();
  });

  test('a quiet command on a living connection is waited for', async () => {
    let pings = 0;
    const server = await serveExec([
      (socket) => {
        socket.on('ping', () => {
          pings += 1;
          if (pings === 8) socket.send(ended(success));
        });
      },
    ]);
    const cluster = connect(server, { execTimes: { pingMs: 10, pings: 3 } });
    expect(await cluster.exec(pod, request())).toEqual(exit(0));
  });

  test('a server that takes the connection and says nothing is a fault after the deadline', async () => {
    const server = await serveExec(['hang']);
    const cluster = connect(server, { execTimes: { connectMs: 50 } });
    await expect(cluster.exec(pod, request())).rejects.toMatchObject({
      ...unreachable,
      detail: 'exec in pod shop/web: no answer within 0.05 s',
    });
  });

  test('a server that is away for a moment is tried again, because nothing was sent', async () => {
    const placeholder = createServer();
    await new Promise<void>((resolve) => placeholder.listen(0, '127.0.0.1', resolve));
    const { port } = placeholder.address() as AddressInfo;
    await new Promise((resolve) => placeholder.close(resolve));
    const access = accessTo(new URL(`http://127.0.0.1:${port}`));
    let attempts = 0;
    const credentials = async (): Promise<Credentials> => {
      attempts += 1;
      if (attempts === 3) await serveExec([says(ended(success))], { port });
      return access.credentials();
    };
    const cluster = connect({ url: access.server }, { access: { ...access, credentials } });
    expect(await cluster.exec(pod, request())).toEqual(exit(0));
    expect(attempts).toBe(3);
  });

  test('a server that stays away is a fault', async () => {
    const asked = connect({ url: new URL('http://127.0.0.1:1') }).exec(pod, request());
    await expect(asked).rejects.toMatchObject(unreachable);
  });

  test('what is no message of the protocol is a fault', async () => {
    const server = await serveExec([(_socket, { socket }) => socket.write(Buffer.from([0xff, 0xff, 0xff]))]);
    await expect(connect(server).exec(pod, request())).rejects.toMatchObject({ code: 'LB_CLUSTER_PROTOCOL' });
  });

  test('a server that speaks none of the protocols is a fault', async () => {
    const server = await serveExec([says(ended(success))], { protocol: 'channel.k8s.io' });
    await expect(connect(server).exec(pod, request())).rejects.toMatchObject({ code: 'LB_CLUSTER_PROTOCOL' });
  });
});

describe('a server with TLS', () => {
  const knowing = (server: ExecServer, ca: string | undefined): ClusterAccess => {
    const tls = { insecure: false, ...(ca === undefined ? {} : { ca: Buffer.from(ca) }) };
    const credentials: Credentials = { tls };
    return { server: server.url, credentials: () => Promise.resolve(credentials) };
  };

  test('is believed if its certificate verifies', async () => {
    const server = await serveExec([says(ended(success))], { tls: true });
    const cluster = connect(server, { access: knowing(server, certificate) });
    expect(await cluster.exec(pod, request())).toEqual(exit(0));
  });

  test('is not believed otherwise, and nothing is sent', async () => {
    const server = await serveExec([says(ended(success))], { tls: true });
    const cluster = connect(server, { access: knowing(server, undefined) });
    await expect(cluster.exec(pod, request())).rejects.toMatchObject({ code: 'LB_CONFIG' });
    expect(server.upgrades).toEqual([]);
  });
});

describe('an upgrade that is refused', () => {
  test.each([
    [400, 'BadRequest'],
    [403, 'Forbidden'],
    [404, 'NotFound'],
    [500, 'InternalError'],
  ])('with %i is a refusal in the words of the server', async (code, reason) => {
    const server = await serveExec([{ status: code, body: status(code, reason) }]);
    const outcome = await connect(server).exec(pod, request());
    expect(outcome).toEqual({ ended: 'refused', message: `${reason} it is` });
    expect(server.upgrades).toHaveLength(1);
  });

  test('by something else than an API server says what is known', async () => {
    const server = await serveExec([{ status: 404, body: '' }]);
    expect(await connect(server).exec(pod, request())).toEqual({ ended: 'refused', message: 'HTTP 404' });
  });

  test('with an endless body is a refusal all the same', async () => {
    const server = await serveExec([{ status: 403, body: 'no '.repeat(100_000) }]);
    expect(await connect(server).exec(pod, request())).toMatchObject({ ended: 'refused' });
  });

  test.each([
    ['429', { status: 429, body: '', headers: { 'retry-after': '0' } }],
    ['503 with Retry-After', { status: 503, body: '', headers: { 'retry-after': '0' } }],
  ])('with %s is asked again, because nothing was done', async (_what, later) => {
    const server = await serveExec([later, says(ended(success))]);
    expect(await connect(server).exec(pod, request())).toEqual(exit(0));
    expect(server.upgrades).toHaveLength(2);
  });

  test('with 503 for good is a fault', async () => {
    const server = await serveExec([{ status: 503, body: '' }]);
    await expect(connect(server).exec(pod, request())).rejects.toMatchObject(unreachable);
    expect(server.upgrades).toHaveLength(1);
  });

  const renewing = (server: ExecServer): ClusterAccess => {
    const of = (token: string): Credentials => ({
      authorization: `Bearer ${token}`,
      tls: { insecure: false },
    });
    const old = of('old');
    return {
      server: server.url,
      credentials: (rejected) => Promise.resolve(rejected === old ? of('new') : old),
    };
  };
  const unauthorized = { status: 401, body: status(401, 'Unauthorized') };

  test('with 401 is asked again with fresh credentials', async () => {
    const server = await serveExec([unauthorized, says(ended(success))]);
    expect(await connect(server, { access: renewing(server) }).exec(pod, request())).toEqual(exit(0));
    expect(server.upgrades.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
  });

  test('with 401 twice is a fault, because it is about us and not about the pod', async () => {
    const server = await serveExec([unauthorized]);
    const asked = connect(server, { access: renewing(server) }).exec(pod, request());
    await expect(asked).rejects.toMatchObject({ code: 'LB_CLUSTER_DENIED' });
    expect(server.upgrades).toHaveLength(2);
  });
});

describe('what is left behind', () => {
  test.each([
    ['an end', says(ended(success)), {}],
    ['a refusal', { status: 403, body: '' }, {}],
    ['the limit', says(), { timeoutMs: 30 }],
    ['a broken connection', 'cut' as const, {}],
  ])('after %s nobody listens to the signal of the caller', async (_what, step, rest) => {
    const server = await serveExec([step]);
    const signal = never();
    await connect(server)
      .exec(pod, request({ signal, ...rest }))
      .catch(() => undefined);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('no message holds the token or the command', async () => {
    const server = await serveExec(['cut']);
    const failed: unknown = await connect(server)
      .exec(pod, request({ command: ['mysql', '-pgeheim'] }))
      .catch((error: unknown) => error);
    expect(String(failed)).toContain('exec in pod shop/web');
    expect(String(failed)).not.toMatch(/secret-token|geheim/);
  });
});
