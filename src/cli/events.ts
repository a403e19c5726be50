import type { Config } from '../config.js';
import type { EventStore } from '../eventstore/port.js';
import { openSqliteEventStore } from '../eventstore/sqlite.js';
import { Fault, isFault } from '../faults.js';
import { createApiClient } from './api-client.js';
import { storyFromApi, storyFromStore, streamOfArguments, tellStory, type StoryLine } from './story.js';

const openStore = async ({ eventStore }: Config): Promise<EventStore> => {
  switch (eventStore.kind) {
    case 'sqlite':
      return openSqliteEventStore(eventStore.path);
    case 'esdb': {
      const { connectKurrent } = await import('../eventstore/kurrent.js');
      return connectKurrent(eventStore.url);
    }
    case 'memory':
      throw new Fault(
        'LB_CONFIG',
        'the facts of a memory store are only known to its server; name it with --server',
      );
  }
};

const fromStore = async (config: Config, stream: string): Promise<readonly StoryLine[]> => {
  const store = await openStore(config);
  try {
    return await storyFromStore(store, stream);
  } finally {
    await store.close();
  }
};

/** Prints the story of one operation: from the running server, which has the store open, or from the store itself. */
export const runEvents = async (options: {
  readonly kind: string;
  readonly name: string;
  readonly url: string;
  readonly token?: string;
  readonly config: Config;
  readonly print: (text: string) => void;
}): Promise<number> => {
  const { config, print } = options;
  const stream = streamOfArguments(options.kind, config.namespace, options.name);
  const api = createApiClient(options.url, options.token);
  let lines: readonly StoryLine[];
  try {
    lines = await storyFromApi(api, stream);
  } catch (error) {
    if (!isFault(error, 'LB_CONFIG') || !error.detail.startsWith('no server answers')) throw error;
    lines = await fromStore(config, stream);
  } finally {
    await api.close();
  }
  if (lines.length === 0) {
    print(`No facts are known of ${options.kind} ${config.namespace}/${options.name}.`);
    return 1;
  }
  print(tellStory(lines));
  return 0;
};
