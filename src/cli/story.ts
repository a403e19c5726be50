import { upcast } from '../domain/events.js';
import { sentenceOf } from '../domain/story.js';
import { STREAM_KINDS, streamOf, type StreamKind } from '../domain/streams.js';
import type { Actor, EventStore } from '../eventstore/port.js';
import { Fault } from '../faults.js';
import type { ApiClient } from './api-client.js';

/** One fact, as a line of a story. */
export interface StoryLine {
  readonly recordedAt: string;
  readonly actor: Pick<Actor, 'kind' | 'name' | 'via'>;
  readonly summary: string;
}

const STORY = `query Story($stream: String!, $after: String) {
  events(first: 100, after: $after, filter: { stream: $stream }) {
    nodes { recordedAt summary actor { kind name via } }
    pageInfo { hasNextPage endCursor }
  }
}`;

interface StoryPage {
  readonly events: {
    readonly nodes: readonly StoryLine[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
}

/** The stream a command names: `backup nightly`. */
export const streamOfArguments = (kind: string, namespace: string, name: string): string => {
  const known = STREAM_KINDS.find((candidate) => candidate === kind || `${candidate}s` === kind);
  if (!known) throw new Fault('LB_CONFIG', `"${kind}" has no story; name one of ${STREAM_KINDS.join(', ')}`);
  return streamOf(known satisfies StreamKind, { namespace, name });
};

export const storyFromApi = async (api: ApiClient, stream: string): Promise<readonly StoryLine[]> => {
  const lines: StoryLine[] = [];
  for (let after: string | null = null; ;) {
    const { events }: StoryPage = await api.query<StoryPage>(STORY, { stream, after });
    lines.push(...events.nodes);
    if (!events.pageInfo.hasNextPage) return lines;
    after = events.pageInfo.endCursor;
  }
};

export const storyFromStore = async (store: EventStore, stream: string): Promise<readonly StoryLine[]> =>
  (await store.read(stream)).map((stored) => {
    const event = upcast(stored);
    return {
      recordedAt: stored.recordedAt,
      actor: stored.meta.actor,
      summary: event ? sentenceOf(event) : `${stored.type}, written by a newer version.`,
    };
  });

const who = ({ kind, name, via }: StoryLine['actor']): string =>
  kind === 'SYSTEM' ? name : `${name} via ${via}`;

/** The story of one operation, a sentence a line. */
export const tellStory = (lines: readonly StoryLine[]): string =>
  lines
    .map((line) => `${line.recordedAt.slice(0, 19).replace('T', ' ')}  ${line.summary} (${who(line.actor)})`)
    .join('\n');
