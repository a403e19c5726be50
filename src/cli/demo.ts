import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { SingleBar } from 'cli-progress';
import { messageOf } from '../faults.js';
import { streamOf } from '../domain/streams.js';
import { createApiClient, type ApiClient } from './api-client.js';
import { compareInventories, takeInventory } from './demo-check.js';
import { NAMESPACES } from '../domain/known-kinds.js';
import { openDemoWorld, type DemoWorld } from './demo-world.js';
import { storyFromApi, tellStory } from './story.js';

const SHOP = 'shop';
const COPY = 'shop-restored';
const OBJECTS = 3_000;
const DEADLINE_MS = 120_000;

type Print = (text: string) => void;

interface Watched {
  readonly phase: string;
  readonly failureReason: string | null;
  readonly progress: { readonly itemsDone: number; readonly totalItems: number | null } | null;
}

const CREATE_BACKUP = `mutation ($input: CreateBackupInput!) { createBackup(input: $input) { userErrors { message } backup { name } } }`;
const CREATE_RESTORE = `mutation ($input: CreateRestoreInput!) { createRestore(input: $input) { userErrors { message } restore { name } } }`;
const watching = (field: string) =>
  `subscription ($name: String!) { ${field}(name: $name) { phase failureReason progress { itemsDone totalItems } } }`;

const mutate = async (api: ApiClient, document: string, field: string, input: object): Promise<void> => {
  const answer = await api.query<
    Readonly<Record<string, { readonly userErrors: readonly { readonly message: string }[] }>>
  >(document, { input });
  const refused = answer[field]?.userErrors[0];
  if (refused) throw new Error(refused.message);
};

/** Follows an operation to its end on a subscription: a bar on a terminal, lines elsewhere. */
const follow = async (
  api: ApiClient,
  field: 'backupProgress' | 'restoreProgress',
  name: string,
  print: Print,
): Promise<string> => {
  const terminal = process.stdout.isTTY;
  const bar = new SingleBar({
    format: `  {phase} [{bar}] {value}/{total} items`,
    barsize: 30,
    hideCursor: true,
  });
  let phase = '';
  if (terminal) bar.start(1, 0, { phase: '' });
  for await (const update of api.subscribe<Readonly<Record<string, Watched>>>(watching(field), { name })) {
    const now = update[field];
    if (!now) continue;
    const done = now.progress?.itemsDone ?? 0;
    const total = now.progress?.totalItems ?? 0;
    if (terminal) {
      bar.setTotal(Math.max(total, 1));
      bar.update(done, { phase: now.phase.padEnd(12) });
    } else print(`  ${now.phase.padEnd(12)} ${done}/${total} items`);
    phase = now.phase;
    if (now.failureReason) print(`  ${now.failureReason}`);
  }
  if (terminal) bar.stop();
  return phase;
};

const removeNamespace = async ({ cluster }: DemoWorld, name: string, signal: AbortSignal): Promise<void> => {
  await cluster.delete(NAMESPACES, { name }, { signal });
  while (await cluster.get(NAMESPACES, { name }, { signal })) await delay(20, undefined, { signal });
};

const awaitLocation = async (api: ApiClient, signal: AbortSignal): Promise<void> => {
  const query = '{ backupStorageLocation(name: "default") { phase } }';
  for (;;) {
    const { backupStorageLocation: found } = await api.query<{
      readonly backupStorageLocation: { readonly phase: string } | null;
    }>(query);
    if (found?.phase === 'AVAILABLE') return;
    await delay(50, undefined, { signal });
  }
};

/** The journey of the demo; answers with what went wrong, which should be nothing. */
const journey = async (
  world: DemoWorld,
  api: ApiClient,
  print: Print,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  await awaitLocation(api, signal);
  const before = await takeInventory(world.cluster, SHOP, signal);
  print(`\n1. A backup of namespace ${SHOP}: ${before.size} objects`);
  await mutate(api, CREATE_BACKUP, 'createBackup', { name: 'demo', spec: { includedNamespaces: [SHOP] } });
  const backedUp = await follow(api, 'backupProgress', 'demo', print);

  print(`\n2. A mishap: namespace ${SHOP} is deleted with all that is in it`);
  await removeNamespace(world, SHOP, signal);

  print(`\n3. A restore of it into namespace ${COPY}`);
  const spec = { backupName: 'demo', namespaceMapping: [{ from: SHOP, to: COPY }] };
  await mutate(api, CREATE_RESTORE, 'createRestore', { name: 'demo-back', spec });
  const restored = await follow(api, 'restoreProgress', 'demo-back', print);

  print('\n4. The story, as the audit tells it');
  for (const [kind, name] of [
    ['backup', 'demo'],
    ['restore', 'demo-back'],
  ] as const)
    print(
      tellStory(await storyFromApi(api, streamOf(kind, { namespace: 'velero', name }))).replace(/^/gm, '  '),
    );

  const after = await takeInventory(world.cluster, COPY, signal);
  const differences = compareInventories(before, after);
  print(
    `\n5. The check: ${before.size} objects were there, ${after.size} came back, ${differences.length} differ`,
  );
  const ends = [backedUp, restored]
    .filter((phase) => phase !== 'COMPLETED')
    .map((phase) => `an operation ended ${phase}`);
  return [...ends, ...differences.slice(0, 20)];
};

/** Shows the main job on embedded parts alone. Exit code 0 only if what came back equals what was there. */
export const runDemo = async (options: {
  readonly keep: boolean;
  readonly print: Print;
}): Promise<number> => {
  const { print } = options;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const started = Date.now();
  const world = await openDemoWorld({ namespaces: [SHOP, 'billing'], objects: OBJECTS, signal });
  const api = createApiClient(world.server.url);
  print(`A simulated cluster with ${world.objects} objects, a folder as the bucket, SQLite for the facts.`);
  print(`GraphQL: ${world.server.url}/graphql`);
  try {
    const wrong = await journey(world, api, print, signal);
    for (const line of wrong) print(`  WRONG: ${line}`);
    if (wrong.length === 0)
      print(`\nEverything came back as it was, in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
    if (options.keep) {
      print(
        `\nThe server stays up at ${world.server.url}/graphql; the bucket is ${world.bucket}. Ctrl-C ends it.`,
      );
      await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
    }
    return wrong.length === 0 ? 0 : 1;
  } catch (error) {
    print(`The demo failed: ${messageOf(error)}`);
    return 1;
  } finally {
    await api.close();
    await world.dispose();
  }
};
