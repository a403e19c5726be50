import { afterAll, beforeAll, describe, expect } from 'vitest';
import { type ClusterTarget } from './cluster-fixture.js';
import { applies } from './cluster-apply.js';
import { customKinds } from './cluster-custom.js';
import { commands } from './cluster-exec.js';
import { reads } from './cluster-reads.js';
import { watches } from './cluster-watch.js';
import { writes } from './cluster-writes.js';

export type { ClusterTarget } from './cluster-fixture.js';

/** The law of the cluster port, in sentences. Whatever calls itself a `Cluster` passes it; real API servers do. */
export const clusterContract = (name: string, make: () => Promise<ClusterTarget>): void => {
  describe(`the cluster contract, kept by ${name}`, () => {
    let made: ClusterTarget | undefined;
    beforeAll(async () => void (made = await make()));
    afterAll(async () => made?.dispose());
    const target = (): ClusterTarget => made ?? expect.fail('the cluster was not made');

    reads(target);
    writes(target);
    applies(target);
    customKinds(target);
    watches(target);
    commands(target);
  });
};
