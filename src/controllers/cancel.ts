import { textAt } from '../domain/json.js';
import type { ObjectMeta } from '../domain/velero.gen.js';
import type { Actor } from '../eventstore/port.js';
import { originOf } from './intake.js';
import { CANCEL_ANNOTATION } from '../domain/labels.js';

/** How long a cancelled operation may take to tidy up in the object storage; then it ends all the same, and says what is left. */
export const TIDY_MS = 15_000;

/** Whether somebody wants this operation to end, by its resource. */
export const asksToCancel = (resource: unknown): boolean =>
  textAt(resource, 'metadata', 'annotations', CANCEL_ANNOTATION) === 'true';

/** Whether its run has to break off, by its resource: somebody wants it to end, or deletes it. */
export const mustEnd = (resource: unknown): boolean =>
  asksToCancel(resource) || textAt(resource, 'metadata', 'deletionTimestamp') !== '';

interface ManagedField {
  readonly manager?: string;
  readonly fieldsV1?: { readonly 'f:metadata'?: { readonly 'f:annotations'?: object } };
}

/** Who wrote the annotation, as far as the resource tells: its field manager, such as `kubectl-annotate`. Kubernetes does not keep the user. */
export const cancelOriginOf = (metadata: ObjectMeta): { readonly actor: Actor; readonly cause: string } => {
  const { managedFields = [] } = metadata as { readonly managedFields?: readonly ManagedField[] };
  const owner = managedFields.find(
    ({ fieldsV1 }) => `f:${CANCEL_ANNOTATION}` in (fieldsV1?.['f:metadata']?.['f:annotations'] ?? {}),
  );
  const { actor, cause } = originOf(metadata);
  return { cause, actor: owner?.manager === undefined ? actor : { ...actor, name: owner.manager } };
};

/** What ends a run. */
export interface RunEnd {
  /** Of the run: ends with the server, or when the operation is cancelled or deleted. */
  readonly signal: AbortSignal;
  /** Of the server alone: what a cancelled run still has to do is done under this one. */
  readonly server: AbortSignal;
}

/** True if the run was cancelled, and the server goes on. */
export const isCancelled = ({ signal, server }: RunEnd): boolean => signal.aborted && !server.aborted;

/** How a run ended. */
export type Ran<T> = { readonly ended: 'done'; readonly result: T } | { readonly ended: 'cancelled' };

/** The long runs of one kind that are under way in this process, by name. */
export interface Runs {
  /** Tells the run of this name, if there is one, to break off. */
  stop(name: string): void;
  /**
   * Does `work` and answers what it does; `cancelled` if it was told to break off, whatever came of it. `asks` looks at the resource
   * afresh when the run can be stopped already: a wish that was written before is seen by it, a later one comes by `stop`.
   */
  run<T>(
    name: string,
    server: AbortSignal,
    asks: () => Promise<boolean>,
    work: (end: RunEnd) => Promise<T>,
  ): Promise<Ran<T>>;
}

export const createRuns = (): Runs => {
  const stops = new Map<string, AbortController>();
  return {
    stop: (name) => stops.get(name)?.abort(),
    run: async (name, server, asks, work) => {
      const stop = new AbortController();
      const end: RunEnd = { signal: AbortSignal.any([server, stop.signal]), server };
      stops.set(name, stop);
      try {
        if (await asks()) return { ended: 'cancelled' };
        const result = await work(end);
        return isCancelled(end) ? { ended: 'cancelled' } : { ended: 'done', result };
      } catch (error) {
        // A cancelled run fails in many ways, according to what it was doing; none of them is why it ends.
        if (isCancelled(end)) return { ended: 'cancelled' };
        throw error;
      } finally {
        stops.delete(name);
      }
    },
  };
};

/** Under the signal of the server, but no longer than `TIDY_MS`. */
export const tidySignal = (server: AbortSignal): AbortSignal =>
  AbortSignal.any([server, AbortSignal.timeout(TIDY_MS)]);
