import type { Cluster, ResourceType } from '../../cluster/port.js';
import { nameOf, type Labels } from '../../domain/item.js';
import { at, isObject, listAt, textAt, type JsonObject } from '../../domain/json.js';
import { claimOfVolume } from '../../domain/volumes/copy-decision.js';
import type { CopiedVolume } from '../../domain/volumes/copy-objects.js';
import type { FillOfVolume, SettledFill } from '../../domain/volumes/restore-fills.js';
import type { Resources } from '../resources.js';
import type { FollowedCopies } from '../volumes/followed-copies.js';
import type { NodeAgents } from '../volumes/node-agents.js';
import type { Outcomes } from './outcomes.js';

/** What is written down about volumes that get their data back. */
export interface FillFacts {
  readonly filled: (fill: FillOfVolume, bytes: number) => Promise<void>;
  readonly failed: (fill: FillOfVolume, reason: string) => Promise<void>;
}

export interface PodFillsOptions {
  readonly cluster: Pick<Cluster, 'get' | 'watch'>;
  readonly resources: Resources;
  readonly restore: { readonly name: string; readonly uid: string; readonly location: string };
  /** Those of the backup that hold anything. */
  readonly copies: readonly CopiedVolume[];
  readonly settings?: Labels;
  /** How those ended that earlier attempts have waited for. */
  readonly earlier: readonly SettledFill[];
  readonly agents: NodeAgents;
  /** Makes sure of the repository of a namespace; answers what is wrong with it. */
  readonly repositoryOf: (namespace: string) => Promise<string | undefined>;
  readonly claims: ResourceType | undefined;
  readonly facts: FillFacts;
  readonly outcomes: Outcomes;
  /** Milliseconds for all of them together, from now on. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** A volume whose data was asked for, for the files of the restore. */
export interface AskedFill {
  readonly fill: FillOfVolume;
  readonly copy: CopiedVolume;
  /** Empty for a volume without a claim. */
  readonly claim: string;
  readonly node: string;
}

/** Of one attempt. */
export interface Filling extends PodFillsOptions {
  readonly followed: FollowedCopies;
  readonly timeUp: AbortSignal;
  readonly asked: AskedFill[];
}

/** The copies of the volumes that an archived pod has, by the claims that it names. */
export const copiesFor = (
  copies: readonly CopiedVolume[],
  pod: JsonObject,
  namespace: string,
): readonly (CopiedVolume & { readonly claimName: string })[] =>
  copies
    .filter((copy) => copy.namespace === namespace && copy.pod === nameOf(pod))
    .flatMap((copy) => {
      const volume = listAt(pod, 'spec', 'volumes').find((one) => textAt(one, 'name') === copy.volume);
      // What is projected is made by the cluster, whatever the volume was when it was copied.
      if (!isObject(volume) || isObject(at(volume, 'projected'))) return [];
      return [{ ...copy, claimName: claimOfVolume(volume) }];
    });

/** In the words of the results. */
export const told = ({ namespace, pod, volume }: FillOfVolume, reason: string): string =>
  `volume ${volume} of pod ${namespace}/${pod} does not have its data back: ${reason}`;

/** Writes down and tells that a volume stays without its data. */
export const giveUp = async (
  { facts, outcomes }: Filling,
  fill: FillOfVolume,
  reason: string,
): Promise<void> => {
  await facts.failed(fill, reason);
  outcomes.error(undefined, told(fill, reason));
};
