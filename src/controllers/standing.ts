import { hasEnded } from '../domain/phases.js';

/** What comes before any step of a run: whose the resource is, and whether it is there at all. */
export type Standing = 'none' | 'forget' | 'abandon' | 'discover' | 'intake' | 'ours';

type Life = { readonly phase: 'Absent' } | { readonly phase: string; readonly uid: string };

interface Resource {
  readonly metadata: { readonly uid?: string };
  readonly status?: { readonly phase?: string };
}

/** How the facts and the resource of one name stand to each other; the same for backups and restores. */
export const standingOf = (state: Life, resource: Resource | undefined): Standing => {
  const running = state.phase !== 'Absent' && state.phase !== 'Ended';
  if (!resource) {
    if (running) return 'abandon';
    return state.phase === 'Ended' ? 'forget' : 'none';
  }
  if ('uid' in state && state.uid === resource.metadata.uid) return 'ours';
  // Another resource of the same name: the one that the run belongs to was deleted meanwhile.
  if (running) return 'abandon';
  return hasEnded(resource.status?.phase ?? '') ? 'discover' : 'intake';
};
