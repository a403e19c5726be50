import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { loadCluster } from '../../../src/cluster/credentials.js';
import { answer, impatient, never, serve } from './api-server.js';
import { certificate, certificateKey } from './certificate.js';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lifeboat-credentials-'));
  vi.stubEnv('HOME', folder);
  vi.stubEnv('KUBECONFIG', '');
  vi.stubEnv('KUBERNETES_SERVICE_HOST', '');
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, text: string): string => {
  const file = join(folder, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
  return file;
};

const config = (name: string, user: object, cluster: object = {}) =>
  JSON.stringify({
    clusters: [{ name, cluster: { server: `https://${name}.example:6443`, ...cluster } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  });

const authorization = async (choice: Parameters<typeof loadCluster>[0]) =>
  (await loadCluster(choice).credentials()).authorization;

describe('which cluster', () => {
  const serviceAccount = () => {
    write('pod/var/run/secrets/kubernetes.io/serviceaccount/token', 'pod-token\n');
    write('pod/var/run/secrets/kubernetes.io/serviceaccount/ca.crt', 'the ca');
    vi.stubEnv('KUBERNETES_SERVICE_HOST', 'fd00::1');
    vi.stubEnv('KUBERNETES_SERVICE_PORT', '443');
    return { serviceAccountRoot: join(folder, 'pod') };
  };

  test('the flag comes before $KUBECONFIG, that before the service account, that before the home folder', async () => {
    write('.kube/config', config('home', { token: 'h' }));
    expect(loadCluster().server.host).toBe('home.example:6443');
    const pod = serviceAccount();
    expect(loadCluster(pod).server.href).toBe('https://[fd00::1]/');
    expect((await loadCluster(pod).credentials()).authorization).toBe('Bearer pod-token');
    vi.stubEnv('KUBECONFIG', write('env', config('env', { token: 'e' })));
    expect(loadCluster(pod).server.host).toBe('env.example:6443');
    const kubeconfig = write('flag', config('flag', { token: 'f' }));
    expect(loadCluster({ ...pod, kubeconfig }).server.host).toBe('flag.example:6443');
  });

  test('several files of $KUBECONFIG make one, where the first to name something wins', async () => {
    const files = [
      write('one', config('one', { token: '1' })),
      join(folder, 'absent'),
      write('two', config('two', { token: '2' })),
      write('again', config('one', { token: 'other' })),
    ];
    vi.stubEnv('KUBECONFIG', files.join(delimiter));
    expect(await authorization({})).toBe('Bearer 1');
    expect(await authorization({ context: 'two' })).toBe('Bearer 2');
  });

  test('a context that is not there is named with those that are', () => {
    const kubeconfig = write('c', config('here', {}));
    expect(() => loadCluster({ kubeconfig, context: 'there' })).toThrow(/context "there".*it has here/);
  });

  test('a kubeconfig that cannot be read is not quoted', () => {
    const kubeconfig = write('c', 'users:\n  - name: a\n   user: {token: hush-hush}\n');
    const thrown = (() => {
      try {
        return loadCluster({ kubeconfig });
      } catch (error) {
        return error;
      }
    })();
    expect(thrown).toMatchObject({ code: 'LB_CONFIG' });
    expect(inspect(thrown)).not.toContain('hush');
  });

  test.each([
    ['nothing anywhere', {}],
    ['a missing file', { kubeconfig: '/does/not/exist' }],
  ])('%s is a fault of the configuration', (_what, choice) => {
    expect(() => loadCluster(choice)).toThrow(expect.objectContaining({ code: 'LB_CONFIG' }));
  });
});

describe('who we are', () => {
  test.each([
    ['a token', { token: 'abc\n' }, 'Bearer abc'],
    [
      'a name and password',
      { username: 'u', password: 'p' },
      `Basic ${Buffer.from('u:p').toString('base64')}`,
    ],
    ['nobody', {}, undefined],
  ])('%s makes the header', async (_what, user, header) => {
    expect(await authorization({ kubeconfig: write('c', config('c', user)) })).toBe(header);
  });

  test('certificates come from files beside the kubeconfig or from inside it', async () => {
    write('ca.pem', 'ca');
    const user = {
      'client-certificate-data': Buffer.from('cert').toString('base64'),
      'client-key': write('k', 'key'),
    };
    const cluster = { 'certificate-authority': 'ca.pem', 'tls-server-name': 'api.internal' };
    const { tls } = await loadCluster({ kubeconfig: write('c', config('c', user, cluster)) }).credentials();
    expect(tls).toEqual({
      ca: Buffer.from('ca'),
      cert: Buffer.from('cert'),
      key: Buffer.from('key'),
      insecure: false,
      serverName: 'api.internal',
    });
  });

  test('a kubeconfig may ask to act as somebody', () => {
    const kubeconfig = write(
      'c',
      config('c', { as: 'jane', 'as-groups': ['a', 'b'], 'as-user-extra': { k: ['v'] } }),
    );
    expect(loadCluster({ kubeconfig }).as).toEqual({ user: 'jane', groups: ['a', 'b'], extra: { k: ['v'] } });
  });

  test('a token file that rotates is read again after a while', async () => {
    write('token', 'first');
    let now = 0;
    const access = loadCluster(
      { kubeconfig: write('c', config('c', { tokenFile: 'token', token: 'stale' })) },
      () => now,
    );
    expect((await access.credentials()).authorization).toBe('Bearer first');
    const { tls } = await access.credentials();
    write('token', 'second');
    expect((await access.credentials()).authorization).toBe('Bearer first');
    now = 11_000;
    expect((await access.credentials()).authorization).toBe('Bearer second');
    expect((await access.credentials()).tls).toBe(tls);
    rmSync(join(folder, 'token'));
    now = 22_000;
    expect((await access.credentials()).authorization).toBe('Bearer second');
  });

  test('a token that is refused is read again at once, and the call repeated once', async () => {
    write('token', 'old');
    const server = await serve((call, response, request) => {
      const fresh = call.rawHeaders.includes('Bearer new');
      answer(fresh ? 200 : 401, '')(call, response, request);
    });
    const kubeconfig = write('c', config('c', { tokenFile: 'token' }, { server: server.url.href }));
    const transport = impatient(server.url, { access: loadCluster({ kubeconfig }) });
    const post = { method: 'POST', path: '/x', body: '{}', signal: never() } as const;
    expect((await transport.request(post)).status).toBe(401);
    expect(server.calls).toHaveLength(2);
    write('token', 'new');
    const together = await Promise.all([transport.request(post), transport.request(post)]);
    expect(together.map(({ status }) => status)).toEqual([200, 200]);
  });

  test('a credential program is asked, once for many calls, and again when its token is refused', async () => {
    const counter = write('count', '');
    const program = write(
      'plugin.sh',
      `#!/bin/sh\necho x >> ${counter}\nn=$(wc -l < ${counter})\necho '{"status":{"token":"t'$((n))'"}}'\n`,
    );
    chmodSync(program, 0o755);
    const exec = { apiVersion: 'client.authentication.k8s.io/v1', command: program };
    const access = loadCluster({ kubeconfig: write('c', config('c', { exec })) });
    const [first] = await Promise.all([access.credentials(), access.credentials(), access.credentials()]);
    expect(first.authorization).toBe('Bearer t1');
    expect(await access.credentials()).toBe(first);
    const [second, same] = await Promise.all([access.credentials(first), access.credentials(first)]);
    expect([second.authorization, same]).toEqual(['Bearer t2', second]);
    expect(await access.credentials(first)).toBe(second);
    expect(readFileSync(counter, 'utf8')).toBe('x\nx\n');
  });

  test('what a failing credential program prints stays with it', async () => {
    const program = write('plugin.sh', '#!/bin/sh\necho token hush-hush >&2\nexit 1\n');
    chmodSync(program, 0o755);
    const kubeconfig = write('c', config('c', { exec: { command: program } }));
    const asked = loadCluster({ kubeconfig }).credentials();
    await expect(asked).rejects.toMatchObject({ code: 'LB_CLUSTER_DENIED' });
    expect(inspect(await asked.catch((error: unknown) => error))).not.toContain('hush');
  });
});

describe('TLS', () => {
  const secureServer = async () => {
    const server = createServer({ key: certificateKey, cert: certificate }, (_request, response) =>
      response.end('{}'),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return {
      cert: write('cert.pem', certificate),
      url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    };
  };

  const ask = async (server: string, cluster: object) => {
    const access = loadCluster({ kubeconfig: write('c', config('c', {}, { server, ...cluster })) });
    const transport = impatient(access.server, { access });
    return (await transport.request({ method: 'GET', path: '/', signal: never() })).status;
  };

  test('a server is believed by its certificate authority, or without one only on demand', async () => {
    const { cert, url } = await secureServer();
    expect(await ask(url, { 'certificate-authority': cert })).toBe(200);
    expect(await ask(url, { 'insecure-skip-tls-verify': true })).toBe(200);
    await expect(ask(url, {})).rejects.toMatchObject({
      code: 'LB_CONFIG',
      detail: expect.stringContaining('certificate does not verify') as string,
    });
    await expect(
      ask(url, { 'certificate-authority': cert, 'tls-server-name': 'other' }),
    ).rejects.toMatchObject({
      code: 'LB_CONFIG',
    });
  });
});
