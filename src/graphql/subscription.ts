import { streamOf } from '../domain/streams.js';
import { auditRowOf } from '../projections/audit.js';
import { matchesAudit, type AuditRow, type Named } from '../projections/rows.js';
import { wishesForEvents, type Wish } from './authorize.js';
import type { Context } from './context.js';
import { demandReached, type ResolverDeps } from './deps.js';
import { hasEnded } from './enums.js';
import { coded, present } from './errors.js';
import { everyOne, newestWins } from './iterators.js';
import { backupProgress, restoreProgress } from './objects.js';
import { auditFilterOf, findBackup, findRestore } from './read.js';
import type { SubscriptionResolvers } from './types.gen.js';

/** At most ten states a second to one reader. */
const PAUSE_MS = 100;

/** What throws while a subscription runs is presented as elsewhere. */
const presenting =
  <A extends readonly unknown[], T>(
    work: (...args: A) => Promise<T>,
    { correlationId }: Context,
    deps: ResolverDeps,
  ) =>
  (...args: A): Promise<T> =>
    work(...args).catch((error: unknown) => {
      throw present(error, correlationId, deps.log);
    });

interface Watched<R> {
  readonly kind: 'backup' | 'restore';
  readonly wish: Wish;
  readonly find: () => Named<R> | undefined;
  readonly progress: (item: Named<R>) => unknown;
  readonly phase: (item: Named<R>) => Parameters<typeof hasEnded>[0];
}

/** One running thing: its row, and the progress that is not in the row. Both wake; what is delivered is read anew. */
const watch = <R>(deps: ResolverDeps, context: Context, watched: Watched<R>) => {
  const { kind, wish, find } = watched;
  const name = wish.name ?? '';
  if (!find())
    throw coded(
      'NOT_FOUND',
      `there is no ${kind} "${name}"; pass the position of the answer that made it as atLeast`,
    );
  const stream = streamOf(kind, { namespace: deps.namespace, name });
  const read = async () => {
    // A right that is taken away ends the stream with an error, at the latest when it is asked for again.
    await deps.authorize.demand(context.caller, wish);
    const item = find();
    return item && { item, progress: watched.progress(item) };
  };
  return newestWins<{ readonly item: Named<R>; readonly progress: unknown }>({
    listen: (wake) => {
      const stops = [deps.runner.listen(stream, wake), deps.progress.listen(stream, wake)];
      return () => {
        for (const stop of stops) stop();
      };
    },
    read: presenting(read, context, deps),
    isLast: ({ item }) => hasEnded(watched.phase(item)),
    pauseMs: PAUSE_MS,
  });
};

const factsFrom = async (
  deps: ResolverDeps,
  context: Context,
  after: bigint | null | undefined,
  filter: ReturnType<typeof auditFilterOf>,
) => {
  const wishes = wishesForEvents('watch', filter.stream);
  const start = after ?? (await deps.store.head(context.signal));
  const pick = async (fact: AuditRow): Promise<{ events: AuditRow } | undefined> => {
    if (!matchesAudit(fact, filter)) return undefined;
    await deps.authorize.demand(context.caller, ...wishes);
    return { events: fact };
  };
  return everyOne(
    (signal) => deps.store.subscribe({ ...(start >= 0n && { after: start }), signal }),
    presenting((recorded) => pick(auditRowOf(recorded)), context, deps),
  );
};

/** Streams of changes. All are woken or pulled, none is pushed: see iterators.ts for what that buys. */
export const subscriptionResolvers = (deps: ResolverDeps): SubscriptionResolvers => ({
  backupProgress: {
    subscribe: async (_root, { name, atLeast }, context) => {
      const wish: Wish = { verb: 'watch', resource: 'backups', name };
      await deps.authorize.demand(context.caller, wish);
      await demandReached(deps, atLeast, context.signal);
      const find = () => findBackup(deps, name);
      const progress = (item: NonNullable<ReturnType<typeof find>>) => backupProgress(item, deps);
      return watch(deps, context, { kind: 'backup', wish, find, progress, phase: ({ row }) => row.phase });
    },
    resolve: (state: { readonly item: NonNullable<ReturnType<typeof findBackup>> }) => state.item,
  },
  restoreProgress: {
    subscribe: async (_root, { name, atLeast }, context) => {
      const wish: Wish = { verb: 'watch', resource: 'restores', name };
      await deps.authorize.demand(context.caller, wish);
      await demandReached(deps, atLeast, context.signal);
      const find = () => findRestore(deps, name);
      const progress = (item: NonNullable<ReturnType<typeof find>>) => restoreProgress(item, deps);
      return watch(deps, context, { kind: 'restore', wish, find, progress, phase: ({ row }) => row.phase });
    },
    resolve: (state: { readonly item: NonNullable<ReturnType<typeof findRestore>> }) => state.item,
  },
  events: {
    subscribe: async (_root, { after, filter }, context) => {
      await deps.authorize.demand(context.caller, ...wishesForEvents('watch', filter?.stream));
      return factsFrom(deps, context, after, auditFilterOf(filter));
    },
    resolve: (payload: { readonly events: AuditRow }) => payload.events,
  },
});
